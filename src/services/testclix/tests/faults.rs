//! What goes wrong at the service, on the way, and on this side.

use proptest::prelude::*;

use super::*;
use crate::model::Stage;
use crate::ports::Clock;
use crate::services::tests::scripted::any_trouble;
use crate::services::{start, watch};

#[test]
fn refusals_of_the_trigger_are_told_apart_by_status_and_message() {
    let table = [
        (403, "Execution limit exceeded", Code::Quota),
        (403, "EXECUTION LIMIT EXCEEDED", Code::Quota),
        (
            403,
            "User is not authorized to access this resource with an explicit deny in an identity-based policy",
            Code::Authentication,
        ),
        (401, "Unauthorized", Code::Authentication),
        (404, "Scenario doesn't exists", Code::Usage),
        (400, "Bad request", Code::Usage),
    ];
    for (status, message, expected) in table {
        let mut server = passing();
        server.refusal = Some((status, message));
        let mut world = world(server);
        let report = world.run(&target());
        assert_eq!(code(&report), Some(expected), "{status} {message}");
        assert_eq!(report.handle, None, "nothing was started");
        assert_eq!(world.ports.count("POST", "/execute/"), 1);
        let problem = report.problem.expect("one");
        assert!(problem.message.contains(message), "{}", problem.message);
    }
}

#[test]
fn a_refused_key_is_told_before_anything_is_triggered() {
    let mut ports = Fake::new(|_, _| {
        Ok(error(
            403,
            "User is not authorized to access this resource with an explicit deny in an identity-based policy",
        ))
    });
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::Authentication));
    assert_eq!(ports.sent.len(), 1);
}

#[test]
fn an_error_with_a_capital_m_is_read() {
    let mut server = Some(passing());
    let mut inner = server.take().expect("one");
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.method == Method::Post {
            return Ok(answer(403, &json!({"Message": "Execution limit exceeded"})));
        }
        inner.serve(request, now)
    });
    assert_eq!(code(&run(&target(), &mut ports)), Some(Code::Quota));
}

#[test]
fn the_limit_at_the_second_test_leaves_the_first_ones_result() {
    let mut inner = server(vec![
        Test::new(ONE, "pass", "pass"),
        Test::new(TWO, "pass", "pass"),
    ]);
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.method == Method::Post && request.url.contains("07B") {
            return Ok(error(403, "Execution limit exceeded"));
        }
        inner.serve(request, now)
    });
    let target = with(bare_target(), texts("test", &[ONE, TWO]));
    let report = run(&target, &mut ports);
    assert_eq!(code(&report), Some(Code::Quota));
    let verdicts: Vec<Verdict> = report.tests.iter().map(|test| test.verdict).collect();
    assert_eq!(verdicts, [Verdict::Passed, Verdict::Errored]);
    assert!(
        report
            .tests
            .iter()
            .all(|test| test.name == "run as a whole")
    );
}

#[test]
fn a_lost_answer_is_adopted_if_the_test_is_at_work() {
    for trouble in [
        Trouble::Lost,
        Trouble::Failed,
        Trouble::Html,
        Trouble::Shapeless,
    ] {
        let mut server = passing();
        server.troubles = vec![Trouble::None, trouble];
        let mut world = world(server);
        let report = world.run(&target());
        assert_eq!(report.verdict, Verdict::Passed, "{trouble:?}: {report:?}");
        assert_eq!(world.triggers(), 1);
    }
}

#[test]
fn a_lost_answer_of_a_test_at_rest_is_told_and_never_sent_again() {
    for course in [vec![], vec![(100, "error")]] {
        let mut server = passing();
        server.tests[0].course = course;
        server.troubles = vec![Trouble::None, Trouble::Lost];
        let mut world = world(server);
        let report = world.run(&target());
        assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
        assert_eq!(world.ports.count("POST", "/execute/"), 1);
        assert!(reason(&report).contains("not at work"));
        let handle = report.handle.expect("it may have been started");
        assert_eq!(handle.triggers[0].stage, Stage::Sent);
    }
}

#[test]
fn a_handle_of_an_unanswered_trigger_tells_no_run() {
    let mut world = world(passing());
    let mut handle = start(&target(), &mut world.ports).handle.expect("one");
    handle.triggers[0].stage = Stage::Sent;
    for told in ["nothing tells by whose trigger", "not at work"] {
        // At work it may be for anybody, and at rest it may have been.
        let report = watch(&target(), &handle, &mut world.ports);
        assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
        assert!(reason(&report).contains(told), "{report:?}");
        assert_eq!(report.handle.as_ref(), Some(&handle));
        world.ports.wait(Duration::from_secs(600));
    }
    assert_eq!(world.triggers(), 1);
}

