//! CheckView, and what is peculiar to it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proctor_sandbox::{FaultKind, Sandbox};
use serde_json::Value;

use super::service::{Expected, Service, Triggered, each, error, sent, targets};
use proctor_test_support::{Outcome, Proctor, ask};

pub const SERVICE: Service = Service {
    name: "checkview",
    stand_in: "checkview",
    variable: "CHECKVIEW_API_TOKEN",
    key: "cvpat_sandbox",
    settings: "",
    target: "provider = \"checkview\"\napi_url = \"{api}\"\nflow = \"{id}\"",
    before: &[("GET", "/test-flows"), ("GET", "/test-runs")],
    trigger: Some(Triggered {
        call: ("POST", "/test-flows/*/run"),
        lost: 0,
        garbled: 0,
        traceless: 0,
        throttled: 7,
        not_found: 8,
    }),
    look: ("GET", "/test-runs/*"),
    looks_before: 0,
    stop: None,
    results: None,
    looked_by: "15s",
    pass: Expected {
        id: "flow-pass",
        code: 0,
        verdict: "passed",
        counts: [3, 0, 0],
        says: "passed",
    },
    fail: Expected {
        id: "flow-fail",
        code: 1,
        verdict: "failed",
        counts: [1, 1, 0],
        says: "failed",
    },
    errored: Some(Expected {
        id: "flow-error",
        code: 3,
        verdict: "errored",
        counts: [1, 1, 1],
        says: "error",
    }),
    cancelled: Some(Expected {
        id: "flow-cancelled",
        code: 3,
        verdict: "cancelled",
        counts: [1, 0, 0],
        says: "cancelled",
    }),
    unknown: Some(Expected {
        id: "flow-unknown",
        code: 4,
        verdict: "timed-out",
        counts: [3, 0, 0],
        says: "marinated",
    }),
    endless: "flow-stuck",
};

const TRIGGER: (&str, &str) = ("POST", "/test-flows/*/run");

/// `proctor run` with targets of one's own; `{api}` stands for the base URL.
fn run(sandbox: &Sandbox, targets: &str) -> Proctor {
    Proctor::new(&["run", "--verbose", "--report", "json", "--report", "junit"])
        .file(
            "proctor.toml",
            &targets.replace("{api}", &sandbox.service_url("checkview")),
        )
        .variable(SERVICE.variable, SERVICE.key)
}

fn idempotency_keys(sandbox: &Sandbox) -> Vec<String> {
    sent(sandbox, TRIGGER)
        .iter()
        .map(|received| {
            let key = received.header("idempotency-key").unwrap_or_default();
            key.to_owned()
        })
        .collect()
}

/// The runs of a flow that the service has.
fn runs_of(sandbox: &Sandbox, flow: &str) -> usize {
    let url = format!("{}/test-runs?limit=100", sandbox.service_url("checkview"));
    let authorization = format!("Bearer {}", SERVICE.key);
    let body = ask("GET", &url, &[("authorization", &authorization)], "");
    let runs: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
    let runs = runs.as_array().expect("a list");
    runs.iter()
        .filter(|run| run["test_flow_id"] == flow)
        .count()
}

/// Twenty runs passed, within a budget that was all but used up, and nothing was refused.
#[track_caller]
fn twenty_passed(sandbox: &Sandbox, outcome: &Outcome, budget: usize) {
    let results = outcome.results();
    let passed: u64 = targets(&results)
        .iter()
        .filter_map(|target| target["counts"]["passed"].as_u64())
        .sum();
    assert_eq!(passed, 20 * 3, "three steps each\n{}", outcome.out);
    let keys = idempotency_keys(sandbox);
    assert_eq!(keys.len(), 20);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 20, "{keys:?}");
    let received = sandbox.received();
    assert!(received.iter().all(|received| received.status < 400));
    assert!(
        received.len() * 10 > budget * 9,
        "{} requests are no load for a budget of {budget}",
        received.len()
    );
}

fn twenty_targets() -> String {
    let mut config = String::new();
    for number in 1..=20 {
        write!(
            config,
            "[targets.t{number}]\nprovider = \"checkview\"\napi_url = \"{{api}}\"\nflow = \"flow-twenty-{number:02}\"\n"
        )
        .expect("a text can be written to");
    }
    config
}

#[test]
fn twenty_flows_of_one_target_get_along_with_the_budget() {
    let budget = 45;
    let sandbox = SERVICE.sandbox(&format!("requests_per_minute = {budget}"));
    let target =
        "[targets.all]\nprovider = \"checkview\"\napi_url = \"{api}\"\nwebsite = \"site-twenty\"\n";
    let outcome = run(&sandbox, target).end().expect(0);
    twenty_passed(&sandbox, &outcome, budget);
}

