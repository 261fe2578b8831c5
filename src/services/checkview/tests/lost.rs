//! Triggers without an answer, or whose answer names no run.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::server::{Server, Told, problem};
use super::{but, code, flows, next, reason, world};
use crate::error::Code;
use crate::model::{Stage, Verdict};
use crate::services::tests::scripted::{Trouble, answer};
use crate::services::{cancel, start, watch};

fn untold(told: Told) -> Server {
    Server {
        told,
        ..Server::default()
    }
}

#[test]
fn every_trigger_has_a_key_of_its_own_that_looks_like_a_uuid() {
    let mut world = world(Server::default());
    world.run(&flows(&["f1", "f2", "f3"]));
    world.run(&flows(&["f1", "f2", "f3"]));
    let keys = world.keys();
    let distinct: BTreeSet<&String> = keys.iter().collect();
    assert_eq!((keys.len(), distinct.len()), (6, 6));
    assert_eq!(
        world.executed().len(),
        6,
        "a run that is wanted again is run again"
    );
    for key in &keys {
        let lengths: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{key}");
        assert_eq!(key.as_bytes()[14], b'4', "{key}");
        assert!(
            matches!(key.as_bytes()[19], b'8' | b'9' | b'a' | b'b'),
            "{key}"
        );
        assert!(
            key.bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_hexdigit()),
            "{key}"
        );
    }
}

#[test]
fn an_unanswered_trigger_is_sent_again_with_its_key_and_carried_out_once() {
    for trouble in [
        Trouble::Lost,
        Trouble::Failed,
        Trouble::Refused,
        Trouble::Throttled,
    ] {
        for times in 1..=3 {
            let mut world = world(Server {
                post_troubles: vec![trouble; times],
                ..Server::default()
            });
            let report = world.run(&flows(&["f1"]));
            assert_eq!(
                report.verdict,
                Verdict::Passed,
                "{trouble:?} {times}: {report:?}"
            );
            assert_eq!(world.executed(), ["f1"], "{trouble:?} {times}");
            let keys = world.keys();
            assert_eq!(keys.len(), times + 1, "{trouble:?}");
            assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        }
    }
}

