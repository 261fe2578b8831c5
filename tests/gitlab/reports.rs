//! Reports as GitLab reads them.

use std::path::Path;

use proctor_test_support::consumers;
use serde_json::Value;

/// Reads JUnit as others do: how many tests there are, and how many failed.
#[track_caller]
pub fn junit_is_read(file: &Path, tests_and_failures: &str) {
    let Some(mut python) = consumers::python("python") else {
        return;
    };
    let script = "import sys; from junitparser import JUnitXml; all = JUnitXml.fromfile(sys.argv[1]); print(all.tests, all.failures)";
    let output = python
        .args(["-c", script])
        .arg(file)
        .output()
        .expect("it starts");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim_end(),
        tests_and_failures
    );
}

/// Source: docs.gitlab.com, "Code Quality report format".
#[track_caller]
pub fn code_quality_is_as_gitlab_reads_it(report: &Value) {
    let issues = report.as_array().expect("a list");
    assert!(!issues.is_empty());
    for issue in issues {
        for name in ["description", "check_name", "fingerprint"] {
            assert!(
                issue[name].as_str().is_some_and(|text| !text.is_empty()),
                "{name}: {issue}"
            );
        }
        let severity = issue["severity"].as_str().expect("a text");
        assert!(
            ["info", "minor", "major", "critical", "blocker"].contains(&severity),
            "{severity}"
        );
        let path = issue["location"]["path"].as_str().expect("a text");
        assert!(!path.starts_with(['.', '/']), "{path}");
        assert!(
            issue["location"]["lines"]["begin"]
                .as_u64()
                .is_some_and(|line| line > 0)
        );
    }
}

/// The pages that GitLab links to.
///
/// Source: docs.gitlab.com, "artifacts:reports:annotations".
pub fn annotated_pages(report: &Value) -> Vec<&str> {
    let lists = report.as_object().expect("a table").values();
    let links = lists.flat_map(|links| links.as_array().expect("a list"));
    links
        .map(|link| {
            let link = &link["external_link"];
            assert!(link["label"].is_string(), "{link}");
            link["url"].as_str().expect("a text")
        })
        .collect()
}
