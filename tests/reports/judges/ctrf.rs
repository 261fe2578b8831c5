//! The Common Test Report Format: by its reference implementation.

use proctor_test_support::consumers;
use serde_json::Value;

use super::{Wanted, follows_file, read_by, reader};

/// What the reference implementation reads in a report, if it is here.
pub fn read(report: &str) -> Option<Value> {
    let package = consumers::node_package("ctrf")?;
    let document: Value = serde_json::from_str(report).expect("JSON");
    follows_file(&package.join("dist"), "ctrf-schema-0.0.json", &document);
    let mut node = consumers::node(&["ctrf"])?;
    node.arg(reader("ctrf.mjs"));
    let read = read_by(node, report);
    for status in ["tests", "passed", "failed", "skipped", "pending", "other"] {
        assert_eq!(read["counted"][status], read["stated"][status], "{status}");
    }
    Some(read)
}

pub fn judge(report: &str, wanted: &Wanted) {
    let document: Value = serde_json::from_str(report).expect("JSON");
    let tests = document["results"]["tests"].as_array().expect("tests");
    assert_eq!(tests.len(), wanted.tests + wanted.troubles);
    for (name, message) in &wanted.failed {
        let test = tests
            .iter()
            .find(|test| test["name"] == *name)
            .unwrap_or_else(|| panic!("{name:?} is not among {tests:#?}"));
        assert_eq!(test["status"], "failed");
        let told = test["message"].as_str().expect("a message");
        assert!(told.starts_with(message), "{told}\n{message}");
        assert!(test["trace"].as_str().unwrap_or_default().len() < 100_000);
    }
    for attachment in tests
        .iter()
        .flat_map(|test| test["attachments"].as_array())
        .flatten()
    {
        let path = attachment["path"].as_str().expect("a path");
        assert!(path.starts_with("https://"), "{path}");
    }
    let Some(read) = read(report) else {
        return;
    };
    assert_eq!(
        read["counted"]["failed"],
        wanted.failed.len() + wanted.troubles
    );
    assert_eq!(read["flaky"], Value::Array(Vec::new()));
}
