use proctor_sandbox::FaultKind;
use proctor_test_support::{KEY, Proctor, SHORT, fault, sandbox};

use super::{proctor, tests, with_system};

const START: &str = "/apps/*/load-tests";

const APP: &str = "[[keploy.apps]]\nid = \"shop\"\n";

const TABLE: &str = "[targets.it.load_test]\nvirtual_users = 10\nduration_secs = 60\n";

#[test]
fn a_load_test_is_judged_by_its_limits() {
    let limits = |text: &str| format!("{TABLE}limits = [{text}]");
    for (limits, code, told) in [
        (
            limits("\"p95_ms <= 500\", \"error_rate < 0.01\""),
            0,
            vec![
                "load test/p95_ms <= 500: passed",
                "load test/error_rate < 0.01: passed",
            ],
        ),
        (
            limits("\"p95_ms <= 100\""),
            1,
            vec!["load test/p95_ms <= 100: failed"],
        ),
        (
            limits("\"p99_ms <= 100\""),
            3,
            vec!["load test/p99_ms <= 100: errored"],
        ),
    ] {
        let sandbox = sandbox(APP);
        let outcome = proctor(&with_system(&sandbox, &limits)).end().expect(code);
        assert_eq!(tests(&outcome), told);
        assert_eq!(sandbox.count("POST", START), 1);
        assert_eq!(sandbox.count("POST", "/apps/*/test-suites/run"), 0);
        if code == 3 {
            outcome.says("its numbers are").says("p95_ms");
        } else {
            assert!(outcome.read("junit.xml").contains("p95_ms &lt;="));
        }
    }
}

#[test]
fn it_may_be_written_in_line_and_set_by_flags() {
    let sandbox = sandbox(APP);
    let line = "load_test = { virtual_users = 10, duration_secs = 60, limits = \"p95_ms < 1\" }";
    let config = with_system(&sandbox, line);
    proctor(&config).end().expect(1);
    proctor(&config)
        .arguments(&["--set", "load_test.limits=p95_ms<500,error_rate<1"])
        .end()
        .expect(0);
}

#[test]
fn what_cannot_be_right_starts_nothing() {
    let sandbox = sandbox(APP);
    for (lines, said) in [
        (TABLE.to_owned(), "without one nothing would be tested"),
        (
            format!("{TABLE}limits = [\"p95_ms = 5\"]"),
            "is not a limit",
        ),
        (
            format!("{TABLE}limts = [\"p95_ms < 5\"]"),
            "did you mean `limits`",
        ),
        ("load_test = true".to_owned(), "`load_test` must be a table"),
        (
            format!("suites = [\"one\"]\n{TABLE}limits = [\"p95_ms < 5\"]"),
            "has no meaning for a load test",
        ),
    ] {
        let outcome = proctor(&with_system(&sandbox, &lines)).end();
        outcome.expect(2).says(said);
    }
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn a_lost_answer_starts_nothing_again() {
    let sandbox = sandbox(APP);
    sandbox.add_fault(fault("POST", START, FaultKind::ResetAfter));
    let lines = format!("{TABLE}limits = [\"p95_ms < 500\"]");
    proctor(&with_system(&sandbox, &lines)).end().expect(0);
    assert_eq!(sandbox.count("POST", START), 1);
}

#[test]
fn at_the_deadline_the_load_test_is_stopped() {
    let sandbox = sandbox(&format!("{APP}load_ms = 600000\n"));
    let lines = format!("{TABLE}limits = [\"p95_ms < 500\"]");
    proctor(&with_system(&sandbox, &lines))
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end()
        .expect(4);
    assert_eq!(sandbox.count("POST", "/apps/*/load-tests/*/stop"), 1);
}

#[test]
fn a_load_test_is_started_and_waited_for_later() {
    let sandbox = sandbox(APP);
    let lines = format!("{TABLE}limits = [\"p95_ms < 500\"]");
    let started = Proctor::new(&["run", "--no-wait"])
        .file("proctor.toml", &with_system(&sandbox, &lines))
        .key(KEY)
        .end()
        .expect(0);
    let waited = Proctor::new(&["wait", "h.json", "--report", "json"])
        .file("h.json", &started.read("proctor-handle.json"))
        .key(KEY)
        .end()
        .expect(0);
    assert_eq!(tests(&waited), ["load test/p95_ms < 500: passed"]);
    assert_eq!(sandbox.count("POST", START), 1);
}
