//! `--fail-fast`: when one target has failed the others are stopped, and those that have not begun are never triggered.

use std::sync::Arc;

use proctor_sandbox::Sandbox;
use serde_json::Value;

use super::{apps, run, stops, target};
use proctor_test_support::{KEY, Outcome, Proctor, TRIGGER, signalled_at};

/// A target that fails, between two that never end.
fn three(sandbox: &Sandbox) -> String {
    target(sandbox, "one", "app-endless", "")
        + &target(sandbox, "api", "app-fail", "")
        + &target(sandbox, "two", "app-endless", "timeout = \"50s\"")
}

fn of<'a>(results: &'a Value, name: &str) -> &'a Value {
    let mut targets = results["targets"].as_array().expect("a list").iter();
    targets
        .find(|target| target["name"] == name)
        .expect("the target is in the results")
}

#[test]
fn what_has_not_begun_is_never_triggered() {
    let sandbox = apps();
    // Whichever of them has the first turn fails.
    let config: String = ["one", "two", "three"]
        .map(|name| target(&sandbox, name, "app-fail", ""))
        .concat();
    let outcome = run(&config)
        .arguments(&["--fail-fast", "--jobs", "1"])
        .end()
        .expect(1)
        .says("failed: stopping the other targets (--fail-fast)");
    assert_eq!((sandbox.count("POST", TRIGGER), stops(&sandbox)), (1, 0));
    let results = outcome.results();
    let targets = results["targets"].as_array().expect("a list");
    let (failed, others): (Vec<&Value>, Vec<&Value>) = targets
        .iter()
        .partition(|target| target["verdict"] == "failed");
    let [failed] = failed.as_slice() else {
        panic!("one of them has failed: {results}");
    };
    let name = failed["name"].as_str().expect("a name");
    for target in others {
        assert_eq!(target["verdict"], "skipped", "{target}");
        assert_eq!(target["set_aside"], "fail-fast", "{target}");
        let reason = format!("not started, as `{name}` failed (--fail-fast)");
        assert_eq!(target["reason"], reason.as_str());
        assert_eq!(target["error"], Value::Null, "{target}");
    }
}

#[test]
fn each_target_has_an_end() {
    let sandbox = apps();
    let config: String = ["one", "two", "three"]
        .map(|name| target(&sandbox, name, "app-fail", ""))
        .concat();
    let outcome = run(&config)
        .arguments(&["--fail-fast", "--jobs", "1", "--output", "ndjson"])
        .end()
        .expect(1);
    let lines = outcome.out.lines();
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let ended: Vec<Value> = lines.filter(|line| line["type"] == "ended").collect();
    let mut names: Vec<&str> = ended
        .iter()
        .filter_map(|it| it["target"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "three", "two"]);
    let skipped = ended.iter().filter(|it| it["verdict"] == "skipped");
    assert_eq!(skipped.count(), 2, "{ended:?}");
}

#[test]
fn what_is_under_way_is_stopped_at_its_service() {
    let sandbox = apps();
    let outcome = run(&three(&sandbox))
        .arguments(&["--fail-fast"])
        .end()
        .expect(1);
    let results = outcome.results();
    assert_eq!(results["verdict"], "failed");
    // However fast the failure was: whatever was triggered was stopped.
    assert_eq!(stops(&sandbox), sandbox.count("POST", TRIGGER) - 1);
    for name in ["one", "two"] {
        let target = of(&results, name);
        assert_eq!(target["set_aside"], "fail-fast", "{target}");
        assert_eq!(target["error"], Value::Null, "{target}");
    }
    assert!(!outcome.path("proctor-handle.json").exists());
}

