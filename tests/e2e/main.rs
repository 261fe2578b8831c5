//! End to end: the built program with its embedded component, over real HTTP, against the sandbox.

mod ci;
mod commands;
mod comment;
mod exit_codes;
mod fan_out;
mod following;
mod gating;
mod hostile;
mod init;
mod input;
#[cfg(unix)]
mod interrupts;
mod keploy;
mod layout;
mod log;
#[cfg(unix)]
mod lost_job;
#[cfg(unix)]
mod network;
#[cfg(unix)]
mod retries;
#[cfg(unix)]
mod scale;
mod secrets;
mod services;
#[cfg(unix)]
mod stopping;
mod trace;
mod trigger;
mod trust;
