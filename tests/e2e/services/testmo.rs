//! Testmo as a gate: a run that others fill is waited for and judged. Publishing is another file.

use proctor_sandbox::FaultKind;

use super::service::{Expected, Service, each, error, names_call, sent, terminate};
use proctor_test_support::{Outcome, until};

pub const SERVICE: Service = Service {
    name: "testmo",
    stand_in: "testmo",
    variable: "TESTMO_TOKEN",
    key: "testmo-sandbox",
    settings: r#"
        [[testmo.runs]]
        id = 201
        name = "passes"
        source = "e2e"
        state = "finishing"
        passed = 4
        [[testmo.runs]]
        id = 202
        name = "fails"
        source = "e2e"
        state = "finishing"
        passed = 2
        failed = 1
        skipped = 1
        [[testmo.runs]]
        id = 204
        name = "goes on"
        source = "e2e"
        state = "running"
        passed = 3
        [[testmo.runs]]
        id = 205
        name = "is empty"
        source = "e2e"
        [[testmo.runs]]
        id = 206
        name = "is large"
        source = "e2e"
        passed = 2400
        failed = 1
    "#,
    target: "provider = \"testmo\"\napi_url = \"{api}\"\nrun = \"{id}\"",
    before: &[("GET", "/automation/runs/*")],
    trigger: None,
    look: ("GET", "/automation/runs/*"),
    looks_before: 1,
    stop: None,
    results: Some(TESTS),
    looked_by: "8s",
    pass: Expected {
        id: "201",
        code: 0,
        verdict: "passed",
        counts: [4, 0, 0],
        says: "passed",
    },
    fail: Expected {
        id: "202",
        code: 1,
        verdict: "failed",
        counts: [2, 1, 0],
        says: "failed",
    },
    errored: None,
    cancelled: None,
    unknown: None,
    endless: "204",
};

const TESTS: (&str, &str) = ("GET", "/automation/runs/*/tests");

#[test]
fn a_gate_writes_nothing() {
    let sandbox = SERVICE.sandbox("");
    SERVICE.end(&sandbox, "202").expect(1);
    let wrote = sandbox
        .received()
        .iter()
        .any(|received| received.method != "GET");
    assert!(!wrote);
}

#[test]
fn tests_that_do_not_tell_how_they_ended_are_no_pass() {
    let sandbox = SERVICE.sandbox("test_entries = \"bare\"");
    let outcome = SERVICE.end(&sandbox, "201").expect(3);
    assert_eq!(outcome.results()["targets"][0]["verdict"], "errored");
    // What the run itself counts is told, and the tests are still without a verdict.
    SERVICE
        .end(&sandbox, "202")
        .expect(3)
        .says("the run counts 1 failed tests");
    let sandbox = SERVICE.sandbox("test_entries = \"words\"");
    SERVICE.end(&sandbox, "201").expect(0);
}

#[test]
fn failures_that_show_while_it_goes_on_end_nothing() {
    let sandbox = SERVICE.sandbox("status_while_running = \"early\"\nfinish_ms = 6000");
    SERVICE.end(&sandbox, "201").expect(0);
    assert!(sent(&sandbox, SERVICE.look).len() > 2);
}

#[test]
fn tests_that_are_counted_late_are_waited_for_or_are_no_pass() {
    let sandbox = SERVICE.sandbox("totals_lag_ms = 1500");
    let outcome = SERVICE.end(&sandbox, "201");
    assert!(
        [0, 3, 9].contains(&outcome.code),
        "{}\n{}",
        outcome.out,
        outcome.err
    );
    let passed = &outcome.results()["targets"][0]["counts"]["passed"];
    assert_eq!(outcome.code == 0, *passed == 4, "{}", outcome.out);
}

#[test]
fn a_run_without_tests_is_9_and_one_that_is_not_there_is_2() {
    let sandbox = SERVICE.sandbox("");
    let outcome = SERVICE.end(&sandbox, "205").expect(9);
    assert_eq!(error(&outcome)["code"], "no_tests");
    let outcome = SERVICE.end(&sandbox, "999").expect(2);
    names_call(&outcome, SERVICE.look);
}

#[test]
fn tests_on_three_pages_are_all_read() {
    let sandbox = SERVICE.sandbox("");
    let outcome = SERVICE.end(&sandbox, "206").expect(1);
    let counts = outcome.results()["targets"][0]["counts"].clone();
    assert_eq!(
        (&counts["passed"], &counts["failed"]),
        (&2400.into(), &1.into())
    );
    assert_eq!(sent(&sandbox, TESTS).len(), 3);
}

#[test]
fn a_page_that_does_not_come_is_no_pass() {
    let sandbox = SERVICE.sandbox("");
    sandbox.add_fault(proctor_sandbox::Fault {
        skip: 2,
        times: 0,
        ..SERVICE.fault(TESTS, FaultKind::NotJson { processed: false })
    });
    let outcome = SERVICE.end(&sandbox, "206").expect(8);
    names_call(&outcome, TESTS);
}

#[test]
fn the_address_may_have_the_path_of_the_api_or_not() {
    each(&["", "/", "/api/v1", "/api/v1/"], |path| {
        let sandbox = SERVICE.sandbox("");
        let target = SERVICE.target(&sandbox, "it", "201").replace(
            &sandbox.service_url("testmo"),
            &format!("{}{path}", sandbox.url()),
        );
        let outcome = SERVICE
            .run(&sandbox, "201")
            .file("proctor.toml", &target)
            .end();
        SERVICE.ended(&sandbox, outcome).expect(0);
    });
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_waiting_and_not_the_run() {
    let sandbox = SERVICE.sandbox("");
    let mut proctor = SERVICE.run(&sandbox, "204");
    let child = proctor.spawn();
    until("a look", || sent(&sandbox, SERVICE.look).len() > 1);
    terminate(&child);
    let outcome = Outcome::from_child(proctor, child);
    let outcome = SERVICE
        .ended(&sandbox, outcome)
        .expect(143)
        .says("interrupted by SIGTERM");
    assert_eq!(outcome.results()["targets"][0]["verdict"], "cancelled");
    assert!(
        sandbox
            .received()
            .iter()
            .all(|received| received.method == "GET")
    );
}
