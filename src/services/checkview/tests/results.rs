//! What a run's answer amounts to.

use std::time::Duration;

use serde_json::json;

use super::server::Server;
use super::{but, code, flows, next, reason, world};
use crate::error::Code;
use crate::model::{Report, Verdict};
use crate::ports::Event;

fn of_end(end: serde_json::Value) -> Report {
    world(Server {
        end,
        ..Server::default()
    })
    .run(&flows(&["f1"]))
}

#[test]
fn a_run_passes_with_its_steps_and_its_id() {
    let mut world = world(Server::default());
    let report = world.run(&flows(&["flow 1"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.executed(), ["f1"]);
    assert_eq!(
        report.run.as_ref().map(|run| run.id.as_str()),
        Some("run-0")
    );
    let names: Vec<_> = report
        .tests
        .iter()
        .map(|test| (test.suite.as_str(), test.name.as_str(), test.duration_ms))
        .collect();
    assert_eq!(
        names,
        [("flow 1", "open", Some(12)), ("flow 1", "pay", None)]
    );
    assert_eq!(
        (report.handle, report.problem, report.reason),
        (None, None, None)
    );
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
}

#[test]
fn the_words_of_a_run_are_mapped() {
    let table = [
        ("passed", Verdict::Passed, None),
        ("Success", Verdict::Passed, None),
        ("FAILED", Verdict::Failed, Some(Code::Failed)),
        ("failure", Verdict::Failed, Some(Code::Failed)),
        ("setup-error", Verdict::Errored, Some(Code::ServiceErrored)),
        ("timed out", Verdict::Errored, Some(Code::ServiceErrored)),
        ("skipped", Verdict::Errored, Some(Code::ServiceErrored)),
        ("paused", Verdict::Errored, Some(Code::ServiceErrored)),
        ("canceled", Verdict::Cancelled, Some(Code::ServiceErrored)),
        ("completed", Verdict::Errored, Some(Code::ServiceErrored)),
    ];
    for (word, verdict, expected) in table {
        let report = of_end(json!({"status": word}));
        assert_eq!(
            (report.verdict, code(&report)),
            (verdict, expected),
            "{word}: {report:?}"
        );
        assert_eq!(report.tests.len(), 1, "{word}");
        assert_eq!(report.tests[0].name, "run as a whole");
        let told = verdict == Verdict::Passed
            || verdict == Verdict::Failed
            || reason(&report).contains(word);
        assert!(told, "{word}: {}", reason(&report));
    }
}

#[test]
fn of_words_that_disagree_the_worse_counts() {
    let table = [
        (
            json!({"status": "completed", "result": "passed"}),
            Verdict::Passed,
        ),
        (
            json!({"state": "done", "outcome": "success"}),
            Verdict::Passed,
        ),
        (
            json!({"status": "completed", "passed": true}),
            Verdict::Passed,
        ),
        (json!({"result": "passed"}), Verdict::Passed),
        (
            json!({"status": "completed", "result": "failed"}),
            Verdict::Failed,
        ),
        (
            json!({"status": "passed", "result": "failed"}),
            Verdict::Failed,
        ),
        (
            json!({"status": "failed", "result": "passed"}),
            Verdict::Failed,
        ),
        (
            json!({"status": "passed", "passed": false}),
            Verdict::Failed,
        ),
        (json!({"status": "failed", "passed": true}), Verdict::Failed),
        (
            json!({"status": "passed", "result": "error"}),
            Verdict::Errored,
        ),
        (
            json!({"status": "completed", "result": "paused"}),
            Verdict::Errored,
        ),
        (
            json!({"status": "passed", "result": "splendid"}),
            Verdict::Errored,
        ),
        (
            json!({"status": "failed", "result": "splendid"}),
            Verdict::Failed,
        ),
        (
            json!({"status": "completed", "passed": 12}),
            Verdict::Errored,
        ),
        (
            json!({"status": "cancelled", "result": "passed"}),
            Verdict::Cancelled,
        ),
    ];
    for (end, verdict) in table {
        let report = of_end(end.clone());
        assert_eq!(report.verdict, verdict, "{end}: {report:?}");
    }
}

#[test]
fn a_verdict_that_is_still_pending_is_waited_for() {
    let report = of_end(json!({"status": "completed", "result": "pending"}));
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    assert!(reason(&report).contains("pending"), "{}", reason(&report));
}

#[test]
fn the_status_of_a_wrapper_is_not_that_of_the_run() {
    for wrapper in ["data", "test_run", "testRun", "run"] {
        let wrapped = |status: &str| {
            world(Server {
                wrapper: Some((wrapper, json!({"status": "success", "id": "request-1"}))),
                end: json!({"status": status}),
                ..Server::default()
            })
            .run(&flows(&["f1"]))
        };
        let failed = wrapped("failed");
        assert_eq!(failed.verdict, Verdict::Failed, "{wrapper}: {failed:?}");
        assert!(failed.duration_ms > 40_000, "{wrapper}: it was waited for");
        assert_eq!(wrapped("passed").verdict, Verdict::Passed, "{wrapper}");
    }
    for nothing in [json!(null), json!([])] {
        let report = world(Server {
            errors: vec![(
                "GET",
                "/test-runs/run-0",
                200,
                json!({"status": "success", "data": nothing}),
            )],
            ..Server::default()
        })
        .run(&flows(&["f1"]));
        assert_eq!(
            (report.verdict, code(&report)),
            (Verdict::Errored, Some(Code::ServiceErrored))
        );
    }
}

#[test]
fn a_failed_step_ends_the_list_and_those_after_it_did_not_run() {
    let report = of_end(
        json!({"status": "failed", "video_url": "https://cv/v.mp4", "har": "javascript:x", "steps": [
            {"name": "open", "status": "passed"},
            {"name": "pay", "status": "failed", "error_message": "no such button",
             "screenshots": [{"url": "https://cv/1.png", "name": "after"}, "https://cv/2.png"]},
            {"name": "thank", "status": "pending"},
            {"name": "mail"}
        ]}),
    );
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Failed, Some(Code::Failed))
    );
    let verdicts: Vec<_> = report.tests.iter().map(|test| test.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Passed,
            Verdict::Failed,
            Verdict::Skipped,
            Verdict::Skipped
        ]
    );
    assert_eq!(report.tests[1].message.as_deref(), Some("no such button"));
    let links: Vec<_> = report.tests[1]
        .attachments
        .iter()
        .map(|link| (link.name.as_str(), link.url.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("after", "https://cv/1.png"),
            ("screenshots", "https://cv/2.png"),
            ("video", "https://cv/v.mp4")
        ]
    );

    let short = of_end(
        json!({"status": "failed", "steps": [{"name": "open", "passed": true}, {"name": "pay", "passed": false}]}),
    );
    assert_eq!(short.tests.len(), 2, "{short:?}");
    assert_eq!(code(&short), Some(Code::Failed));
}

