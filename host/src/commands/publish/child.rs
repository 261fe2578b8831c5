//! The command whose results are published.

use std::{
    ffi::OsString,
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use tokio::process::Command;

use crate::{commands::session::Session, failure::Failure, signals::Signal};

/// How a command ended.
pub struct Ran {
    /// Its exit code; 128 and the signal's number if a signal ended it.
    pub code: u8,
    pub took: Duration,
}

/// Runs a command to its end. Signals that tell this process to stop are passed on to it.
///
/// # Errors
/// A usage failure if it cannot be started.
///
/// `hidden` are variables that it does not get: keys are for nobody but the service.
pub async fn run(
    session: &Session,
    command: &[OsString],
    hidden: &[String],
) -> Result<Ran, Failure> {
    let (program, arguments) = command.split_first().expect("the caller looked");
    let shown = program.to_string_lossy();
    let started = Instant::now();
    let mut process = Command::new(program);
    for variable in hidden {
        process.env_remove(variable);
    }
    let mut child = process
        .args(arguments)
        .current_dir(&session.directory)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Failure::usage(
                format!("the command {shown} cannot be started: {error}"),
                "check its name and that it may be run; nothing was published",
            )
        })?;
    let status = tokio::select! {
        status = child.wait() => status,
        signal = session.signals.first() => {
            // A terminal tells every process that is attached to it by itself.
            if signal == Signal::Terminate || !std::io::stdin().is_terminal() {
                pass_on(&child, signal);
            }
            child.wait().await
        }
    };
    let status = status.map_err(|error| {
        Failure::internal(
            format!("the end of {shown} cannot be awaited: {error}"),
            "report it",
        )
    })?;
    Ok(Ran {
        code: code_of(status),
        took: started.elapsed(),
    })
}

#[cfg(unix)]
fn pass_on(child: &tokio::process::Child, signal: Signal) {
    use rustix::process::{Pid, kill_process};
    let signal = match signal {
        Signal::Hangup => rustix::process::Signal::HUP,
        Signal::Interrupt => rustix::process::Signal::INT,
        Signal::Terminate => rustix::process::Signal::TERM,
    };
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }
}

/// The console tells every process that is attached to it by itself.
#[cfg(not(unix))]
fn pass_on(_: &tokio::process::Child, _: Signal) {}

#[cfg(unix)]
fn code_of(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(not(unix))]
fn code_of(status: std::process::ExitStatus) -> u8 {
    let code = status.code().unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
