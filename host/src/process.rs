//! The process around a command: its streams, and what becomes of a defect.

use std::{io::IsTerminal as _, panic, process::ExitCode, sync::Arc};

use crate::{
    bindings::proctor::ci::types::Code,
    commands::{Invocation, main_with},
    component::Component,
    console::{Streams, safe},
    engine::Engine,
    environment::Environment,
    failure::{Failure, exit_code},
};

/// Runs the command that this process was started with.
#[must_use]
pub fn main() -> ExitCode {
    panic::set_hook(Box::new(|defect| {
        let what = safe::line(&defect.to_string());
        anstream::eprintln!(
            "error: a defect in Proctor: {what}\n  next: report it to the maintainers"
        );
    }));
    let code = panic::catch_unwind(|| main_with(invocation(), component));
    ExitCode::from(code.unwrap_or(exit_code(Code::Internal)))
}

fn invocation() -> Invocation {
    let (out, err) = (std::io::stdout(), std::io::stderr());
    Invocation {
        arguments: std::env::args_os().collect(),
        environment: Environment::of_process(),
        // Without a working directory relative paths fail later, with a message of their own.
        directory: std::env::current_dir().unwrap_or_default(),
        streams: Streams {
            out_is_terminal: out.is_terminal(),
            err_is_terminal: err.is_terminal(),
            // Escape sequences are written only where they are wanted; this lets older consoles understand them.
            out: Box::new(anstream::AutoStream::always(out)),
            err: Box::new(anstream::AutoStream::always(err)),
        },
        signals: None,
    }
}

fn component() -> Result<Arc<dyn Component>, Failure> {
    match Engine::embedded() {
        Ok(engine) => Ok(Arc::new(engine)),
        Err(error) => Err(Failure::internal(
            error.to_string(),
            "install the build of Proctor for this system, or report it",
        )),
    }
}
