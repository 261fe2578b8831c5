//! Runs of a job that was killed, gone on with by another.

use super::*;
use crate::model::{Baseline, Handle, Stage, Trigger};
use crate::ports::Clock;
use crate::services::resume;
use crate::services::tests::lives::{Lives, Moment, at_every_request, lives};

fn job(server: &Rc<RefCell<Server>>, fresh: Server) -> Lives {
    let served = Rc::clone(server);
    *server.borrow_mut() = fresh;
    lives(move |request, Instant(now)| served.borrow_mut().serve(request, now))
}

#[test]
fn wherever_it_is_killed_there_is_one_trigger_at_most_and_the_verdict_of_its_run() {
    for later in [Duration::ZERO, Duration::from_secs(7200)] {
        let server = Rc::new(RefCell::new(Server::default()));
        let mut lost = 0;
        let kills = at_every_request(
            &target(),
            later,
            || job(&server, Server::default()),
            |told, known, report| {
                if server.borrow().triggers == 1 {
                    assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}");
                    assert_eq!(report.handle, None, "{told}");
                    return;
                }
                lost += 1;
                assert_eq!(server.borrow().triggers, 0, "{told}");
                let known = known.expect("the intent is told before the request");
                assert_eq!(known.triggers[0].stage, Stage::Sent, "{told}");
                assert_eq!(code(report), Some(Code::Unavailable), "{told}: {report:?}");
                assert_eq!(report.handle.as_ref(), Some(&known), "{told}");
            },
        );
        assert!(kills > 10 && lost == 1, "{kills} {lost}");
    }
}

#[test]
fn a_run_that_is_listed_late_is_waited_for() {
    let server = Rc::new(RefCell::new(Server::default()));
    let mut lives = job(&server, Server::default());
    let posts = |lives: &Lives| lives.ports.count("POST", "/test-suites/run");
    let mut at = 0;
    while posts(&lives) == 0 {
        lives = job(&server, Server::default());
        assert!(lives.live(&target(), Some((at, Moment::After))).is_none());
        at += 1;
    }
    // The first two looks at the list come to nothing.
    let asked = server.borrow().requests;
    let mut troubles = vec![Trouble::None; asked];
    troubles.extend([Trouble::Html; 2]);
    server.borrow_mut().troubles = troubles;
    let report = lives.live(&target(), None).expect("nobody kills it");
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(server.borrow().triggers, 1);
}

#[test]
fn a_run_that_failed_while_nobody_looked_fails() {
    let failed = || Server {
        end: "FAILED",
        reports: json!([{"id": "r1", "suite_id": "s1", "name": "checkout", "status": "failed",
            "steps": [{"stepName": "pay", "pass": false}]}]),
        ..Server::default()
    };
    let server = Rc::new(RefCell::new(failed()));
    at_every_request(
        &target(),
        Duration::from_secs(60),
        || job(&server, failed()),
        |told, _, report| match server.borrow().triggers {
            1 => assert_eq!(code(report), Some(Code::Failed), "{told}: {report:?}"),
            none => assert_eq!((none, code(report)), (0, Some(Code::Unavailable)), "{told}"),
        },
    );
}

#[test]
fn a_trigger_was_sent_when_it_had_its_turn() {
    let mut world = world(Server::default());
    world.ports.turn = Duration::from_secs(61);
    let started = start(&target(), &mut world.ports);
    assert_eq!((started.problem, world.triggers()), (None, 1));
    let told = world.ports.events.iter().find_map(|event| match event {
        Event::Triggering(handle) => handle.triggers[0].at_ms,
        _ => None,
    });
    assert_eq!(told, Some(world.ports.unix_ms() - 20));
}

/// A trigger of which no answer came, sent when the test began.
fn sent() -> Handle {
    Handle {
        provider: "keploy".into(),
        triggers: vec![Trigger {
            subject: "a1".into(),
            title: "a1".into(),
            stage: Stage::Sent,
            at_ms: Some(1_760_000_000_000),
            baseline: Baseline {
                jobs: Some(vec!["old".into()]),
                runs: Some(vec!["run-0".into()]),
                state: None,
            },
            ..Trigger::default()
        }],
    }
}

/// What comes of going on with it two hours later, where the one new job began so many seconds after it and says so of
/// itself.
fn gone_on_with(target: &Target, began: u64, job: Json) -> Report {
    let mut world = world(Server {
        started: Some(Duration::from_secs(began)),
        job,
        ..Server::default()
    });
    world.ports.wait(Duration::from_secs(7200));
    let report = resume(target, &sent(), &mut world.ports);
    assert_eq!(world.triggers(), 0);
    report
}

