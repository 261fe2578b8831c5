use std::time::Instant;

use super::targets;
use crate::{
    args::RunArgs,
    conclude::{conclude, prepare},
    config::{options::Options, plan::Planned},
    edge::convert,
    failure::Failure,
    follow, handles,
    kept::Kept,
    model::Report,
    ready::ready,
    session::{Session, now_ms},
    settled::Settled,
    work::Work,
};

/// `proctor-cli run`.
pub fn run(session: &Session, arguments: &RunArgs) -> Result<u8, Failure> {
    let config = session.config(arguments.target.config.config.as_deref())?;
    let flags = arguments.follow.options(&session.catalogue.kinds);
    let flags = flags.map(|flags| {
        let more = Options {
            handle: arguments.handle.clone(),
            ..Options::default()
        };
        more.or(flags)
    });
    let mut settled = Settled::settle(session, flags, config.as_ref())?;
    if arguments.no_wait {
        settled.reports.clear();
    }
    let planned = targets(session, &arguments.target, &settled, config)?;
    doubt_retries(session, &settled, &planned);
    let works = Work::of_all(session, ready(session, planned)?)?;
    let is_named = arguments.no_wait || arguments.handle.is_some();
    let kept = Kept::choose(&settled.handle, is_named, works.len())?;
    prepare(&settled, &kept.shown)?;
    let begun = (Instant::now(), now_ms());
    let reports = match arguments.no_wait {
        true => follow::start_all(session, &works, &kept),
        false => follow::run_all(session, &works, &kept),
    };
    let settling = kept.settle(session, &works, &reports);
    let judged = match arguments.no_wait {
        true => tell_started(session, reports),
        false => reports,
    };
    let code = match arguments.no_wait && judged.is_empty() {
        true => Ok(0),
        false => conclude(session, &settled, judged, begun).exit_code(),
    };
    match (settling, code) {
        (Ok(()), code) => code,
        (Err(failure), Ok(0)) => Err(failure),
        // What became of the runs counts more than the file.
        (Err(failure), code) => {
            session.terminal.failure(&failure);
            code
        }
    }
}

/// Warns of targets of which what fails is to be run again. What stands above the file wins over theirs, and has been warned
/// of.
fn doubt_retries(session: &Session, settled: &Settled, planned: &[Planned]) {
    if settled.above_file.retry_failed.is_some() {
        return;
    }
    let again = planned.iter().filter(|it| it.retries.unwrap_or(0) > 0);
    for name in again.map(|it| &it.target.name) {
        session.terminal.warn(&format!(
            "`retries` of target `{name}` is set, which only the native program knows: what fails is not run again"
        ));
    }
}

/// Tells of the runs that were started. Returns the reports of those that were not.
fn tell_started(session: &Session, reports: Vec<Report>) -> Vec<Report> {
    let (problems, started): (Vec<Report>, Vec<Report>) = reports
        .into_iter()
        .partition(|report| report.problem.is_some());
    for report in started {
        let handle = report.handle.map(convert::handle_out);
        let ids = handle.as_ref().map(handles::ids).unwrap_or_default();
        let (target, provider) = (&report.target, &report.provider);
        let line = format!("{target} ({provider}): started: {}\n", ids.join(", "));
        session.terminal.result(&line, false);
    }
    problems
}
