//! The last results of each target are kept beside what a job has begun.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{apps, on_github, run, target};
use proctor_test_support::{KEY, Proctor, read};

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

/// A build that counts what is new.
fn compared(config: &str, state: &Path, number: u32, reference: &str) -> Proctor {
    let run = run(config).arguments(&["--baseline", "last", "--fail-on", "new"]);
    on_github(run, state, number, reference)
}

#[test]
fn a_request_finds_the_results_of_its_branch_whatever_it_is_called_and_whatever_it_tests() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let config = target(&sandbox, "api", "app-fail", "");
    compared(&config, state.path(), 1, "refs/heads/main")
        .end()
        .expect(1);
    let files = kept(state.path());
    let preview = format!("base_url={}/?preview=7", sandbox.system_url());
    let request = |reference: &str| {
        let request = compared(&config, state.path(), 2, reference);
        request.arguments(&["--set", &preview])
    };
    request("refs/pull/7/merge")
        .variable("GITHUB_BASE_REF", "main")
        .end()
        .expect(0);
    request("refs/pull/7/merge")
        .variable("GITHUB_BASE_REF", "main")
        .variable("PROCTOR_BRANCH", "request 7")
        .end()
        .expect(0);
    request("refs/heads/gh-readonly-queue/main/pr-7-c0ffee")
        .end()
        .expect(0);
    // Of another branch nothing is known.
    request("refs/pull/7/merge")
        .variable("GITHUB_BASE_REF", "release")
        .end()
        .expect(1);
    assert_eq!(kept(state.path()), files);
}

#[test]
fn a_job_that_waits_compares_and_keeps() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let config = target(&sandbox, "api", "app-fail", "");
    let build = |commit: &str| {
        let started = Proctor::new(&["run", "--no-wait"]);
        let started = started.file("proctor.toml", &config).key(KEY).end();
        let handle = started.expect(0).read("proctor-handle.json");
        Proctor::new(&["wait", "h.json", "--baseline", "last", "--fail-on", "new"])
            .arguments(&["--commit", commit, "--branch", "main"])
            .file("h.json", &handle)
            .key(KEY)
    };
    build("a")
        .end()
        .expect(2)
        .says("--state DIR or PROCTOR_STATE");
    let shown = state.path().to_string_lossy();
    let kept_there = ["--state", &shown];
    build("a").arguments(&kept_there).end().expect(1);
    build("b").arguments(&kept_there).end().expect(0);
}

#[test]
fn what_cannot_be_read_is_told_of_once() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let config = target(&sandbox, "api", "app-fail", "") + &target(&sandbox, "one", "app-pass", "");
    let main = |number| compared(&config, state.path(), number, "refs/heads/main");
    main(1).end().expect(1);
    for file in kept(state.path()) {
        std::fs::write(file, "{}").expect("it can be written");
    }
    let outcome = main(2).arguments(&["--fail-fast"]).end().expect(1);
    let told = outcome.err.matches("cannot be compared with").count();
    assert_eq!(told, 2, "once for each target: {}", outcome.err);
}
