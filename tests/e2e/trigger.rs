//! At most one trigger, whatever happens to it.

use proctor_sandbox::FaultKind;

use proctor_test_support::{Proctor, TRIGGER, fault, sandbox, status};

/// How many jobs were really started: 202 answers, or answers that were lost after the request had been carried out.
fn jobs_started(faults: Vec<FaultKind>, settings: &str) -> (i32, usize, String) {
    let sandbox = sandbox(settings);
    for kind in faults {
        sandbox.add_fault(fault("POST", TRIGGER, kind));
    }
    let outcome = Proctor::run(&sandbox, "app-7f3").end();
    (
        outcome.code,
        sandbox.count("POST", TRIGGER),
        format!("{}{}", outcome.out, outcome.err),
    )
}

#[test]
fn an_answer_that_is_lost_is_found_again() {
    let lost = [
        FaultKind::ResetAfter,
        FaultKind::TruncatedBody,
        FaultKind::Html {
            status: 502,
            processed: true,
        },
        FaultKind::NotJson { processed: true },
        FaultKind::WrongJson { processed: true },
        FaultKind::Status {
            status: 500,
            body: None,
            error_code: None,
            retry_after: None,
            processed: true,
        },
    ];
    for kind in lost {
        let told = format!("{kind:?}");
        let (code, sent, said) = jobs_started(vec![kind], "");
        assert_eq!((code, sent), (0, 1), "{told}: {said}");
        assert!(said.contains("was found"), "{told}: {said}");
    }
}

#[test]
fn what_certainly_did_nothing_is_sent_again() {
    for kind in [status(429, None, Some("1")), status(503, None, Some("1"))] {
        let told = format!("{kind:?}");
        let (code, sent, said) = jobs_started(vec![kind], "");
        assert_eq!((code, sent), (0, 2), "{told}: {said}");
    }
}

#[test]
fn a_trigger_without_a_trace_is_not_sent_again() {
    for kind in [
        FaultKind::ResetBefore,
        status(500, None, None),
        status(503, None, None),
    ] {
        let told = format!("{kind:?}");
        let (code, sent, said) = jobs_started(vec![kind], "");
        assert_eq!((code, sent), (7, 1), "{told}: {said}");
        assert!(
            said.contains("was not triggered a second time"),
            "{told}: {said}"
        );
    }
}

#[test]
fn a_refused_trigger_is_sent_once() {
    for (number, code) in [(400, 2), (401, 5), (402, 6), (403, 5), (404, 2), (413, 2)] {
        let (exit, sent, said) = jobs_started(vec![status(number, None, None)], "");
        assert_eq!((exit, sent), (code, 1), "{number}: {said}");
    }
}
