//! Triggering once, following to an end, and leaving.

use proptest::prelude::*;

use super::*;
use crate::model::{Stage, Verdict};
use crate::ports::{Clock, Event};
use crate::services::tests::scripted::any_trouble;
use crate::services::{cancel, start, watch};

#[test]
fn a_run_that_outlives_its_time_is_stopped() {
    let mut world = world(Server {
        takes: Duration::from_secs(100_000),
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::TimedOut, Some(Code::TimedOut)),
        "{report:?}"
    );
    assert!(world.is_stopped());
    assert_eq!(report.handle, None);
    assert!(reason(&report).contains("going"));
}

#[test]
fn a_run_that_cannot_be_stopped_leaves_its_handle() {
    let mut world = world(Server {
        takes: Duration::from_secs(700),
        ..Server::default()
    });
    let report = world.run(&bare());
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    let handle = report.handle.expect("it goes on");
    let refused = cancel(&bare(), &handle, &mut world.ports).expect_err("no `cancel`");
    assert_eq!(refused.code, Code::Usage);
    let report = watch(&bare(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
}

#[test]
fn an_unknown_state_is_no_end_and_is_named() {
    let table = [
        (json!("marinating"), "marinating"),
        (json!(true), "true"),
        (json!(7), "7"),
    ];
    for (end, word) in table {
        let mut world = world(Server {
            end,
            ..Server::default()
        });
        let report = world.run(&target());
        assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
        assert!(reason(&report).contains(word), "{}", reason(&report));
        let warned = |warning: &&String| warning.contains("not known");
        assert_eq!(report.warnings.iter().filter(warned).count(), 1);
    }
}

#[test]
fn states_that_contradict_each_other_are_not_known() {
    let several = with(bare(), [text("state", "$.run['status','page']")]);
    let report = world(Server::default()).run(&several);
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    let twice = with(bare(), [text("state", "$.run['status','status']")]);
    assert_eq!(
        world(Server::default()).run(&twice).verdict,
        Verdict::Passed
    );
}

#[test]
fn the_first_place_with_a_word_tells_the_state() {
    let mut ports = {
        let mut looks = 0;
        but(Server::default(), move |request| {
            if request.method != Method::Get {
                return None;
            }
            looks += 1;
            let conclusion = if looks < 3 { Json::Null } else { json!("ok") };
            // The second word alone would be taken for the end.
            let body = json!({"conclusion": conclusion, "status": if looks < 3 { "going" } else { "broken" }});
            Some(Ok(answer(200, &body)))
        })
    };
    let target = with(bare(), [texts("state", &["$.conclusion", "$.status"])]);
    let report = run(&target, &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(ports.count("GET", "/runs/"), 3);
}

#[test]
fn answers_without_a_state_end_the_run_as_errored() {
    for end in [Json::Null, json!(""), json!({"x": 1}), json!(["done"])] {
        let mut world = world(Server {
            end: end.clone(),
            ..Server::default()
        });
        let report = world.run(&target());
        assert_eq!(report.verdict, Verdict::Errored, "{end}: {report:?}");
        assert_eq!(code(&report), Some(Code::ServiceErrored), "{end}");
    }
}

#[test]
fn polls_are_as_far_apart_as_the_target_says() {
    let every = Setting {
        name: "poll_every".into(),
        value: Value::Integer(30),
    };
    let mut world = world(Server {
        takes: Duration::from_secs(100),
        ..Server::default()
    });
    let report = world.run(&with(bare(), [every]));
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(world.ports.count("GET", "/runs/"), 4, "every 30 s");
}

#[test]
fn a_poll_may_be_a_post() {
    let mut ports = but(Server::default(), |request| {
        let is_poll = request.url.ends_with("/query");
        is_poll.then(|| Ok(answer(200, &json!({"run": {"status": "ok"}}))))
    });
    let report = run(
        &with(bare(), [text("poll", "POST /runs/{run_id}/query")]),
        &mut ports,
    );
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(ports.count("POST", "/r%201%2F2/query"), 1);
}

#[test]
fn refusals_are_told_by_who_must_act() {
    let table = [
        (401, "who are you", Code::Authentication),
        (403, "not yours", Code::Authentication),
        (403, "your monthly Allowance is gone", Code::Quota),
        (402, "pay", Code::Quota),
        (400, "what", Code::Usage),
        (404, "where", Code::Usage),
        (422, "how", Code::Usage),
    ];
    let target = with(target(), [texts("quota_messages", &["monthly allowance"])]);
    for (status, message, expected) in table {
        let mut ports = but(Server::default(), move |request| {
            (request.method == Method::Post).then(|| Ok(error(status, message)))
        });
        let report = run(&target, &mut ports);
        assert_eq!(code(&report), Some(expected), "{status} {message}");
        let problem = report.problem.expect("one");
        assert_eq!(problem.request_id.as_deref(), Some("req-9"));
        assert!(problem.message.contains(message), "{}", problem.message);
        assert_eq!(ports.count("POST", "/runs"), 1);
        assert_eq!(report.handle, None);
    }
}

#[test]
fn a_trigger_that_certainly_did_nothing_is_repeated() {
    for trouble in [Trouble::Refused, Trouble::Throttled] {
        let mut world = world(Server {
            troubles: vec![trouble, trouble],
            ..Server::default()
        });
        assert_eq!(world.run(&target()).verdict, Verdict::Passed, "{trouble:?}");
        assert_eq!(world.triggers(), 1, "{trouble:?}");
    }
}

#[test]
fn a_lost_trigger_is_told_and_never_repeated() {
    let table = [
        (Trouble::Lost, Code::Unavailable),
        (Trouble::Failed, Code::Unavailable),
        (Trouble::Html, Code::Protocol),
        (Trouble::Shapeless, Code::Protocol),
    ];
    for (trouble, expected) in table {
        let mut world = world(Server {
            troubles: vec![trouble],
            ..Server::default()
        });
        let report = world.run(&target());
        assert_eq!(code(&report), Some(expected), "{trouble:?}: {report:?}");
        assert!(reason(&report).contains("may have been started"));
        assert!(reason(&report).contains("nothing describes where"));
        assert_eq!(world.triggers(), 1, "{trouble:?}");
        let handle = report.handle.expect("a trace of it");
        assert_eq!(handle.triggers[0].stage, Stage::Sent);
        let again = watch(&target(), &handle, &mut world.ports);
        assert_eq!(code(&again), Some(Code::Unavailable), "{again:?}");
        assert_eq!(world.triggers(), 1, "{trouble:?}");
    }
}

#[test]
fn an_id_that_could_not_be_asked_for_is_none() {
    let ids = [
        Json::Null,
        json!(""),
        json!([]),
        json!({"id": 1}),
        json!(".."),
        json!("."),
        json!("x".repeat(513)),
    ];
    for id in ids {
        let mut world = world(Server {
            accepted: json!({"run": {"id": id}}),
            ..Server::default()
        });
        let report = world.run(&target());
        assert_eq!(code(&report), Some(Code::Protocol), "{id}: {report:?}");
        assert!(reason(&report).contains("it names no run"), "{id}");
        assert_eq!(world.ports.count("GET", ""), 0, "{id}");
    }
    let both = with(target(), [text("run_id", "$..id")]);
    let mut world = world(Server {
        accepted: json!({"run": {"id": 1}, "project": {"id": 2}}),
        ..Server::default()
    });
    assert_eq!(code(&world.run(&both)), Some(Code::Protocol));
}

#[test]
fn values_that_would_change_a_path_are_refused_before_the_trigger() {
    let table = [
        (text("env.PROJECT", ".."), "`..`"),
        (text("env.PROJECT", ""), "PROJECT is empty"),
    ];
    for (setting, why) in table {
        let mut world = world(Server::default());
        let report = world.run(&with(target(), [setting]));
        assert_eq!(code(&report), Some(Code::Usage), "{report:?}");
        assert!(reason(&report).contains(why), "{}", reason(&report));
        assert!(world.ports.sent.is_empty());
    }
    // What only a later request needs is looked at before the trigger as well.
    let later = with(
        target(),
        [text("cancel", "DELETE /runs/{run_id}/{env.NOTE}")],
    );
    let later = without(later, &["env.NOTE"]);
    let mut world = world(Server::default());
    let report = world.run(&later);
    assert!(reason(&report).contains("`cancel`: the environment variable NOTE is not set"));
    assert!(world.ports.sent.is_empty());
}

#[test]
fn a_target_that_cannot_be_right_is_never_sent() {
    let wrong = with(target(), [text("state", "$.["), text("poll", "GET runs")]);
    let mut world = world(Server::default());
    let report = world.run(&wrong);
    assert_eq!(code(&report), Some(Code::Usage));
    assert!(reason(&report).contains("`state`") && reason(&report).contains("`poll`"));
    assert!(world.ports.sent.is_empty());
}

#[test]
fn a_handle_holds_no_value_of_a_variable() {
    let mut world = world(Server::default());
    let handle = start(&target(), &mut world.ports).handle.expect("one");
    let trigger = &handle.triggers[0];
    assert_eq!(trigger.subject, "POST /projects/{env.PROJECT}/runs");
    assert_eq!(
        (trigger.title.as_str(), trigger.runs.as_slice()),
        ("shop", &["r 1/2".to_owned()][..])
    );
    assert_eq!(
        watch(&target(), &handle, &mut world.ports).verdict,
        Verdict::Passed
    );
    cancel(&target(), &handle, &mut world.ports).expect("it can be asked for");
    assert!(world.is_stopped());
    assert_eq!(world.triggers(), 1);
}

#[test]
fn a_run_stopped_at_the_service_is_cancelled() {
    let mut world = world(Server {
        end: json!("STOPPED"),
        pages: vec![json!([passing("one")])],
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Cancelled, Some(Code::ServiceErrored)),
        "{report:?}"
    );
    assert_eq!(report.tests.len(), 1);
}

/// The same service, of which only the last run can be asked for.
fn without_id() -> Target {
    let target = with(bare(), [text("poll", "GET /projects/{env.PROJECT}/last")]);
    without(target, &["run_id"])
}

#[test]
fn without_an_id_an_end_counts_once_the_state_has_changed() {
    // Seen to wait and go on, so that the same word as before is a new one.
    for (end, verdict) in [("done", Verdict::Passed), ("broken", Verdict::Failed)] {
        let mut world = world(Server {
            end: json!(end),
            ..Server::default()
        });
        let report = world.run(&without_id());
        assert_eq!(report.verdict, verdict, "{report:?}");
        assert_eq!((world.triggers(), report.run), (1, None));
    }
    // At its end before the first look: another word than before is new, the same may be the old one.
    let table = [
        (json!("broken"), json!("done"), Verdict::Passed, None),
        (
            json!("done"),
            json!("broken"),
            Verdict::Failed,
            Some(Code::Failed),
        ),
        (Json::Null, json!("done"), Verdict::Passed, None),
        (
            json!("done"),
            json!("done"),
            Verdict::Errored,
            Some(Code::ServiceErrored),
        ),
    ];
    for (before, end, verdict, expected) in table {
        let mut world = world(Server {
            takes: Duration::ZERO,
            before: before.clone(),
            end: end.clone(),
            ..Server::default()
        });
        let report = world.run(&without_id());
        assert_eq!(
            (report.verdict, code(&report)),
            (verdict, expected),
            "{before} {end}: {report:?}"
        );
    }
}

#[test]
fn without_an_id_nothing_is_triggered_beside_a_word_that_may_be_that_of_a_run() {
    let mut world = world(Server {
        before: json!("never heard of"),
        ..Server::default()
    });
    let report = world.run(&without_id());
    assert_eq!(code(&report), Some(Code::ServiceErrored));
    assert!(reason(&report).contains("going on already (never heard of)"));
}

#[test]
fn without_an_id_nothing_is_triggered_beside_another_run() {
    let mut world = world(Server {
        before: json!("going"),
        ..Server::default()
    });
    let report = world.run(&without_id());
    assert_eq!(code(&report), Some(Code::ServiceErrored));
    assert!(reason(&report).contains("going on already"));
    assert_eq!((world.triggers(), report.handle), (0, None));
}

#[test]
fn without_an_id_a_service_that_knows_no_run_yet_is_no_trouble() {
    let mut first = true;
    let mut ports = but(Server::default(), move |request| {
        let is_first = std::mem::take(&mut first);
        (is_first && request.method == Method::Get).then(|| Ok(error(404, "no run yet")))
    });
    assert_eq!(run(&without_id(), &mut ports).verdict, Verdict::Passed);
    let mut ports = but(Server::default(), |request| {
        (request.method == Method::Get).then(|| Ok(error(401, "who are you")))
    });
    let report = run(&without_id(), &mut ports);
    assert_eq!(code(&report), Some(Code::Authentication));
    assert_eq!(ports.count("POST", ""), 0);
}

#[test]
fn without_an_id_a_change_seen_before_is_remembered() {
    let mut world = world(Server {
        before: json!("done"),
        ..Server::default()
    });
    let mut handle = start(&without_id(), &mut world.ports).handle.expect("one");
    assert_eq!(handle.triggers[0].baseline.state.as_deref(), Some("done"));
    world.ports.wait(Duration::from_secs(60));
    handle.triggers[0].last_state = Some("going".into());
    let report = watch(&without_id(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    handle.triggers[0].last_state = None;
    let report = watch(&without_id(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Errored, "{report:?}");
}

#[test]
fn an_interrupt_stops_the_run_wherever_it_comes() {
    for tenths in 0..260 {
        let mut world = world(Server::default());
        world.ports.stop_at = Some(Duration::from_millis(tenths * 100));
        let report = world.run(&target());
        assert!(world.triggers() <= 1);
        if report.verdict == Verdict::Passed {
            continue;
        }
        assert_eq!(
            (report.verdict, code(&report)),
            (Verdict::Cancelled, Some(Code::Interrupted)),
            "{tenths}"
        );
        let now = world.ports.now().0;
        let ended = world.is_stopped() || world.server.borrow().word(now) == "done";
        assert!(world.triggers() == 0 || ended, "{tenths}: {report:?}");
    }
}

#[test]
fn one_fault_at_any_later_call_changes_nothing_or_is_told() {
    for at in 1..12 {
        for trouble in Trouble::ALL {
            let mut troubles = vec![Trouble::None; at];
            troubles.push(trouble);
            let mut world = world(Server {
                troubles,
                ..Server::default()
            });
            let report = world.run(&target());
            assert_eq!(world.triggers(), 1, "{at} {trouble:?}");
            let lasting = matches!(trouble, Trouble::Html | Trouble::Shapeless);
            if !lasting {
                assert_eq!(
                    report.verdict,
                    Verdict::Passed,
                    "{at} {trouble:?}: {report:?}"
                );
            }
            assert_eq!(report.problem.is_none(), report.verdict == Verdict::Passed);
        }
    }
}

#[test]
fn the_values_of_variables_are_not_told_beside_the_path() {
    let mut world = world(Server::default());
    let query = "POST /projects/{env.PROJECT}/runs?note={env.NOTE}";
    world.run(&with(target(), [text("trigger", query)]));
    let told = world.ports.events.iter().any(|event| match event {
        Event::Debug(text) | Event::Warning(text) => text.contains("say"),
        _ => false,
    });
    assert!(!told);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_fails_there_is_one_trigger_and_no_false_pass(
        troubles in proptest::collection::vec(any_trouble(), 0..40),
        end in proptest::sample::select(&["done", "broken", "crashed", "sublime"][..]),
        outcome in proptest::sample::select(&["ok", "broken", "left out", "sublime"][..]),
        same in any::<bool>(),
        with_id in any::<bool>(),
        quick in any::<bool>(),
        stop_at in proptest::option::of(0u64..60_000),
    ) {
        let mut world = world(Server {
            troubles,
            end: json!(end),
            before: json!(if same { end } else { "other" }),
            takes: Duration::from_secs(if quick { 0 } else { 20 }),
            pages: vec![json!([{"outcome": outcome}]), json!([{"outcome": "ok"}])],
            ..Server::default()
        });
        world.ports.stop_at = stop_at.map(Duration::from_millis);
        let target = if with_id { target() } else { without_id() };
        let report = world.run(&target);
        prop_assert!(world.triggers() <= 1, "{} triggers", world.triggers());
        prop_assert!(report.duration_ms < 700_000);
        prop_assert_eq!(report.problem.is_none(), report.verdict == Verdict::Passed);
        if report.verdict == Verdict::Passed {
            prop_assert!(end == "done" && world.triggers() == 1);
            prop_assert!(!with_id || matches!(outcome, "ok" | "left out"));
            prop_assert!(report.tests.iter().any(|test| test.verdict == Verdict::Passed));
        }
        prop_assert!(code(&report) != Some(Code::Internal), "{:?}", report);
    }
}
