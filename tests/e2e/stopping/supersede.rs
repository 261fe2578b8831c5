//! `--supersede`: an older run of the same target on the same branch is stopped, and no other.

use std::path::{Path, PathBuf};
use std::process::Child;

use proctor_sandbox::Sandbox;
use serde_json::Value;

use super::{apps, on_github, run, stops, target};
use proctor_test_support::{Outcome, Proctor, TRIGGER, fault, status, until};

const MAIN: &str = "refs/heads/main";

/// The target that is run by all builds.
fn endless(sandbox: &Sandbox) -> String {
    target(sandbox, "api", "app-endless", "")
}

/// An older build, which follows its run.
fn older(sandbox: &Sandbox, state: &Path, number: u32, reference: &str) -> (Proctor, Child) {
    let mut older = on_github(run(&endless(sandbox)), state, number, reference);
    let child = older.spawn();
    until("following", || sandbox.count("GET", "/jobs/*") > 0);
    (older, child)
}

/// A build that starts its run and leaves it.
fn newer(sandbox: &Sandbox, state: &Path, number: u32, reference: &str) -> Proctor {
    let newer = Proctor::new(&["run", "--no-wait", "--supersede"])
        .file("proctor.toml", &endless(sandbox))
        .key(proctor_test_support::KEY);
    on_github(newer, state, number, reference)
}

fn kept(state: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(state).expect("the directory is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect()
}

fn kill(mut child: Child) {
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[test]
fn a_run_that_is_still_followed_is_stopped_before_the_new_one_is_started() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let (proctor, child) = older(&sandbox, state.path(), 811, MAIN);
    newer(&sandbox, state.path(), 812, MAIN)
        .end()
        .expect(0)
        .says("superseded: build 811's run job-0001 of api was stopped");
    // Its process sees that its run was cancelled, and forgets it.
    Outcome::from_child(proctor, child)
        .expect(3)
        .says("STOPPED");
    assert_eq!((stops(&sandbox), sandbox.count("POST", TRIGGER)), (1, 2));
    let calls = sandbox.received();
    let posts = calls.iter().filter(|call| call.method == "POST");
    let posts: Vec<&str> = posts.map(|call| call.path.as_str()).collect();
    assert!(posts[1].ends_with("/stop"), "{posts:?}");
    assert_eq!(kept(state.path()), [] as [PathBuf; 0]);
}

#[test]
fn what_a_process_has_left_that_was_killed_is_stopped_and_forgotten() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let (_proctor, child) = older(&sandbox, state.path(), 811, "refs/pull/7/merge");
    kill(child);
    assert_eq!(kept(state.path()).len(), 1);
    let newer = newer(&sandbox, state.path(), 813, "refs/pull/7/merge")
        .arguments(&["--output", "ndjson"])
        .end()
        .expect(0);
    let lines: Vec<Value> = newer
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let told = lines.iter().find(|line| line["type"] == "superseded");
    let told = told.expect("a line about it");
    assert_eq!(told["target"], "api");
    assert_eq!(told["build"], "811");
    assert_eq!(told["ids"][0], "job-0001");
    assert_eq!(told["stopped"], true);
    assert_eq!((stops(&sandbox), kept(state.path()).len()), (1, 0));
}

#[test]
fn what_is_of_another_branch_request_or_a_newer_build_is_left_alone() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let (_proctor, child) = older(&sandbox, state.path(), 812, "refs/pull/7/merge");
    for (number, reference) in [
        (813, MAIN),
        // A fork's branch may have any name, so its request's number counts.
        (813, "refs/pull/8/merge"),
        // A pipeline that is run again is no newer for that, and another job of the same one is none either.
        (811, "refs/pull/7/merge"),
        (812, "refs/pull/7/merge"),
    ] {
        newer(&sandbox, state.path(), number, reference)
            .variable("GITHUB_JOB", "another")
            .end()
            .expect(0);
    }
    newer(&sandbox, state.path(), 813, "refs/pull/7/merge")
        .variable("GITHUB_WORKFLOW", "nightly")
        .end()
        .expect(0);
    // Another repository's request may have the same number.
    newer(&sandbox, state.path(), 813, "refs/pull/7/merge")
        .variable("GITHUB_REPOSITORY", "somebody/else")
        .end()
        .expect(0);
    assert_eq!((stops(&sandbox), kept(state.path()).len()), (0, 1));
    kill(child);
}

