//! Waiting for a run.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::server::{Server, Trouble, refusal};
use super::{World, integer, target, text, with, world};
use crate::error::Code;
use crate::model::{Report, Setting, Target, Value, Verdict};
use crate::ports::fake::Fake;
use crate::ports::{Event, Instant};
use crate::services::{cancel, check, discover, run, start, watch};

fn gate() -> Target {
    target(vec![text("run", "1")])
}

fn test(status: impl Into<Json>) -> Json {
    json!({"id": 1, "key": "k", "name": "pays", "folder": "shop", "status_id": status.into(), "elapsed": 1_500_000})
}

/// A run that says this of itself, with these tests.
fn held(says: Json, listed: Vec<Json>) -> World {
    let mut server = Server::with_run();
    server.gate = Some(says);
    server.listed = listed;
    world(server)
}

fn done(status: i64, total: usize, failed: usize) -> Json {
    json!({"is_completed": true, "status": status, "total_count": total, "failure_count": failed})
}

fn code(report: &Report) -> Option<Code> {
    report.problem.as_ref().map(|problem| problem.code)
}

fn reason(report: &Report) -> &str {
    report.reason.as_deref().unwrap_or_default()
}

#[test]
fn a_run_passes_with_its_tests() {
    let mut world = held(done(2, 2, 0), vec![test(2), test("passed")]);
    let report = run(&gate(), &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(report.run.as_ref().map(|run| run.id.as_str()), Some("1"));
    assert_eq!(report.handle, None);
    let first = &report.tests[0];
    assert_eq!(
        (first.suite.as_str(), first.name.as_str(), first.duration_ms),
        ("shop", "pays", Some(1500))
    );
    assert_eq!(world.ports.count("POST", ""), 0, "nothing is ever changed");
}

#[test]
fn what_a_complete_run_amounts_to() {
    let pass = || vec![test(2)];
    let table: Vec<(&str, Json, Vec<Json>, Verdict, &str)> = vec![
        ("passed", done(2, 1, 0), pass(), Verdict::Passed, ""),
        (
            "one failed",
            done(3, 2, 1),
            vec![test(2), test(3)],
            Verdict::Failed,
            "",
        ),
        (
            "by its word",
            done(3, 1, 1),
            vec![test("failure")],
            Verdict::Failed,
            "",
        ),
        (
            "an error is a failure",
            done(3, 1, 1),
            vec![test("error")],
            Verdict::Failed,
            "",
        ),
        (
            "counted, not listed",
            done(3, 1, 1),
            pass(),
            Verdict::Failed,
            "lists none",
        ),
        (
            "listed, not counted",
            done(2, 1, 0),
            vec![test(3)],
            Verdict::Failed,
            "",
        ),
        (
            "its status alone",
            done(3, 1, 0),
            pass(),
            Verdict::Failed,
            "status is a failure",
        ),
        (
            "too few are listed",
            done(2, 2, 0),
            pass(),
            Verdict::Errored,
            "counts 2 tests, but lists 1",
        ),
        (
            "none",
            done(2, 0, 0),
            vec![],
            Verdict::Skipped,
            "holds no test",
        ),
        (
            "none, with a status for failed",
            done(3, 0, 0),
            vec![],
            Verdict::Skipped,
            "holds no test",
        ),
        (
            "all skipped",
            done(2, 1, 0),
            vec![test(1)],
            Verdict::Skipped,
            "",
        ),
        (
            "one skipped",
            done(2, 2, 0),
            vec![test(1), test(2)],
            Verdict::Passed,
            "",
        ),
        (
            "still running",
            done(2, 1, 0),
            vec![test(4)],
            Verdict::Errored,
            "",
        ),
        (
            "unknown status of a test",
            done(2, 1, 0),
            vec![test("odd")],
            Verdict::Unknown,
            "",
        ),
        (
            "no status of a test",
            done(2, 1, 0),
            vec![json!({"id": 1})],
            Verdict::Errored,
            "",
        ),
        (
            "unknown status",
            done(7, 1, 0),
            pass(),
            Verdict::Errored,
            "says nothing, \"7\"",
        ),
        (
            "complete, yet running",
            done(4, 1, 0),
            pass(),
            Verdict::Errored,
            "says nothing, \"4\"",
        ),
        (
            "no counts",
            json!({"is_completed": true, "status": 2, "total_count": null}),
            pass(),
            Verdict::Errored,
            "does not count",
        ),
        (
            "one listed twice, one not at all",
            done(2, 2, 0),
            vec![test(2), test(2)],
            Verdict::Errored,
            "counts 2 tests, but lists 1",
        ),
        (
            "a fraction of a test",
            json!({"is_completed": true, "status": 2, "total_count": 1e-300, "failure_count": 0}),
            pass(),
            Verdict::Errored,
            "does not count",
        ),
        (
            "no count of failures",
            json!({"is_completed": true, "status": 2, "total_count": 1, "failure_count": null}),
            pass(),
            Verdict::Errored,
            "does not count",
        ),
    ];
    for (name, says, listed, verdict, why) in table {
        let report = run(&gate(), &mut held(says, listed).ports);
        assert_eq!(report.verdict, verdict, "{name}: {report:?}");
        assert!(reason(&report).contains(why), "{name}: {}", reason(&report));
        assert_eq!(
            report.problem.is_none(),
            verdict == Verdict::Passed,
            "{name}"
        );
    }
}

/// A run that says the second of two things of itself from a time on.
fn turning(before: Json, after: Json, at: Duration) -> Fake {
    let server = Rc::new(RefCell::new(Server::with_run()));
    server.borrow_mut().listed = vec![test(2)];
    Fake::new(move |request, Instant(now)| {
        let mut server = server.borrow_mut();
        server.gate = Some(if now < at {
            before.clone()
        } else {
            after.clone()
        });
        server.serve(request, now)
    })
}

#[test]
fn a_failure_is_no_end_and_neither_is_an_idle_run() {
    let minute = Duration::from_secs(60);
    for before in [
        json!({"is_completed": false, "status": 3, "total_count": 1, "failure_count": 1}),
        json!({"is_completed": false, "status": 2, "thread_active_count": 0, "thread_completed_count": 5, "total_count": 1}),
        json!({"is_completed": false, "status": 9, "total_count": 1}),
    ] {
        let mut ports = turning(before.clone(), done(2, 1, 0), minute);
        let report = run(&gate(), &mut ports);
        assert_eq!(report.verdict, Verdict::Passed, "{before}: {report:?}");
        assert!(report.duration_ms >= 60_000, "{before}");
    }
}

#[test]
fn a_status_is_told_in_words() {
    let mut world = held(done(3, 2, 1), vec![test(2), test(3)]);
    run(&gate(), &mut world.ports);
    let told =
        world.ports.events.iter().any(
            |event| matches!(event, Event::StateChanged { word, .. } if word == "3 (failures)"),
        );
    assert!(told, "{:?}", world.ports.events);
}

#[test]
fn with_threads_an_open_run_ends_when_all_are_complete() {
    let open = |active: i64, completed: i64, total: i64| {
        json!({"is_completed": false, "status": 4, "thread_active_count": active,
               "thread_completed_count": completed, "total_count": total, "failure_count": 0})
    };
    let threads = with(gate(), integer("threads", 2));
    let minute = Duration::from_secs(60);
    for before in [
        open(1, 2, 1),
        open(0, 1, 1),
        json!({"is_completed": false, "status": 4}),
    ] {
        let mut ports = turning(before.clone(), open(0, 2, 1), minute);
        let report = run(&threads, &mut ports);
        assert_eq!(report.verdict, Verdict::Passed, "{before}: {report:?}");
        assert!(report.duration_ms >= 60_000, "{before}");
        assert!(
            reason(&report).contains("still open"),
            "{}",
            reason(&report)
        );
        assert_eq!(ports.count("POST", ""), 0, "the run is not completed");
    }
    let failing = json!({"is_completed": false, "status": 3, "thread_active_count": 0,
               "thread_completed_count": 2, "total_count": 1, "failure_count": 1});
    let report = run(&threads, &mut held(failing, vec![test(3)]).ports);
    assert_eq!(report.verdict, Verdict::Failed);
}

#[test]
fn a_run_that_stays_open_times_out_and_can_be_waited_for_again() {
    let running = json!({"is_completed": false, "status": 9, "total_count": 1, "failure_count": 0});
    let mut world = held(running, vec![test(2)]);
    let report = run(&gate(), &mut world.ports);
    assert_eq!(code(&report), Some(Code::TimedOut));
    assert!(reason(&report).contains('9'), "{}", reason(&report));
    assert_eq!(
        report
            .warnings
            .iter()
            .filter(|warning| warning.contains("\"9\""))
            .count(),
        1
    );
    let handle = report.handle.expect("it may end yet");
    world.server.borrow_mut().gate = Some(done(2, 1, 0));
    assert_eq!(
        watch(&gate(), &handle, &mut world.ports).verdict,
        Verdict::Passed
    );
    let refused = cancel(&gate(), &handle, &mut world.ports).expect_err("it cannot be stopped");
    assert_eq!(refused.code, Code::Usage);
}

#[test]
fn tests_come_in_pages() {
    let mut world = held(done(2, 7, 0), vec![test(2); 7]);
    {
        let mut server = world.server.borrow_mut();
        server.page = 3;
        // Pages that are alike would be taken for one.
        for (number, test) in server.listed.iter_mut().enumerate() {
            test["id"] = number.into();
        }
    }
    let report = run(&gate(), &mut world.ports);
    assert_eq!((report.verdict, report.tests.len()), (Verdict::Passed, 7));
    assert_eq!(world.ports.count("GET", "/tests?per_page=1000"), 3);
}

#[test]
fn a_run_that_is_not_there_is_a_mistake_of_the_user() {
    let mut world = world(Server::default());
    let report = run(&gate(), &mut world.ports);
    assert_eq!(code(&report), Some(Code::Usage), "{report:?}");
    for (status, expected) in [
        (401, Code::Authentication),
        (403, Code::Authentication),
        (500, Code::Unavailable),
    ] {
        let report = run(&gate(), &mut Fake::new(move |_, _| Ok(refusal(status))));
        assert_eq!(code(&report), Some(expected), "{status}");
    }
}

#[test]
fn an_answer_of_another_shape_is_no_pass() {
    for call in 0..3 {
        for trouble in [
            Trouble::Shapeless,
            Trouble::Html,
            Trouble::LostBefore,
            Trouble::Throttled,
        ] {
            let mut server = Server::failing_at(call, trouble);
            server.create(json!({"name": "x"}));
            server.gate = Some(done(2, 1, 0));
            server.listed = vec![test(2)];
            let report = run(&gate(), &mut world(server).ports);
            // The first look is only whether the run is there; a look without a state is repeated.
            let is_told = trouble == Trouble::Shapeless && call == 2;
            let expected = trouble != Trouble::Html && !is_told;
            assert_eq!(
                report.verdict == Verdict::Passed,
                expected,
                "{call} {trouble:?}: {report:?}"
            );
            assert_eq!(report.problem.is_none(), expected);
        }
    }
}

#[test]
fn an_interrupt_leaves_the_run() {
    for tenths in 0..80 {
        let running =
            json!({"is_completed": false, "status": 4, "total_count": 1, "failure_count": 0});
        let mut ports = turning(running, done(2, 1, 0), Duration::from_secs(6));
        ports.stop_at = Some(Duration::from_millis(tenths * 100));
        let report = run(&gate(), &mut ports);
        if report.verdict != Verdict::Passed {
            assert_eq!(code(&report), Some(Code::Interrupted), "{tenths}");
        }
        assert_eq!(ports.count("POST", ""), 0);
    }
}

#[test]
fn places_and_words_can_be_corrected() {
    let mut target = gate();
    for (name, value) in [("step_verdict", "state"), ("words_passed", "Splendid")] {
        target.overrides.push(Setting {
            name: name.into(),
            value: Value::Texts(vec![value.into()]),
        });
    }
    let mut world = held(done(2, 1, 0), vec![json!({"id": 1, "state": "splendid"})]);
    assert_eq!(run(&target, &mut world.ports).verdict, Verdict::Passed);
}

#[test]
fn lists_projects_then_runs_and_checks() {
    let mut world = world(Server::with_run());
    let projects = discover(&target(vec![]), &mut world.ports).expect("projects");
    assert_eq!(
        (projects[0].kind.as_str(), projects[0].name.as_str()),
        ("project", "Shop")
    );
    let runs = discover(&target(vec![integer("project_id", 1)]), &mut world.ports).expect("runs");
    assert_eq!(
        (runs[0].id.as_str(), runs[0].note.as_deref()),
        ("1", Some("open"))
    );
    let all = with(gate(), integer("project_id", 1));
    let facts = check(&all, &mut world.ports).expect("all right");
    assert!(
        facts[0].contains("Ada") && facts[2].contains("shared"),
        "{facts:?}"
    );
    let unknown = target(vec![text("run", "77")]);
    assert_eq!(
        check(&unknown, &mut world.ports).map_err(|problem| problem.code),
        Err(Code::Usage)
    );
    let started = start(&gate(), &mut world.ports);
    assert_eq!(started.problem, None);
    assert_eq!(started.handle.expect("one").triggers[0].title, "shared");
    assert_eq!(world.ports.count("POST", ""), 0);
}
