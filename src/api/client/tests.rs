//! What several attempts come to.

use std::time::Duration;

use super::{Answer, Client};
use crate::api::{Failure, Fault, Phase};
use crate::error::Code;
use crate::ports::fake::Fake;
use crate::ports::{Head, Instant, Response, SendError};
use crate::services::keploy::Keploy;
use crate::services::{Call, Service};

/// What comes of a read, and of a trigger, at a service that always answers so and gives no turn from a moment on.
fn failures(status: u16, no_turn_from: Duration) -> [Failure; 2] {
    let description = Keploy.description();
    let trigger = Call::post_nothing("/y");
    [false, true].map(|triggers| {
        let refused = Response {
            head: Head {
                status,
                headers: Vec::new(),
            },
            body: Vec::new(),
        };
        let mut ports = Fake::new(move |_, _| Ok(refused.clone()));
        ports.no_turn_from = Some(no_turn_from);
        let deadline = Instant(Duration::from_secs(60));
        let mut client = Client::new(&mut ports, &description, "https://x", deadline);
        let outcome = match triggers {
            true => client.send_at_most_once(&trigger),
            false => client.get("/y"),
        };
        outcome.expect_err("it never succeeds")
    })
}

#[test]
fn what_the_service_said_last_outlives_the_time_for_another_attempt() {
    for failure in failures(429, Duration::from_millis(500)) {
        let problem = failure.problem(Phase::BeforeTrigger);
        assert_eq!(problem.code, Code::Unavailable, "{problem}");
        assert!(problem.message.contains("429"), "{problem}");
    }
    let [read, _] = failures(500, Duration::from_millis(500));
    assert!(read.fault.told().contains("500"), "{read:?}");
}

#[test]
fn where_nothing_was_asked_at_all_the_time_was_over() {
    for failure in failures(429, Duration::ZERO) {
        assert_eq!(failure.problem(Phase::BeforeTrigger).code, Code::TimedOut);
    }
}

/// What comes of calls that each take six seconds and are lost, with a time limit of so many.
fn lost(limit: u64, act: impl FnOnce(&mut Client) -> Result<Answer, Failure>) -> Fault {
    let description = Keploy.description();
    let mut ports = Fake::new(|_, _| Err(SendError::Lost("it took too long".into())));
    ports.call = Duration::from_secs(6);
    let deadline = Instant(Duration::from_secs(limit));
    let mut client = Client::new(&mut ports, &description, "https://x", deadline);
    act(&mut client).expect_err("it never succeeds").fault
}

#[test]
fn a_read_that_the_time_limit_cuts_off_was_out_of_time() {
    assert_eq!(lost(5, |client| client.get("/y")), Fault::OutOfTime);
    // What failed before says something of the service.
    let again = lost(10, |client| client.get("/y"));
    assert!(matches!(again, Fault::Lost(_)), "{again:?}");
}

#[test]
fn a_trigger_that_the_time_limit_cuts_off_may_have_been_carried_out() {
    let trigger = Call::post_nothing("/y");
    let fault = lost(5, |client| client.send_at_most_once(&trigger));
    assert!(fault.is_ambiguous(), "{fault:?}");
}
