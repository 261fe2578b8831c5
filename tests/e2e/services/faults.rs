//! Each fault of the sandbox at each call.

use proctor_sandbox::FaultKind;

use super::ALL;
use super::service::{Call, Service, Triggered, each, error, names_call, sent};
use proctor_test_support::{Proctor, status};

fn status_after(number: u16) -> FaultKind {
    FaultKind::Status {
        status: number,
        body: None,
        error_code: None,
        retry_after: None,
        processed: true,
    }
}

fn page(status: u16, processed: bool) -> FaultKind {
    FaultKind::Html { status, processed }
}

/// All pairs of a service and a fault.
fn pairs<T>(faults: &[T]) -> Vec<(&'static Service, &T)> {
    ALL.iter()
        .flat_map(|service| faults.iter().map(move |fault| (*service, fault)))
        .collect()
}

/// What the exit code of a service is that starts runs.
type Code = fn(&Triggered) -> i32;

#[test]
fn whatever_becomes_of_a_trigger_there_is_at_most_one_run() {
    let faults: &[(FaultKind, Code)] = &[
        (FaultKind::Latency { ms: 500 }, |_| 0),
        (FaultKind::SlowBody { ms: 2 }, |_| 0),
        (status(429, None, Some("1")), |_| 0),
        (status(503, None, Some("1")), |_| 0),
        (status(429, None, None), |trigger| trigger.throttled),
        (FaultKind::ResetAfter, |trigger| trigger.lost),
        (FaultKind::TruncatedBody, |trigger| trigger.lost),
        (page(502, true), |trigger| trigger.lost),
        (status_after(500), |trigger| trigger.lost),
        (page(200, true), |trigger| trigger.garbled),
        (FaultKind::NotJson { processed: true }, |trigger| {
            trigger.garbled
        }),
        (FaultKind::WrongJson { processed: true }, |trigger| {
            trigger.garbled
        }),
        (FaultKind::ResetBefore, |trigger| trigger.traceless),
        (status(500, None, None), |trigger| trigger.traceless),
        (status(503, None, None), |trigger| trigger.traceless),
        (FaultKind::HugeBody { bytes: 40_000_000 }, |_| 8),
    ];
    each(&pairs(faults), |(service, (kind, code))| {
        let Some(trigger) = &service.trigger else {
            return;
        };
        let code = code(trigger);
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.fault(trigger.call, kind.clone()));
        let mut proctor = service.run(&sandbox, service.pass.id);
        if matches!(
            kind,
            FaultKind::Status {
                status: 429,
                retry_after: None,
                ..
            }
        ) {
            // Where the wait is longer than the time that is left, it is given up at once.
            proctor = proctor.variable("PROCTOR_TIMEOUT", service.looked_by);
        }
        let outcome = service.ended(&sandbox, proctor.end());
        let told = format!("{} {kind:?}", service.name);
        assert_eq!(
            outcome.code, code,
            "{told}\n{}\n{}",
            outcome.out, outcome.err
        );
        if code != 0 {
            names_call(&outcome, trigger.call);
        }
    });
}

#[test]
fn a_trigger_is_not_sent_where_it_is_redirected_to() {
    each(ALL, |service| {
        let Some(trigger) = &service.trigger else {
            return;
        };
        goes_nowhere(service, trigger.call);
    });
}

#[test]
fn a_look_is_not_sent_where_it_is_redirected_to() {
    each(ALL, |service| goes_nowhere(service, service.look));
}

#[track_caller]
fn goes_nowhere(service: &Service, call: Call) {
    let (elsewhere, sandbox) = (service.sandbox(""), service.sandbox(""));
    let location = format!("{}/elsewhere", elsewhere.service_url(service.stand_in));
    let kind = FaultKind::Redirect {
        location: location.clone(),
    };
    let skip = if call == service.look {
        service.looks_before
    } else {
        0
    };
    sandbox.add_fault(proctor_sandbox::Fault {
        skip,
        ..service.fault(call, kind)
    });
    let outcome = service
        .end(&sandbox, service.pass.id)
        .expect(8)
        .says(&location);
    names_call(&outcome, call);
    assert!(elsewhere.received().is_empty(), "{}", service.name);
}

/// Faults after which the same request may succeed.
fn passing() -> Vec<FaultKind> {
    vec![
        FaultKind::Latency { ms: 500 },
        FaultKind::SlowBody { ms: 2 },
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::TruncatedBody,
        page(502, false),
        status(500, None, None),
        status(503, None, None),
        status(503, None, Some("1")),
        status(429, None, Some("1")),
    ]
}

#[test]
fn a_look_that_fails_for_a_while_costs_nothing() {
    each(&pairs(&passing()), |(service, kind)| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.at_look((*kind).clone()));
        let outcome = service.end(&sandbox, service.pass.id);
        let told = format!("{} {kind:?}", service.name);
        assert_eq!(outcome.code, 0, "{told}\n{}\n{}", outcome.out, outcome.err);
        assert!(!sent(&sandbox, service.look).is_empty(), "{told}");
    });
}

