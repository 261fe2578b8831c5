//! Streams, polling, and finding the results.

use proctor_sandbox::FaultKind;

use proctor_test_support::{Proctor, fault, sandbox, status};

const EVENTS: &str = "/jobs/*/events";
const JOB: &str = "/jobs/*";

fn passes(settings: &str, faults: Vec<(&str, &str, FaultKind)>) {
    let sandbox = sandbox(settings);
    for (method, path, kind) in faults.clone() {
        sandbox.add_fault(fault(method, path, kind));
    }
    let outcome = Proctor::run(&sandbox, "app-7f3").end();
    assert_eq!(
        outcome.code, 0,
        "{settings} {faults:?}\n{}\n{}",
        outcome.out, outcome.err
    );
    assert_eq!(
        outcome.results()["targets"][0]["counts"]["passed"],
        4,
        "{settings} {faults:?}"
    );
}

#[test]
fn both_forms_of_the_stream_are_read() {
    passes("events = \"ndjson\"", vec![]);
    passes(
        "events = \"sse\"\nheartbeat_ms = 10\nqueue_ms = 200",
        vec![],
    );
}

#[test]
fn whatever_becomes_of_the_stream_costs_nothing() {
    for kind in [
        FaultKind::Hang,
        FaultKind::StreamStall,
        FaultKind::StreamBreakMidLine,
        FaultKind::StreamEarlyEnd,
        FaultKind::ResetBefore,
        FaultKind::TruncatedBody,
        FaultKind::NotJson { processed: false },
        status(404, None, None),
        status(500, None, None),
        status(429, None, Some("1")),
    ] {
        passes("queue_ms = 300", vec![("GET", EVENTS, kind)]);
    }
}

#[test]
fn a_stalled_stream_ends_with_the_look_beside_it() {
    let sandbox = sandbox("queue_ms = 300");
    sandbox.add_fault(fault("GET", EVENTS, FaultKind::StreamStall));
    Proctor::run(&sandbox, "app-7f3").end().expect(0);
    assert_eq!(sandbox.count("GET", EVENTS), 1);
}

#[test]
fn looks_that_fail_are_repeated() {
    for kind in [
        status(500, None, None),
        status(429, None, Some("1")),
        FaultKind::ResetBefore,
        FaultKind::TruncatedBody,
        FaultKind::Html {
            status: 502,
            processed: false,
        },
    ] {
        passes("", vec![("GET", JOB, kind)]);
    }
}

#[test]
fn a_slow_answer_is_waited_for() {
    passes("", vec![("GET", JOB, FaultKind::Latency { ms: 500 })]);
    passes("", vec![("GET", JOB, FaultKind::SlowBody { ms: 5 })]);
}

#[test]
fn a_retry_after_given_as_a_date_is_kept() {
    let date = "Thu, 01 Jan 1970 00:00:00 GMT";
    passes("", vec![("GET", JOB, status(429, None, Some(date)))]);
}

#[test]
fn every_way_from_job_to_run_is_found() {
    for link in ["job-field", "run-list", "difference", "same-id"] {
        for spelling in ["snake", "camel"] {
            passes(
                &format!("link = \"{link}\"\nspelling = \"{spelling}\"\nsteps_in = \"detail\""),
                vec![],
            );
        }
    }
}

#[test]
fn reports_that_come_late_are_waited_for() {
    passes("reports_after_ms = 1200", vec![]);
}

#[test]
fn results_that_cannot_be_attributed_are_not_guessed() {
    let cases = [
        ("link = \"none\"", "no run is new"),
        (
            "link = \"difference\"\nnoise_runs = 1",
            "2 runs of the app are new",
        ),
    ];
    for (settings, why) in cases {
        let sandbox = sandbox(settings);
        let outcome = Proctor::run(&sandbox, "app-7f3")
            .end()
            .expect(3)
            .says("cannot be attributed");
        assert!(outcome.out.contains(why), "{}", outcome.out);
        Proctor::run(&sandbox, "app-7f3")
            .arguments(&["--set", "trust_job_status=true"])
            .end()
            .expect(0);
    }
}

#[test]
fn a_failed_job_without_reports_has_failed() {
    let sandbox = sandbox("link = \"none\"");
    Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--set", "suites=fail"])
        .end()
        .expect(1)
        .says("which means failed tests");
}

#[test]
fn many_targets_share_the_budget_without_a_single_429() {
    // As documented but for the minute, which is a second here.
    let sandbox = sandbox("requests_per_minute = 6000\nburst = 100\nlink = \"job-field\"");
    let targets: String = (0..30)
        .map(|number| {
            format!(
                "[targets.t{number}]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n",
                sandbox.service_url("keploy"),
                sandbox.system_url()
            )
        })
        .collect();
    Proctor::new(&["run", "--timeout", "5m", "--jobs", "30"])
        .file("proctor.toml", &targets)
        .key("kep_sandbox")
        .end()
        .expect(0);
    let received = sandbox.received();
    assert!(
        received.len() > 150,
        "{} requests are no load",
        received.len()
    );
    assert_eq!(
        received
            .iter()
            .filter(|received| received.status == 429)
            .count(),
        0
    );
    assert_eq!(sandbox.count("POST", "/apps/*/test-suites/run"), 30);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = sandbox("");
    let sandbox = sandbox("");
    let location = format!("{}/users/me", elsewhere.service_url("keploy"));
    let mut away = fault(
        "GET",
        "**",
        FaultKind::Redirect {
            location: location.clone(),
        },
    );
    away.times = 0;
    sandbox.add_fault(away);
    Proctor::run(&sandbox, "app-7f3")
        .end()
        .expect(8)
        .says(&location);
    assert!(elsewhere.received().is_empty());
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("GET", JOB, FaultKind::HugeBody { bytes: 40_000_000 }));
    Proctor::run(&sandbox, "app-7f3")
        .end()
        .expect(8)
        .says("too large");
}
