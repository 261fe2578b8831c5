//! A signal while a run goes on.

use proctor_sandbox::FaultKind;

use super::ALL;
use super::service::{each, error, sent, terminate};
use proctor_test_support::{Outcome, Proctor, until};

#[test]
fn a_signal_ends_it_and_the_run_can_be_picked_up() {
    each(ALL, |service| {
        let Some(trigger) = &service.trigger else {
            return;
        };
        let sandbox = service.sandbox("");
        // It is certain to be followed still when the signal comes.
        sandbox.add_fault(service.at_look(FaultKind::Hang));
        let mut proctor = service.run(&sandbox, service.pass.id);
        let child = proctor.spawn();
        until("a look", || {
            sent(&sandbox, service.look).len() > service.looks_before as usize
        });
        terminate(&child);
        let outcome = Outcome::from_child(proctor, child);
        let outcome = service
            .ended(&sandbox, outcome)
            .expect(143)
            .says("interrupted by SIGTERM");
        assert_eq!(error(&outcome)["code"], "interrupted");
        assert_eq!(outcome.results()["targets"][0]["verdict"], "cancelled");
        if let Some(stop) = service.stop {
            assert_eq!(sent(&sandbox, stop).len(), 1, "{}", service.name);
            return;
        }
        let waited = Proctor::new(&["wait", "h.json", "--report", "json", "--report", "junit"])
            .file("h.json", &outcome.read("proctor-handle.json"))
            .file(
                "proctor.toml",
                &service.target(&sandbox, "it", service.pass.id),
            )
            .variable(service.variable, service.key)
            .end();
        let waited = service.ended(&sandbox, waited).expect(0);
        assert_eq!(waited.results()["targets"][0]["verdict"], "passed");
        assert_eq!(sent(&sandbox, trigger.call).len(), 1, "{}", service.name);
    });
}

#[test]
fn a_signal_before_the_trigger_is_answered_starts_nothing_again() {
    each(ALL, |service| {
        let Some(trigger) = &service.trigger else {
            return;
        };
        let sandbox = service.sandbox("");
        let slow = FaultKind::Latency { ms: 1_500 };
        sandbox.add_fault(service.fault(trigger.call, slow));
        let mut proctor = service.run(&sandbox, service.endless);
        let child = proctor.spawn();
        until("a trigger", || !sent(&sandbox, trigger.call).is_empty());
        terminate(&child);
        let outcome = Outcome::from_child(proctor, child);
        let outcome = service.ended(&sandbox, outcome).expect(143);
        assert_eq!(error(&outcome)["code"], "interrupted");
        assert_eq!(sent(&sandbox, trigger.call).len(), 1, "{}", service.name);
    });
}
