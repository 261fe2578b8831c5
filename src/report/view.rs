//! What several kinds of reports say in the same way.

use super::class::Class;
use crate::error::{Code, Problem, spoken};
use crate::model::{Counts, Quarantine, Report, Results, SetAside, TestCase, Verdict};
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
    if let Some(why) = report.set_aside
        && exit_code == 0
    {
        return Some(set_aside(report, why));
    }
    // What is not shown as a failure tells nothing of why a target counts as one.
    let told = report.tests.iter().any(|test| {
        is_trouble(test.verdict) && (exit_code == 0 || Class::of(report, test).is_failure())
    });
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
        (None, Verdict::Passed | Verdict::Skipped) if passed && (told || exit_code == 0) => {
            return None;
        }
        (None, Verdict::Passed | Verdict::Skipped) if passed => return Some(unseen(report)),
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

/// Who acts on a target's problem, and what comes next.
///
/// Where all that failed is in quarantine or was known before, and does not count, that is nobody's task at once.
pub(super) fn remedy(report: &Report, exit_code: u8) -> Option<(&str, &str)> {
    let problem = report.problem.as_ref()?;
    let counts = |test: &TestCase| Class::of(report, test).counts(report, exit_code);
    let mut troubles = report
        .tests
        .iter()
        .filter(|test| is_trouble(test.verdict))
        .peekable();
    let is_excused = exit_code == 0
        && problem.code == Code::Failed
        && troubles.peek().is_some()
        && !troubles.any(counts);
    Some(match is_excused {
        true => (
            "the owner of the tests",
            "look at what fails in its own time: none of it counts",
        ),
        false => (&problem.who, &problem.next),
    })
}

/// Whether a target that was set aside had begun: then it was stopped, and not left out.
pub(super) fn has_begun(report: &Report) -> bool {
    report.verdict == Verdict::Cancelled
}

/// A target that was left out on purpose, or stopped.
fn set_aside(report: &Report, why: SetAside) -> Trouble<'_> {
    let problem = report.problem.as_ref();
    let said = report.reason.as_deref();
    let said = said.or(problem.map(|problem| problem.message.as_str()));
    Trouble {
        verdict: Verdict::Skipped,
        word: why.word(),
        message: said.unwrap_or(match why {
            SetAside::MissingKey => "there is no key for it, and that is allowed",
            SetAside::FailFast => "another target had failed before",
        }),
        problem: None,
    }
}

/// A target that passed, with tests that passed, and still counts as a failure.
fn unseen(report: &Report) -> Trouble<'_> {
    let has = |fits: fn(&TestCase) -> bool| report.tests.iter().any(fits);
    let message = if has(TestCase::is_flaky) {
        "a test passed only when it was run again, which is set to count as a failure"
    } else if has(|test| test.verdict == Verdict::Skipped) {
        "a test was skipped, which is set to count as a failure"
    } else {
        "it counts as a failure, and no test tells why"
    };
    Trouble {
        verdict: Verdict::Failed,
        word: Verdict::Failed.word(),
        message,
        problem: None,
    }
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

/// The tests of a class, of all targets.
pub(super) fn tests_of(
    results: &Results,
    class: Class,
) -> impl Iterator<Item = (&Report, &TestCase)> {
    results.targets.iter().flat_map(move |report| {
        let tests = report.tests.iter();
        let tests = tests.filter(move |test| Class::of(report, test) == class);
        tests.map(move |test| (report, test))
    })
}

