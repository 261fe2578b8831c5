use std::collections::HashMap;

use crate::{bindings::proctor::ci::types::Report, commands::results_files, failure::Failure};

use super::Session;

/// How long each target took when it last ran, in milliseconds, as far as earlier results tell.
///
/// That there are none is no mistake: a first pipeline has nothing to go by, and a cache may be empty.
///
/// # Errors
/// A usage failure if a file holds something else than results.
pub async fn durations(
    session: &Session,
    names: &[String],
) -> Result<HashMap<String, u64>, Failure> {
    let mut latest: HashMap<String, (u64, u64)> = HashMap::new();
    for name in names {
        if !is_there(session, name) {
            session.console.warn(&format!(
                "{name}: there are no such results, so how long those targets take is not known"
            ));
            continue;
        }
        let results = results_files::read(session, std::slice::from_ref(name), Vec::new()).await?;
        for report in results.targets.iter().filter(|report| has_run(report)) {
            let seen = (report.started_at_ms, report.duration_ms);
            let known = latest.entry(report.target.clone()).or_insert(seen);
            *known = seen.max(*known);
        }
    }
    let durations = latest.into_iter();
    Ok(durations
        .map(|(target, (_, duration))| (target, duration))
        .collect())
}

fn is_there(session: &Session, name: &str) -> bool {
    let is_pattern = name.contains(['*', '?', '[']);
    session.path(name).exists()
        || is_pattern && super::super::named_files::matching(session, name, "").is_ok()
}

/// Whether a report tells how long its target takes: one that was refused at once does not.
fn has_run(report: &Report) -> bool {
    report.duration_ms > 0 && (report.run.is_some() || !report.tests.is_empty())
}