#[test]
fn a_look_at_json_of_another_shape_is_no_pass_by_itself() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.at_look(FaultKind::WrongJson { processed: false }));
        service.end(&sandbox, service.pass.id).expect(0);
        let sandbox = service.sandbox("");
        sandbox.add_fault(proctor_sandbox::Fault {
            times: 0,
            ..service.at_look(FaultKind::WrongJson { processed: false })
        });
        let outcome = service
            .run(&sandbox, service.pass.id)
            .variable("PROCTOR_TIMEOUT", "9s")
            .end();
        let outcome = service.ended(&sandbox, outcome);
        assert!(
            [3, 4, 8].contains(&outcome.code),
            "{}\n{}",
            service.name,
            outcome.out
        );
    });
}

#[test]
fn reading_the_results_is_tried_again() {
    each(&pairs(&passing()), |(service, kind)| {
        let Some(results) = service.results else {
            return;
        };
        let sandbox = service.sandbox("");
        let outcome = service.end_with(&sandbox, results, (*kind).clone());
        let told = format!("{} {kind:?}", service.name);
        assert_eq!(outcome.code, 0, "{told}\n{}\n{}", outcome.out, outcome.err);
    });
}

/// Faults that say that the other side is no such API, or allows nothing, with the exit code.
fn lasting() -> Vec<(FaultKind, i32)> {
    vec![
        (FaultKind::NotJson { processed: false }, 8),
        (page(200, false), 8),
        (FaultKind::HugeBody { bytes: 40_000_000 }, 8),
        (FaultKind::EchoKey { status: 400 }, 8),
        (status(401, None, None), 5),
        (status(403, None, None), 5),
    ]
}

#[test]
fn an_answer_that_makes_no_sense_ends_it_and_the_run_can_be_picked_up() {
    let faults = lasting();
    each(&pairs(&faults), |(service, (kind, code))| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.at_look(kind.clone()));
        let outcome = service
            .run(&sandbox, service.pass.id)
            .variable("PROCTOR_TIMEOUT", "120s")
            .end();
        let outcome = service.ended(&sandbox, outcome);
        let told = format!("{} {kind:?}", service.name);
        assert_eq!(
            outcome.code, *code,
            "{told}\n{}\n{}",
            outcome.out, outcome.err
        );
        names_call(&outcome, service.look);
        if service.trigger.is_some() {
            picked_up(service, &sandbox, &outcome.read("proctor-handle.json"));
        }
    });
}

/// `proctor wait` brings the results of what is going on.
#[track_caller]
fn picked_up(service: &Service, sandbox: &proctor_sandbox::Sandbox, handle: &str) {
    let waited = Proctor::new(&["wait", "h.json", "--report", "json", "--report", "junit"])
        .file("h.json", handle)
        .file(
            "proctor.toml",
            &service.target(sandbox, "it", service.pass.id),
        )
        .variable(service.variable, service.key)
        .end();
    service.ended(sandbox, waited).expect(service.pass.code);
}

#[test]
fn results_that_make_no_sense_are_no_pass() {
    let faults = lasting();
    each(&pairs(&faults), |(service, (kind, code))| {
        let Some(results) = service.results else {
            return;
        };
        let sandbox = service.sandbox("");
        let outcome = service.end_with(&sandbox, results, kind.clone());
        let told = format!("{} {kind:?}", service.name);
        assert_eq!(
            outcome.code, *code,
            "{told}\n{}\n{}",
            outcome.out, outcome.err
        );
        names_call(&outcome, results);
    });
}

#[test]
fn a_service_that_stays_down_is_7_and_nothing_is_started() {
    each(ALL, |service| {
        // Where nothing is read before it, the trigger itself is what fails.
        let triggers = usize::from(service.before.is_empty() && service.trigger.is_some());
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.lasting(("*", "**"), status(503, None, None)));
        let outcome = service.end(&sandbox, service.pass.id).expect(7);
        assert_eq!(error(&outcome)["code"], "unavailable");
        // A trigger that failed in its middle may have started a run all the same.
        assert_eq!(error(&outcome)["retriable"], triggers == 0);
        assert_eq!(sandbox.count("POST", "**"), triggers, "{}", service.name);
    });
}

#[test]
fn a_call_before_the_trigger_that_fails_for_a_while_costs_nothing() {
    let faults = [
        FaultKind::ResetBefore,
        FaultKind::TruncatedBody,
        status(429, None, Some("1")),
    ];
    each(&pairs(&faults), |(service, kind)| {
        each(service.before, |&call| {
            let sandbox = service.sandbox("");
            service.end_with(&sandbox, call, (*kind).clone()).expect(0);
        });
    });
}

#[test]
fn a_service_that_goes_down_while_the_run_goes_on_is_7_and_can_be_picked_up() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(proctor_sandbox::Fault {
            times: 0,
            ..service.at_look(status(503, None, None))
        });
        let outcome = service
            .run(&sandbox, service.pass.id)
            .variable("PROCTOR_TIMEOUT", service.looked_by)
            .end();
        let outcome = service.ended(&sandbox, outcome).expect(7);
        names_call(&outcome, service.look);
        if service.trigger.is_some() {
            assert!(outcome.path("proctor-handle.json").exists());
        }
    });
}