#[test]
fn a_branch_can_be_named_where_no_system_says_it() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let at = |key: &str| {
        run(&endless(&sandbox))
            .arguments(&["--state", &state.path().to_string_lossy()])
            .variable("PROCTOR_STATE_KEY", key)
            .variable("CI", "true")
    };
    at("b2")
        .arguments(&["--supersede"])
        .end()
        .expect(2)
        .says("--branch");
    run(&endless(&sandbox))
        .arguments(&["--supersede", "--branch", "main"])
        .end()
        .expect(2)
        .says("--state DIR");
    assert_eq!(sandbox.received().len(), 0);
    let mut older = at("b1").variable("PROCTOR_BRANCH", "main");
    let child = older.spawn();
    until("following", || sandbox.count("GET", "/jobs/*") > 0);
    let newer = |key: &str, branch: &str| {
        Proctor::new(&["run", "--no-wait", "--supersede", "--branch", branch])
            .arguments(&["--state", &state.path().to_string_lossy()])
            .file("proctor.toml", &endless(&sandbox))
            .variable("PROCTOR_STATE_KEY", key)
            .variable("CI", "true")
            .key(proctor_test_support::KEY)
    };
    // Jobs that cannot be told apart may be of one build.
    newer("b1", "main").end().expect(0);
    newer("b2", "other").end().expect(0);
    assert_eq!(stops(&sandbox), 0);
    newer("b2", "main")
        .end()
        .expect(0)
        .says("superseded: an older build's run job-0001 of api was stopped");
    Outcome::from_child(older, child).expect(3);
}

#[test]
fn a_run_that_cannot_be_stopped_is_warned_of_and_nothing_else() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let (_proctor, child) = older(&sandbox, state.path(), 811, MAIN);
    kill(child);
    let mut refused = fault("POST", "/jobs/*/stop", status(403, None, None));
    refused.times = 0;
    sandbox.add_fault(refused);
    newer(&sandbox, state.path(), 812, MAIN)
        .end()
        .expect(0)
        .says("--supersede: build 811's run job-0001 of api was not stopped");
    // A later build may try again.
    assert_eq!(kept(state.path()).len(), 1);
    assert_eq!(sandbox.count("POST", TRIGGER), 2);
}

#[test]
fn a_service_that_stops_no_run_is_told_of_once() {
    let (sandbox, state) = (apps(), tempfile::tempdir().expect("a folder"));
    let monitor = |name: &str, id: &str| {
        let api = sandbox.service_url("izli");
        format!("[targets.{name}]\nprovider = \"izli\"\napi_url = \"{api}\"\nmonitor = \"{id}\"\n")
    };
    let config = monitor("one", "mon_stuck") + &monitor("two", "mon_failed");
    let at = |arguments: &[&str], number| {
        let life = Proctor::new(arguments)
            .file("proctor.toml", &config)
            .variable("IZLI_API_KEY", "izli_agent_sandbox");
        on_github(life, state.path(), number, MAIN)
    };
    let mut older = at(&["run"], 811);
    let child = older.spawn();
    until("both are kept", || kept(state.path()).len() == 2);
    kill(child);
    let newer = at(&["run", "--no-wait", "--supersede"], 812).end();
    let told = "cannot stop a run, so build 811's run";
    assert_eq!(newer.err.matches(told).count(), 1, "{}", newer.err);
    newer.expect(0);
}
