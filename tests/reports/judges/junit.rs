//! JUnit XML: a schema, and junitparser.

use proctor_test_support::consumers;
use serde_json::Value;

use super::{Wanted, read_file_by, reader};

/// Holds a report against the schema, and returns what junitparser reads in it.
pub fn read(report: &str) -> Option<Value> {
    follows_schema(report);
    let mut python = consumers::python("python")?;
    python.arg(reader("junit.py"));
    let read = read_file_by(python, "junit.xml", report);
    assert_eq!(read["stated"], read["counted"]);
    Some(read)
}

pub fn judge(report: &str, wanted: &Wanted) {
    let Some(read) = read(report) else {
        return;
    };
    let cases = read["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), wanted.tests + wanted.troubles);
    for (name, message) in &wanted.failed {
        // Jenkins takes a file that is named in double brackets.
        let name = name.replace("[[", "[ [");
        let case = cases
            .iter()
            .find(|case| case["name"] == *name)
            .unwrap_or_else(|| panic!("{name:?} is not among {cases:#?}"));
        told(case, &message.replace("[[", "[ ["));
    }
    let failing = cases
        .iter()
        .filter(|case| case["outcomes"] != Value::Array(Vec::new()));
    assert_eq!(failing.count(), wanted.failed.len() + wanted.troubles);
    for case in cases {
        let output = case["output"].as_str().unwrap_or_default();
        let address = output
            .lines()
            .any(|line| line.starts_with("javascript:") || line.contains(": javascript:"));
        assert!(!output.contains("[[") && !address, "{output}");
    }
}

/// A failed case says why, in the attribute and in the text.
fn told(case: &Value, message: &str) {
    let outcomes = case["outcomes"].as_array().expect("outcomes");
    assert_eq!(outcomes.len(), 1, "{case}");
    assert_eq!(outcomes[0]["kind"], "Failure");
    let attribute = outcomes[0]["message"].as_str().expect("a message");
    assert!(attribute.starts_with(message), "{attribute}\n{message}");
    let text = outcomes[0]["text"].as_str().expect("a text");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.starts_with(message), "{words}\n{message}");
    assert!(text.len() < 100_000, "{}", text.len());
}

/// By xmllint, which reads no file but these and asks no network.
fn follows_schema(report: &str) {
    let Some(mut xmllint) = consumers::program("xmllint") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("junit.xml");
    std::fs::write(&path, report).expect("it can be written");
    let schema = proctor_test_support::root().join("tests/reports/junit.xsd");
    let output = xmllint
        .args(["--noout", "--nonet", "--huge", "--schema"])
        .args([schema, path])
        .output()
        .expect("it starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_schema_refuses_what_readers_do_not_take() {
    let suite = |cases: &str| {
        let counts = r#"tests="1" failures="0" errors="0" skipped="0" time="0.000" timestamp="2026-01-02T03:04:05.678Z""#;
        format!(
            "<testsuites name=\"x\" {counts}><testsuite name=\"s\" {counts}>{cases}</testsuite></testsuites>"
        )
    };
    if consumers::program("xmllint").is_none() {
        return;
    }
    let good =
        r#"<testcase classname="c" name="n" time="0.001"><failure type="t">x</failure></testcase>"#;
    follows_schema(&suite(good));
    follows_schema(&suite(&good.replace(
        "</failure>",
        "</failure><rerunFailure type=\"t\"><stackTrace/></rerunFailure>",
    )));
    for bad in [
        good.replace("</failure>", "</failure><rerunFailure type=\"t\"/>"),
        good.replace(
            "</failure>",
            "</failure><flakyFailure type=\"t\"><stackTrace/></flakyFailure>",
        ),
        good.replace("0.001", "-0.001"),
        good.replace("0.001", "NaN"),
        good.replace("</failure>", "</failure><error type=\"t\"/>"),
        good.replace("<failure", "<system-out/><failure"),
        good.replace("classname=\"c\" ", ""),
        format!("{good}{good}"),
    ] {
        let refused = std::panic::catch_unwind(|| follows_schema(&suite(&bad)));
        assert!(refused.is_err(), "{bad}");
    }
}
