//! The results of several invocations as those of one: what jobs that have shared out targets amount to.

use std::collections::BTreeSet;

use super::view::targets;
use crate::error::{Code, Problem};
use crate::model::{Conclusion, Location, Report, Results, Verdict};
use crate::verdict::{rank, target_seriousness, verdict_with};

/// A target that has to be among results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub target: String,
    pub provider: String,
    /// Where it is defined.
    pub location: Option<Location>,
}

/// Merges results into those of one invocation: from the earliest start to the latest end, with all targets in the
/// order of the parts.
///
/// Nothing is judged anew, as each part may have had a policy of its own. An expected target that is in no part is
/// added, and fails: a job that got lost must not look like one that passed.
#[must_use]
pub fn merge(parts: Vec<Results>, expected: Vec<Expected>) -> Results {
    let started_at_ms = parts.iter().map(|part| part.started_at_ms).min();
    let started_at_ms = started_at_ms.unwrap_or_default();
    let duration_ms = length(&parts, started_at_ms);
    let missing = missing(&parts, expected, started_at_ms);
    let mut judgements: Vec<Judgement> = parts.iter().map(judgement).collect();
    let mut exit_codes: Vec<u8> = parts
        .iter()
        .flat_map(|part| targets(part).map(|(_, code)| code))
        .collect();
    if !missing.is_empty() {
        judgements.push((Code::ServiceErrored.exit_code(), Verdict::Unknown));
        exit_codes.resize(
            exit_codes.len() + missing.len(),
            Code::ServiceErrored.exit_code(),
        );
    }
    let (exit_code, verdict) = judgements
        .into_iter()
        .min_by_key(gravity)
        .unwrap_or((Code::NoTests.exit_code(), Verdict::Skipped));
    let version = match parts.first() {
        Some(part) => part.version.clone(),
        None => env!("CARGO_PKG_VERSION").to_owned(),
    };
    let targets = parts.into_iter().flat_map(|part| part.targets);
    Results {
        version,
        started_at_ms,
        duration_ms,
        conclusion: Conclusion {
            verdict,
            exit_code,
            exit_codes,
        },
        targets: targets.chain(missing).collect(),
    }
}

/// An exit code, and the verdict that goes with it.
type Judgement = (u8, Verdict);

/// The place of a judgement in the order of gravity, the gravest first. A code that is not known is graver than any.
fn gravity(judgement: &Judgement) -> (usize, u8, usize) {
    let (code, verdict) = *judgement;
    (rank(code), code, target_seriousness(verdict))
}

/// What a part amounts to: what it says, unless one of its own targets has a graver code, which nobody but an editor of
/// the file can bring about.
fn judgement(part: &Results) -> Judgement {
    let said = (part.conclusion.exit_code, part.conclusion.verdict);
    let graver = targets(part)
        .map(|(report, code)| (code, verdict_with(report, code)))
        .filter(|each| gravity(each).0 < gravity(&said).0);
    graver.min_by_key(gravity).unwrap_or(said)
}

/// The time from the first start to the last end, in milliseconds.
fn length(parts: &[Results], started_at_ms: u64) -> u64 {
    let ends = parts
        .iter()
        .map(|part| u128::from(part.started_at_ms) + u128::from(part.duration_ms));
    let end = ends.max().unwrap_or_default();
    u64::try_from(end.saturating_sub(u128::from(started_at_ms))).unwrap_or(u64::MAX)
}

fn missing(parts: &[Results], expected: Vec<Expected>, started_at_ms: u64) -> Vec<Report> {
    let there: BTreeSet<&str> = parts
        .iter()
        .flat_map(|part| &part.targets)
        .map(|report| report.target.as_str())
        .collect();
    expected
        .into_iter()
        .filter(|expected| !there.contains(expected.target.as_str()))
        .map(|expected| absent(expected, started_at_ms))
        .collect()
}

/// The report of a target that nobody has reported.
fn absent(expected: Expected, started_at_ms: u64) -> Report {
    let Expected {
        target,
        provider,
        location,
    } = expected;
    let problem = Problem {
        who: "the author of the pipeline".to_owned(),
        ..Problem::new(
            Code::ServiceErrored,
            "its results are missing: no results file that was given has this target",
        )
        .next("look at the job that was to run it: it did not end well, or did not hand on its results")
    };
    Report {
        target,
        provider,
        verdict: Verdict::Unknown,
        reason: None,
        problem: Some(problem),
        run: None,
        handle: None,
        tests: Vec::new(),
        warnings: Vec::new(),
        started_at_ms,
        duration_ms: 0,
        queued_ms: None,
        location,
        set_aside: None,
    }
}

#[cfg(test)]
mod tests;
