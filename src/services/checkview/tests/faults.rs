//! Refusals, limits, and faults at every call.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::server::{Server, Told, problem};
use super::{code, flows, next, reason, world};
use crate::error::Code;
use crate::model::Verdict;
use crate::ports::fake::Fake;
use crate::ports::{Instant, Method};
use crate::services::run;
use crate::services::tests::scripted::{Trouble, answer, any_trouble};

#[test]
fn a_path_that_starts_nothing_is_told_with_where_to_set_it() {
    for status in [404, 405] {
        let mut world = world(Server {
            errors: vec![(
                "POST",
                "/run",
                status,
                problem(status, "Not Found", "no such route"),
            )],
            ..Server::default()
        });
        let report = world.run(&flows(&["f1"]));
        assert_eq!(code(&report), Some(Code::Protocol), "{report:?}");
        assert!(
            reason(&report).contains("POST /test-flows/f1/run"),
            "{}",
            reason(&report)
        );
        assert!(
            reason(&report).contains("not publicly documented"),
            "{}",
            reason(&report)
        );
        assert!(
            reason(&report).contains("no such route"),
            "{}",
            reason(&report)
        );
        assert!(
            next(&report).contains("[targets.shop.api]"),
            "{}",
            next(&report)
        );
        assert!(next(&report).contains("path_trigger"), "{}", next(&report));
        assert_eq!(world.ports.count("POST", ""), 1, "no other path is tried");
        assert_eq!(report.handle, None);
    }
}

#[test]
fn refusals_of_the_trigger_are_told_by_who_must_act() {
    let table = [
        (400, "Bad Request", "what is this", Code::Usage),
        (
            401,
            "Unauthorized",
            "token is invalid",
            Code::Authentication,
        ),
        (
            403,
            "Forbidden",
            "needs write:organization",
            Code::Authentication,
        ),
        (
            403,
            "Forbidden",
            "Your monthly test run allowance is used up",
            Code::Quota,
        ),
        (403, "Quota Exceeded", "come back later", Code::Quota),
        (402, "Payment Required", "pay", Code::Quota),
        (422, "Unprocessable", "no", Code::Usage),
    ];
    for (status, title, detail, expected) in table {
        let mut world = world(Server {
            errors: vec![("POST", "/run", status, problem(status, title, detail))],
            ..Server::default()
        });
        let report = world.run(&flows(&["f1"]));
        assert_eq!(code(&report), Some(expected), "{status} {detail}");
        let told = format!("{title}: {detail}");
        assert!(reason(&report).contains(&told), "{}", reason(&report));
        assert_eq!(world.ports.count("POST", ""), 1);
        assert_eq!(report.handle, None, "nothing was started");
    }
}

#[test]
fn a_key_that_is_refused_ends_it_before_anything_is_triggered() {
    for path in ["/test-flows", "/test-runs"] {
        let mut world = world(Server {
            errors: vec![(
                "GET",
                path,
                401,
                problem(401, "Unauthorized", "token is invalid"),
            )],
            ..Server::default()
        });
        let report = world.run(&flows(&["f1"]));
        assert_eq!(code(&report), Some(Code::Authentication), "{path}");
        assert!(
            reason(&report).contains("Unauthorized: token is invalid"),
            "{}",
            reason(&report)
        );
        assert!(world.executed().is_empty());
    }
}

#[test]
fn a_429_is_waited_out_by_header_by_reset_or_for_a_minute() {
    let reset = (1_760_000_000_u64 + 31).to_string();
    let table = [
        (vec![("retry-after", "7")], 7),
        (vec![("x-ratelimit-reset", reset.as_str())], 30),
        (vec![], 60),
    ];
    for (headers, seconds) in table {
        let headers: Vec<(String, String)> = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut posts = 0;
        let mut server = Server {
            takes: Duration::from_millis(10),
            ..Server::default()
        };
        let mut ports = Fake::new(move |request, Instant(now)| {
            posts += usize::from(request.method == Method::Post);
            if request.method == Method::Post && posts == 1 {
                let mut turned_away = answer(429, &problem(429, "Too Many Requests", "slower"));
                turned_away.head.headers.extend(headers.clone());
                return Ok(turned_away);
            }
            server.serve(request, now)
        });
        let report = run(&flows(&["f1"]), &mut ports);
        assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
        let waited = ports.longest_wait.as_secs();
        assert!(
            (seconds..=seconds + 1).contains(&waited),
            "{seconds}: {waited}"
        );
    }
}