#[test]
fn a_trigger_that_was_not_sent_or_was_turned_away_is_repeated() {
    for trouble in [Trouble::Refused, Trouble::Throttled] {
        let mut server = passing();
        server.troubles = vec![Trouble::None, trouble];
        let mut world = world(server);
        let report = world.run(&target());
        assert_eq!(report.verdict, Verdict::Passed, "{trouble:?}: {report:?}");
        assert_eq!(world.triggers(), 1);
        assert_eq!(world.ports.count("POST", "/execute/"), 2);
    }
}

#[test]
fn a_429_without_a_time_is_waited_out_ten_seconds_and_doubling() {
    let mut server = passing();
    server.troubles = vec![Trouble::Throttled, Trouble::Throttled];
    let mut world = world(server);
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(world.ports.now().0 > Duration::from_secs(10 + 20));
}

#[test]
fn an_answer_about_another_test_starts_and_proves_nothing() {
    let mut inner = passing();
    let mut ports = Fake::new(move |request, Instant(now)| {
        let served = inner.serve(request, now)?;
        if request.method == Method::Get && inner.tests[0].triggered.is_some() {
            return Ok(answer(200, &json!({"test_id": TWO, "status": "error"})));
        }
        Ok(served)
    });
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert!(reason(&report).contains("no state"), "{}", reason(&report));
}

#[test]
fn a_test_that_vanishes_under_way_is_an_error_of_the_service() {
    let mut inner = passing();
    let mut ports = Fake::new(move |request, Instant(now)| {
        if now > Duration::from_secs(8) {
            return Ok(error(404, "Scenario doesn't exists"));
        }
        inner.serve(request, now)
    });
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
}

#[test]
fn every_single_fault_at_every_call_leaves_no_false_pass() {
    let troubles = [
        Trouble::Refused,
        Trouble::Lost,
        Trouble::Failed,
        Trouble::Throttled,
        Trouble::Html,
        Trouble::Shapeless,
    ];
    for trouble in troubles {
        for at in 0..18 {
            let mut server = server(vec![Test::new(ONE, "pass", "error")]);
            server.troubles = vec![Trouble::None; at];
            server.troubles.push(trouble);
            let mut world = world(server);
            let report = world.run(&target());
            assert_ne!(report.verdict, Verdict::Passed, "{trouble:?} at {at}");
            assert!(world.triggers() <= 1, "{trouble:?} at {at}");
            assert_ne!(code(&report), Some(Code::Internal), "{trouble:?} at {at}");
        }
    }
}

#[test]
fn an_interrupt_leaves_the_run_and_says_that_it_goes_on() {
    for tenths in 0..260 {
        let mut world = world(passing());
        world.ports.stop_at = Some(Duration::from_millis(tenths * 100));
        let report = world.run(&target());
        if report.verdict == Verdict::Passed {
            continue;
        }
        assert_eq!(
            (report.verdict, code(&report)),
            (Verdict::Cancelled, Some(Code::Interrupted)),
            "{tenths}"
        );
        assert_eq!(report.handle.is_some(), world.triggers() == 1, "{tenths}");
    }
}

fn any_rest() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("pass"),
        Just("error"),
        Just("acknowledged"),
        Just("valid"),
        Just("not executed"),
        Just("strange")
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_fails_there_is_one_trigger_a_test_and_no_false_pass(
        troubles in proptest::collection::vec(any_trouble(), 0..40),
        before in any_rest(),
        ends in (any_rest(), any_rest()),
        lag in 0u64..30_000,
        works in 0u64..40_000,
        stop_at in proptest::option::of(0u64..90_000),
    ) {
        let mut tests = vec![Test::new(ONE, before, ends.0), Test::new(TWO, "pass", ends.1)];
        for test in &mut tests {
            let end = test.course.last().expect("an end").1;
            test.course = vec![(lag, "queued"), (lag + works / 3, "processing"), (lag + works, end)];
        }
        let mut world = world(Server { troubles, ..server(tests) });
        world.ports.stop_at = stop_at.map(Duration::from_millis);
        let report = world.run(&with(bare_target(), texts("test", &[ONE, TWO])));
        for test in &world.server.borrow().tests {
            prop_assert!(test.triggers <= 1, "{} triggers", test.triggers);
        }
        prop_assert!(report.duration_ms < 1_300_000, "{}", report.duration_ms);
        prop_assert_eq!(report.problem.is_none(), report.verdict == Verdict::Passed);
        if report.verdict == Verdict::Passed {
            prop_assert!(ends == ("pass", "pass") && world.triggers() == 2);
            prop_assert_eq!(report.tests.len(), 2);
        }
        if report.verdict == Verdict::Failed {
            let alarmed = |word| matches!(word, "error" | "acknowledged");
            prop_assert!(alarmed(ends.0) || alarmed(ends.1));
        }
        prop_assert!(code(&report) != Some(Code::Internal), "{:?}", report);
    }
}
