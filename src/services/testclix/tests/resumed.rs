//! Runs of a job that was killed, gone on with by another. A test has a state and nothing else, so that what was seen on the
//! way to the end has to be remembered.

use super::*;
use crate::model::{Handle, Stage};
use crate::ports::Clock;
use crate::services::tests::lives::{Lives, Moment, at_every_request, lives};

/// One test that passes as before, and one that passes although it failed before.
fn two() -> Server {
    server(vec![
        Test::new(ONE, "pass", "pass"),
        Test::new(TWO, "error", "pass"),
    ])
}

fn job(served: &Rc<RefCell<Server>>) -> Lives {
    let serving = Rc::clone(served);
    *served.borrow_mut() = two();
    lives(move |request, Instant(now)| serving.borrow_mut().serve(request, now))
}

fn both() -> Target {
    with(bare_target(), texts("test", &[ONE, TWO]))
}

fn triggers(served: &Rc<RefCell<Server>>) -> Vec<usize> {
    let served = served.borrow();
    served.tests.iter().map(|test| test.triggers).collect()
}

fn is_seen_at_work(known: Option<&Handle>) -> bool {
    known.is_some_and(|handle| {
        let first = &handle.triggers[0];
        first.stage == Stage::Accepted && first.last_state.is_some()
    })
}

#[test]
fn gone_on_with_at_once_every_run_that_was_started_counts() {
    let served = Rc::new(RefCell::new(two()));
    let (mut passed, mut lost) = (0, 0);
    at_every_request(
        &both(),
        Duration::ZERO,
        || job(&served),
        |told, known, report| {
            let counts = triggers(&served);
            assert!(counts.iter().all(|count| *count <= 1), "{told}: {counts:?}");
            let mut known = known.iter().flat_map(|known| &known.triggers);
            if known.any(|trigger| trigger.stage == Stage::Sent) {
                // A test that is at work may be so for anybody.
                assert_eq!(code(report), Some(Code::Unavailable), "{told}: {report:?}");
                lost += 1;
            } else {
                assert_eq!(counts, [1, 1], "{told}");
                assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}");
                passed += 1;
            }
        },
    );
    // Killed right before and right after each of the two requests that start a run.
    assert!(passed > 10 && lost == 4, "{passed} {lost}");
}

#[test]
fn a_test_that_is_at_work_for_somebody_else_is_not_taken_for_the_lost_one() {
    let served = Rc::new(RefCell::new(two()));
    let mut lives = job(&served);
    let mut at = 0;
    while lives
        .known()
        .is_none_or(|known| known.triggers[0].stage != Stage::Sent)
    {
        lives = job(&served);
        assert!(lives.live(&both(), Some((at, Moment::Before))).is_none());
        at += 1;
    }
    assert_eq!(triggers(&served), [0, 0]);
    lives.ports.wait(Duration::from_secs(7200));
    let now = lives.ports.now().0;
    served.borrow_mut().tests[0].triggered = Some(now);
    let report = lives.live(&both(), None).expect("nobody kills it");
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    let problem = report.problem.expect("it is not found");
    assert!(
        problem.message.contains("by whose trigger"),
        "{}",
        problem.message
    );
    assert_eq!(problem.who, "whoever sees the runs at the service");
    assert_eq!(report.handle, lives.known());
    assert_eq!(triggers(&served), [0, 0]);
}

#[test]
fn gone_on_with_when_all_is_over_only_what_was_seen_counts() {
    let served = Rc::new(RefCell::new(two()));
    let (mut proven, mut unproven) = (0, 0);
    at_every_request(
        &both(),
        Duration::from_secs(120),
        || job(&served),
        |told, known, report| {
            let counts = triggers(&served);
            assert!(counts.iter().all(|count| *count <= 1), "{told}: {counts:?}");
            if counts != [1, 1] {
                assert_ne!(report.verdict, Verdict::Passed, "{told}: {report:?}");
            } else if is_seen_at_work(known.as_ref()) {
                assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}");
                proven += 1;
            } else if known.is_some_and(|known| known.triggers[1].stage == Stage::Accepted) {
                assert_eq!(report.verdict, Verdict::Errored, "{told}: {report:?}");
                unproven += 1;
            }
        },
    );
    assert!(proven > 5 && unproven > 0, "{proven} {unproven}");
}

#[test]
fn a_test_that_is_at_work_does_not_keep_the_next_one_from_being_triggered() {
    let served = Rc::new(RefCell::new(two()));
    let mut lives = job(&served);
    let mut at = 0;
    while lives
        .known()
        .is_none_or(|known| known.triggers[0].stage != Stage::Accepted)
    {
        lives = job(&served);
        assert!(lives.live(&both(), Some((at, Moment::Before))).is_none());
        at += 1;
    }
    let mut known = lives.known().expect("a handle");
    known.triggers[1].stage = Stage::Planned;
    let report = crate::services::resume(&both(), &known, &mut lives.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(triggers(&served), [1, 1]);
}
