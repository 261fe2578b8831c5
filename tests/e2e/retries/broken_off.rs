//! A run of what failed that comes to no end: what was known before stands, and nothing becomes better by it.

use proctor_sandbox::{Fault, FaultKind};

use super::site::{ALL, KEPLOY, Served, TESTCLIX, repeated, tests, warnings};
use crate::services::service::{each, terminate};
use proctor_test_support::{Outcome, Proctor, fault, signalled_at, status, until};

const TRIGGER: &str = "/apps/*/test-suites/run";

/// The first run's results stand: one test failed, and none was better later.
#[track_caller]
fn stands(outcome: &Outcome, why: &str) {
    let results = outcome.results();
    let target = &results["targets"][0];
    assert_eq!(target["verdict"], "failed", "{results:#}");
    assert_eq!(target["error"]["code"], "failed", "{results:#}");
    assert_eq!(target["counts"]["failed"], 1, "{results:#}");
    assert!(repeated(outcome).is_empty(), "{results:#}");
    let warnings = warnings(outcome);
    assert!(
        warnings.contains("what failed was run again, which came to no result"),
        "{warnings}"
    );
    assert!(warnings.contains(why), "{warnings}");
}

/// Something that goes wrong with the trigger of the retry.
fn at_retry(served: &Served, kind: FaultKind) {
    served.sandbox.add_fault(Fault {
        skip: 1,
        ..fault("POST", TRIGGER, kind)
    });
}

#[test]
fn a_plan_that_is_used_up() {
    let served = KEPLOY.serve(1, "");
    at_retry(&served, status(403, Some("QUOTA_EXCEEDED"), None));
    let outcome = served.run("3").end().expect(1);
    stands(&outcome, "QUOTA_EXCEEDED");
    assert_eq!(served.triggers().len(), 2, "nobody asks again");
    assert!(!outcome.path("proctor-handle.json").exists());
}

#[test]
fn a_run_in_error() {
    let served = KEPLOY.serve(1, "outcome = \"running\"");
    let outcome = served.run("3").end().expect(1);
    stands(&outcome, "errored");
    assert_eq!(served.triggers().len(), 2, "nobody asks again");
}

#[test]
fn a_run_that_outlives_the_time_of_the_target() {
    let served = KEPLOY.serve(1, "outcome = \"stuck\"");
    let outcome = served
        .run("2")
        .variable("PROCTOR_TIMEOUT", "20s")
        .end()
        .expect(1);
    stands(&outcome, "did not end within");
    assert_eq!(served.triggers().len(), 2);
    assert_eq!(served.sandbox.count("POST", "/jobs/*/stop"), 1);
}

/// Waits until the run of what failed is followed.
fn until_followed(served: &Served) {
    until("a look at the second job", || {
        let all = served.sandbox.received();
        // By its stream or at its state.
        all.iter()
            .any(|received| received.path.starts_with("/jobs/job-0002"))
    });
}

#[test]
fn a_signal() {
    let served = KEPLOY.serve(1, "outcome = \"stuck\"");
    let mut proctor = served.run("2");
    let child = proctor.spawn();
    until_followed(&served);
    terminate(&child);
    let outcome = Outcome::from_child(proctor, child).expect(143);
    let results = outcome.results();
    let target = &results["targets"][0];
    assert_eq!(target["verdict"], "cancelled", "{results:#}");
    assert_eq!(target["error"]["code"], "interrupted");
    let told = target["error"]["message"].as_str().unwrap_or_default();
    assert!(
        told.starts_with("what had failed was being run again: interrupted by SIGTERM"),
        "{told}"
    );
    assert_eq!(
        target["counts"]["failed"], 1,
        "what the first run said stays"
    );
    assert_eq!(target["counts"]["passed"], 3, "{results:#}");
    assert_eq!(served.sandbox.count("POST", "/jobs/job-0002/stop"), 1);
    assert_eq!(served.triggers().len(), 2);
}

