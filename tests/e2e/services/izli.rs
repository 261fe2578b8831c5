//! izli.io, and what is peculiar to it.

use std::fmt::Write as _;

use proctor_sandbox::{FaultKind, Sandbox, Scenario};

use super::service::{Expected, Service, Triggered, each, error};
use proctor_test_support::{Outcome, Proctor};

pub const SERVICE: Service = Service {
    name: "izli",
    stand_in: "izli",
    variable: "IZLI_API_KEY",
    key: "izli_agent_sandbox",
    settings: r#"
        [[izli.api_monitors]]
        id = "apm_success"
        [[izli.api_monitors]]
        id = "apm_failed"
        [[izli.api_monitors]]
        id = "apm_error"
        [[izli.api_monitors]]
        id = "apm_cancelled"
        [[izli.api_monitors]]
        id = "apm_unknown"
        [[izli.api_monitors]]
        id = "apm_stuck"
    "#,
    target: "provider = \"izli\"\napi_url = \"{api}\"\napi_monitor = \"{id}\"",
    before: &[("GET", "/api-monitors"), ("GET", "/api-monitors/*/runs")],
    trigger: Some(Triggered {
        call: ("POST", "/api-monitors/*/trigger"),
        lost: 0,
        garbled: 0,
        traceless: 7,
        throttled: 7,
        not_found: 2,
    }),
    look: ("GET", "/api-monitors/*/runs"),
    looks_before: 1,
    stop: None,
    results: None,
    looked_by: "9s",
    pass: Expected {
        id: "apm_success",
        code: 0,
        verdict: "passed",
        counts: [3, 0, 0],
        says: "passed",
    },
    fail: Expected {
        id: "apm_failed",
        code: 1,
        verdict: "failed",
        counts: [1, 1, 0],
        says: "failed",
    },
    errored: Some(Expected {
        id: "apm_error",
        code: 3,
        verdict: "errored",
        counts: [1, 0, 1],
        says: "error",
    }),
    cancelled: Some(Expected {
        id: "apm_cancelled",
        code: 3,
        verdict: "cancelled",
        counts: [0, 0, 0],
        says: "cancelled",
    }),
    unknown: Some(Expected {
        id: "apm_unknown",
        code: 4,
        verdict: "timed-out",
        counts: [3, 0, 0],
        says: "marinated",
    }),
    endless: "apm_stuck",
};

/// A sandbox with what is there without a scenario, but for some settings.
fn usual(settings: &str) -> Sandbox {
    let scenario = Scenario::from_toml(&format!("[izli]\n{settings}"));
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

/// `proctor run` with a target of these lines.
fn run(sandbox: &Sandbox, lines: &str) -> Proctor {
    let target = format!(
        "[targets.it]\nprovider = \"izli\"\napi_url = \"{}\"\n{lines}\n",
        sandbox.service_url("izli")
    );
    SERVICE.run(sandbox, "").file("proctor.toml", &target)
}

#[track_caller]
fn ends(sandbox: &Sandbox, lines: &str, code: i32) -> Outcome {
    let outcome = run(sandbox, lines).end();
    SERVICE.ended(sandbox, outcome).expect(code)
}

#[test]
fn whatever_a_trigger_answers_its_run_is_found() {
    let answers = [
        "trigger = \"run-id\"",
        "trigger = \"run-id\"\nrun_id_name = \"run.id\"",
        "trigger = \"nothing\"",
        "trigger = \"accepted\"",
        "trigger = \"own-id\"",
        "trigger = \"ids\"",
        "trigger = \"runs\"",
        "trigger = \"result\"",
        "trigger = \"nothing\"\nidentity = \"time\"",
        "trigger = \"nothing\"\norder = \"oldest-first\"",
        "trigger = \"nothing\"\nspelling = \"camel\"\ntime_name = \"startedAt\"",
        "trigger = \"nothing\"\nappears = \"ended\"",
        "trigger = \"nothing\"\norigin_name = \"\"",
        "lists = \"data\"",
    ];
    each(&answers, |settings| {
        for (id, code) in [("mon_success", 0), ("mon_failed", 1)] {
            let sandbox = usual(settings);
            let outcome = run(&sandbox, &format!("monitor = \"{id}\"")).end();
            assert_eq!(
                outcome.code, code,
                "{settings}\n{}\n{}",
                outcome.out, outcome.err
            );
            SERVICE.hides_key(&outcome);
            assert_eq!(sandbox.count("POST", "/monitors/*/check"), 1, "{settings}");
        }
    });
}

#[test]
fn a_run_that_was_told_by_time_alone_says_so() {
    let sandbox = usual("trigger = \"nothing\"");
    ends(&sandbox, "monitor = \"mon_success\"", 0).says("attributed by time");
    let sandbox = usual("trigger = \"nothing\"\nidentity = \"nothing\"");
    ends(&sandbox, "monitor = \"mon_success\"", 3);
}

#[test]
fn a_refusal_in_an_answer_of_success_is_one() {
    let sandbox = usual("trigger = \"refused\"");
    let outcome = ends(&sandbox, "monitor = \"mon_success\"", 2).says("NO_AGENT");
    assert_eq!(error(&outcome)["code"], "usage");
}

#[test]
fn each_location_counts() {
    let cases = [
        ("monitor = \"mon_two\"", 0, [2, 0]),
        ("monitor = \"mon_mixed\"", 1, [1, 1]),
    ];
    each(&["run-id", "nothing", "ids", "runs"], |trigger| {
        each(&cases, |(lines, code, counts)| {
            let sandbox = usual(&format!("trigger = \"{trigger}\"\nstagger_ms = 300"));
            let outcome = ends(&sandbox, lines, *code);
            let counted = outcome.results()["targets"][0]["counts"].clone();
            assert_eq!(
                ["passed", "failed"].map(|name| counted[name].as_u64().unwrap_or_default()),
                *counts,
                "{trigger}"
            );
            let junit = outcome.read("junit.xml");
            assert!(
                junit.contains("us-east") && junit.contains("eu-west"),
                "{junit}"
            );
        });
    });
}

#[test]
fn a_location_without_a_result_is_no_pass() {
    let sandbox = usual(
        "[[izli.monitors]]\nid = \"mon_half\"\nlocations = [\"eu-west\", \"us-east\"]\noutcomes = { us-east = \"stuck\" }",
    );
    let outcome = run(&sandbox, "monitor = \"mon_half\"")
        .variable("PROCTOR_TIMEOUT", "7s")
        .end();
    let outcome = SERVICE.ended(&sandbox, outcome).expect(4);
    assert_eq!(outcome.results()["targets"][0]["counts"]["passed"], 1);
    let sandbox = usual(
        "[[izli.monitors]]\nid = \"mon_half\"\nlocations = [\"eu-west\", \"us-east\"]\noutcomes = { us-east = \"stuck\" }",
    );
    ends(&sandbox, "monitor = \"mon_half\"\nlocations = \"first\"", 0);
}

#[test]
fn journeys_have_steps_and_their_retries_count() {
    let sandbox = usual("");
    let outcome = ends(&sandbox, "journey = \"jrn_failed\"", 1);
    let tests = outcome.results()["targets"][0]["tests"].clone();
    let verdicts: Vec<&str> = tests
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|test| test["verdict"].as_str())
        .collect();
    assert_eq!(verdicts, ["passed", "failed"], "{tests:#}");
    let sandbox = usual("trigger = \"nothing\"");
    ends(&sandbox, "journey = \"jrn_flaky\"\nsettle = 3", 0);
}

