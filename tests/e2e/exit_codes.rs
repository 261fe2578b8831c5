//! One test for each exit code, and the error object in all three forms.

use proctor_sandbox::FaultKind;
use serde_json::Value;

use proctor_test_support::{Outcome, Proctor, SHORT, TRIGGER, fault, sandbox, status};

/// The error object of the first target.
fn error(outcome: &Outcome) -> Value {
    outcome.results()["targets"][0]["error"].clone()
}

#[track_caller]
fn has_error(outcome: &Outcome, code: &str, retriable: bool) {
    let error = error(outcome);
    assert_eq!(error["code"], code, "{error}");
    assert_eq!(error["retriable"], retriable, "{error}");
    for member in ["message", "who", "next"] {
        let text = error[member].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{member} is empty: {error}");
        assert!(
            outcome.out.contains(text) || outcome.err.contains(text),
            "{text:?} is not said\n{}",
            outcome.out
        );
    }
}

#[test]
fn passed_is_0() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-7f3").end().expect(0);
    let results = outcome.results();
    assert_eq!(
        (&results["verdict"], &results["exit_code"]),
        (&"passed".into(), &0.into())
    );
    assert_eq!(results["targets"][0]["counts"]["passed"], 4);
    assert_eq!(results["targets"][0]["error"], Value::Null);
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn a_failed_test_is_1() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--set", "suites=fail,pass"])
        .end()
        .expect(1);
    has_error(&outcome, "failed", false);
    let tests = outcome.results()["targets"][0]["tests"].clone();
    let failed: Vec<&Value> = tests
        .as_array()
        .expect("a list")
        .iter()
        .filter(|test| test["verdict"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1, "{tests}");
    assert_eq!(
        (&failed[0]["expected"], &failed[0]["actual"]),
        (&"422".into(), &"500".into())
    );
}

#[test]
fn wrong_usage_is_2_and_triggers_nothing() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .arguments(&["--set", "suites=chekout"])
        .end()
        .expect(2)
        .says("did you mean \"checkout\"?");
    has_error(&outcome, "usage", false);
    assert_eq!(sandbox.count("POST", "**"), 0);
    Proctor::run(&sandbox, "app-nowhere").end().expect(2);
    assert_eq!(
        sandbox.count("POST", TRIGGER),
        1,
        "the service itself refuses an unknown app"
    );
}

#[test]
fn incomplete_evidence_is_3() {
    for suite in ["unknown", "running", "missing"] {
        let sandbox = sandbox("");
        let outcome = Proctor::run(&sandbox, "app-outcomes")
            .arguments(&["--set", &format!("suites={suite}")])
            .end()
            .expect(3);
        has_error(&outcome, "service_errored", true);
    }
}

#[test]
fn a_run_without_end_is_4_and_is_stopped() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-stuck")
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end()
        .expect(4);
    has_error(&outcome, "timed_out", false);
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
}

/// What comes of a run where the service never answers a read.
fn cut_off(path: &str) -> Outcome {
    let sandbox = sandbox("");
    let mut hang = fault("GET", path, FaultKind::Hang);
    hang.times = 0;
    sandbox.add_fault(hang);
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end()
        .expect(4);
    has_error(&outcome, "timed_out", false);
    outcome
}

#[test]
fn a_read_that_the_time_limit_cuts_off_is_4() {
    let outcome = cut_off("/jobs").says("nothing had been triggered");
    assert!(!outcome.path("proctor-handle.json").exists());
    let outcome = cut_off("/apps/*/test-runs/*/suite-reports").says("`proctor wait`");
    assert!(outcome.path("proctor-handle.json").exists());
}

#[test]
fn a_refused_key_is_5() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .key("kep_wrong")
        .end()
        .expect(5);
    has_error(&outcome, "authentication", false);
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .key("kep_readonly")
        .end()
        .expect(5)
        .says("INSUFFICIENT_SCOPE");
    has_error(&outcome, "authentication", false);
}

