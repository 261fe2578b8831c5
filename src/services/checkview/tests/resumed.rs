//! Runs of a job that was killed, gone on with by another.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::server::Server;
use super::{code, flows, world};
use crate::error::Code;
use crate::model::{Baseline, Handle, Stage, Started, Target, Verdict};
use crate::ports::fake::Fake;
use crate::ports::{Clock, Instant};
use crate::services::tests::lives::{Lives, Moment, at_every_request, lives};
use crate::services::{follow_started, resume, resume_start, start, watch};

const FLOWS: [&str; 3] = ["f1", "f2", "f3"];

fn job(server: &Rc<RefCell<Server>>) -> Lives {
    let served = Rc::clone(server);
    *server.borrow_mut() = Server::default();
    lives(move |request, Instant(now)| served.borrow_mut().serve(request, now))
}

fn stages(handle: Option<&Handle>) -> Vec<Stage> {
    let triggers = handle.map(|handle| handle.triggers.as_slice());
    let triggers = triggers.unwrap_or_default().iter();
    triggers.map(|trigger| trigger.stage).collect()
}

#[test]
fn wherever_it_is_killed_each_flow_is_run_once_and_all_of_them_count() {
    let server = Rc::new(RefCell::new(Server::default()));
    let mut between = 0;
    let kills = at_every_request(
        &flows(&FLOWS),
        Duration::ZERO,
        || job(&server),
        |told, known, report| {
            assert_eq!(server.borrow().executed, FLOWS, "{told}: {report:?}");
            assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}");
            assert_eq!(report.tests.len(), 6, "{told}");
            assert_eq!(report.handle, None, "{told}");
            between += usize::from(stages(known.as_ref()).contains(&Stage::Planned));
        },
    );
    // As the first two are sent and carried out, and as the second and third wait for their turns.
    assert!(kills > 30 && between == 6, "{kills} {between}");
}

#[test]
fn what_may_have_started_a_run_stays_sent_whatever_comes_of_its_repetition() {
    use crate::services::tests::scripted::Trouble::{Lost, Refused, Throttled};
    let (sent, planned, accepted) = (Stage::Sent, Stage::Planned, Stage::Accepted);
    for (troubles, told) in [
        (vec![Throttled], vec![sent, planned, sent, accepted]),
        (vec![Lost, Throttled, Refused], vec![sent, accepted]),
        (
            vec![Refused, Lost, Throttled],
            vec![sent, planned, sent, accepted],
        ),
    ] {
        let server = Rc::new(RefCell::new(Server::default()));
        let mut lives = job(&server);
        server.borrow_mut().post_troubles = troubles.clone();
        let report = lives.live(&flows(&["f1"]), None).expect("nobody kills it");
        assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
        let mut stages = lives.told_of(0);
        stages.dedup();
        assert_eq!(stages, told, "{troubles:?}");
    }
}

#[test]
fn a_key_that_may_be_forgotten_is_not_used_again() {
    let server = Rc::new(RefCell::new(Server::default()));
    let hour = Duration::from_secs(3600);
    let mut lost = 0;
    at_every_request(
        &flows(&["f1"]),
        hour,
        || job(&server),
        |told, known, report| {
            let executed = server.borrow().executed.len();
            let posts = server.borrow().posts;
            if executed == 1 {
                assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}");
                assert_eq!(posts, 1, "{told}");
                return;
            }
            lost += 1;
            assert_eq!(stages(known.as_ref()), [Stage::Sent], "{told}");
            assert_eq!((executed, posts), (0, 0), "{told}");
            assert_eq!(code(report), Some(Code::Unavailable), "{told}: {report:?}");
            assert!(report.problem.as_ref().is_some_and(|it| !it.retriable));
            assert_eq!(stages(report.handle.as_ref()), [Stage::Sent], "{told}");
        },
    );
    assert_eq!(lost, 1);
}

#[test]
fn killed_again_and_again_it_still_comes_to_one_run_each() {
    for step in 1..5 {
        let server = Rc::new(RefCell::new(Server::default()));
        let mut lives = job(&server);
        let target = flows(&FLOWS);
        let mut kills = 0;
        let report = loop {
            // Each life comes a little further than the one before.
            let at = step + kills;
            let moments = [Moment::After, Moment::Before, Moment::InLine];
            match lives.live(&target, Some((at, moments[at % 3]))) {
                Some(report) => break report,
                None => kills += 1,
            }
        };
        assert_eq!(server.borrow().executed, FLOWS, "{kills} kills");
        assert_eq!(report.verdict, Verdict::Passed, "{kills}: {report:?}");
        assert!(kills > 2);
    }
}

