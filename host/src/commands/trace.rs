//! The file of requests: one of its own, and never instead of another.

use std::{io, path::Path, path::PathBuf};

use crate::{config::options::Options, console::safe, failure::Failure, output};

use super::{named_files, session::Session, settled::Settled};

/// Why the trace cannot be where the handle file is.
pub const HANDLE: &str = "the handle of runs that go on is kept there";

/// The same of the file of what cannot be published.
pub const KEPT: &str = "results that cannot be sent are kept there";

/// Files of a step of GitHub's that are filled while it runs, and empty before.
const OF_STEP: [&str; 2] = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];

/// Begins the trace that the options name, if they name one. Files that are there already, and hold something, are looked
/// at there: those of the options may be missing or empty yet.
///
/// # Errors
/// A usage failure if it cannot be written there.
pub fn begin(
    session: &Session,
    options: &Options,
    handle: &str,
    config: Option<&str>,
) -> Result<(), Failure> {
    let Some(trace) = &options.trace else {
        return Ok(());
    };
    let of_step = OF_STEP.iter().filter_map(|name| {
        let path = session.environment.get(name)?;
        Some((path, "the CI system reads it"))
    });
    let of_network = [&options.ca_file, &options.client_cert, &options.client_key];
    let of_network = of_network.into_iter().flatten();
    let taken = of_step
        .chain(of_network.map(|path| (path.as_str(), "certificates and keys are read from it")))
        .chain(config.map(|path| (path, "the configuration is read from it")))
        .chain([(handle, HANDLE)]);
    for (shown, why) in taken {
        refuse_same(session, trace, shown, why)?;
    }
    session.begin_trace(trace)
}

/// Looks that the trace does not go to another file of the command.
///
/// # Errors
/// A usage failure that says why it cannot be there.
pub fn apart(session: &Session, settled: &Settled, shown: &str, why: &str) -> Result<(), Failure> {
    match &settled.trace {
        Some(trace) => refuse_same(session, trace, shown, why),
        None => Ok(()),
    }
}

/// As [`apart`] for files that are named on the command line, patterns among them.
///
/// # Errors
/// As for [`apart`].
pub fn apart_of_inputs(
    session: &Session,
    settled: &Settled,
    names: &[String],
) -> Result<(), Failure> {
    let Some(trace) = &settled.trace else {
        return Ok(());
    };
    let path = session.path(trace);
    match names
        .iter()
        .any(|name| named_files::is_named(session, name, &path))
    {
        true => Err(refused(trace, "results are read from it")),
        false => Ok(()),
    }
}

fn refuse_same(session: &Session, trace: &str, shown: &str, why: &str) -> Result<(), Failure> {
    let place = |shown| output::place(&session.path(shown));
    match place(trace) == place(shown) {
        true => Err(refused(trace, why)),
        false => Ok(()),
    }
}

/// That a trace cannot be where it was wanted.
pub fn refused(shown: &str, why: &str) -> Failure {
    Failure::usage(
        format!("no trace can be written to {shown}: {why}"),
        "choose another path with --trace FILE; nothing was triggered",
    )
}

/// What there is to say of the end of a trace.
pub fn told(ended: io::Result<Option<PathBuf>>, directory: &Path) -> Option<String> {
    match ended {
        Ok(None) => None,
        Ok(Some(path)) => {
            let shown = path.strip_prefix(directory).unwrap_or(&path);
            let shown = safe::line(&shown.display().to_string());
            Some(format!(
                "the trace is in {shown}, as there was a file already where it was to be\n"
            ))
        }
        Err(error) => Some(format!("warning: the trace cannot be written: {error}\n")),
    }
}