#[test]
fn steps_and_run_that_disagree_are_no_pass() {
    let table = [
        (
            json!([{"name": "a", "status": "failed"}]),
            Verdict::Failed,
            1,
        ),
        (
            json!([{"name": "a", "status": "error"}]),
            Verdict::Errored,
            1,
        ),
        (
            json!([{"name": "a", "status": "splendid"}]),
            Verdict::Unknown,
            1,
        ),
        (
            json!([{"name": "a", "status": "passed"}, {"name": "b", "status": "running"}]),
            Verdict::Errored,
            2,
        ),
        (
            json!([{"name": "a", "status": "skipped"}]),
            Verdict::Skipped,
            1,
        ),
        (json!([{"name": "a"}, {"name": "b"}]), Verdict::Passed, 2),
        (json!([]), Verdict::Passed, 1),
    ];
    for (steps, verdict, tests) in table {
        let report = of_end(json!({"status": "passed", "steps": steps.clone()}));
        assert_eq!(report.verdict, verdict, "{steps}: {report:?}");
        assert_eq!(report.tests.len(), tests, "{steps}: {report:?}");
    }
    let failed = of_end(
        json!({"status": "failed", "error": {"message": "no reason"}, "steps": [{"name": "a", "status": "passed"}]}),
    );
    assert_eq!((failed.verdict, failed.tests.len()), (Verdict::Failed, 2));
    assert_eq!(failed.tests[1].message.as_deref(), Some("no reason"));
}

