//! Every service, every fault, every order of events: whole runs against scripted services on a clock of their own.
//!
//! - [`world`]: a service with a truth of its own: which runs were really started, and how each of them ends.
//! - [`fault`]: what may become of one exchange, in front of any world.
//! - [`ports`]: the host as a run sees it: its clocks, its limits of time, its word to stop, its death.
//! - [`matrix`]: each fault at each call, once and for ever, with the exit code that it has to give.
//! - [`schedules`]: several faults, truths and operations at once, drawn from a seed.
//! - [`closed`]: what a service must not be able to say: a pass without one.

mod chance;
mod change;
mod closed;
mod fault;
mod leaving;
mod matrix;
mod ports;
mod schedule;
mod schedules;
mod stage;
mod stream;
mod world;
mod worlds;
