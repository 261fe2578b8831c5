//! The last results of each target are kept beside what a job has begun.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{apps, on_github, run, target};
use proctor_test_support::{KEY, read};

fn kept(state: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(state.join("last"));
    let entries = entries.into_iter().flatten();
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

/// What is kept of a target: the commit, the verdict, and the verdict before.
fn told(file: &Path) -> (String, Value, Value) {
    let file: Value = serde_json::from_str(&read(file)).expect("JSON");
    let verdict = |results: &Value| match results.as_str() {
        Some(text) => {
            let results: Value = serde_json::from_str(text).expect("results are JSON");
            results["targets"][0]["verdict"].clone()
        }
        None => Value::Null,
    };
    let commit = file["commit"].as_str().expect("a commit").to_owned();
    (commit, verdict(&file["results"]), verdict(&file["before"]))
}

#[test]
fn each_judged_target_of_a_branch_keeps_its_last_results_and_those_before() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let config = target(&sandbox, "api", "app-fail", "")
        // What ends without a judgement is nothing to compare with.
        + &target(&sandbox, "late", "app-endless", "timeout = \"1s\"");
    let build = |number, reference| {
        // The targets' own limits are to count.
        let run = run(&config).without("PROCTOR_TIMEOUT");
        on_github(run, state.path(), number, reference)
    };
    let main = |number| build(number, "refs/heads/main");
    main(1).end();
    let files = kept(state.path());
    assert_eq!(files.len(), 1, "{files:?}");
    let failed = Value::from("failed");
    assert_eq!(
        told(&files[0]),
        ("c0ffee1".to_owned(), failed.clone(), Value::Null)
    );
    assert!(!read(&files[0]).contains(KEY));
    main(2).end();
    assert_eq!(
        told(&files[0]),
        ("c0ffee2".to_owned(), failed.clone(), failed)
    );
    // A request is compared with the branch that it is to become part of, and changes nothing there.
    build(3, "refs/pull/7/merge")
        .variable("GITHUB_HEAD_REF", "patch")
        .variable("GITHUB_BASE_REF", "main")
        .end();
    assert_eq!(kept(state.path()), files);
    assert_eq!(told(&files[0]).0, "c0ffee2");
}
