use super::{judge, keep, of_handles, runs_in};
use crate::{
    args::CancelArgs,
    edge::convert,
    failure::Failure,
    handles::Entry,
    line::Line,
    ready::{refuse_unknown, with_variables},
    session::Session,
    work::Work,
};

/// `proctor-cli cancel`.
pub fn cancel(session: &Session, arguments: &CancelArgs) -> Result<u8, Failure> {
    let shown = &arguments.file;
    let entries = runs_in(shown)?;
    let config = session.config(None)?;
    let planned = of_handles(session, &entries, shown)?;
    refuse_unknown(&planned, config.as_ref())?;
    let works = Work::of_all(session, with_variables(session, planned)?)?;
    let mut reports = Vec::new();
    let mut remaining: Vec<Entry> = Vec::new();
    for (work, entry) in works.iter().zip(entries) {
        let name = &work.target.name;
        let handle = convert::handle_in(entry.handle.clone());
        let line = &mut Line::new(session, work, &|_| {});
        match proctor::services::cancel(&work.target, &handle, line) {
            Ok(()) => session
                .terminal
                .result(&format!("{name}: stopped\n"), false),
            Err(problem) => {
                let why = &problem.message;
                session
                    .terminal
                    .warn(&format!("{name} was not stopped: {why}"));
                reports.push(work.without_run(problem));
                remaining.push(entry);
            }
        }
    }
    let kept = keep(session, shown, &remaining);
    match (judge(&reports), kept) {
        (0, Err(failure)) => Err(failure),
        (code, _) => Ok(code),
    }
}