/// What is known after a kill right behind the first trigger.
fn after_first() -> (Rc<RefCell<Server>>, Handle, Fake) {
    let server = Rc::new(RefCell::new(Server::default()));
    let mut lives = job(&server);
    assert!(
        lives
            .live(&flows(&FLOWS), Some((3, Moment::Before)))
            .is_none()
    );
    let known = lives.known().expect("the first was sent");
    assert_eq!(
        stages(Some(&known)),
        [Stage::Accepted, Stage::Sent, Stage::Planned]
    );
    let served = Rc::clone(&server);
    let ports = Fake::new(move |request, Instant(now)| served.borrow_mut().serve(request, now));
    (server, known, ports)
}

#[test]
fn what_is_left_can_be_sent_without_being_followed() {
    let (server, known, mut ports) = after_first();
    let started = resume_start(&flows(&FLOWS), &known, &mut ports);
    assert_eq!(started.problem, None);
    assert_eq!(stages(started.handle.as_ref()), [Stage::Accepted; 3]);
    assert_eq!(server.borrow().executed, FLOWS);
    assert_eq!(ports.count("GET", "/test-runs/"), 0);
}

#[test]
fn watching_sends_nothing() {
    let (server, known, mut ports) = after_first();
    let report = watch(&flows(&FLOWS), &known, &mut ports);
    assert_ne!(report.verdict, Verdict::Passed);
    assert_eq!(server.borrow().executed, ["f1"]);
}

#[test]
fn what_the_time_has_left_untriggered_is_not_triggered_later() {
    let mut world = world(Server::default());
    // Two lists are read and one flow is triggered in it.
    let short = Target {
        timeout: 3 * world.ports.call,
        ..flows(&FLOWS)
    };
    let Started { handle, problem } = start(&short, &mut world.ports);
    let handle = handle.expect("the first was triggered");
    assert_eq!(
        stages(Some(&handle)),
        [Stage::Accepted, Stage::Planned, Stage::Planned]
    );
    let report = follow_started(&flows(&FLOWS), &handle, problem, &mut world.ports);
    assert_eq!(world.executed(), ["f1"]);
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    assert_eq!(report.handle, None, "the first was read");
    let verdicts = |suite: &str| -> Vec<Verdict> {
        let tests = report.tests.iter().filter(|test| test.suite == suite);
        tests.map(|test| test.verdict).collect()
    };
    assert_eq!(verdicts("flow 1"), [Verdict::Passed; 2]);
    assert_eq!(verdicts("flow 2"), [Verdict::TimedOut]);
}

#[test]
fn a_clock_that_was_ahead_makes_no_key_younger() {
    let (server, mut known, mut ports) = after_first();
    for trigger in &mut known.triggers {
        trigger.at_ms = trigger.at_ms.map(|at| at + 3_600_000);
    }
    let report = resume(&flows(&FLOWS), &known, &mut ports);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert_eq!(server.borrow().executed, ["f1"]);
}

#[test]
fn a_flow_that_is_gone_ends_what_is_left_and_what_was_started_is_followed() {
    let (server, mut known, mut ports) = after_first();
    known.triggers.remove(1);
    let gone = flows(&["f1", "nothing like it"]);
    let report = resume(&gone, &known, &mut ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert_eq!(server.borrow().executed, ["f1"]);
    assert!(report.tests.iter().any(|test| test.suite == "flow 1"));
}

#[test]
fn a_run_that_somebody_else_has_started_later_is_not_taken_for_the_lost_one() {
    let (server, mut known, mut ports) = after_first();
    known.triggers.remove(0);
    known.triggers.truncate(1);
    assert_eq!(stages(Some(&known)), [Stage::Sent]);
    let hour = Duration::from_secs(3600);
    ports.wait(hour);
    let subject = known.triggers[0].subject.clone();
    server
        .borrow_mut()
        .runs
        .push((subject.clone(), "another key".to_owned(), hour));
    let report = resume(&flows(&[&subject]), &known, &mut ports);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    let problem = report.problem.expect("it is not found");
    assert!(problem.message.contains("at another time"), "{problem:?}");
    assert_eq!(server.borrow().executed, ["f1"]);
}

#[test]
fn what_was_there_before_is_told_of_what_is_sent_alone() {
    let (_, known, _) = after_first();
    let before = |at: usize| known.triggers[at].baseline.clone();
    assert!(before(0).runs.is_some() && before(1).runs.is_some());
    assert_eq!(before(2), Baseline::default());
}
