use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{render, within};
use crate::model::{Results, TestCase, Verdict};
use crate::report::sample::{any_results, hostile, many, remarked, report, results, usual};

/// What a reader of JUnit makes of a file.
#[derive(Debug, Default)]
struct Read {
    /// Attributes of `testsuites` and of each `testsuite`, with what was found inside.
    suites: Vec<(BTreeMap<String, String>, Found)>,
    cases: Vec<BTreeMap<String, String>>,
    /// The text of each `failure` and `error`.
    texts: Vec<String>,
    /// The class and name of a case, each with the elements in it in their order.
    inside: Vec<(String, Vec<String>)>,
    outputs: Vec<String>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Found {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    let all = element.attributes().map(Result::unwrap);
    all.map(|each| {
        let value = quick_xml::escape::unescape(&each.value)
            .unwrap()
            .into_owned();
        (each.key.0.to_owned(), value)
    })
    .collect()
}

/// Reads a file strictly: well-formed, and each element only where it belongs.
fn parse(text: &str) -> Read {
    let mut reader = Reader::from_str(text);
    let (mut read, mut path, mut inside) = (Read::default(), Vec::<String>::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(element) => {
                inside = open(&mut read, &path, &element, inside);
                path.push(element.name().0.to_owned());
            }
            Event::Empty(element) => inside = open(&mut read, &path, &element, inside),
            Event::End(_) => drop(path.pop().unwrap()),
            Event::Text(text) => add(&mut read, &path, &text),
            Event::GeneralRef(name) => add(&mut read, &path, &resolved(&name)),
            Event::Decl(_) => {}
            other => panic!("{other:?} does not belong here"),
        }
    }
    assert!(path.is_empty());
    read
}

fn resolved(name: &str) -> String {
    quick_xml::escape::unescape(&format!("&{name};"))
        .unwrap()
        .into_owned()
}

/// Notes an element, and returns how many outcomes the case at hand has.
fn open(read: &mut Read, path: &[String], element: &BytesStart<'_>, inside: usize) -> usize {
    let name = element.name().0.to_owned();
    let parent = path.last().map_or("", String::as_str);
    let expected = match name.as_str() {
        "testsuites" => "",
        "testsuite" => "testsuites",
        "testcase" | "properties" => "testsuite",
        "property" => "properties",
        "failure" | "error" | "skipped" | "system-out" => "testcase",
        "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError" => "testcase",
        "stackTrace" => {
            assert!(
                parent.starts_with("flaky") || parent.starts_with("rerun"),
                "{parent}"
            );
            parent
        }
        other => panic!("{other} is not JUnit"),
    };
    assert_eq!(parent, expected, "where {name} stands");
    let found = |read: &mut Read, note: fn(&mut Found)| {
        let last = read.suites.len() - 1;
        note(&mut read.suites[0].1);
        note(&mut read.suites[last].1);
    };
    if parent == "testcase" {
        let mut shown = name.clone();
        if let Some(message) = attributes(element).get("message") {
            shown = format!("{shown}: {message}");
        }
        read.inside.last_mut().unwrap().1.push(shown);
    }
    match name.as_str() {
        "testsuites" | "testsuite" => read.suites.push((attributes(element), Found::default())),
        "testcase" => {
            read.cases.push(attributes(element));
            let name = attributes(element)["name"].clone();
            read.inside.push((name, Vec::new()));
            found(read, |found| found.tests += 1);
            return 0;
        }
        "failure" => found(read, |found| found.failures += 1),
        "error" => found(read, |found| found.errors += 1),
        "skipped" => found(read, |found| found.skipped += 1),
        "system-out" => read.outputs.push(String::new()),
        _ => return inside,
    }
    match name.as_str() {
        "failure" | "error" | "skipped" => {
            assert_eq!(inside, 0, "one outcome a case");
            assert!(name == "skipped" || attributes(element).contains_key("type"));
            read.texts.push(String::new());
            inside + 1
        }
        _ => inside,
    }
}

