//! Results files of anybody's making: refused with a place, or read to what is written again as the same.

use proctor::model::{Results, Verdict};
use proctor::report::{self, Expected, ReadError, merge, read};

use crate::{reports, sample};

/// The exit codes that there are.
const CODES: [u8; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 129, 130, 143];

/// The bytes are a results file, or several behind each other with a line of `=` between them; and they stand for
/// results, too, which are written and read.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = Vec::new();
    for file in text.split("\n=\n") {
        match read(file) {
            Ok(results) => parts.push(results),
            Err(error) => is_told(&error, file),
        }
    }
    for part in &parts {
        stays(part);
        is_proven(part);
        reports::all(part);
    }
    if let Some(made) = sample::results(data) {
        stays(&made);
        parts.push(made);
    }
    if !parts.is_empty() {
        merged(parts);
    }
}

fn is_told(error: &ReadError, file: &str) {
    let told = error.to_string();
    assert!(
        !told.contains(['\n', '\u{1b}']) && told.len() < 1_000,
        "{told}"
    );
    if let ReadError::Malformed { line, column, .. } = error {
        let lines = file.split('\n').count();
        assert!(
            (1..=lines).contains(line) && *column >= 1,
            "{told} of {lines} lines"
        );
    }
}

/// What is written and read is the same.
fn stays(results: &Results) {
    let text = report::render("json", results, "").expect("there is this kind");
    let again = read(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, *results);
}

/// A file that claims a pass holds one of every target.
fn is_proven(results: &Results) {
    if results.conclusion.verdict != Verdict::Passed {
        return;
    }
    assert_eq!(results.conclusion.exit_code, 0);
    assert!(!results.targets.is_empty(), "a pass of nothing");
    for report in &results.targets {
        let has =
            |wanted: fn(Verdict) -> bool| report.tests.iter().any(|test| wanted(test.verdict));
        assert!(has(|verdict| verdict == Verdict::Passed), "{report:?}");
        assert!(
            !has(|verdict| !matches!(verdict, Verdict::Passed | Verdict::Skipped)),
            "{report:?}"
        );
    }
}

/// Merging loses nothing, makes nothing better, and is indifferent to the order of files.
fn merged(parts: Vec<Results>) {
    let all = merge(parts.clone(), Vec::new());
    let targets: usize = parts.iter().map(|part| part.targets.len()).sum();
    assert_eq!(all.targets.len(), targets);
    assert_eq!(all.conclusion.exit_codes.len(), targets);
    if all.conclusion.exit_code == 0 {
        assert!(
            parts.iter().all(|part| part.conclusion.exit_code == 0),
            "a failure got lost"
        );
    }
    let mut turned = parts.clone();
    turned.reverse();
    let turned = merge(turned, Vec::new());
    assert_eq!(turned.conclusion.exit_code, all.conclusion.exit_code);
    assert_eq!(turned.conclusion.verdict, all.conclusion.verdict);
    assert_eq!(
        merge(vec![all.clone()], Vec::new()).conclusion.exit_code,
        all.conclusion.exit_code
    );
    let missing = Expected {
        target: "\u{1}no target has this name".to_owned(),
        provider: "keploy".to_owned(),
        location: None,
    };
    let short = merge(parts, vec![missing]);
    let is_known = CODES.contains(&all.conclusion.exit_code);
    assert!(
        short.conclusion.exit_code != 0
            && (!is_known || CODES.contains(&short.conclusion.exit_code))
    );
    assert_eq!(short.targets.len(), targets + 1);
}
