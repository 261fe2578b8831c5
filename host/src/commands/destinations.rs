use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::{
    bindings::exports::proctor::ci::reports::Results,
    config::options::{Output, ReportRequest},
    failure::Failure,
    output,
};

use super::{session::Session, settled::Settled};

/// Reports that are written on a CI system if none is asked for.
const ON_CI: [&str; 2] = ["junit", "json"];

/// What to do where a report of a run cannot be written.
const OTHER_PATH: &str = "choose another path with --report KIND=PATH; nothing was triggered";

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub kind: String,
    /// The path as named.
    pub shown: String,
    /// None for standard output.
    pub path: Option<PathBuf>,
}

/// Settles where reports go, and looks whether they can be written there.
///
/// # Errors
/// A usage failure that names the path that cannot be written, or is named twice.
pub fn prepare(session: &Session, settled: &Settled) -> Result<Vec<Destination>, Failure> {
    let requests = match (&settled.reports, settled.ci) {
        (Some(requests), _) => requests.clone(),
        (None, Some(_)) => on_ci(session),
        (None, None) => Vec::new(),
    };
    let destinations = probe(session, requests, OTHER_PATH)?;
    if let Some(trace) = &settled.trace {
        let place = Some(output::place(&session.path(trace)));
        let taken = |each: &&Destination| each.path.as_deref().map(output::place) == place;
        if let Some(taken) = destinations.iter().find(taken) {
            let reason = "the trace would be written to it";
            return Err(refuse(&taken.shown, reason, OTHER_PATH));
        }
    }
    let to_out = destinations.iter().any(|each| each.path.is_none());
    if to_out && session.console.output() == Output::Ndjson {
        return Err(refuse(
            "-",
            "standard output holds the events of --output ndjson",
            OTHER_PATH,
        ));
    }
    Ok(destinations)
}

/// Looks whether each of these reports can be written where it is to go.
///
/// # Errors
/// A usage failure that names the path that cannot be written, or is named twice. `next` is its advice.
pub fn probe(
    session: &Session,
    requests: Vec<ReportRequest>,
    next: &str,
) -> Result<Vec<Destination>, Failure> {
    let destinations: Vec<Destination> = requests
        .into_iter()
        .map(|request| Destination {
            path: (request.path != "-").then(|| session.path(&request.path)),
            kind: request.kind,
            shown: request.path,
        })
        .collect();
    let mut seen = HashSet::new();
    for destination in &destinations {
        let place = destination.path.as_deref().map(output::place);
        if !seen.insert(place) {
            return Err(refuse(
                &destination.shown,
                "two reports would be written to it",
                next,
            ));
        }
        if let Some(path) = &destination.path {
            output::probe(path).map_err(|error| {
                let hint = match output::is_special(path) {
                    true => "; standard output is written as `-`",
                    false => "",
                };
                refuse(&destination.shown, &format!("{error}{hint}"), next)
            })?;
        }
    }
    Ok(destinations)
}

/// Looks that no report takes the place of the handle file.
///
/// # Errors
/// A usage failure that names the path.
pub fn apart(destinations: &[Destination], handle: &Path) -> Result<(), Failure> {
    let handle = output::place(handle);
    let taken = |destination: &&Destination| {
        let path = destination.path.as_deref();
        path.is_some_and(|path| output::place(path) == handle)
    };
    match destinations.iter().find(taken) {
        Some(destination) => Err(refuse(
            &destination.shown,
            "the handle of runs that go on is kept there",
            OTHER_PATH,
        )),
        None => Ok(()),
    }
}

fn on_ci(session: &Session) -> Vec<ReportRequest> {
    let kinds = session.catalogue.kinds.iter();
    kinds
        .filter(|kind| ON_CI.contains(&kind.name.as_str()))
        .map(|kind| ReportRequest {
            kind: kind.name.clone(),
            path: kind.default_path.clone(),
        })
        .collect()
}

fn refuse(shown: &str, reason: &str, next: &str) -> Failure {
    Failure::usage(
        format!("no report can be written to {shown}: {reason}"),
        next,
    )
}

/// Writes all reports. Those that can be written are, even if others cannot. Returns what went wrong.
pub async fn write(
    session: &Session,
    destinations: &[Destination],
    results: &Results,
) -> Vec<String> {
    let mut errors = Vec::new();
    for destination in destinations {
        let text = match session.component.render(&destination.kind, results).await {
            Ok(text) => session.console.redact(&text),
            Err(problem) => {
                errors.push(format!(
                    "the report {} cannot be made: {}",
                    destination.kind, problem.message
                ));
                continue;
            }
        };
        match &destination.path {
            None => {
                session.console.raw_out(&text);
                errors.extend(session.console.lost().map(|error| {
                    let kind = &destination.kind;
                    format!("the report {kind} cannot be written to standard output: {error}")
                }));
            }
            Some(path) => {
                if let Err(error) = output::write(path, &text) {
                    errors.push(format!(
                        "the report {} cannot be written: {error}",
                        destination.shown
                    ));
                }
            }
        }
    }
    errors
}
