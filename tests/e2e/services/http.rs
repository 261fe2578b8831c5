//! A service by description: the sandbox's Keploy, of which Proctor knows nothing but what the target says.

use std::fmt::Write as _;

use proctor_sandbox::{FaultKind, Sandbox};

use super::service::{Expected, Service, Triggered, each, error, names_call, sent};
use proctor_test_support::{Outcome, Proctor, SHORT, ask, until};

pub const SERVICE: Service = Service {
    name: "http",
    stand_in: "keploy",
    variable: "PROCTOR_HTTP_KEY",
    key: "kep_sandbox",
    settings: r#"
        allow_private_targets = true
        link = "same-id"
        [[keploy.apps]]
        id = "app-pass"
        name = "Passes"
        suites = [{ id = "first" }, { id = "second" }]
        [[keploy.apps]]
        id = "app-fail"
        name = "Fails"
        suites = [{ id = "fail" }, { id = "second" }]
        [[keploy.apps]]
        id = "app-running"
        name = "Leaves a suite without a verdict"
        suites = [{ id = "running" }]
        [[keploy.apps]]
        id = "app-stuck"
        name = "Never ends"
        suites = [{ id = "stuck" }]
    "#,
    target: r#"
        provider = "http"
        api_url = "{api}"
        auth = "x-api-key"
        trigger = "POST /apps/{id}/test-suites/run"
        trigger_body = '{"base_url": "{system}"}'
        run_id = "$.data.job_id"
        poll = "GET /jobs/{run_id}"
        state = "$.data.job_status"
        cancel = "POST /jobs/{run_id}/stop"
        results = "GET /apps/{id}/test-runs/{run_id}/suite-reports?page_size=20"
        results_next = "$.meta.pagination.next_cursor"
        results_page = "GET /apps/{id}/test-runs/{run_id}/suite-reports?page_size=20&after={next}"
        tests = "$.data"
        test_name = "$.suite_name"
        test_verdict = "$.status"
        test_duration = "$.duration_ms"
        duration_unit = "ms"
        passed = ["COMPLETED", "passed"]
        failed = ["FAILED", "buggy"]
        cancelled = ["STOPPED"]
        queued = ["QUEUED"]
        running = ["RUNNING"]
    "#,
    before: &[],
    trigger: Some(Triggered {
        call: ("POST", "/apps/*/test-suites/run"),
        lost: 7,
        garbled: 8,
        traceless: 7,
        throttled: 0,
        not_found: 2,
    }),
    look: ("GET", "/jobs/*"),
    looks_before: 0,
    stop: Some(STOP),
    results: Some(("GET", "/apps/*/test-runs/*/suite-reports")),
    looked_by: "8s",
    pass: Expected {
        id: "app-pass",
        code: 0,
        verdict: "passed",
        counts: [2, 0, 0],
        says: "passed",
    },
    fail: Expected {
        id: "app-fail",
        code: 1,
        verdict: "failed",
        counts: [1, 1, 0],
        says: "failed",
    },
    errored: Some(Expected {
        id: "app-running",
        code: 3,
        verdict: "errored",
        counts: [0, 0, 1],
        says: "running",
    }),
    cancelled: None,
    unknown: None,
    endless: "app-stuck",
};

const LOOK: (&str, &str) = ("GET", "/jobs/*");
const STOP: (&str, &str) = ("POST", "/jobs/*/stop");

/// Runs with a target in which something stands in another's place.
fn altered(sandbox: &Sandbox, id: &str, changes: &[(&str, &str)]) -> Proctor {
    let mut target = SERVICE.target(sandbox, "it", id);
    for (from, to) in changes {
        assert!(target.contains(from), "{from:?} is not in {target}");
        target = target.replace(from, to);
    }
    SERVICE.run(sandbox, id).file("proctor.toml", &target)
}

#[test]
fn a_run_that_somebody_stops_is_no_pass() {
    let sandbox = SERVICE.sandbox("");
    let mut proctor = SERVICE.run(&sandbox, "app-stuck");
    let child = proctor.spawn();
    until("a look", || !sent(&sandbox, LOOK).is_empty());
    let job = sent(&sandbox, LOOK)[0].path.clone();
    let url = format!("{}{job}/stop", sandbox.service_url("keploy"));
    ask("POST", &url, &[("x-api-key", SERVICE.key)], "");
    let outcome = SERVICE
        .ended(&sandbox, Outcome::from_child(proctor, child))
        .expect(3);
    assert_eq!(outcome.results()["targets"][0]["verdict"], "cancelled");
}

#[test]
fn a_word_that_is_in_no_list_is_no_end_and_is_named() {
    let sandbox = SERVICE.sandbox("failed_job_word = \"MARINATED\"");
    let outcome = SERVICE
        .run(&sandbox, "app-fail")
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end();
    SERVICE.ended(&sandbox, outcome).expect(4).says("MARINATED");
    // One that is said to be a pass does not outweigh a test that failed.
    let outcome = altered(
        &sandbox,
        "app-fail",
        &[("\"COMPLETED\"", "\"COMPLETED\", \"MARINATED\"")],
    )
    .end();
    outcome.expect(1);
}

#[test]
fn a_run_without_end_is_stopped_where_that_is_described() {
    let sandbox = SERVICE.sandbox("");
    let outcome = SERVICE
        .run(&sandbox, "app-stuck")
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end();
    SERVICE.ended(&sandbox, outcome).expect(4);
    assert_eq!(sent(&sandbox, STOP).len(), 1);
    let sandbox = SERVICE.sandbox("");
    let outcome = altered(
        &sandbox,
        "app-stuck",
        &[("cancel = \"POST /jobs/{run_id}/stop\"", "")],
    )
    .variable("PROCTOR_TIMEOUT", SHORT)
    .end();
    let outcome = SERVICE.ended(&sandbox, outcome).expect(4);
    assert!(sent(&sandbox, STOP).is_empty());
    assert!(outcome.path("proctor-handle.json").exists());
}