/// The tests that are shown as failures, of all targets: what is new first, what is known last.
pub(super) fn failures(results: &Results) -> impl Iterator<Item = (&Report, &TestCase)> {
    let classes = [Class::New, Class::Failed, Class::Known];
    let each = move |class| tests_of(results, class);
    classes.into_iter().flat_map(each)
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

/// What came of a test before it was run again, the oldest first: which attempt that was, and what.
pub(super) fn earlier(test: &TestCase) -> Vec<(String, String)> {
    let mut done: u64 = 0;
    let mut told = Vec::with_capacity(test.earlier.len());
    for attempt in &test.earlier {
        let (first, last) = (done + 1, done + u64::from(attempt.attempts.max(1)));
        let name = match first == last {
            true => format!("attempt {first}"),
            false => format!("attempts {first} to {last}"),
        };
        let duration = attempt.duration_ms.map(|ms| format!(" ({})", lasted(ms)));
        let message = attempt.message.as_deref().unwrap_or("without a reason");
        let came = format!(
            "{}{}: {message}",
            attempt.verdict,
            duration.unwrap_or_default()
        );
        told.push((name, came));
        done = last;
    }
    told
}

/// What is to be said of earlier attempts that are known by their number alone.
pub(super) fn untold(test: &TestCase) -> Option<String> {
    if !test.earlier.is_empty() || test.attempts < 2 {
        return None;
    }
    let times = match test.attempts {
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    Some(format!(
        "the service ran it {times} and tells of the last attempt alone"
    ))
}

/// Why a trouble does not count, not yet neutralised.
pub(super) fn excuse(quarantine: &Quarantine) -> String {
    format!(
        "in quarantine until {}: {}",
        quarantine.until, quarantine.reason
    )
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
    use crate::report::sample::report;

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(1_709_210_096_789), "2024-02-29T12:34:56.789Z");
        assert_eq!(timestamp(u64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn attempts_are_numbered_through() {
        let mut test = TestCase::new("", "t", Verdict::Passed);
        test.attempts = 4;
        assert_eq!(
            untold(&test).as_deref(),
            Some("the service ran it 4 times and tells of the last attempt alone")
        );
        test.earlier = vec![
            TestCase::new("", "t", Verdict::Failed).because("a"),
            TestCase::new("", "t", Verdict::TimedOut),
        ];
        test.earlier[1].attempts = 2;
        test.earlier[1].duration_ms = Some(2_000);
        assert_eq!(untold(&test), None);
        let told = earlier(&test).into_iter();
        let told: Vec<String> = told.map(|(name, came)| format!("{name}: {came}")).collect();
        assert_eq!(
            told,
            [
                "attempt 1: failed: a",
                "attempts 2 to 3: timed-out (2s): without a reason"
            ]
        );
    }

    #[test]
    fn a_target_that_counts_is_told_of_where_its_tests_do_not() {
        let mut flaky = TestCase::new("", "t", Verdict::Passed);
        flaky.attempts = 2;
        let passed = report("api", Verdict::Passed, vec![flaky]);
        assert_eq!(trouble(&passed, 0), None);
        let told = trouble(&passed, 1).unwrap();
        assert_eq!((told.verdict, told.word), (Verdict::Failed, "failed"));
        assert!(told.message.starts_with("a test passed only when"));

        let mut excused = TestCase::new("", "t", Verdict::Failed);
        excused.quarantine = Some(Quarantine {
            reason: "r".to_owned(),
            until: "2026-12-31".to_owned(),
        });
        let failed = report("api", Verdict::Failed, vec![excused]);
        assert_eq!(trouble(&failed, 0), None);
        assert_eq!(trouble(&failed, 1).unwrap().verdict, Verdict::Failed);
    }

    #[test]
    fn a_target_set_aside_is_skipped_as_long_as_that_does_not_count() {
        let mut left = report("api", Verdict::Skipped, Vec::new());
        left.set_aside = Some(SetAside::MissingKey);
        let told = trouble(&left, 0).unwrap();
        assert_eq!((told.verdict, told.word), (Verdict::Skipped, "missing-key"));
        assert_eq!(told.message, "there is no key for it, and that is allowed");
        left.reason = Some("KEY is not set".to_owned());
        assert_eq!(trouble(&left, 0).unwrap().message, "KEY is not set");
        assert_eq!(trouble(&left, 9).unwrap().verdict, Verdict::Errored);
    }
}
