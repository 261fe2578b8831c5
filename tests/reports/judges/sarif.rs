//! SARIF: by the validator of its editors, which also knows what GitHub asks for, and by a program that reads it.

use std::collections::BTreeSet;

use proctor_test_support::consumers;
use serde_json::Value;

use super::{Wanted, follows_file};

/// Reads a log with those who read it in life, and returns its results.
pub fn read(report: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(report).expect("JSON");
    let results = document["runs"][0]["results"].as_array().expect("results");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("proctor.sarif"), report).expect("it can be written");
    validated(folder.path(), &document);
    converted(folder.path(), results.len());
    results.clone()
}

/// The validator of the standard's editors has nothing to say against it, by the standard or by GitHub's own rules.
fn validated(folder: &std::path::Path, document: &Value) {
    let Some(package) = consumers::node_package("@microsoft/sarif-multitool-linux") else {
        return;
    };
    follows_file(&package, "sarif-2.1.0.json", document);
    let output = std::process::Command::new(package.join("Sarif.Multitool"))
        .args(["validate", "proctor.sarif", "--output", "said.sarif"])
        .args(["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"])
        // It does without the tables of languages, which are not everywhere.
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .current_dir(folder)
        .output()
        .expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    let said = proctor_test_support::read(&folder.join("said.sarif"));
    let said: Value = serde_json::from_str(said.trim_start_matches('\u{feff}')).expect("JSON");
    let against = said["runs"][0]["results"].as_array().expect("results");
    assert!(against.is_empty(), "{told}");
}

/// `sarif-tools` makes a list of findings of it, with all of them.
fn converted(folder: &std::path::Path, results: usize) {
    let Some(mut sarif) = consumers::python_apart("sarif", "sarif") else {
        return;
    };
    let output = sarif
        .args(["codeclimate", "proctor.sarif", "--output", "findings.json"])
        .current_dir(folder)
        .output()
        .expect("it starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let findings = proctor_test_support::read(&folder.join("findings.json"));
    let findings: Vec<Value> = serde_json::from_str(&findings).expect("JSON");
    assert_eq!(findings.len(), results);
    for finding in findings {
        assert_eq!(finding["location"]["path"], "proctor.toml");
    }
}

pub fn judge(report: &str, wanted: &Wanted) {
    let results = read(report);
    assert_eq!(results.len(), wanted.failed.len() + wanted.troubles);
    let hashes: BTreeSet<&str> = results
        .iter()
        .filter_map(|result| result["partialFingerprints"]["primaryLocationLineHash"].as_str())
        .collect();
    assert_eq!(
        hashes.len(),
        results.len(),
        "GitHub keeps one of those with the same"
    );
    for (name, message) in &wanted.failed {
        let told = format!("{name}: {message}").replace("](", "] (");
        let found = results.iter().any(|result| {
            let text = result["message"]["text"].as_str().expect("a text");
            text.contains(&told)
        });
        assert!(found, "{told}");
    }
    for result in &results {
        let text = result["message"]["text"].as_str().expect("a text");
        assert!(!text.contains("](") && text.len() < 10_000, "{text}");
        let url = result["hostedViewerUri"].as_str().unwrap_or("https://");
        assert!(url.starts_with("https://"), "{url}");
    }
}