#[test]
fn links_of_a_run_that_passed_stand_at_its_last_test() {
    let report = of_end(
        json!({"status": "passed", "report_url": "https://cv/r/1", "harUrl": "https://cv/h.har",
        "steps": [{"name": "a", "status": "passed"}, {"name": "b", "status": "passed"}]}),
    );
    assert_eq!(
        report.run.and_then(|run| run.url).as_deref(),
        Some("https://cv/r/1")
    );
    assert_eq!(report.tests[1].attachments[0].url, "https://cv/h.har");
}

#[test]
fn a_word_that_is_not_known_is_polled_to_the_deadline_and_named() {
    let mut world = world(Server {
        end: json!({"status": "marinating", "result": "passed"}),
        ..Server::default()
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(code(&report), Some(Code::TimedOut));
    assert!(
        reason(&report).contains("marinating"),
        "{}",
        reason(&report)
    );
    let corrected = super::world(Server {
        end: json!({"status": "marinating"}),
        ..Server::default()
    })
    .run(&but(flows(&["f1"]), "states_passed", &["Marinating"]));
    assert_eq!(corrected.verdict, Verdict::Passed);
}

#[test]
fn a_run_that_outlives_its_time_goes_on_and_its_handle_says_where() {
    let mut world = world(Server {
        takes: Duration::from_secs(100_000),
        ..Server::default()
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::TimedOut, Some(Code::TimedOut))
    );
    assert!(
        reason(&report).contains("may be going on"),
        "{}",
        reason(&report)
    );
    let handle = report.handle.expect("it can be followed again");
    assert_eq!(handle.triggers[0].runs, ["run-0"]);
    assert_eq!(handle.triggers[0].last_state.as_deref(), Some("running"));
    assert_eq!(world.ports.count("POST", ""), 1, "nothing tries to stop it");
}

#[test]
fn looks_come_after_five_seconds_and_then_every_ten() {
    let mut world = world(Server {
        takes: Duration::from_secs(100),
        ..Server::default()
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(report.verdict, Verdict::Passed);
    // At 5, 10, 20, … 110 s, each a little later than the one before.
    let looks = world.ports.count("GET", "/test-runs/");
    assert!((10..=12).contains(&looks), "{looks}");
    let states: Vec<_> = world
        .ports
        .events
        .iter()
        .filter_map(|event| match event {
            Event::StateChanged { word, .. } => Some(word.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(states, ["pending", "running", "passed"]);
    assert!(
        report.queued_ms.is_some_and(|ms| ms > 4_000),
        "{:?}",
        report.queued_ms
    );
}

#[test]
fn a_run_that_is_nowhere_says_which_path_to_correct() {
    let mut world = world(Server {
        errors: vec![(
            "GET",
            "/test-runs/run-0",
            404,
            super::server::problem(404, "Not Found", "no route"),
        )],
        ..Server::default()
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert!(reason(&report).contains("path_run"), "{}", reason(&report));
    assert!(reason(&report).contains("no route"), "{}", reason(&report));
    assert!(
        report.handle.is_some(),
        "the run goes on: {}",
        next(&report)
    );
    assert!(
        world.ports.count("GET", "/test-runs/run-0") > 1,
        "it may be there a little later"
    );
}
