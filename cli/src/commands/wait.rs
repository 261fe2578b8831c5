use std::time::Instant;

use super::{keep, of_handles, runs_in};
use crate::{
    args::WaitArgs,
    conclude::{conclude, prepare},
    config::plan::{self, milliseconds},
    edge::convert,
    failure::Failure,
    follow,
    handles::Entry,
    model::Report,
    ready::{refuse_unknown, with_variables},
    session::{Session, now_ms},
    settled::Settled,
    work::Work,
};

/// `proctor-cli wait`.
pub fn wait(session: &Session, arguments: &WaitArgs) -> Result<u8, Failure> {
    let config = session.config(arguments.config.config.as_deref())?;
    if let Some(config) = &config {
        plan::refuse_general(config, false)?;
    }
    let flags = arguments.follow.options(&session.catalogue.kinds);
    let settled = Settled::settle(session, flags, config.as_ref())?;
    let shown = &arguments.file;
    let mut entries = runs_in(shown)?;
    if let Some(timeout) = settled.above_file.timeout {
        for entry in &mut entries {
            entry.target.timeout_ms = milliseconds(timeout);
        }
    }
    let planned = of_handles(session, &entries, shown)?;
    refuse_unknown(&planned, config.as_ref())?;
    let works = Work::of_all(session, with_variables(session, planned)?)?;
    prepare(&settled, shown)?;
    let begun = (Instant::now(), now_ms());
    let handles: Vec<_> = entries
        .iter()
        .map(|entry| convert::handle_in(entry.handle.clone()))
        .collect();
    let reports = follow::watch_all(session, &works, &handles);
    let remaining: Vec<Entry> = entries
        .iter()
        .zip(&reports)
        .filter_map(|(entry, report)| remains(entry, report))
        .collect();
    let ended = conclude(session, &settled, reports, begun);
    // What could not be reported is kept, to be reported another time.
    let kept = match ended.errors.is_empty() {
        true => keep(session, shown, &remaining),
        false => Ok(()),
    };
    match (kept, ended.exit_code()) {
        (Err(failure), Ok(0)) => Err(failure),
        (Err(failure), code) => {
            session.terminal.failure(&failure);
            code
        }
        (Ok(()), code) => code,
    }
}

/// The entry of a run of which more can be learnt later; none if the report names none, as its end is known or it was stopped.
fn remains(entry: &Entry, report: &Report) -> Option<Entry> {
    let handle = report.handle.clone()?;
    Some(Entry {
        handle: convert::handle_out(handle),
        ..entry.clone()
    })
}