#[test]
fn kinds_are_run_side_by_side() {
    let sandbox = usual("");
    let outcome = run(
        &sandbox,
        "journey = \"jrn_success\"\napi_monitor = \"apm_success\"\nmonitor = [\"mon_success\", \"mon_tcp\"]",
    )
    .end()
    .expect(0);
    let posts: Vec<String> = sandbox
        .received()
        .into_iter()
        .filter(|received| received.method == "POST")
        .map(|received| received.path)
        .collect();
    assert_eq!(
        posts,
        [
            "/journeys/jrn_success/run-now",
            "/api-monitors/apm_success/trigger",
            "/monitors/mon_success/check",
            "/monitors/mon_tcp/check"
        ]
    );
    assert_eq!(outcome.results()["targets"][0]["verdict"], "passed");
}

#[test]
fn what_is_over_without_a_verdict_is_no_pass() {
    let cases = [
        ("apm_no_verdict", 3),
        ("apm_disagree", 1),
        ("apm_completed", 0),
        ("apm_completed_failed", 1),
        ("apm_degraded", 1),
    ];
    each(&cases, |(id, code)| {
        let sandbox = usual("");
        let outcome = run(&sandbox, &format!("api_monitor = \"{id}\"")).end();
        assert_eq!(outcome.code, *code, "{id}\n{}", outcome.out);
    });
}

/// 250 monitors: three pages.
fn many() -> String {
    let mut settings = String::new();
    for number in 0..250 {
        write!(
            settings,
            "[[izli.monitors]]\nid = \"m{number}\"\nname = \"Monitor number {number}\"\n"
        )
        .expect("a text can be written to");
    }
    settings
}

#[test]
fn a_monitor_on_the_third_page_is_found_by_its_name() {
    let sandbox = usual(&many());
    ends(&sandbox, "monitor = \"Monitor number 249\"", 0);
    assert_eq!(sandbox.count("GET", "/monitors"), 3);
    assert_eq!(sandbox.count("POST", "/monitors/m249/check"), 1);
}

/// A base URL that some of the documents name, beside the default.
const OTHER: &str = "https://izli.io/api/v1";

#[test]
fn an_address_that_is_not_the_apis_is_told_with_the_documented_ones() {
    for kind in [
        FaultKind::Html {
            status: 200,
            processed: false,
        },
        FaultKind::Redirect {
            location: "https://elsewhere.example/".to_owned(),
        },
    ] {
        let sandbox = usual("");
        sandbox.add_fault(SERVICE.lasting(("*", "**"), kind));
        let outcome = ends(&sandbox, "monitor = \"mon_success\"", 8);
        let told = error(&outcome).to_string();
        assert!(told.contains(OTHER), "{told}");
        assert_eq!(sandbox.count("POST", "**"), 0);
    }
}
