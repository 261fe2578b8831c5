//! Runs of a job that was killed, gone on with by another.

use super::*;
use crate::model::Stage;
use crate::services::tests::lives::{Lives, at_every_request, lives};

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
        assert!(lives.live(&target(), Some((at, true))).is_none());
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