/// An app with 45 suites: three pages of reports.
fn many() -> String {
    let mut settings = String::from(
        "allow_private_targets = true\nlink = \"same-id\"\n[[keploy.apps]]\nid = \"app-many\"\n",
    );
    for number in 0..45 {
        write!(
            settings,
            "[[keploy.apps.suites]]\nid = \"s{number}\"\nname = \"Suite {number}\"\nduration_ms = 1\n"
        )
        .expect("a text can be written to");
    }
    settings
}

/// The sandbox with that app alone.
fn with_many() -> Sandbox {
    let scenario = proctor_sandbox::Scenario::from_toml(&format!("[keploy]\n{}", many()));
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

#[test]
fn results_on_three_pages_are_all_read() {
    let sandbox = with_many();
    let outcome = SERVICE.end(&sandbox, "app-many").expect(0);
    assert_eq!(outcome.results()["targets"][0]["counts"]["passed"], 45);
    assert_eq!(sandbox.count("GET", "/apps/*/test-runs/*/suite-reports"), 3);
}

#[test]
fn a_page_that_does_not_come_is_no_pass_and_the_others_are_reported() {
    let results = ("GET", "/apps/*/test-runs/*/suite-reports");
    let sandbox = with_many();
    sandbox.add_fault(proctor_sandbox::Fault {
        skip: 2,
        times: 0,
        ..SERVICE.fault(results, FaultKind::NotJson { processed: false })
    });
    let outcome = SERVICE.end(&sandbox, "app-many").expect(8);
    names_call(&outcome, results);
    assert_eq!(outcome.results()["targets"][0]["counts"]["passed"], 40);
}

#[test]
fn a_description_that_cannot_be_right_is_2_and_nothing_is_sent() {
    let changes = [
        ("\"$.data.job_id\"", "\"$.data[\"", "run_id"),
        ("POST /apps/", "POST apps/", "trigger"),
        ("GET /jobs/{run_id}\"", "GET /jobs/{run}\"", "poll"),
        ("GET /jobs/{run_id}\"", "GET /jobs/{env.HOME}\"", "HOME"),
        ("[\"QUEUED\"]", "[\"COMPLETED\"]", "COMPLETED"),
        ("duration_unit = \"ms\"", "", "duration_unit"),
        ("auth = \"x-api-key\"", "auth = \"host\"", "auth"),
        (
            "POST /apps/",
            "POST https://elsewhere.example/apps/",
            "trigger",
        ),
    ];
    each(&changes, |(from, to, told)| {
        let sandbox = SERVICE.sandbox("");
        let outcome = altered(&sandbox, "app-pass", &[(from, to)]).end();
        assert_eq!(
            outcome.code, 2,
            "{from} -> {to}\n{}\n{}",
            outcome.out, outcome.err
        );
        let outcome = outcome.says(told);
        SERVICE.hides_key(&outcome);
        assert!(sandbox.received().is_empty(), "{from} -> {to}");
    });
}

#[test]
fn check_shows_what_would_be_sent_and_sends_nothing() {
    let sandbox = SERVICE.sandbox("");
    let checked = Proctor::new(&["check"])
        .file("proctor.toml", &SERVICE.target(&sandbox, "it", "app-pass"))
        .variable(SERVICE.variable, SERVICE.key)
        .end()
        .expect(0)
        .says("POST ")
        .says("/apps/app-pass/test-suites/run")
        .says("$.data.job_status");
    SERVICE.hides_key(&checked);
    assert!(sandbox.received().is_empty());
}

#[test]
fn variables_reach_the_service_only_if_the_target_names_them() {
    let sandbox = SERVICE.sandbox("");
    let changes = [
        (
            "/apps/app-pass/test-suites/run",
            "/apps/{env.APP}/test-suites/run",
        ),
        ("auth = ", "env = [\"APP\"]\nauth = "),
    ];
    altered(&sandbox, "app-pass", &changes)
        .variable("APP", "app-pass")
        .end()
        .expect(0);
    // What a variable holds stays within its segment.
    let outcome = altered(&sandbox, "app-pass", &changes)
        .variable("APP", "app-pass/../../jobs")
        .end()
        .expect(2);
    names_call(&outcome, ("POST", "/apps/app-pass%2F..%2F..%2Fjobs/"));
    altered(&sandbox, "app-pass", &changes)
        .end()
        .expect(2)
        .says("APP");
}

#[test]
fn a_used_up_plan_is_told_by_the_message_that_is_described() {
    let refused = |body: &str| FaultKind::Status {
        status: 403,
        body: Some(body.to_owned()),
        error_code: None,
        retry_after: None,
        processed: false,
    };
    for (body, code) in [
        (r#"{"detail": "no minutes left in this month"}"#, 6),
        (r#"{"detail": "who are you"}"#, 5),
    ] {
        let sandbox = SERVICE.sandbox("");
        sandbox.add_fault(SERVICE.fault(("POST", "**"), refused(body)));
        let outcome = altered(
            &sandbox,
            "app-pass",
            &[("auth = ", "quota_messages = [\"minutes left\"]\nauth = ")],
        )
        .end()
        .expect(code);
        assert_eq!(
            error(&outcome)["code"],
            if code == 6 { "quota" } else { "authentication" }
        );
    }
}
