//! TestCLIX, and what is peculiar to it.

use proctor_sandbox::{FaultKind, Sandbox, Scenario};

use super::service::{Expected, Service, Triggered, each, error, sent};
use proctor_test_support::{Proctor, SHORT, status};

pub const SERVICE: Service = Service {
    name: "testclix",
    stand_in: "testclix",
    variable: "TESTCLIX_API_KEY",
    key: "testclix-sandbox",
    // A pass that was none before is known for new at once.
    settings: r#"
        [[testclix.tests]]
        id = "01GDFIXED&01AAAA"
        processing_ms = 6000
        [[testclix.tests]]
        id = "01GDFAIL&01AAAA"
        [[testclix.tests]]
        id = "01GDVALID&01AAAA"
        before = "pass"
        after = "valid"
        processing_ms = 6000
        [[testclix.tests]]
        id = "01GDUNKNOWN&01AAAA"
        [[testclix.tests]]
        id = "01GDSTUCK&01AAAA"
    "#,
    target: "provider = \"testclix\"\napi_url = \"{api}\"\ntest = \"{id}\"",
    before: &[("GET", "/status/*")],
    trigger: Some(Triggered {
        call: ("POST", "/execute/*"),
        lost: 0,
        garbled: 0,
        traceless: 7,
        throttled: 7,
        not_found: 2,
    }),
    look: ("GET", "/status/*"),
    looks_before: 1,
    stop: None,
    results: None,
    looked_by: "8s",
    pass: Expected {
        id: "01GDFIXED&01AAAA",
        code: 0,
        verdict: "passed",
        counts: [1, 0, 0],
        says: "passed",
    },
    fail: Expected {
        id: "01GDFAIL&01AAAA",
        code: 1,
        verdict: "failed",
        counts: [0, 1, 0],
        says: "failed",
    },
    errored: Some(Expected {
        id: "01GDVALID&01AAAA",
        code: 3,
        verdict: "errored",
        counts: [0, 0, 1],
        says: "valid",
    }),
    cancelled: None,
    unknown: Some(Expected {
        id: "01GDUNKNOWN&01AAAA",
        code: 4,
        verdict: "timed-out",
        counts: [0, 0, 0],
        says: "marinating",
    }),
    endless: "01GDSTUCK&01AAAA",
};

const TRIGGER: (&str, &str) = ("POST", "/execute/*");