#[test]
fn a_budget_that_does_not_come_back_in_time_is_waited_out() {
    let mut world = world(Server::default());
    world.ports.no_turn_from = Some(Duration::from_secs(3));
    let report = world.run(&flows(&["f1"]));
    assert_eq!(code(&report), Some(Code::TimedOut));
    assert!(report.handle.is_some());
    assert!(world.ports.turns < 20, "{}", world.ports.turns);
}

#[test]
fn each_fault_at_each_call_ends_as_it_should() {
    let troubles = [
        Trouble::Refused,
        Trouble::Lost,
        Trouble::Failed,
        Trouble::Throttled,
        Trouble::Html,
        Trouble::Shapeless,
    ];
    // The flows, the runs before, the trigger, and five looks.
    for at in 0..8 {
        for trouble in troubles {
            let mut troubles = vec![Trouble::None; at];
            troubles.push(trouble);
            let mut world = world(Server {
                troubles,
                ..Server::default()
            });
            let report = world.run(&flows(&["f1"]));
            let executed = world.executed().len();
            // Only an answer that cannot be read ends it, and that after the trigger with the run's handle.
            let unread = trouble == Trouble::Html && at > 2;
            let nowhere = at == 0 && matches!(trouble, Trouble::Html | Trouble::Shapeless);
            match (unread, nowhere) {
                (true, _) => {
                    assert_eq!(
                        code(&report),
                        Some(Code::Protocol),
                        "{at} {trouble:?}: {report:?}"
                    );
                    assert!(report.handle.is_some());
                }
                // Without the list a flow is asked for by its id, and this server knows none by it.
                (_, true) => assert_eq!(
                    (code(&report), executed),
                    (Some(Code::Usage), 0),
                    "{at} {trouble:?}"
                ),
                _ => {
                    assert_eq!(
                        report.verdict,
                        Verdict::Passed,
                        "{at} {trouble:?}: {report:?}"
                    );
                    assert_eq!(executed, 1);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_fails_each_flow_is_run_once_at_most_and_there_is_no_false_pass(
        troubles in proptest::collection::vec(any_trouble(), 0..40),
        fails in any::<bool>(),
        several in any::<bool>(),
        told in prop_oneof![Just(Told::Id), Just(Told::Nothing), Just(Told::FlowOnly)],
        noise in 0usize..2,
        stop_at in proptest::option::of(0u64..90_000),
    ) {
        let mut world = world(Server {
            troubles,
            told,
            noise,
            ends: if fails { vec![("f1", json!({"status": "failed"}))] } else { Vec::new() },
            ..Server::default()
        });
        world.ports.stop_at = stop_at.map(Duration::from_millis);
        let wanted: &[&str] = if several { &["f1", "flow 2", "f3"] } else { &["f1"] };
        let report = world.run(&flows(wanted));
        let executed = world.executed();
        for (at, flow) in executed.iter().enumerate() {
            prop_assert!(!executed[..at].contains(flow), "{flow} twice: {:?}", executed);
        }
        prop_assert!(report.duration_ms < 1_000_000);
        prop_assert_eq!(report.problem.is_none(), report.verdict == Verdict::Passed);
        if report.verdict == Verdict::Passed {
            prop_assert!(!fails && executed.len() == wanted.len());
            prop_assert!(report.tests.iter().all(|test| test.verdict == Verdict::Passed));
        }
        if report.verdict == Verdict::Failed {
            prop_assert!(fails);
        }
        if !executed.is_empty() && code(&report) == Some(Code::Interrupted) {
            prop_assert!(!reason(&report).contains("nothing had been triggered"), "{}", reason(&report));
        }
        prop_assert!(code(&report) != Some(Code::Internal), "{:?}", report);
    }
}
