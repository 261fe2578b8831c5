//! What several attempts come to.

use std::time::Duration;

use super::Client;
use crate::api::{Failure, Phase};
use crate::error::Code;
use crate::ports::fake::Fake;
use crate::ports::{Head, Instant, Response};
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