#[test]
fn a_signal_that_leaves_the_run_to_be_waited_for() {
    let served = KEPLOY.serve(1, "duration_ms = 2000");
    let mut proctor = served.run("2").arguments(&["--on-interrupt", "detach"]);
    let child = signalled_at(&served.sandbox, &mut proctor, "TERM", |received| {
        received.path.starts_with("/jobs/job-0002")
    });
    let left = Outcome::from_child(proctor, child).expect(143);
    assert_eq!(tests(&left).len(), 4, "{:#}", left.results());
    let waited = Proctor::new(&["wait", "h.json", "--report", "json"])
        .file("h.json", &left.read("proctor-handle.json"))
        .variable("KEPLOY_API_KEY", "kep_sandbox")
        .end()
        .expect(0);
    assert_eq!(tests(&waited).len(), 4, "{:#}", waited.results());
    let repeated = repeated(&waited);
    assert_eq!(repeated.len(), 1);
    assert_eq!(repeated[0]["flaky"], true);
    assert_eq!(served.triggers().len(), 2);
    assert!(!waited.path("h.json").exists());
}

#[test]
fn a_run_that_is_left_can_be_stopped() {
    let served = KEPLOY.serve(1, "outcome = \"stuck\"");
    let mut proctor = served.run("1").arguments(&["--on-interrupt", "detach"]);
    let child = proctor.spawn();
    until_followed(&served);
    terminate(&child);
    let left = Outcome::from_child(proctor, child).expect(143);
    Proctor::new(&["cancel", "h.json"])
        .file("h.json", &left.read("proctor-handle.json"))
        .variable("KEPLOY_API_KEY", "kep_sandbox")
        .end()
        .expect(0)
        .says("it: stopped");
    assert_eq!(served.sandbox.count("POST", "/jobs/job-0002/stop"), 1);
}

/// A job with `--state`, in a folder that its lives share.
fn life(served: &Served, folder: &std::path::Path) -> Proctor {
    std::fs::write(folder.join("proctor.toml"), served.config())
        .expect("the folder can be written to");
    served
        .run("1")
        .arguments(&["--state", "state"])
        .within(folder)
}

#[test]
fn a_kill_in_the_retry_costs_no_further_run() {
    each(&ALL, |site| {
        let served = site.serve(1, "");
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = life(&served, folder.path());
        assert!(
            served.kill_after(site.whole + 1, &mut first),
            "{}",
            site.name
        );
        drop(first);
        let outcome = life(&served, folder.path()).end().expect(0);
        served.only_the_part_again(1);
        let results = std::fs::read_to_string(folder.path().join("results.json")).expect("results");
        let results: serde_json::Value = serde_json::from_str(&results).expect("JSON");
        let tests = results["targets"][0]["tests"].as_array().expect("a list");
        let flaky: Vec<_> = tests.iter().filter(|test| test["flaky"] == true).collect();
        assert_eq!(flaky.len(), 1, "{}: {results:#}", site.name);
        assert_eq!(flaky[0]["earlier"][0]["verdict"], "failed");
        // The last results stay.
        let kept = std::fs::read_dir(folder.path().join("state")).expect("a folder");
        let names = kept.map(|entry| entry.expect("an entry").file_name());
        let left: Vec<_> = names.filter(|name| name != "last").collect();
        assert!(left.is_empty(), "{}: {left:?} {}", site.name, outcome.err);
    });
}

#[test]
fn a_retry_that_may_have_been_started_is_looked_for_however_often() {
    let served = TESTCLIX.serve(1, "");
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = life(&served, folder.path());
    assert!(served.kill_at(TESTCLIX.whole + 1, &mut first));
    drop(first);
    for _ in 0..2 {
        life(&served, folder.path())
            .end()
            .expect(7)
            .says("what had failed was being run again: ")
            .says("--resume never, or remove state/proctor-state-it-");
        let results = std::fs::read_to_string(folder.path().join("results.json")).expect("results");
        let results: serde_json::Value = serde_json::from_str(&results).expect("JSON");
        let counts = &results["targets"][0]["counts"];
        assert_eq!(
            (&counts["failed"], &counts["passed"]),
            (&1.into(), &1.into())
        );
        assert_eq!(served.triggers().len(), TESTCLIX.whole + 1);
    }
    life(&served, folder.path())
        .arguments(&["--resume", "never"])
        .end()
        .expect(0);
}

#[test]
fn a_kill_before_the_retry_is_gone_on_from_there() {
    // The run has ended, and its job's results are about to be read.
    let served = KEPLOY.serve(1, "");
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = life(&served, folder.path());
    assert!(served.kill_after(1, &mut first));
    drop(first);
    life(&served, folder.path()).end().expect(0);
    served.only_the_part_again(1);
}
