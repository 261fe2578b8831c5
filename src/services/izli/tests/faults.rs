//! What goes wrong at the service, on the way, and on this side.

use proptest::prelude::*;

use super::*;
use crate::model::Stage;
use crate::ports::Clock;
use crate::services::tests::scripted::any_trouble;
use crate::services::{check, start, watch};

#[test]
fn refusals_are_told_by_who_must_act() {
    let table = [
        (401, "UNAUTHORIZED", Code::Authentication),
        (403, "FORBIDDEN", Code::Authentication),
        (403, "QUOTA_EXCEEDED", Code::Quota),
        (402, "PAYMENT_REQUIRED", Code::Quota),
        (400, "BAD_REQUEST", Code::Usage),
        (404, "NOT_FOUND", Code::Usage),
        (422, "INVALID", Code::Usage),
    ];
    for (status, name, expected) in table {
        let mut server = passing();
        server.answered = (
            status,
            json!({"success": false, "error": {"code": name, "message": "told so"}}),
        );
        let mut world = world(server);
        let report = world.run(&login());
        assert_eq!(code(&report), Some(expected), "{status} {name}");
        assert_eq!(report.handle, None, "nothing was started");
        assert!(reason(&report).contains("told so"));
        assert_eq!(world.ports.count("POST", "/run-now"), 1);
    }
}

#[test]
fn an_error_in_an_answer_of_success_is_an_error() {
    for (body, expected) in [
        (
            json!({"success": false, "error": {"code": "UNAUTHORIZED", "message": "no"}}),
            Code::Authentication,
        ),
        (json!({"success": false, "error": "no agent"}), Code::Usage),
    ] {
        let mut inner = passing();
        let mut ports = Fake::new(move |request, Instant(now)| {
            if request.method == Method::Post {
                return Ok(answer(200, &body));
            }
            inner.serve(request, now)
        });
        let report = run(&login(), &mut ports);
        assert_eq!(code(&report), Some(expected), "{report:?}");
        assert_eq!(report.handle, None);
    }
}

#[test]
fn a_refused_key_is_told_before_anything_is_triggered() {
    let mut ports = Fake::new(|_, _| Ok(error(401, "UNAUTHORIZED", "Invalid or missing API key")));
    let report = run(&login(), &mut ports);
    assert_eq!(code(&report), Some(Code::Authentication));
    assert_eq!(ports.sent.len(), 1);
}

#[test]
fn an_address_where_nothing_of_the_api_is_hints_at_the_other_and_never_goes_there() {
    let redirect = || {
        let mut answer = page(302);
        let to = ("location".to_owned(), "https://izli.io/login".to_owned());
        answer.head.headers.push(to);
        answer
    };
    type Answer = fn() -> Result<Response, SendError>;
    let table: [(Answer, Code); 3] = [
        (|| Ok(page(200)), Code::Protocol),
        (|| Ok(page(404)), Code::Usage),
        (
            || Err(SendError::NotSent("no such host".into())),
            Code::Unavailable,
        ),
    ];
    let hinted = |ports: &mut Fake, expected: Code| {
        let problem = check(&login(), ports).expect_err("nothing is there");
        assert_eq!(problem.code, expected);
        assert!(
            problem.message.contains("https://izli.io/api/v1"),
            "{problem}"
        );
        assert!(problem.message.contains("was not contacted"));
        assert!(problem.next.contains("api_url"));
        assert!(
            ports
                .sent
                .iter()
                .all(|request| request.url.starts_with("https://x/"))
        );
    };
    for (reply, expected) in table {
        hinted(&mut Fake::new(move |_, _| reply()), expected);
    }
    hinted(&mut Fake::new(move |_, _| Ok(redirect())), Code::Protocol);

    let mut other = login();
    other.api_url = "https://izli.io/api/v1".into();
    let problem = check(&other, &mut Fake::new(|_, _| Ok(page(200)))).expect_err("as before");
    assert!(
        problem.message.contains("https://api.izli.io/api/v1"),
        "{problem}"
    );
}

#[test]
fn a_lost_answer_is_adopted_where_one_run_is_new() {
    for trouble in [Trouble::Lost, Trouble::Failed, Trouble::Html] {
        let mut server = passing();
        server.troubles = vec![Trouble::None, Trouble::None, trouble];
        let mut world = world(server);
        let report = world.run(&login());
        assert_eq!(report.verdict, Verdict::Passed, "{trouble:?}: {report:?}");
        assert!(by_time(&report));
        assert_eq!(world.triggers(), 1);
    }
}

#[test]
fn a_lost_answer_with_nothing_new_or_too_much_is_told_and_never_sent_again() {
    let two = vec![
        planned(0, entry("a", "success", 1)),
        planned(0, entry("b", "success", 1)),
    ];
    for (runs, expected) in [(Vec::new(), "no new run"), (two, "2 runs are new")] {
        let mut server = server(runs);
        server.troubles = vec![Trouble::None, Trouble::None, Trouble::Lost];
        let mut world = world(server);
        let report = world.run(&login());
        assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
        assert!(reason(&report).contains(expected), "{}", reason(&report));
        assert_eq!(world.ports.count("POST", "/run-now"), 1);
        assert_eq!(
            report.handle.expect("perhaps").triggers[0].stage,
            Stage::Sent
        );
    }
}

