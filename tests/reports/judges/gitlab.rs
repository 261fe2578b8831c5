//! GitLab: code quality and annotations by its documents and validators, variables by its reader.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Wanted, follows};

pub fn codequality(report: &str, wanted: &Wanted) {
    let document: Value = serde_json::from_str(report).expect("JSON");
    follows("codequality.json", &document);
    let issues = document.as_array().expect("a list");
    assert_eq!(issues.len(), wanted.failed.len() + wanted.troubles);
    let fingerprints: BTreeSet<&str> = issues
        .iter()
        .filter_map(|issue| issue["fingerprint"].as_str())
        .collect();
    assert_eq!(
        fingerprints.len(),
        issues.len(),
        "GitLab keeps one of those with the same"
    );
    for (name, message) in &wanted.failed {
        let told = format!("{name}: {message}");
        let found = issues
            .iter()
            .filter(|issue| issue["check_name"] == "proctor/failed");
        let descriptions: Vec<&str> = found
            .filter_map(|issue| issue["description"].as_str())
            .collect();
        assert!(
            descriptions.iter().any(|text| text.contains(&told)),
            "{told}\n{descriptions:#?}"
        );
    }
}

pub fn annotations(report: &str, wanted: &Wanted) {
    // The plan's limit `ci_job_annotations_size`.
    assert!(report.len() <= 80 * 1024, "{}", report.len());
    let document: Value = serde_json::from_str(report).expect("JSON");
    follows("annotations.json", &document);
    let links: Vec<&Value> = document
        .as_object()
        .expect("lists")
        .values()
        .flat_map(|list| list.as_array().expect("a list"))
        .collect();
    assert!(links.len() <= wanted.failed.len() + 100);
    for link in links {
        let url = link["external_link"]["url"].as_str().expect("a URL");
        assert!(url.starts_with("https://x.test/"), "{url}");
        assert!(
            !url.contains(['"', '<', '>', '`', '\'', ' ', '$', '(']),
            "{url}"
        );
    }
}

pub fn dotenv(report: &str, wanted: &Wanted) {
    let variables = variables(report);
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "PROCTOR_ERRORED",
            "PROCTOR_EXIT_CODE",
            "PROCTOR_FAILED",
            "PROCTOR_FLAKY",
            "PROCTOR_NEW",
            "PROCTOR_PASSED",
            "PROCTOR_QUARANTINED",
            "PROCTOR_RUN_URL",
            "PROCTOR_SKIPPED",
            "PROCTOR_VERDICT"
        ]
    );
    assert_eq!(variables["PROCTOR_EXIT_CODE"], wanted.exit_code.to_string());
    assert_eq!(variables["PROCTOR_FAILED"], wanted.failed.len().to_string());
    // GitLab resolves references in values, and a shell may see them unquoted.
    for value in variables.values() {
        assert!(!value.contains(['$', '`', '"', '\'', ' ', '\\']), "{value}");
    }
}

/// Reads variables as `parse_dotenv_artifact_service.rb` of gitlab-org/gitlab does.
///
/// # Panics
/// Where GitLab refuses the file.
pub fn variables(text: &str) -> BTreeMap<String, String> {
    assert!(text.len() < 5 * 1024, "{}", text.len());
    let mut variables = BTreeMap::new();
    for line in text.split_inclusive('\n') {
        let (key, value) = line
            .trim_end_matches('\n')
            .split_once('=')
            .unwrap_or_else(|| panic!("{line:?}"));
        let key = key.trim();
        assert!(
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{key}"
        );
        variables.insert(key.to_owned(), value.trim().to_owned());
    }
    assert!(variables.len() <= 20);
    variables
}
