//! What a run and a later one of a part of it amount to.

use std::collections::HashMap;

use super::Outcome;
use crate::error::Code;
use crate::model::{Report, TestCase, Verdict};
use crate::services::{case::is_stand_in, part::Piece, problem_of};
use crate::verdict::{is_trouble, worst};

/// What both runs amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub outcome: Outcome,
    /// Whether the later run says what it was to say. If not, what was known before stands, with a warning.
    pub complete: bool,
}

/// Puts what was run again in the place of what came of it before. `pieces` is what the later run has triggered.
#[must_use]
pub fn join(outcome: Outcome, again: Report, pieces: &[Piece]) -> Joined {
    let Outcome {
        report,
        pieces: known,
    } = outcome;
    let lack = lack(&again);
    let complete = lack.is_none();
    let report = match lack {
        Some(why) => standing(report, again, &why),
        None => replaced(report, renamed(again, &known, pieces)),
    };
    Joined {
        outcome: Outcome {
            report,
            pieces: known,
        },
        complete,
    }
}

/// Why a later run says nothing of the tests; none if it does.
fn lack(again: &Report) -> Option<String> {
    let told = |report: &Report| {
        let problem = report
            .problem
            .as_ref()
            .map(|problem| problem.message.clone());
        problem
            .or_else(|| report.reason.clone())
            .unwrap_or_else(|| format!("it ended {}", report.verdict))
    };
    let is_other = |code| code != Code::Failed;
    let by_tests = worst(again.tests.iter().map(|test| test.verdict));
    match again.verdict {
        Verdict::Passed | Verdict::Failed => {}
        _ => return Some(told(again)),
    }
    if again
        .problem
        .as_ref()
        .is_some_and(|problem| is_other(problem.code))
    {
        return Some(told(again));
    }
    if again.handle.is_some() {
        return Some("it may be going on".to_owned());
    }
    (by_tests != again.verdict).then(|| {
        format!(
            "it ended {}, which its tests do not account for",
            again.verdict
        )
    })
}

/// What was known before, with a word of what came of running it again.
fn standing(report: Report, again: Report, why: &str) -> Report {
    let duration_ms = duration(&report, &again);
    let mut warnings = report.warnings;
    add_new(&mut warnings, again.warnings);
    warnings.push(format!(
        "what failed was run again, which came to no result: {why}; what came of it before stands"
    ));
    Report {
        warnings,
        duration_ms,
        handle: again.handle,
        ..report
    }
}

/// From the beginning of the first run to the end of the last; without sensible times, as long as both took.
fn duration(first: &Report, again: &Report) -> u64 {
    let both = first.duration_ms.saturating_add(again.duration_ms);
    let end = again.started_at_ms.saturating_add(again.duration_ms);
    end.checked_sub(first.started_at_ms)
        .filter(|_| first.started_at_ms > 0)
        .map_or(both, |whole| whole.max(both))
}

/// The later run with the titles that the first one had: two things of one name are told apart only where both are run.
fn renamed(mut again: Report, known: &[Piece], pieces: &[Piece]) -> Report {
    let mut names: Vec<(&Piece, &str)> = Vec::new();
    for piece in pieces {
        let mut same = known.iter().filter(|known| known.subject == piece.subject);
        if let Some(first) = same.next()
            && first.title != piece.title
        {
            names.push((piece, &first.title));
        }
    }
    for test in &mut again.tests {
        // One whose title it is goes before one that has it in front of a place.
        let whole = names.iter().find(|(piece, _)| piece.title == test.suite);
        let found = whole.or_else(|| {
            names
                .iter()
                .find(|(piece, _)| piece.rest_of(&test.suite).is_some())
        });
        if let Some((piece, title)) = found
            && let Some(rest) = piece.rest_of(&test.suite)
        {
            test.suite = format!("{title}{rest}");
        }
    }
    again
}

fn replaced(first: Report, again: Report) -> Report {
    let duration_ms = duration(&first, &again);
    let mut warnings = first.warnings;
    add_new(&mut warnings, again.warnings);
    let mut later = Later::of(&first.tests, again.tests);
    let mut tests = Vec::with_capacity(first.tests.len());
    let mut missing = 0;
    for (at, test) in first.tests.into_iter().enumerate() {
        let test = match later.of_first(at, &test) {
            Some(later) => one(test, later),
            None => {
                missing += usize::from(test.verdict == Verdict::Failed);
                test
            }
        };
        tests.push(test);
    }
    let tests = with_new(tests, later.left());
    if missing > 0 {
        warnings.push(not_run(missing));
    }
    let verdict = worst(tests.iter().map(|test| test.verdict));
    let reason = again
        .reason
        .filter(|_| verdict == Verdict::Failed && again.verdict == Verdict::Failed);
    Report {
        problem: problem_of(verdict, reason.as_deref(), &tests),
        verdict,
        reason,
        run: again.run.or(first.run),
        handle: None,
        tests,
        warnings,
        duration_ms,
        ..first
    }
}

fn not_run(missing: usize) -> String {
    let (tests, those) = match missing {
        1 => ("a test that had failed is", "it counts"),
        _ => ("tests that had failed are", "they count"),
    };
    let count = match missing {
        1 => String::new(),
        many => format!("{many} "),
    };
    format!("{count}{tests} not among what was run again, so {those} as failed")
}

