//! A CI job that is killed and run again goes on with the run that it has started: one trigger, and the right verdict.

mod begun;
mod kills;
mod life;
mod place;
mod refusals;
mod settled;