#[track_caller]
fn assert_unfound(report: &Report, why: &str) {
    assert_eq!(code(report), Some(Code::Unavailable), "{report:?}");
    assert!(reason(report).contains(why), "{report:?}");
    assert_eq!(report.handle, Some(sent()), "it is kept");
}

#[test]
fn a_job_that_somebody_else_has_started_later_is_not_taken_for_the_lost_one() {
    for began in [61, 600, 7_000] {
        let report = gone_on_with(&target(), began, json!({}));
        assert_unfound(&report, "job-1 is new, but began at another time");
    }
    let report = gone_on_with(&target(), 59, json!({}));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}

#[test]
fn a_job_that_does_not_say_when_it_began_is_not_taken_for_the_lost_one() {
    let report = gone_on_with(&target(), 1, json!({"created_at": null}));
    assert_unfound(&report, "nothing tells when it began");
}

#[test]
fn a_run_that_names_its_job_tells_when_that_began() {
    for (began, verdict) in [(2, Verdict::Passed), (900, Verdict::Errored)] {
        let mut world = world(Server {
            started: Some(Duration::from_secs(began)),
            job: json!({"created_at": null}),
            run_began: Some(moment(Duration::from_secs(began))),
            ..Server::default()
        });
        world.ports.wait(Duration::from_secs(7200));
        let report = resume(&target(), &sent(), &mut world.ports);
        assert_eq!(report.verdict, verdict, "{report:?}");
    }
}

#[test]
fn a_job_that_was_asked_for_something_else_is_not_taken_for_the_lost_one() {
    let system = |url: &str| json!({"base_url": url});
    let report = gone_on_with(&target(), 1, system("https://other.example.com"));
    assert_unfound(&report, "asked for something else");
    let report = gone_on_with(&target(), 1, system("https://staging.example.com/"));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");

    let checkout = with(target(), suites(&["checkout"]));
    for (ids, ours) in [
        (json!(["s1"]), true),
        (json!(["s2"]), false),
        (json!(["s1", "s2"]), false),
    ] {
        let report = gone_on_with(&checkout, 1, json!({"test_suite_ids": ids}));
        match ours {
            true => assert_ne!(code(&report), Some(Code::Unavailable), "{report:?}"),
            false => assert_unfound(&report, "asked for something else"),
        }
    }
}

#[test]
fn somebody_elses_job_is_neither_watched_nor_stopped() {
    let later = || {
        let mut world = world(Server {
            started: Some(Duration::from_secs(7_000)),
            ..Server::default()
        });
        world.ports.wait(Duration::from_secs(7200));
        world
    };
    let mut world = later();
    assert_unfound(
        &watch(&target(), &sent(), &mut world.ports),
        "at another time",
    );
    let mut world = later();
    cancel(&target(), &sent(), &mut world.ports).expect_err("it cannot be told which");
    assert!(!world.server.borrow().stopped);
}

fn accepted(job: &str) -> Handle {
    let mut handle = sent();
    handle.triggers[0].stage = Stage::Accepted;
    handle.triggers[0].job = Some(job.into());
    handle
}

#[test]
fn that_there_is_a_run_already_is_told_once() {
    let mut world = world(Server {
        started: Some(Duration::ZERO),
        ..Server::default()
    });
    let report = resume(&target(), &accepted("job-1"), &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let told = |event: &&Event| matches!(event, Event::Triggered(_) | Event::Triggering(_));
    let told: Vec<&Event> = world.ports.events.iter().filter(told).collect();
    assert_eq!(told, [&Event::Triggered(accepted("job-1"))]);
}

#[test]
fn a_run_that_the_service_no_longer_has_is_not_kept() {
    let mut gone = world(Server::default());
    let report = resume(&target(), &accepted("job-9"), &mut gone.ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert_eq!((report.handle, gone.triggers()), (None, 0));
    let next = report.problem.expect("there is one").next;
    assert!(
        next.contains("no longer kept") && next.contains("--resume never"),
        "{next}"
    );
    // Whoever only looks may do so with the wrong key.
    let mut looked = world(Server::default());
    let report = watch(&target(), &accepted("job-9"), &mut looked.ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert_eq!(report.handle, Some(accepted("job-9")));
}

#[test]
fn a_page_of_a_gateway_does_not_end_a_run() {
    let mut world = world(Server {
        troubles: vec![Trouble::Html; 400],
        ..Server::default()
    });
    let report = resume(&target(), &accepted("job-1"), &mut world.ports);
    assert_ne!(report.verdict, Verdict::Passed);
    assert_eq!(report.handle, Some(accepted("job-1")), "{report:?}");
}