#[test]
fn twenty_targets_get_along_with_the_budget() {
    let budget = 85;
    let sandbox = SERVICE.sandbox(&format!("requests_per_minute = {budget}"));
    let outcome = run(&sandbox, &twenty_targets())
        .arguments(&["--jobs", "20"])
        .end()
        .expect(0);
    twenty_passed(&sandbox, &outcome, budget);
}

#[test]
#[ignore = "takes two minutes, as the documented budget does not grow faster"]
fn twenty_targets_get_along_with_the_documented_budget() {
    let sandbox = SERVICE.sandbox("");
    let outcome = run(&sandbox, &twenty_targets())
        .arguments(&["--jobs", "20"])
        .end()
        .expect(0);
    twenty_passed(&sandbox, &outcome, 60);
}

#[test]
fn a_budget_that_is_used_up_is_waited_for_and_not_overdrawn() {
    let sandbox = SERVICE.sandbox("requests_per_minute = 3");
    let outcome = SERVICE
        .run(&sandbox, SERVICE.pass.id)
        .variable("PROCTOR_TIMEOUT", "8s")
        .end();
    // Two lists and the trigger: nothing is left for a look within the minute.
    let outcome = SERVICE.ended(&sandbox, outcome).expect(4);
    assert!(
        sandbox
            .received()
            .iter()
            .all(|received| received.status < 400)
    );
    assert!(outcome.path("proctor-handle.json").exists());
}

#[test]
fn an_answer_that_was_lost_is_asked_for_with_the_same_key() {
    let faults = [
        FaultKind::ResetAfter,
        FaultKind::TruncatedBody,
        FaultKind::Html {
            status: 502,
            processed: true,
        },
    ];
    each(&faults, |kind| {
        let sandbox = SERVICE.sandbox("");
        for _ in 0..2 {
            sandbox.add_fault(SERVICE.fault(TRIGGER, kind.clone()));
        }
        SERVICE.end(&sandbox, "flow-pass").expect(0);
        let keys = idempotency_keys(&sandbox);
        assert_eq!(keys.len(), 3, "{kind:?}");
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        let dashes: Vec<usize> = keys[0].match_indices('-').map(|(at, _)| at).collect();
        assert_eq!((keys[0].len(), dashes), (36, vec![8, 13, 18, 23]), "a UUID");
        assert_eq!(runs_of(&sandbox, "flow-pass"), 2, "one old, one new");
    });
}

#[test]
fn every_request_that_writes_has_a_key_of_its_own_and_reads_have_none() {
    let sandbox = SERVICE.sandbox("");
    for _ in 0..2 {
        SERVICE.run(&sandbox, "flow-pass").end().expect(0);
    }
    let keys = idempotency_keys(&sandbox);
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    for received in sandbox.received() {
        assert_eq!(
            received.header("idempotency-key").is_some(),
            received.method != "GET",
            "{} {}",
            received.method,
            received.path
        );
        assert_eq!(
            received.header("authorization"),
            Some("Bearer cvpat_sandbox")
        );
    }
}

#[test]
fn a_trigger_at_an_unknown_path_is_8_and_no_other_is_tried() {
    let sandbox = SERVICE.sandbox("trigger_path = \"runs\"");
    let outcome = SERVICE.end(&sandbox, "flow-pass").expect(8);
    assert_eq!(error(&outcome)["code"], "protocol");
    let next = error(&outcome)["next"].to_string();
    assert!(
        next.contains("path_trigger") && next.contains("[targets.it.api]"),
        "{next}"
    );
    assert_eq!(sandbox.count("POST", "**"), 1);
    let corrected = format!(
        "{}[targets.it.api]\npath_trigger = \"POST /test-flows/{{flow_id}}/runs\"\n",
        SERVICE.target(&sandbox, "it", "flow-pass")
    );
    run(&sandbox, &corrected).end().expect(0);
}

#[test]
fn a_trigger_with_the_flow_in_its_body_is_a_matter_of_settings() {
    let sandbox = SERVICE.sandbox("trigger_path = \"test-runs\"");
    let corrected = format!(
        "{}[targets.it.api]\npath_trigger = \"POST /test-runs\"\ntrigger_body = '{{\"test_flow_id\": \"{{flow_id}}\"}}'\n",
        SERVICE.target(&sandbox, "it", "flow-fail")
    );
    run(&sandbox, &corrected).end().expect(1);
    assert_eq!(sandbox.count("POST", "/test-runs"), 1);
}

#[test]
fn whatever_a_trigger_answers_its_run_is_found() {
    let answers = [
        "created",
        "ok",
        "accepted",
        "test-run-id",
        "run-id",
        "flow-id",
        "no-content",
    ];
    each(&answers, |answer| {
        let sandbox = SERVICE.sandbox(&format!("trigger_answer = \"{answer}\""));
        SERVICE.end(&sandbox, "flow-fail").expect(1);
        assert_eq!(sent(&sandbox, TRIGGER).len(), 1, "{answer}");
    });
}

