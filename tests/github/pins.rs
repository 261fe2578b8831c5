//! What every workflow and the action promise: others' code by its commit, least permissions, nothing pasted into shells.

use proctor_test_support::{read, root};
use serde_json::Value;

use crate::action::yaml;
use crate::lint::workflows;

/// All values below a key, wherever it is.
pub fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if name == key {
                    found.push(value);
                }
                all(value, key, found);
            }
        }
        Value::Array(array) => array.iter().for_each(|value| all(value, key, found)),
        _ => {}
    }
}

/// The texts of all steps that a shell runs.
pub fn runs(workflow: &Value) -> Vec<String> {
    let mut found = Vec::new();
    all(workflow, "run", &mut found);
    // `defaults: run:` is a table.
    found
        .iter()
        .filter_map(|text| text.as_str())
        .map(str::to_owned)
        .collect()
}

fn files() -> Vec<std::path::PathBuf> {
    let mut files = workflows();
    files.push(root().join("action.yml"));
    files
}

#[test]
fn nothing_is_pasted_into_a_shell() {
    for path in files() {
        let runs = runs(&yaml(&path));
        assert!(!runs.is_empty(), "{}", path.display());
        for text in runs {
            assert!(!text.contains("${{"), "{}: {text}", path.display());
        }
    }
}

#[test]
fn the_code_of_others_is_pinned() {
    let mut seen = 0;
    for path in files() {
        let text = read(&path);
        let uses = text.lines().filter_map(|line| {
            line.trim_start()
                .trim_start_matches("- ")
                .strip_prefix("uses:")
        });
        let mut lines = 0;
        for used in uses {
            lines += 1;
            let used = used.trim();
            if used.starts_with("./") {
                continue;
            }
            seen += 1;
            let (action, comment) = used.split_once(" # ").unwrap_or((used, ""));
            let (_, commit) = action.split_once('@').unwrap_or_default();
            let is_commit = commit.len() == 40
                && commit
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            assert!(
                is_commit,
                "{}: {used}: pin it by its commit",
                path.display()
            );
            let version = comment.strip_prefix('v').unwrap_or_default();
            assert!(
                version.starts_with(|first: char| first.is_ascii_digit()),
                "{}: {used}: say which version that is",
                path.display()
            );
        }
        let mut found = Vec::new();
        let parsed = yaml(&path);
        all(&parsed, "uses", &mut found);
        assert_eq!(
            lines,
            found.len(),
            "{}: each `uses` on a line of its own",
            path.display()
        );
    }
    assert!(seen > 0);
}

#[test]
fn permissions_are_least() {
    for path in workflows() {
        let workflow = yaml(&path);
        let top = workflow["permissions"]
            .as_object()
            .unwrap_or_else(|| panic!("{}: no permissions", path.display()));
        for (name, level) in top {
            assert!(
                name == "contents" && level == "read",
                "{}: give {name}: {level} to the job that needs it",
                path.display()
            );
        }
    }
}

#[test]
fn no_checkout_leaves_its_token() {
    for path in workflows() {
        let workflow = yaml(&path);
        let mut steps = Vec::new();
        all(&workflow, "steps", &mut steps);
        let steps = steps
            .iter()
            .flat_map(|steps| steps.as_array().expect("a list"));
        for step in steps.filter(|step| {
            step["uses"]
                .as_str()
                .is_some_and(|used| used.starts_with("actions/checkout@"))
        }) {
            assert_eq!(
                step["with"]["persist-credentials"],
                false,
                "{}: {step}",
                path.display()
            );
        }
    }
}

#[test]
fn every_job_has_a_limit() {
    for path in workflows() {
        let workflow = yaml(&path);
        for (name, job) in workflow["jobs"].as_object().expect("jobs") {
            let is_called = job["uses"].is_string();
            assert!(
                is_called || job["timeout-minutes"].is_u64(),
                "{}: {name}",
                path.display()
            );
        }
    }
}