#[test]
fn a_handle_of_an_unanswered_trigger_is_looked_for() {
    let mut world = world(nameless());
    let mut handle = start(&login(), &mut world.ports).handle.expect("one");
    handle.triggers[0].stage = Stage::Sent;
    let report = watch(&login(), &handle, &mut world.ports);
    assert_eq!(
        code(&report),
        Some(Code::Unavailable),
        "nothing is to be seen yet"
    );
    world.ports.wait(Duration::from_secs(5));
    let report = watch(&login(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    handle.triggers[0].baseline.runs = None;
    let report = watch(&login(), &handle, &mut world.ports);
    assert_eq!(code(&report), Some(Code::Unavailable));
    assert_eq!(world.triggers(), 1);
}

#[test]
fn a_trigger_that_was_not_sent_or_was_turned_away_is_repeated() {
    for trouble in [Trouble::Refused, Trouble::Throttled] {
        let mut server = passing();
        server.troubles = vec![Trouble::None, Trouble::None, trouble];
        let mut world = world(server);
        assert_eq!(world.run(&login()).verdict, Verdict::Passed, "{trouble:?}");
        assert_eq!(world.triggers(), 1);
    }
}

#[test]
fn a_429_without_a_time_is_waited_out_ten_seconds_and_doubling() {
    let mut server = passing();
    server.troubles = vec![Trouble::Throttled, Trouble::Throttled];
    let mut world = world(server);
    assert_eq!(world.run(&login()).verdict, Verdict::Passed);
    assert!(world.ports.now().0 > Duration::from_secs(10 + 20));
}

#[test]
fn a_spent_budget_pauses_ten_seconds_and_its_reset_is_not_believed() {
    let mut inner = passing();
    let mut ports = Fake::new(move |request, Instant(now)| {
        let mut answer = inner.serve(request, now)?;
        for (name, value) in [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "9999"),
        ] {
            answer.head.headers.push((name.into(), value.into()));
        }
        Ok(answer)
    });
    run(&login(), &mut ports);
    assert!(
        ports
            .budgets
            .iter()
            .all(|budget| budget.pause == Duration::from_secs(10))
    );
}

#[test]
fn an_entry_of_the_monitor_that_cannot_be_read_is_warned_of() {
    let mut inner = passing();
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.method == Method::Get && request.url.ends_with("/journeys/jrn_1") {
            return Ok(error(404, "NOT_FOUND", "no such path"));
        }
        inner.serve(request, now)
    });
    let report = run(&login(), &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(report.warnings[0].contains("which locations are due is not known"));
}

#[test]
fn an_answer_that_is_no_entry_does_not_make_one_location_enough() {
    let mut server = nameless();
    server.planned = vec![
        planned(1_000, at(entry("r1", "success", 1), "eu-west")),
        planned(2_000, at(entry("r2", "down", 1), "us-east")),
    ];
    server.troubles = vec![
        Trouble::None,
        Trouble::None,
        Trouble::None,
        Trouble::Shapeless,
    ];
    let report = world(server).run(&everywhere());
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
}

#[test]
fn it_looks_every_five_to_fifteen_seconds() {
    let mut server = passing();
    server.planned = vec![planned(300_000, entry("run_new", "success", 1))];
    let mut world = world(server);
    world.run(&login());
    let looks = world.ports.count("GET", "/runs");
    assert!((20..27).contains(&looks), "{looks}");
    assert!(world.ports.longest_wait <= Duration::from_millis(16_500));
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
        for at in 0..12 {
            for named in [true, false] {
                let mut server = if named { passing() } else { nameless() };
                server.planned[1].entry["status"] = json!("failed");
                server.troubles = vec![Trouble::None; at];
                server.troubles.push(trouble);
                let mut world = world(server);
                let report = world.run(&login());
                assert_ne!(report.verdict, Verdict::Passed, "{trouble:?} at {at}");
                assert!(world.triggers() <= 1, "{trouble:?} at {at}");
                assert_ne!(code(&report), Some(Code::Internal), "{trouble:?} at {at}");
            }
        }
    }
}

#[test]
fn an_interrupt_leaves_the_run_and_says_that_it_goes_on() {
    for tenths in 0..260 {
        let mut world = world(passing());
        world.ports.stop_at = Some(Duration::from_millis(tenths * 100));
        let report = world.run(&login());
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

fn any_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        3 => Just("success"),
        1 => Just("failed"),
        1 => Just("error"),
        1 => Just("cancelled"),
        1 => Just("paused"),
        1 => Just("strange"),
        1 => Just("completed"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_fails_there_is_one_trigger_a_thing_and_no_false_pass(
        troubles in proptest::collection::vec(any_trouble(), 0..40),
        ends in (any_end(), any_end()),
        named in any::<bool>(),
        takes in 0u64..60_000,
        stop_at in proptest::option::of(0u64..90_000),
    ) {
        let mut server = if named { passing() } else { nameless() };
        server.planned = vec![
            planned(takes / 2, at(entry("run_new", "running", 1), "eu-west")),
            planned(takes, at(entry("run_new", ends.0, 1), "eu-west")),
            planned(takes + 1_000, at(entry("run_two", ends.1, 1), "us-east")),
        ];
        server.troubles = troubles;
        let mut world = world(server);
        world.ports.stop_at = stop_at.map(Duration::from_millis);
        let report = world.run(&everywhere());
        prop_assert!(world.triggers() <= 1, "{} triggers", world.triggers());
        prop_assert!(report.duration_ms < 700_000, "{}", report.duration_ms);
        prop_assert_eq!(report.problem.is_none(), report.verdict == Verdict::Passed);
        if report.verdict == Verdict::Passed {
            prop_assert!(world.triggers() == 1);
            prop_assert!(report.tests.iter().any(|test| test.verdict == Verdict::Passed));
            // A location that was skipped does not spoil the pass of another.
            let good = |word| matches!(word, "success" | "paused");
            prop_assert!(good(ends.0) && (report.tests.len() < 2 || good(ends.1)));
        }
        if report.verdict == Verdict::Failed {
            prop_assert!(ends.0 == "failed" || ends.1 == "failed");
        }
        prop_assert!(code(&report) != Some(Code::Internal), "{:?}", report);
    }
}
