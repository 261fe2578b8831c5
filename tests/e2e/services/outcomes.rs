//! How runs end: each outcome of each service, in the exit code and in the reports.

use proctor_sandbox::{Fault, FaultKind};
use proctor_test_support::SHORT;

use super::ALL;
use super::service::{Expected, Service, each, error, sent, targets};

#[track_caller]
fn comes_out(service: &Service, expected: &Expected) {
    let sandbox = service.sandbox("");
    let said = format!("{} {}", service.name, expected.id);
    let timeout = match expected.code {
        4 => service.looked_by,
        _ => "30s",
    };
    let outcome = service
        .run(&sandbox, expected.id)
        .variable("PROCTOR_TIMEOUT", timeout)
        .end();
    let outcome = service
        .ended(&sandbox, outcome)
        .expect(expected.code)
        .says(expected.says);
    let results = outcome.results();
    let target = &targets(&results)[0];
    assert_eq!(
        target["verdict"], expected.verdict,
        "{said}\n{}",
        outcome.out
    );
    let counts = ["passed", "failed", "errored"]
        .map(|name| target["counts"][name].as_u64().unwrap_or_default());
    assert_eq!(counts, expected.counts, "{said}\n{}", outcome.out);
    assert_eq!(
        error(&outcome).is_null(),
        expected.code == 0,
        "{said}: {target:#}"
    );
    if let Some(trigger) = &service.trigger {
        assert_eq!(sent(&sandbox, trigger.call).len(), 1, "{said}");
    }
}

#[test]
fn a_run_that_passes_is_0() {
    each(ALL, |service| comes_out(service, &service.pass));
}

#[test]
fn a_run_that_fails_is_1() {
    each(ALL, |service| comes_out(service, &service.fail));
}

#[test]
fn a_run_that_errors_is_3() {
    each(ALL, |service| {
        if let Some(expected) = &service.errored {
            comes_out(service, expected);
        }
    });
}

#[test]
fn a_run_that_somebody_stops_is_no_pass() {
    each(ALL, |service| {
        if let Some(expected) = &service.cancelled {
            comes_out(service, expected);
        }
    });
}

#[test]
fn a_word_that_is_not_known_is_no_pass_and_is_named() {
    each(ALL, |service| {
        if let Some(expected) = &service.unknown {
            comes_out(service, expected);
        }
    });
}

#[test]
fn a_run_without_end_is_4_and_is_stopped_or_can_be_picked_up() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        let outcome = service
            .run(&sandbox, service.endless)
            .variable("PROCTOR_TIMEOUT", SHORT)
            .end();
        let outcome = service.ended(&sandbox, outcome).expect(4);
        assert_eq!(outcome.results()["targets"][0]["verdict"], "timed-out");
        assert_eq!(error(&outcome)["code"], "timed_out");
        // What cannot be stopped is not offered to be.
        assert!(!outcome.err.contains("proctor cancel"), "{}", outcome.err);
        match service.stop {
            Some(stop) => assert_eq!(sent(&sandbox, stop).len(), 1, "{}", service.name),
            None => assert!(
                outcome.path("proctor-handle.json").exists() || service.trigger.is_none(),
                "{}",
                service.name
            ),
        }
    });
}

#[test]
fn a_look_that_the_time_limit_cuts_off_is_no_service_that_fails() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(Fault {
            times: 0,
            ..service.at_look(FaultKind::Hang)
        });
        let outcome = service
            .run(&sandbox, service.endless)
            .variable("PROCTOR_TIMEOUT", service.looked_by)
            .end();
        let outcome = service.ended(&sandbox, outcome).expect(4);
        assert_eq!(error(&outcome)["code"], "timed_out");
    });
}
