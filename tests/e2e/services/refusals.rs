//! What the service does not allow: the key, the plan, the pace.

use proctor_sandbox::FaultKind;

use super::ALL;
use super::service::{each, error, names_call, sent};
use proctor_test_support::{SHORT, status};

#[test]
fn a_key_that_is_refused_is_5_and_starts_nothing() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        let outcome = service
            .run(&sandbox, service.pass.id)
            .variable(service.variable, "a-wrong-key")
            .end();
        let outcome = service.ended(&sandbox, outcome).expect(5);
        assert_eq!(error(&outcome)["code"], "authentication");
        assert_eq!(error(&outcome)["retriable"], false);
        let taken = sandbox
            .received()
            .iter()
            .filter(|received| (200..300).contains(&received.status))
            .count();
        assert_eq!(taken, 0, "{}", service.name);
    });
}

#[test]
fn a_plan_that_is_used_up_is_6() {
    each(ALL, |service| {
        let Some(trigger) = &service.trigger else {
            return;
        };
        let sandbox = service.sandbox("");
        let outcome = service
            .end_with(&sandbox, trigger.call, status(402, None, None))
            .expect(6);
        assert_eq!(error(&outcome)["code"], "quota");
        names_call(&outcome, trigger.call);
        assert_eq!(sent(&sandbox, trigger.call).len(), 1, "{}", service.name);
    });
}

/// Every way to be refused at the trigger, with its exit code.
#[test]
fn a_trigger_that_is_refused_is_sent_once() {
    for (number, code) in [(400, 2), (401, 5), (403, 5), (404, 0), (413, 2)] {
        each(ALL, |service| {
            let Some(trigger) = &service.trigger else {
                return;
            };
            let code = if number == 404 {
                trigger.not_found
            } else {
                code
            };
            let sandbox = service.sandbox("");
            let outcome = service
                .end_with(&sandbox, trigger.call, status(number, None, None))
                .expect(code);
            names_call(&outcome, trigger.call);
            assert_eq!(sent(&sandbox, trigger.call).len(), 1, "{}", service.name);
        });
    }
}

#[test]
fn a_service_that_keeps_answering_429_is_7() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.lasting(("*", "**"), status(429, None, Some("1"))));
        let outcome = service
            .run(&sandbox, service.pass.id)
            .variable("PROCTOR_TIMEOUT", SHORT)
            .end();
        let outcome = service.ended(&sandbox, outcome).expect(7).says("429");
        assert_eq!(error(&outcome)["code"], "unavailable");
        let received = sandbox.received();
        let gaps = received.windows(2).map(|two| two[1].at_ms - two[0].at_ms);
        for gap in gaps {
            assert!(gap >= 950, "{}: again after {gap} ms", service.name);
        }
    });
}

#[test]
fn a_service_that_repeats_the_key_does_not_get_it_printed() {
    each(ALL, |service| {
        let call = service
            .trigger
            .as_ref()
            .map_or(service.look, |trigger| trigger.call);
        for output in ["human", "ndjson"] {
            let sandbox = service.sandbox("");
            let kind = FaultKind::EchoKey { status: 400 };
            sandbox.add_fault(if call == service.look {
                service.at_look(kind)
            } else {
                service.fault(call, kind)
            });
            let outcome = service
                .run(&sandbox, service.pass.id)
                .arguments(&["--output", output, "--report", "markdown=s.md"])
                .end();
            service
                .ended(&sandbox, outcome)
                .says("the key *** is not liked here");
        }
    });
}
