//! What several kinds of reports say in the same way.

use crate::error::{Code, Problem, spoken};
use crate::model::{Counts, Report, Results, TestCase, Verdict};
use crate::verdict::is_trouble;
use std::time::Duration;

/// What a target has to say that none of its tests says.
///
/// Without it a target that ended before its first test would look green to whoever reads tests alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble<'a> {
    /// `failed`, `errored`, or `skipped` if nothing ran and that was allowed.
    pub verdict: Verdict,
    /// The name of the problem's code, or the word for the verdict.
    pub word: &'static str,
    pub message: &'a str,
    pub problem: Option<&'a Problem>,
}

/// What the target itself has to report; nothing if its tests tell it all.
pub(super) fn trouble(report: &Report, exit_code: u8) -> Option<Trouble<'_>> {
    let told = report.tests.iter().any(|test| is_trouble(test.verdict));
    let passed = report
        .tests
        .iter()
        .any(|test| test.verdict == Verdict::Passed);
    let problem = report.problem.as_ref();
    let unproven = if exit_code == 0 {
        Verdict::Skipped
    } else {
        Verdict::Errored
    };
    let verdict = match (problem.map(|problem| problem.code), report.verdict) {
        (Some(Code::Failed), _) | (None, Verdict::Failed) if told => return None,
        (Some(Code::Failed), _) | (None, Verdict::Failed) => Verdict::Failed,
        (None, Verdict::Passed | Verdict::Skipped) if passed => return None,
        (None, Verdict::Passed | Verdict::Skipped)
            if exit_code == 0 && !report.tests.is_empty() =>
        {
            return None;
        }
        (None, _) if told => return None,
        (Some(Code::NoTests), _) | (None, Verdict::Passed | Verdict::Skipped) => unproven,
        (Some(_) | None, _) => Verdict::Errored,
    };
    Some(Trouble {
        verdict,
        word: problem.map_or_else(|| word(report.verdict), |problem| problem.code.name()),
        message: message(report),
        problem,
    })
}

fn word(verdict: Verdict) -> &'static str {
    if is_trouble(verdict) {
        verdict.word()
    } else {
        Code::NoTests.name()
    }
}

fn message(report: &Report) -> &str {
    match (&report.problem, &report.reason) {
        (Some(problem), _) => &problem.message,
        (None, Some(reason)) => reason,
        (None, None) if is_trouble(report.verdict) => "the service gave no reason",
        (None, None) => "no test passed",
    }
}

/// The targets, each with the exit code it alone would have given.
pub(super) fn targets(results: &Results) -> impl Iterator<Item = (&Report, u8)> {
    let conclusion = &results.conclusion;
    results.targets.iter().enumerate().map(|(at, report)| {
        let code = conclusion.exit_codes.get(at);
        (report, *code.unwrap_or(&conclusion.exit_code))
    })
}

/// The tests that did not go well, of all targets.
pub(super) fn failures(results: &Results) -> impl Iterator<Item = (&Report, &TestCase)> {
    results.targets.iter().flat_map(|report| {
        let tests = report.tests.iter().filter(|test| is_trouble(test.verdict));
        tests.map(move |test| (report, test))
    })
}

/// All tests of all targets, counted.
pub(super) fn totals(results: &Results) -> Counts {
    Counts::of(results.targets.iter().flat_map(|report| &report.tests))
}

/// The first so many items by a key; among equals in their own order.
///
/// All that is shown is a handful, and a sort of everything is ten times the code.
pub(super) fn foremost<T, K: Ord>(
    items: impl IntoIterator<Item = T>,
    most: usize,
    key: fn(&T) -> K,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(most + 1);
    for item in items {
        let place = kept.partition_point(|each| key(each) <= key(&item));
        kept.insert(place, item);
        kept.truncate(most);
    }
    kept
}

/// How many tests have each verdict, in words: `10 passed, 2 failed`.
pub(super) fn counted(counts: &Counts) -> String {
    let parts: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|verdict| counts.get(*verdict) > 0)
        .map(|verdict| format!("{} {verdict}", counts.get(verdict)))
        .collect();
    if parts.is_empty() {
        "no tests".to_owned()
    } else {
        parts.join(", ")
    }
}

/// A number with its noun: `1 test`, `2 tests`.
pub(super) fn plural(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A duration as people say it.
pub(super) fn lasted(ms: u64) -> String {
    spoken(Duration::from_millis(ms))
}

/// A test's suite and name, not yet neutralised.
pub(super) fn title(test: &TestCase) -> String {
    if test.suite.is_empty() {
        test.name.clone()
    } else {
        format!("{} / {}", test.suite, test.name)
    }
}

/// A moment in the form of RFC 3339, in UTC and with milliseconds. After the year 9999 it stays at its end.
pub(super) fn timestamp(ms: u64) -> String {
    const END_OF_9999_MS: u64 = 253_402_300_799_999;
    let moment = std::time::UNIX_EPOCH + Duration::from_millis(ms.min(END_OF_9999_MS));
    humantime::format_rfc3339_millis(moment).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(1_709_210_096_789), "2024-02-29T12:34:56.789Z");
        assert_eq!(timestamp(u64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn counts_are_said_in_the_order_of_verdicts() {
        let tests = [Verdict::Skipped, Verdict::Passed, Verdict::Skipped]
            .map(|verdict| TestCase::new("", "t", verdict));
        assert_eq!(counted(&Counts::of(&tests)), "1 passed, 2 skipped");
        assert_eq!(counted(&Counts::default()), "no tests");
    }
}
