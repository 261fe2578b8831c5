//! From results to JUnit XML and back: the same tests, with their verdicts, names and messages.

use proctor::model::{Report, Results, TestCase, Verdict};
use proctor::publish::junit::{Case, Outcome, Reader};
use proctor::report;
use proctor::verdict::is_trouble;
use roxmltree::{Document, ParsingOptions};

use crate::sample;

/// How long names and messages are told in full, in characters.
const SHORT: usize = 200;

/// The bytes stand for results.
pub fn run(data: &[u8]) {
    let Some(results) = sample::results(data) else {
        return;
    };
    let text = report::render("junit", &results, "n0nce").expect("there is this kind");
    let document = Document::parse_with_options(&text, ParsingOptions::default());
    let document = document.unwrap_or_else(|error| panic!("{error}: {text}"));
    let elements = document.descendants();
    let written = elements
        .filter(|node| node.has_tag_name("testcase"))
        .count();
    let cases = read(&text);
    assert_eq!(cases.len(), written, "{text}");
    compare(&results, &cases);
}

fn read(text: &str) -> Vec<Case> {
    let mut reader = Reader::new("junit.xml", text.as_bytes());
    let mut cases = Vec::new();
    loop {
        match reader.next_case() {
            Ok(Some(case)) => cases.push(case),
            Ok(None) => return cases,
            Err(error) => panic!("{error}: {text}"),
        }
    }
}

/// What a test is read back as. Trouble in quarantine counts as skipped, and so does what was stopped on purpose.
fn outcome(report: &Report, test: &TestCase) -> Outcome {
    let is_stopped = report.set_aside.is_some() && test.verdict == Verdict::Cancelled;
    if is_stopped || is_trouble(test.verdict) && test.quarantine.is_some() {
        return Outcome::Skipped;
    }
    match test.verdict {
        Verdict::Passed => Outcome::Passed,
        Verdict::Failed => Outcome::Failure,
        Verdict::Skipped => Outcome::Skipped,
        Verdict::Errored | Verdict::Cancelled | Verdict::TimedOut | Verdict::Unknown => {
            Outcome::Error
        }
    }
}

/// Every test is there once, and beside the tests at most one case for each target, or for a run without any.
fn compare(results: &Results, cases: &[Case]) {
    let tests: usize = results
        .targets
        .iter()
        .map(|report| report.tests.len())
        .sum();
    let own = cases.len().checked_sub(tests).expect("no test is lost");
    assert!(own <= results.targets.len().max(1));
    let mut taken: Vec<Option<(&Report, &TestCase)>> = vec![None; cases.len()];
    for report in &results.targets {
        for test in &report.tests {
            let mut seen = vec![false; cases.len()];
            let found = settle((report, test), cases, &mut taken, &mut seen);
            assert!(found, "{test:?} is not among {cases:?}");
        }
    }
    let rest: Vec<&Case> = cases
        .iter()
        .zip(&taken)
        .filter_map(|(case, taken)| taken.is_none().then_some(case))
        .collect();
    assert_eq!(rest.len(), own);
    if results.conclusion.exit_code != 0 && results.targets.is_empty() {
        assert_eq!(rest[0].outcome, Outcome::Error, "no target is no pass");
    }
    // What ended a target without a test that tells of it must not look green, unless it was left out on purpose.
    let reports = results.targets.iter();
    for report in reports.filter(|report| report.set_aside.is_none()) {
        let is_green = |verdict| matches!(verdict, Verdict::Passed | Verdict::Skipped);
        if report.tests.is_empty() && !is_green(report.verdict) && report.problem.is_none() {
            assert!(rest.iter().any(|case| case.outcome >= Outcome::Failure));
        }
    }
}

/// Finds a case for the test; another test whose that could be as well gets another one. Kuhn's way of matching.
fn settle<'r>(
    (report, test): (&'r Report, &'r TestCase),
    cases: &[Case],
    taken: &mut [Option<(&'r Report, &'r TestCase)>],
    seen: &mut [bool],
) -> bool {
    for (at, case) in cases.iter().enumerate() {
        if seen[at] || !is_of(report, test, case) {
            continue;
        }
        seen[at] = true;
        let is_free = match taken[at] {
            None => true,
            Some(other) => settle(other, cases, taken, seen),
        };
        if is_free {
            taken[at] = Some((report, test));
            return true;
        }
    }
    false
}

/// Whether the case is that of the test.
fn is_of(report: &Report, test: &TestCase, case: &Case) -> bool {
    if case.outcome != outcome(report, test) {
        return false;
    }
    let class = match test.suite.is_empty() {
        true => report.target.clone(),
        false => format!("{}.{}", report.target, test.suite),
    };
    if is_plain(&class) && case.class.as_deref() != Some(class.as_str()) {
        return false;
    }
    // One of several with a name has a number behind it.
    if is_plain(&test.name)
        && case.name != test.name
        && !case.name.starts_with(&format!("{} (", test.name))
    {
        return false;
    }
    match (&test.message, case.notes.first()) {
        // Behind the reason of a quarantine, which may be long, it may be cut.
        (Some(message), Some(note)) if is_plain(message) && test.quarantine.is_none() => {
            // What is known of it besides stands before it.
            let written = note.message.as_deref();
            written.is_some_and(|written| written.ends_with(message.as_str()))
        }
        _ => true,
    }
}

/// Whether a text is written as it is: one line of visible characters that nobody takes for something else.
fn is_plain(text: &str) -> bool {
    let is_seen = |c: char| c == ' ' || c.is_alphanumeric() || c.is_ascii_punctuation();
    !text.is_empty()
        && text.chars().count() <= SHORT
        && text.chars().all(is_seen)
        && text.trim() == text
        && !text.contains("  ")
        && !text.contains("[[")
}