#[test]
fn a_used_up_plan_is_6() {
    let sandbox = sandbox("");
    sandbox.add_fault(fault(
        "POST",
        TRIGGER,
        status(402, Some("QUOTA_EXCEEDED"), None),
    ));
    let outcome = Proctor::run(&sandbox, "app-7f3").end().expect(6);
    has_error(&outcome, "quota", false);
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn a_service_out_of_reach_is_7() {
    let sandbox = sandbox("");
    let mut down = fault("*", "**", status(503, None, None));
    down.times = 0;
    sandbox.add_fault(down);
    let outcome = Proctor::run(&sandbox, "app-7f3").end().expect(7);
    has_error(&outcome, "unavailable", true);
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn nobody_listening_is_7() {
    let sandbox = sandbox("");
    let system = sandbox.system_url();
    // A port that was free a moment ago.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    Proctor::new(&[
        "run",
        "--provider",
        "keploy",
        "--api-url",
        &format!("http://{closed}/v1"),
    ])
    .arguments(&[
        "--set",
        "app=a",
        "--set",
        &format!("base_url={system}"),
        "--report",
        "json",
    ])
    .key("kep_x")
    .end()
    .expect(7)
    .says("connection refused");
}

#[test]
fn an_answer_that_makes_no_sense_is_8() {
    let sandbox = sandbox("");
    sandbox.add_fault(fault(
        "GET",
        "/apps/*/test-runs/*/suite-reports",
        FaultKind::NotJson { processed: false },
    ));
    let outcome = Proctor::run(&sandbox, "app-7f3").end().expect(8);
    has_error(&outcome, "protocol", false);
    sandbox.add_fault(fault(
        "GET",
        "/apps/*/test-runs/*/suite-reports",
        FaultKind::Html {
            status: 200,
            processed: false,
        },
    ));
    Proctor::run(&sandbox, "app-7f3")
        .end()
        .expect(8)
        .says("not JSON");
}

#[test]
fn no_tests_is_9_unless_that_is_all_right() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-empty").end().expect(9);
    has_error(&outcome, "no_tests", false);
    Proctor::run(&sandbox, "app-empty")
        .arguments(&["--allow-empty"])
        .end()
        .expect(0);
    Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--set", "suites=skip"])
        .end()
        .expect(9);
}

#[test]
fn the_most_serious_of_several_targets_decides() {
    let sandbox = sandbox("");
    let target = |name: &str, app: &str| {
        format!(
            "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"{app}\"\nbase_url = \"{}\"\n",
            sandbox.service_url("keploy"),
            sandbox.system_url()
        )
    };
    let config = format!(
        "{}suites = [\"fail\"]\n{}{}",
        target("bad", "app-outcomes"),
        target("good", "app-7f3"),
        target("none", "app-empty")
    );
    let run = |arguments: &[&str]| {
        Proctor::new(&["run", "--report", "json"])
            .arguments(arguments)
            .file("proctor.toml", &config)
            .key("kep_sandbox")
            .end()
    };
    let outcome = run(&[]).expect(9);
    assert_eq!(
        outcome.results()["exit_codes"],
        serde_json::json!([1, 0, 9])
    );
    run(&["--allow-empty"]).expect(1);
    run(&["good"]).expect(0);
    run(&["--exit-zero"]).expect(0);
    run(&["--fail-on", "errored", "good", "bad"]).expect(0);
}

#[test]
fn events_as_lines_end_with_the_result_and_its_errors() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--set", "suites=fail", "--output", "ndjson"])
        .end()
        .expect(1);
    let lines: Vec<Value> = outcome
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let last = lines.last().expect("a line");
    assert_eq!(
        (&last["type"], &last["exit_code"]),
        (&"result".into(), &1.into()),
        "{last}"
    );
    assert!(last.to_string().contains("\"code\":\"failed\""), "{last}");
    let types: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    for wanted in ["triggered", "state", "test"] {
        assert!(types.contains(&wanted), "{wanted} is not in {types:?}");
    }
}