#[test]
fn a_request_that_is_still_at_work_is_asked_again_with_the_same_key() {
    let mut posts = 0;
    let mut server = Server::default();
    let mut ports = crate::ports::fake::Fake::new(move |request, crate::ports::Instant(now)| {
        if request.method == crate::ports::Method::Post {
            posts += 1;
            if posts < 3 {
                return Ok(answer(409, &problem(409, "Conflict", "in progress")));
            }
        }
        server.serve(request, now)
    });
    let report = crate::services::run(&flows(&["f1"]), &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}

#[test]
fn a_trigger_that_is_never_answered_is_looked_for_and_never_given_a_new_key() {
    let mut world = world(Server {
        post_troubles: vec![Trouble::Lost; 40],
        ..Server::default()
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(report.run.map(|run| run.id).as_deref(), Some("run-0"));
    assert_eq!((world.keys().len(), world.executed().len()), (4, 1));

    let mut unseen = super::world(Server {
        post_troubles: vec![Trouble::Lost; 40],
        lag: Duration::from_secs(500),
        ..Server::default()
    });
    let report = unseen.run(&flows(&["f1"]));
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert!(
        reason(&report).contains("may have been started"),
        "{}",
        reason(&report)
    );
    assert_eq!(
        report.handle.map(|handle| handle.triggers[0].stage),
        Some(Stage::Sent)
    );
}

#[test]
fn what_became_of_a_repeated_request_says_nothing_of_the_first() {
    // The first one is carried out and its answer lost; those after it do not even reach the service.
    for later in [Trouble::Refused, Trouble::Throttled] {
        let mut world = world(Server {
            post_troubles: [vec![Trouble::Lost], vec![later; 400]].concat(),
            ..Server::default()
        });
        let report = world.run(&flows(&["f1"]));
        assert_eq!(report.verdict, Verdict::Passed, "{later:?}: {report:?}");
        assert_eq!(world.executed(), ["f1"]);
    }
    let mut refused = world(Server {
        post_troubles: vec![Trouble::Lost],
        ..Server::default()
    });
    let server = std::rc::Rc::clone(&refused.server);
    let mut posts = 0;
    refused.ports = crate::ports::fake::Fake::new(move |request, crate::ports::Instant(now)| {
        posts += usize::from(request.method == crate::ports::Method::Post);
        if request.method == crate::ports::Method::Post && posts > 1 {
            return Ok(answer(401, &problem(401, "Unauthorized", "revoked")));
        }
        server.borrow_mut().serve(request, now)
    });
    let report = refused.run(&flows(&["f1"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}

#[test]
fn a_key_is_not_sent_again_once_the_service_may_have_forgotten_it() {
    let mut world = world(Server {
        post_troubles: [vec![Trouble::Lost], vec![Trouble::Throttled; 20_000]].concat(),
        takes: Duration::from_secs(3_000),
        ..Server::default()
    });
    let mut patient = flows(&["f1"]);
    patient.timeout = Duration::from_secs(4 * 3_600);
    let report = world.run(&patient);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let server = world.server.borrow();
    assert!(
        server.last_post > Duration::from_secs(44 * 60),
        "{:?}",
        server.last_post
    );
    assert!(
        server.last_post < Duration::from_secs(46 * 60),
        "{:?}",
        server.last_post
    );
}

#[test]
fn a_run_without_an_id_in_the_answer_is_found_in_the_list() {
    for told in [Told::Nothing, Told::FlowOnly] {
        let mut world = world(Server {
            lag: Duration::from_secs(25),
            ..untold(told)
        });
        let report = world.run(&flows(&["f1", "f2"]));
        assert_eq!(report.verdict, Verdict::Passed, "{told:?}: {report:?}");
        assert_eq!(world.executed(), ["f1", "f2"]);
        assert_eq!(
            world.ports.count("GET", "/test-runs/f1"),
            0,
            "a flow's id is not a run's"
        );
    }
}

#[test]
fn a_run_that_is_not_listed_in_two_minutes_is_no_pass() {
    let mut world = world(Server {
        lag: Duration::from_secs(400),
        ..untold(Told::Nothing)
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored))
    );
    assert!(
        reason(&report).contains("within 120 s"),
        "{}",
        reason(&report)
    );
    assert!(
        next(&report).contains("trigger_run_id"),
        "{}",
        next(&report)
    );
    let handle = report.handle.expect("it may be looked for again");
    assert!(
        (120_000..160_000).contains(&report.duration_ms),
        "{}",
        report.duration_ms
    );
    world.server.borrow_mut().lag = Duration::ZERO;
    assert_eq!(
        watch(&flows(&["f1"]), &handle, &mut world.ports).verdict,
        Verdict::Passed
    );
    assert_eq!(world.executed().len(), 1);
}

#[test]
fn of_two_new_runs_none_is_taken() {
    let mut world = world(Server {
        noise: 1,
        ..untold(Told::Nothing)
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored))
    );
    assert!(
        reason(&report).contains("2 runs are new"),
        "{}",
        reason(&report)
    );
    assert_eq!(report.run, None);
}

#[test]
fn a_new_run_that_does_not_say_its_flow_is_not_taken() {
    let runs = json!([{"id": "run-0"}]);
    let silent = |path| Server {
        errors: vec![("GET", path, 200, runs.clone())],
        ..untold(Told::Nothing)
    };
    let mut ports = world(silent("/never"));
    let handle = start(&flows(&["f1"]), &mut ports.ports)
        .handle
        .expect("one");
    ports.server.borrow_mut().errors = silent("/test-runs").errors;
    let report = watch(&flows(&["f1"]), &handle, &mut ports.ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert!(
        reason(&report).contains("does not say of which flow"),
        "{}",
        reason(&report)
    );
    // Asked for by flow, the list holds no other's.
    let by_flow = but(flows(&["f1"]), "path_runs", &["/test-runs?flow={flow_id}"]);
    assert_eq!(
        watch(&by_flow, &handle, &mut ports.ports).verdict,
        Verdict::Passed
    );
}

#[test]
fn without_the_runs_before_a_run_without_an_id_is_not_guessed() {
    let mut world = world(Server {
        errors: vec![(
            "GET",
            "/test-runs",
            404,
            problem(404, "Not Found", "no route"),
        )],
        ..untold(Told::Nothing)
    });
    let report = world.run(&flows(&["f1"]));
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert!(reason(&report).contains("not known"), "{}", reason(&report));
    let mut with_id = super::world(Server {
        errors: vec![(
            "GET",
            "/test-runs",
            404,
            problem(404, "Not Found", "no route"),
        )],
        ..Server::default()
    });
    assert_eq!(
        with_id.run(&flows(&["f1"])).verdict,
        Verdict::Passed,
        "with an id it is not needed"
    );
}

#[test]
fn an_entry_without_an_id_before_the_trigger_is_not_new_by_its_id_later() {
    let mut world = world(Server {
        errors: vec![("GET", "/test-runs", 200, json!([{"test_flow_id": "f1"}]))],
        lag: Duration::from_secs(36_000),
        ..untold(Told::Nothing)
    });
    let started = start(&flows(&["f1"]), &mut world.ports);
    let handle = started.handle.expect("one");
    // Now the older run shows its id.
    world.server.borrow_mut().errors.clear();
    let report = watch(&flows(&["f1"]), &handle, &mut world.ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert!(reason(&report).contains("not known"), "{}", reason(&report));
    assert_eq!(report.run, None);
}

#[test]
fn the_id_of_a_run_is_looked_for_by_its_specific_names_first() {
    let table = [
        (json!({"id": "job-7", "test_run_id": "run-0"}), true),
        (json!({"data": {"testRunId": "run-0", "id": "f1"}}), true),
        (json!({"id": "f1", "test_run": {"id": "run-0"}}), true),
        (json!({"data": {"id": "run-0"}}), true),
        (json!({"run_id": "old-1", "id": "run-0"}), true),
        (json!({"run_id": "", "runId": "run-0"}), true),
        (json!({"id": "f1"}), false),
        (json!({"test_run_id": "old-1"}), false),
    ];
    for (told, named) in table {
        let mut world = world(Server {
            errors: vec![("POST", "/run", 200, told.clone())],
            ..Server::default()
        });
        let handle = start(&flows(&["f1"]), &mut world.ports)
            .handle
            .expect("one");
        let expected: &[&str] = if named { &["run-0"] } else { &[] };
        assert_eq!(handle.triggers[0].runs, expected, "{told}");
        assert_eq!(handle.triggers[0].stage, Stage::Accepted, "{told}");
    }
}

#[test]
fn an_interrupt_leaves_the_run_and_says_that_it_goes_on() {
    let mut followed = 0;
    for tenths in 0..600 {
        let mut world = world(Server::default());
        world.ports.stop_at = Some(Duration::from_millis(tenths * 100));
        let report = world.run(&flows(&["f1"]));
        assert!(world.executed().len() <= 1);
        if report.verdict == Verdict::Passed {
            continue;
        }
        assert_eq!(
            (report.verdict, code(&report)),
            (Verdict::Cancelled, Some(Code::Interrupted)),
            "{tenths}"
        );
        if world.executed().is_empty() {
            assert!(
                reason(&report).contains("nothing had been triggered"),
                "{}",
                reason(&report)
            );
            continue;
        }
        followed += 1;
        assert!(reason(&report).contains("goes on"), "{}", reason(&report));
        assert!(
            !next(&report).contains("proctor cancel"),
            "{}",
            next(&report)
        );
        assert!(report.handle.is_some() && report.duration_ms < tenths * 100 + 4_000);
    }
    assert!(followed > 300, "{followed}");
}

#[test]
fn an_interrupt_between_triggers_does_not_deny_those_before() {
    let mut between = 0;
    for millis in (0..4_000).step_by(20) {
        let mut world = world(Server {
            post_troubles: [
                Trouble::None,
                Trouble::Refused,
                Trouble::Refused,
                Trouble::Throttled,
            ]
            .to_vec(),
            ..Server::default()
        });
        world.ports.stop_at = Some(Duration::from_millis(millis));
        let report = world.run(&flows(&["f1", "f2", "f3"]));
        assert_eq!(
            code(&report),
            Some(Code::Interrupted),
            "{millis}: {report:?}"
        );
        let executed = world.executed();
        let denied = reason(&report).contains("nothing had been triggered");
        assert_eq!(denied, executed.is_empty(), "{millis}: {}", reason(&report));
        if executed == ["f1"] {
            between += 1;
            let handle = report.handle.expect("the first one goes on");
            let stages: Vec<Stage> = handle
                .triggers
                .iter()
                .map(|trigger| trigger.stage)
                .collect();
            assert_eq!(stages, [Stage::Accepted, Stage::Planned, Stage::Planned]);
        }
    }
    assert!(between > 20, "{between}");
}

#[test]
fn an_interrupt_while_a_trigger_is_repeated_does_not_deny_the_first_one() {
    for millis in (0..8_000).step_by(50) {
        let mut world = world(Server {
            post_troubles: vec![Trouble::Lost; 3],
            ..Server::default()
        });
        world.ports.stop_at = Some(Duration::from_millis(millis));
        let report = world.run(&flows(&["f1"]));
        assert_eq!(
            code(&report),
            Some(Code::Interrupted),
            "{millis}: {report:?}"
        );
        let denied = reason(&report).contains("nothing had been triggered");
        assert_eq!(
            denied,
            world.executed().is_empty(),
            "{millis}: {}",
            reason(&report)
        );
        assert_eq!(report.handle.is_none(), denied, "{millis}");
    }
}

#[test]
fn a_started_run_can_be_watched_later_but_not_stopped() {
    let mut world = world(Server::default());
    let handle = start(&flows(&["f1", "f2"]), &mut world.ports)
        .handle
        .expect("a handle");
    assert_eq!(handle.triggers[1].runs, ["run-1"]);
    assert_eq!(
        handle.triggers[0].idempotency_key.as_ref(),
        Some(&world.keys()[0])
    );
    assert_eq!(
        handle.triggers[0].baseline.runs.as_deref(),
        Some(&["old-1".to_owned()][..])
    );
    let refused =
        cancel(&flows(&["f1"]), &handle, &mut world.ports).expect_err("it cannot be stopped");
    assert_eq!(refused.code, Code::Usage);
    assert_eq!(
        watch(&flows(&["f1", "f2"]), &handle, &mut world.ports).verdict,
        Verdict::Passed
    );
    assert_eq!(world.executed().len(), 2);
}