fn add(read: &mut Read, path: &[String], text: &str) {
    match path.last().map(String::as_str) {
        Some("failure" | "error") => read.texts.last_mut().unwrap().push_str(text),
        Some("stackTrace") => {}
        Some("system-out") => read.outputs.last_mut().unwrap().push_str(text),
        _ => assert!(text.trim().is_empty(), "stray text {text:?}"),
    }
}

/// Checks what every file has to fulfil.
fn check(results: &Results) -> Read {
    let text = render(results);
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(forbidden) && !text.contains("]]>"));
    let read = parse(&text);
    for (attributes, found) in &read.suites {
        let number = |name: &str| attributes[name].parse::<usize>().unwrap();
        let said = Found {
            tests: number("tests"),
            failures: number("failures"),
            errors: number("errors"),
            skipped: number("skipped"),
        };
        assert_eq!(said, *found, "{attributes:?}");
        assert!(humantime::parse_rfc3339(&attributes["timestamp"]).is_ok());
    }
    let times = read
        .suites
        .iter()
        .map(|(attributes, _)| attributes)
        .chain(&read.cases);
    for attributes in times {
        assert!(
            attributes["time"].parse::<f64>().unwrap() >= 0.0 && attributes["time"].contains('.')
        );
    }
    let names: BTreeSet<String> = read
        .cases
        .iter()
        .map(|case| format!("{}_{}", case["classname"], case["name"]))
        .collect();
    assert_eq!(names.len(), read.cases.len(), "every case is named apart");
    read
}

#[test]
fn a_usual_run_is_read_by_suites() {
    let read = check(&usual());
    let names: Vec<&str> = read
        .suites
        .iter()
        .map(|(attributes, _)| attributes["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "proctor",
            "search / search",
            "checkout / checkout",
            "checkout",
            "billing",
            "nightly"
        ]
    );
    let cases: Vec<_> = read
        .cases
        .iter()
        .map(|case| (case["classname"].as_str(), case["name"].as_str()))
        .collect();
    assert_eq!(
        cases[2..4],
        [
            ("checkout.checkout", "POST /orders"),
            ("checkout.checkout", "POST /orders (2)")
        ]
    );
    assert_eq!(read.cases[2]["file"], "proctor.toml");
    assert_eq!(read.cases[2]["line"], "12");
    assert!(
        read.texts
            .iter()
            .any(|text| text.contains("out of stock") && text.contains("expected: 201"))
    );
    assert!(read.outputs[1].contains("answer.json: https://app.example.com/files/answer.json"));
}

#[test]
fn a_hostile_run_is_text_and_nothing_else() {
    let read = check(&hostile());
    assert_eq!(read.cases.len(), 5);
    assert!(
        read.texts
            .iter()
            .chain(&read.outputs)
            .all(|text| !text.contains("[[ATTACHMENT"))
    );
    assert!(
        read.outputs
            .iter()
            .all(|text| !text.contains("/etc/passwd\n") && !text.ends_with("/etc/passwd"))
    );
    assert!(read.texts[1].len() <= 70_000 && read.texts[1].contains("bytes left out"));
}

#[test]
fn attempts_stand_beside_the_outcome_as_surefire_has_them() {
    let read = check(&remarked());
    let inside: Vec<(&str, Vec<&str>)> = read
        .inside
        .iter()
        .map(|(name, inside)| (name.as_str(), inside.iter().map(String::as_str).collect()))
        .collect();
    let excused = "skipped: in quarantine until 2026-12-31: the coupon service moves; failed: the coupon is refused";
    assert_eq!(
        inside,
        [
            ("is there", vec![]),
            (
                "counts items",
                vec![
                    "flakyFailure: 2 items, not 3",
                    "flakyError: no reason given",
                    "system-out"
                ]
            ),
            ("applies a coupon", vec![excused, "system-out"]),
            (
                "removes an item",
                vec!["failure: known: the item is still there"]
            ),
            (
                "adds an item",
                vec![
                    "failure: new: status is 500, not 201",
                    "rerunFailure: status is 503, not 201",
                    "system-out"
                ]
            ),
            (
                "is empty at first",
                vec![
                    "flakyFailure: the service ran it twice and tells of the last attempt alone",
                    "system-out"
                ]
            ),
            ("warm-up", vec!["error"]),
            ("run", vec!["skipped: PAYMENTS_KEY is not set"]),
            ("run", vec!["skipped: another target had failed before"]),
            ("first", vec![]),
            (
                "second",
                vec!["skipped: stopped with its target: cancelled", "system-out"]
            ),
        ]
    );
    assert_eq!(
        read.outputs[1],
        "failed: the coupon is refused\nPOST /cart/coupons"
    );
}

