//! Running again what failed, and only that: what it is, and what both runs amount to together.
//!
//! Fails closed: a test that has failed counts as passed only by a later pass of its own, and a later run that comes to
//! anything but tests changes nothing.

mod join;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use join::{Joined, join};

use crate::error::Code;
use crate::model::{Report, Setting, Target, TestCase, Verdict};
use crate::services::{Failed, Narrow, Service, named, part::Piece};
use crate::verdict::is_trouble;

/// What has come of a target so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub report: Report,
    /// What was run in the first place.
    pub pieces: Vec<Piece>,
}

/// What is to be run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The target's settings, narrowed to it.
    pub settings: Vec<Setting>,
    /// What people call it.
    pub names: Vec<String>,
    /// How many tests failed.
    pub failed: usize,
    /// Of how many.
    pub tests: usize,
}

/// Whether a target can be run in part.
///
/// # Errors
/// Why it never can.
pub fn can(target: &Target) -> Result<(), String> {
    narrowing(target).map(|_| ())
}

fn narrowing(target: &Target) -> Result<Narrow, String> {
    service_of(target)?.parts(target)
}

fn service_of(target: &Target) -> Result<Box<dyn Service>, String> {
    named(&target.provider).ok_or_else(|| format!("there is no provider {:?}", target.provider))
}

/// What of a target is to be run again: none unless tests failed and nothing else went wrong. What is about the whole, as how
/// much of something is covered, is not cured by a part, and stays as it was. `excused` are the places of tests whose failure
/// does not count: no reason to run anything again.
///
/// # Errors
/// Why it cannot be named.
pub fn narrow(
    target: &Target,
    outcome: &Outcome,
    excused: &[usize],
) -> Result<Option<Part>, String> {
    let Outcome { report, pieces } = outcome;
    if !has_only_failed(report) {
        return Ok(None);
    }
    let service = service_of(target)?;
    let excused: HashSet<usize> = excused.iter().copied().collect();
    let tests = report.tests.iter().enumerate();
    let failed = tests.filter(|(place, test)| is_failed(test) && !excused.contains(place));
    let failed = failed.map(|(_, test)| test);
    let failed = failed.filter(|test| !service.is_gate(target, test));
    let mut suites: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    let mut count = 0;
    for test in failed {
        count += 1;
        if seen.insert(test.suite.as_str()) {
            suites.push(&test.suite);
        }
    }
    if count == 0 {
        return Ok(None);
    }
    let narrow = service.parts(target)?;
    let settings = narrow(
        target,
        Failed {
            suites: &suites,
            pieces,
        },
    )?;
    Ok(Some(Part {
        settings,
        names: suites.into_iter().map(str::to_owned).collect(),
        failed: count,
        tests: report.tests.len(),
    }))
}

/// Whether tests failed, and nothing else is wrong: with an error, a late test or a run that goes on, to run the tests
/// again is not the answer.
fn has_only_failed(report: &Report) -> bool {
    let is_failure = |code: Code| code == Code::Failed;
    let mut troubles = report.tests.iter().filter(|test| is_trouble(test.verdict));
    report.verdict == Verdict::Failed
        && report
            .problem
            .as_ref()
            .is_none_or(|problem| is_failure(problem.code))
        && report.handle.is_none()
        && report.set_aside.is_none()
        && report.tests.iter().any(is_failed)
        && troubles.all(is_failed)
}

fn is_failed(test: &TestCase) -> bool {
    test.verdict == Verdict::Failed
}
