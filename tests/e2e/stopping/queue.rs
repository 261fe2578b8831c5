//! `--queue-timeout`: a run that does not begin is late.

use proctor_sandbox::{Sandbox, Scenario};

use super::{apps, run, stops, target};
use proctor_test_support::{KEY, Outcome, Proctor, sandbox};

const LATE: &str = "was queued for 1s and has not begun (--queue-timeout)";

/// A service at which nothing begins.
fn waiting() -> Sandbox {
    sandbox("queue_ms = 600000")
}

#[track_caller]
fn is_late(outcome: Outcome) -> Outcome {
    let outcome = outcome.expect(4).says(LATE);
    let results = outcome.results();
    let target = &results["targets"][0];
    assert_eq!(target["verdict"], "timed-out");
    assert_eq!(target["error"]["code"], "timed_out");
    assert_eq!(target["queued_ms"], serde_json::Value::Null);
    outcome
}

#[test]
fn a_run_that_does_not_begin_is_stopped() {
    let sandbox = waiting();
    let run = Proctor::run(&sandbox, "app-7f3").arguments(&["--queue-timeout", "1s"]);
    let outcome = is_late(run.end());
    assert_eq!(stops(&sandbox), 1);
    assert!(!outcome.path("proctor-handle.json").exists());
}

#[test]
fn the_file_and_the_environment_can_say_it_and_the_nearest_counts() {
    let sandbox = waiting();
    let own = target(&sandbox, "api", "app-7f3", "queue_timeout = \"1s\"");
    let config = format!("[defaults]\nqueue_timeout = \"50m\"\n{own}");
    is_late(run(&config).end());
    let general = format!(
        "[defaults]\nqueue_timeout = \"1s\"\n{}",
        target(&sandbox, "api", "app-7f3", "")
    );
    is_late(run(&general).end());
    let other = target(&sandbox, "api", "app-7f3", "queue_timeout = \"50m\"");
    is_late(run(&other).variable("PROCTOR_QUEUE_TIMEOUT", "1s").end());
}

#[test]
fn a_run_that_has_begun_has_all_the_time_that_it_is_given() {
    let sandbox = apps();
    let outcome = run(&target(&sandbox, "api", "app-long", ""))
        .arguments(&["--queue-timeout", "1s"])
        .end()
        .expect(0);
    let results = outcome.results();
    let target = &results["targets"][0];
    let (queued, whole) = (target["queued_ms"].as_u64(), target["duration_ms"].as_u64());
    assert!(queued < whole, "{queued:?} of {whole:?}");
}

#[test]
fn a_run_that_cannot_be_stopped_can_be_waited_for_without_that_limit() {
    let scenario = "[izli]\nqueue_ms = 15000";
    let scenario = Scenario::from_toml(scenario).unwrap_or_else(|error| panic!("{error}"));
    let address = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(address, scenario).expect("a free port");
    let api = sandbox.service_url("izli");
    let config = format!(
        "[targets.page]\nprovider = \"izli\"\napi_url = \"{api}\"\nmonitor = \"mon_success\"\n"
    );
    let keyed = |proctor: Proctor| proctor.variable("IZLI_API_KEY", "izli_agent_sandbox");
    let late = keyed(run(&config)).arguments(&["--queue-timeout", "1s"]);
    let outcome = is_late(late.end()).says("proctor wait");
    let handle = outcome.read("proctor-handle.json");
    assert!(!handle.contains("queue-timeout"), "{handle}");
    keyed(Proctor::new(&["wait", "h.json"]).file("h.json", &handle))
        .end()
        .expect(0);
}

#[test]
fn a_job_that_waits_for_a_run_bounds_how_long_it_is_queued() {
    let sandbox = waiting();
    let config = target(&sandbox, "api", "app-7f3", "queue_timeout = \"1s\"");
    let started = |config: &str| {
        let started = Proctor::new(&["run", "--no-wait"]);
        let started = started.file("proctor.toml", config).key(KEY).end();
        started.expect(0).read("proctor-handle.json")
    };
    let wait = |handle: &str| {
        Proctor::new(&["wait", "h.json", "--report", "json"])
            .file("h.json", handle)
            .variable("PROCTOR_TIMEOUT", "60s")
            .key(KEY)
    };
    is_late(wait(&started(&config)).file("proctor.toml", &config).end());
    let handle = started(&target(&sandbox, "api", "app-7f3", ""));
    is_late(wait(&handle).arguments(&["--queue-timeout", "1s"]).end());
}

#[test]
fn each_service_tells_a_run_that_waits_from_one_that_is_at_work() {
    for (settings, service, variable, key, target) in [
        (
            "[checkview]\nqueue_ms = 600000",
            "checkview",
            "CHECKVIEW_API_TOKEN",
            "cvpat_sandbox",
            "flow = [\"flow-pass\"]",
        ),
        (
            "[[testclix.tests]]\nid = \"01GDPASS&01AAAA\"\nqueued_ms = 600000",
            "testclix",
            "TESTCLIX_API_KEY",
            "testclix-sandbox",
            "test = [\"01GDPASS&01AAAA\"]",
        ),
    ] {
        let scenario = Scenario::from_toml(settings).unwrap_or_else(|error| panic!("{error}"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let sandbox = Sandbox::start(address, scenario).expect("a free port");
        let api = sandbox.service_url(service);
        let config =
            format!("[targets.it]\nprovider = \"{service}\"\napi_url = \"{api}\"\n{target}\n");
        let late = run(&config)
            .variable(variable, key)
            .arguments(&["--queue-timeout", "1s"]);
        is_late(late.end());
    }
}

#[test]
fn where_nobody_would_look_it_is_refused_or_warned_of() {
    let sandbox = waiting();
    let config = target(&sandbox, "api", "app-7f3", "");
    run(&config)
        .arguments(&["--queue-timeout", "soon"])
        .end()
        .expect(2)
        .says("--queue-timeout: `soon` is not a duration");
    Proctor::new(&["run", "--no-wait", "--queue-timeout", "1s"])
        .file("proctor.toml", &config)
        .key(KEY)
        .end()
        .expect(2);
    assert_eq!(sandbox.received().len(), 0);
}