/// A sandbox with one test alone.
fn with(settings: &str, test: &str) -> Sandbox {
    let scenario = format!("[testclix]\n{settings}\n[[testclix.tests]]\nid = \"A&B\"\n{test}");
    let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

/// `proctor run` of that test, with more lines of the target.
fn run(sandbox: &Sandbox, more: &str) -> Proctor {
    let target = format!("{}{more}\n", SERVICE.target(sandbox, "it", "A&B"));
    SERVICE.run(sandbox, "A&B").file("proctor.toml", &target)
}

#[test]
fn a_pass_that_was_there_before_is_not_taken() {
    // The run is over before anybody looks, and nothing tells its pass from the one before.
    let sandbox = with("", "before = \"pass\"\nafter = \"pass\"\ntoo_fast = true");
    let outcome = run(&sandbox, "grace = 3").end();
    let outcome = SERVICE.ended(&sandbox, outcome).expect(3);
    assert_eq!(outcome.results()["targets"][0]["verdict"], "errored");
    assert_eq!(outcome.results()["targets"][0]["counts"]["passed"], 0);
    // Nor at the time limit.
    let outcome = run(&sandbox, "").variable("PROCTOR_TIMEOUT", SHORT).end();
    assert_ne!(outcome.code, 0, "{}", outcome.out);
    // Nor is one that is shown a while longer, before the new run fails.
    let sandbox = with(
        "",
        "before = \"pass\"\nafter = \"error\"\nlag_ms = 2500\nprocessing_ms = 1500",
    );
    let outcome = run(&sandbox, "").end();
    SERVICE.ended(&sandbox, outcome).expect(1);
}

#[test]
fn a_pass_after_a_pass_counts_once_the_test_was_seen_at_work() {
    let cases = ["", "dip = true", "lag_ms = 1500"];
    each(&cases, |case| {
        let sandbox = with(
            "",
            &format!("before = \"pass\"\nafter = \"pass\"\nprocessing_ms = 6000\n{case}"),
        );
        let outcome = run(&sandbox, "").end();
        SERVICE.ended(&sandbox, outcome).expect(0);
    });
}

#[test]
fn either_form_of_the_ampersand_reaches_the_test() {
    each(&["both", "encoded", "bare"], |form| {
        let sandbox = with(
            &format!("ampersand = \"{form}\""),
            "before = \"error\"\nafter = \"pass\"",
        );
        let outcome = run(&sandbox, "").end();
        SERVICE.ended(&sandbox, outcome).expect(0);
        let paths: Vec<String> = sent(&sandbox, TRIGGER)
            .into_iter()
            .map(|received| received.path)
            .collect();
        let wanted = match *form {
            "bare" => "/execute/A&B",
            _ => "/execute/A%26B",
        };
        assert_eq!(paths, [wanted], "{form}");
    });
}

#[test]
fn two_answers_of_403_are_told_apart_by_their_message() {
    let sandbox = with(
        "executions_left = 0",
        "before = \"error\"\nafter = \"pass\"",
    );
    let outcome = run(&sandbox, "").end();
    let outcome = SERVICE
        .ended(&sandbox, outcome)
        .expect(6)
        .says("Execution limit exceeded");
    assert_eq!(error(&outcome)["code"], "quota");
    let outcome = run(&sandbox, "").variable(SERVICE.variable, "wrong").end();
    let outcome = SERVICE
        .ended(&sandbox, outcome)
        .expect(5)
        .says("explicit deny");
    assert_eq!(error(&outcome)["code"], "authentication");
    let sandbox = with("executions_left = 0\ncapital_message = true", "");
    let outcome = run(&sandbox, "").end();
    SERVICE.ended(&sandbox, outcome).expect(6);
    assert_eq!(sent(&sandbox, TRIGGER).len(), 1);
}

#[test]
fn a_test_that_cannot_run_is_2_and_is_not_triggered() {
    for state in ["not recorded", "recorded"] {
        let sandbox = with("", &format!("before = \"{state}\"\nafter = \"{state}\""));
        let outcome = run(&sandbox, "").end();
        SERVICE.ended(&sandbox, outcome).expect(2).says(state);
        assert!(sent(&sandbox, TRIGGER).is_empty(), "{state}");
    }
}

#[test]
fn what_an_acknowledged_test_amounts_to_is_chosen() {
    let choices = [
        ("", 1),
        ("acknowledged = \"pass\"", 0),
        ("acknowledged = \"skip\"", 9),
    ];
    each(&choices, |(choice, code)| {
        let sandbox = with(
            "",
            "before = \"error\"\nafter = \"acknowledged\"\nprocessing_ms = 6000",
        );
        let outcome = run(&sandbox, choice).end();
        SERVICE.ended(&sandbox, outcome).expect(*code);
    });
}

#[test]
fn what_fails_is_run_again_and_several_tests_keep_their_names() {
    let two = "before = \"error\"\nafter = \"pass\"\n[[testclix.tests]]\nid = \"C&D\"\nbefore = \"error\"\nafter = \"error\"\nprocessing_ms = 6000";
    each(&["ids", "names", "objects"], |items| {
        let sandbox = with(&format!("items = \"{items}\""), two);
        let target = SERVICE
            .target(&sandbox, "it", "")
            .replace("test = \"\"", "failing = true");
        let outcome = SERVICE
            .run(&sandbox, "")
            .file("proctor.toml", &target)
            .end();
        SERVICE.hides_key(&outcome);
        let outcome = outcome.expect(1);
        assert_eq!(sent(&sandbox, TRIGGER).len(), 2, "{items}");
        let counts = outcome.results()["targets"][0]["counts"].clone();
        assert_eq!(
            (&counts["passed"], &counts["failed"]),
            (&1.into(), &1.into())
        );
    });
    let sandbox = with("", two);
    let target = SERVICE.target(&sandbox, "it", "").replace(
        "test = \"\"",
        "test = [\"A&B\", \"C&D\"]\nnames = [\"Login\", \"Search\"]",
    );
    let outcome = SERVICE
        .run(&sandbox, "")
        .file("proctor.toml", &target)
        .end()
        .expect(1);
    let junit = outcome.read("junit.xml");
    assert!(
        junit.contains("Login") && junit.contains("Search"),
        "{junit}"
    );
}

#[test]
fn an_answer_that_was_lost_is_no_run_unless_the_test_is_seen_at_work() {
    let sandbox = with("", "before = \"pass\"\nafter = \"pass\"\ntoo_fast = true");
    sandbox.add_fault(SERVICE.fault(TRIGGER, FaultKind::ResetAfter));
    let outcome = run(&sandbox, "").end();
    let outcome = SERVICE
        .ended(&sandbox, outcome)
        .expect(7)
        .says("was not triggered a second time");
    assert_eq!(error(&outcome)["code"], "unavailable");
    assert_eq!(sent(&sandbox, TRIGGER).len(), 1);
}

#[test]
fn the_limit_of_requests_is_kept_to_once_it_is_told() {
    let sandbox = with(
        "requests_per_minute = 60",
        "before = \"error\"\nafter = \"pass\"",
    );
    sandbox.add_fault(SERVICE.fault(TRIGGER, status(429, None, Some("2"))));
    let outcome = run(&sandbox, "").end();
    SERVICE.ended(&sandbox, outcome).expect(0);
    let at: Vec<u64> = sent(&sandbox, TRIGGER)
        .iter()
        .map(|received| received.at_ms)
        .collect();
    assert_eq!(at.len(), 2);
    assert!(at[1] - at[0] >= 1_950, "{at:?}");
}