#[test]
fn runs_that_were_started_before_are_stopped_when_one_of_them_has_failed() {
    let sandbox = apps();
    let started = Proctor::new(&["run", "--no-wait"])
        .file("proctor.toml", &three(&sandbox))
        .key(KEY)
        .end()
        .expect(0);
    let handle = started.read("proctor-handle.json");
    let waited = Proctor::new(&["wait", "h.json", "--fail-fast", "--report", "json"])
        .arguments(&["--output", "ndjson"])
        .file("h.json", &handle)
        .key(KEY)
        .end()
        .expect(1);
    let told = waited.out.lines().any(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        line["type"] == "fail_fast" && line["target"] == "api"
    });
    assert!(told, "{}", waited.out);
    let results = waited.results();
    for name in ["one", "two"] {
        let target = of(&results, name);
        assert_eq!(target["verdict"], "cancelled", "{target}");
        assert_eq!(target["reason"], "stopped, as `api` failed (--fail-fast)");
    }
    assert_eq!((sandbox.count("POST", TRIGGER), stops(&sandbox)), (3, 2));
    assert!(!waited.path("h.json").exists(), "nothing goes on");
}

#[test]
fn a_run_that_cannot_be_stopped_can_be_picked_up() {
    let sandbox = apps();
    let izli = sandbox.service_url("izli");
    let config = target(&sandbox, "api", "app-fail", "")
        + &format!(
            "[targets.page]\nprovider = \"izli\"\napi_url = \"{izli}\"\nmonitor = \"mon_stuck\"\n"
        );
    let keyed = |proctor: Proctor| {
        proctor
            .key(KEY)
            .variable("IZLI_API_KEY", "izli_agent_sandbox")
    };
    let started = keyed(Proctor::new(&["run", "--no-wait"]).file("proctor.toml", &config));
    let handle = started.end().expect(0).read("proctor-handle.json");
    let wait = Proctor::new(&["wait", "h.json", "--fail-fast", "--report", "json"]);
    let waited = keyed(wait.file("h.json", &handle)).end().expect(1);
    let results = waited.results();
    let page = of(&results, "page");
    assert_eq!(page["set_aside"], "fail-fast", "{page}");
    let left = waited.read("h.json");
    assert!(
        left.contains("mon_stuck") && !left.contains("app-fail"),
        "{left}"
    );
}

#[test]
fn what_is_no_failure_stops_nothing() {
    let sandbox = apps();
    let config = target(&sandbox, "api", "app-fail", "") + &target(&sandbox, "one", "app-long", "");
    let outcome = run(&config)
        .arguments(&["--fail-fast", "--fail-on", "errored"])
        .end()
        .expect(0);
    assert_eq!(of(&outcome.results(), "one")["verdict"], "passed");
    assert_eq!(stops(&sandbox), 0);
    // It is not asked for by anybody.
    let outcome = run(&config).end().expect(1);
    assert_eq!(of(&outcome.results(), "one")["verdict"], "passed");
    for beside in [
        ["--fail-fast", "--no-wait"].as_slice(),
        &["--baseline", "last", "--no-wait"],
    ] {
        Proctor::new(&["run"])
            .arguments(beside)
            .file("proctor.toml", &config)
            .key(KEY)
            .end()
            .expect(2)
            .says("cannot be used with");
    }
}

#[test]
fn a_signal_that_comes_too_is_what_ended_it() {
    let sandbox = Arc::new(apps());
    let mut hang = proctor_test_support::fault(
        "POST",
        "/jobs/*/stop",
        proctor_sandbox::FaultKind::Latency { ms: 1200 },
    );
    hang.times = 0;
    sandbox.add_fault(hang);
    let started = Proctor::new(&["run", "--no-wait"])
        .file("proctor.toml", &three(&sandbox))
        .key(KEY)
        .end()
        .expect(0);
    let mut wait = Proctor::new(&["wait", "h.json", "--fail-fast"])
        .file("h.json", &started.read("proctor-handle.json"))
        .key(KEY);
    let child = signalled_at(&sandbox, &mut wait, "TERM", |received| {
        received.path.ends_with("/stop")
    });
    Outcome::from_child(wait, child).expect(143);
}