#[test]
fn a_colleagues_run_is_not_taken_for_ours() {
    let sandbox = SERVICE.sandbox("trigger_answer = \"no-content\"\ncolleague_runs = 1");
    let outcome = SERVICE.end(&sandbox, "flow-fail").expect(3);
    assert_eq!(outcome.results()["targets"][0]["verdict"], "errored");
}

#[test]
fn problem_details_are_shown_with_title_and_detail() {
    let sandbox = SERVICE.sandbox("");
    let outcome = SERVICE.end(&sandbox, "flow-paused").expect(2);
    let message = error(&outcome)["message"].to_string();
    assert!(
        message.contains("409 ") && message.contains(": "),
        "{message}"
    );
    let sandbox =
        SERVICE.sandbox("keys = [{ key = \"cvpat_narrow\", scopes = [\"read:organization\"] }]");
    let outcome = SERVICE
        .run(&sandbox, "flow-pass")
        .variable(SERVICE.variable, "cvpat_narrow")
        .end();
    let outcome = SERVICE.ended(&sandbox, outcome).expect(5);
    assert_eq!(error(&outcome)["code"], "authentication");
    assert_eq!(runs_of(&sandbox, "flow-pass"), 1, "nothing was started");
}

#[test]
fn the_step_that_fails_is_told_with_links() {
    let sandbox = SERVICE.sandbox("");
    let outcome = SERVICE.end(&sandbox, "flow-fail").expect(1);
    let tests = outcome.results()["targets"][0]["tests"].clone();
    assert_eq!(
        (&tests[0]["name"], &tests[0]["verdict"]),
        (&"open the page".into(), &"passed".into())
    );
    let test = &tests[1];
    assert_eq!(
        (&test["name"], &test["verdict"]),
        (&"fill in the form".into(), &"failed".into())
    );
    assert_eq!(
        test["message"],
        "the text \"Thank you\" did not appear within 30 seconds"
    );
    let links = test["attachments"].to_string();
    for link in ["step-2.png", "video.webm", "network.har"] {
        assert!(links.contains(link), "{link}: {links}");
    }
    let junit = outcome.read("junit.xml");
    assert!(junit.contains("step-2.png"), "{junit}");
}

/// 250 flows of one website: three pages.
fn many() -> String {
    let mut settings = String::from(
        "[[checkview.websites]]\nid = \"big\"\nname = \"Big\"\nurl = \"https://big.example\"\n",
    );
    for number in 0..250 {
        write!(
            settings,
            "[[checkview.websites.flows]]\nid = \"f-{number}\"\nname = \"Flow number {number}\"\n"
        )
        .expect("a text can be written to");
    }
    settings
}

#[test]
fn a_flow_on_the_third_page_is_found_by_its_name() {
    let sandbox = SERVICE.sandbox(&many());
    SERVICE.end(&sandbox, "Flow number 249").expect(0);
    assert_eq!(sandbox.count("GET", "/test-flows"), 3);
    let paths: Vec<String> = sent(&sandbox, TRIGGER)
        .into_iter()
        .map(|received| received.path)
        .collect();
    assert_eq!(paths, ["/test-flows/f-249/run"]);
}

#[test]
fn a_page_that_fails_for_a_while_is_read_again_and_one_that_does_not_come_starts_nothing() {
    let page = ("GET", "/test-flows");
    let third = |kind: FaultKind, times: u32| proctor_sandbox::Fault {
        skip: 2,
        times,
        ..SERVICE.fault(page, kind)
    };
    let sandbox = SERVICE.sandbox(&many());
    sandbox.add_fault(third(FaultKind::ResetBefore, 1));
    SERVICE.end(&sandbox, "Flow number 249").expect(0);
    let sandbox = SERVICE.sandbox(&many());
    sandbox.add_fault(third(FaultKind::NotJson { processed: false }, 0));
    let target =
        "[targets.all]\nprovider = \"checkview\"\napi_url = \"{api}\"\nwebsite = \"big\"\n";
    run(&sandbox, target).end().expect(8);
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn flows_are_named_by_id_or_name_and_run_once_each() {
    let sandbox = SERVICE.sandbox("");
    let target = "[targets.it]\nprovider = \"checkview\"\napi_url = \"{api}\"\nflow = [\"flow-checkout\", \"flow-newsletter\", \"flow-checkout\"]\n";
    run(&sandbox, target).end().expect(0);
    assert_eq!(sent(&sandbox, TRIGGER).len(), 2);
    // Two flows have this name.
    let sandbox = SERVICE.sandbox("");
    SERVICE
        .end(&sandbox, "Contact form")
        .expect(2)
        .says("flow-blog-contact");
    SERVICE.end(&sandbox, "flow-nowhere").expect(2);
}