fn add_new(warnings: &mut Vec<String>, more: Vec<String>) {
    for warning in more {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}

/// What came of a test, and what came of it later.
fn one(first: TestCase, later: TestCase) -> TestCase {
    match (first.verdict, later.verdict) {
        // It was not run again, or it was and is as good as it was.
        (_, Verdict::Skipped) | (Verdict::Passed, Verdict::Passed) => first,
        // It was not run before.
        (Verdict::Skipped, _) => TestCase {
            suite: first.suite,
            name: first.name,
            ..later
        },
        _ => repeated(first, later),
    }
}

fn repeated(mut first: TestCase, later: TestCase) -> TestCase {
    let mut earlier = std::mem::take(&mut first.earlier);
    let attempts = first.attempts.saturating_add(later.attempts);
    // Its own share of what was counted so far.
    let before = earlier.iter().map(|test| test.attempts).sum();
    first.attempts = first.attempts.saturating_sub(before).max(1);
    let (suite, name) = (first.suite.clone(), first.name.clone());
    earlier.push(first);
    earlier.extend(later.earlier);
    TestCase {
        suite,
        name,
        attempts,
        earlier,
        ..later
    }
}

/// The tests of the later run. Of several of one name each is the counterpart of one.
struct Later {
    tests: Vec<Option<TestCase>>,
    /// The place of the counterpart of each test of the first run.
    counterparts: Vec<Option<usize>>,
    /// The verdict of each suite as a whole.
    suites: HashMap<String, Verdict>,
}

impl Later {
    fn of(first: &[TestCase], tests: Vec<TestCase>) -> Self {
        let mut suites: HashMap<String, Verdict> = HashMap::new();
        for test in &tests {
            let so_far = suites.entry(test.suite.clone()).or_insert(Verdict::Skipped);
            *so_far = worst([*so_far, test.verdict]);
        }
        Self {
            counterparts: counterparts(first, &tests),
            tests: tests.into_iter().map(Some).collect(),
            suites,
        }
    }

    /// The counterpart of the first run's test at this place. One that stands for a suite or run may have none because
    /// nothing is wrong any more.
    fn of_first(&mut self, at: usize, first: &TestCase) -> Option<TestCase> {
        if let Some(counterpart) = self.counterparts[at] {
            return self.tests[counterpart].take();
        }
        let has_passed = self.suites.get(&first.suite) == Some(&Verdict::Passed);
        (is_stand_in(&first.name) && is_trouble(first.verdict) && has_passed)
            .then(|| TestCase::new(&first.suite, &first.name, Verdict::Passed))
    }

    /// Those that no test of the first run is the counterpart of.
    fn left(self) -> Vec<TestCase> {
        self.tests.into_iter().flatten().collect()
    }
}

/// Which later test is the counterpart of each first one: of those of one suite and name in their order.
///
/// Where not all of them were run again, nothing tells which were. Then those that had not failed go first, so that a pass
/// that may be theirs is not taken for one of a test that had failed.
fn counterparts(first: &[TestCase], later: &[TestCase]) -> Vec<Option<usize>> {
    let mut found = vec![None; first.len()];
    let mut later_places = places(later);
    for (name, mut own) in places(first) {
        let Some(mut others) = later_places.remove(&name) else {
            continue;
        };
        if others.len() < own.len() || ran(later, &others) < ran(first, &own) {
            own.sort_by_key(|&at| is_trouble(first[at].verdict));
            others.sort_by_key(|&at| later[at].verdict == Verdict::Skipped);
        }
        for (at, other) in own.into_iter().zip(others) {
            found[at] = Some(other);
        }
    }
    found
}

/// The places of the tests of each suite and name.
fn places(tests: &[TestCase]) -> HashMap<(&str, &str), Vec<usize>> {
    let mut places: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, test) in tests.iter().enumerate() {
        let name = (test.suite.as_str(), test.name.as_str());
        places.entry(name).or_default().push(at);
    }
    places
}

/// How many of the tests at these places were not skipped.
fn ran(tests: &[TestCase], places: &[usize]) -> usize {
    let places = places.iter();
    places
        .filter(|&&at| tests[at].verdict != Verdict::Skipped)
        .count()
}

/// The tests with new ones, each behind the others of its suite.
fn with_new(tests: Vec<TestCase>, new: Vec<TestCase>) -> Vec<TestCase> {
    if new.is_empty() {
        return tests;
    }
    let last: HashMap<&str, usize> = (0..)
        .zip(&tests)
        .map(|(at, test)| (test.suite.as_str(), at))
        .collect();
    let mut behind: HashMap<usize, Vec<TestCase>> = HashMap::new();
    let mut others = Vec::new();
    for test in new {
        match last.get(test.suite.as_str()) {
            Some(at) => behind.entry(*at).or_default().push(test),
            None => others.push(test),
        }
    }
    let mut all = Vec::new();
    for (at, test) in tests.into_iter().enumerate() {
        all.push(test);
        all.extend(behind.remove(&at).unwrap_or_default());
    }
    all.extend(others);
    all
}