#[test]
fn an_error_stands_behind_what_failed_before() {
    let mut test = TestCase::new("s", "t", Verdict::Errored).because("c");
    test.attempts = 3;
    test.earlier = vec![
        TestCase::new("s", "t", Verdict::TimedOut).because("a"),
        TestCase::new("s", "t", Verdict::Failed).because("b"),
    ];
    let read = check(&results(vec![report("api", Verdict::Errored, vec![test])]));
    let (_, inside) = &read.inside[0];
    assert_eq!(
        inside[..],
        ["rerunFailure: b", "error: c", "rerunError: a", "system-out"]
    );
}

/// What we write is read by our own `publish`, as other readers do: what does not count is skipped, what was flaky passed.
#[test]
fn what_is_written_is_read_back() {
    use crate::publish::junit::{Outcome, Reader};
    let text = render(&remarked());
    let mut reader = Reader::new("junit.xml", text.as_bytes());
    let mut cases = Vec::new();
    while let Some(case) = reader.next_case().unwrap() {
        cases.push(case);
    }
    let outcomes: Vec<(&str, Outcome)> = cases
        .iter()
        .map(|case| (case.name.as_str(), case.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("is there", Outcome::Passed),
            ("counts items", Outcome::Passed),
            ("applies a coupon", Outcome::Skipped),
            ("removes an item", Outcome::Failure),
            ("adds an item", Outcome::Failure),
            ("is empty at first", Outcome::Passed),
            ("warm-up", Outcome::Error),
            ("run", Outcome::Skipped),
            ("run", Outcome::Skipped),
            ("first", Outcome::Passed),
            ("second", Outcome::Skipped),
        ]
    );
}

#[test]
fn a_suite_that_comes_again_is_still_one() {
    let tests = ["a", "b", "a"].map(|suite| TestCase::new(suite, "t", Verdict::Passed));
    let read = check(&results(vec![report(
        "api",
        Verdict::Passed,
        tests.to_vec(),
    )]));
    let counted: Vec<usize> = read.suites.iter().map(|(_, found)| found.tests).collect();
    assert_eq!(counted, [3, 2, 1]);
}

#[test]
fn numbered_names_do_not_meet_names_with_numbers() {
    let tests = ["t (2)", "t", "t", "t"].map(|name| TestCase::new("", name, Verdict::Passed));
    let read = check(&results(vec![report(
        "api",
        Verdict::Passed,
        tests.to_vec(),
    )]));
    let names: Vec<&str> = read
        .cases
        .iter()
        .map(|case| case["name"].as_str())
        .collect();
    assert_eq!(names, ["t (2)", "t", "t (3)", "t (4)"]);
}

proptest! {
    #[test]
    fn any_run_is_well_formed_and_counted(results in any_results()) {
        let read = check(&results);
        let whole = &read.suites[0].1;
        prop_assert!(results.conclusion.exit_code == 0 || whole.failures + whole.errors > 0, "a failure is never green");
        prop_assert!(whole.tests > 0, "a file is never empty");
    }
}

#[test]
fn a_large_file_loses_details_before_cases() {
    let results = many(200, &"what happened ".repeat(500));
    let [full, brief, bare] = [usize::MAX, 400_000, 10_000].map(|limit| within(&results, limit));
    assert!(full.len() > 1_000_000 && brief.len() < 400_000 && bare.len() < brief.len());
    for (text, inside) in [(&full, true), (&brief, true), (&bare, false)] {
        let read = parse(text);
        assert_eq!(read.cases.len(), 200);
        assert_eq!(
            read.texts.iter().any(|text| text.contains("what happened")),
            inside
        );
        assert!(text.contains("it broke"));
        assert_eq!(text.contains("details are left out"), *text != full);
    }
}
