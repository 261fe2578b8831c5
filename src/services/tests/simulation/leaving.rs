//! How soon a run is over once its time is.

use std::time::Duration;

use super::chance::Chance;
use super::fault::{Body, Fault};
use super::ports::{About, Rule, Sim, is_trigger};
use super::world::{End, Facts, services, world};
use crate::error::Code;
use crate::model::Report;
use crate::services::run;

/// How long a run without end takes beyond its time limit if a fault begins so many seconds after its beginning.
fn beyond(service: &str, fault: Option<Fault>, from: u64) -> (Duration, Option<Code>) {
    let facts = Facts {
        ends: [End::Never; 2],
        ..Facts::PLAIN
    };
    let limit = Duration::from_secs(100);
    let mut sim = Sim::new(world(service, facts), Vec::new(), Chance::new(7));
    let mut target = sim.world.target();
    target.timeout = limit;
    sim.begin(Duration::ZERO, limit);
    sim.begins_at = fault.map(|fault| (Duration::from_secs(from), fault));
    let report = run(&target, &mut sim);
    let code = report.problem.as_ref().map(|problem| problem.code);
    (sim.time().saturating_sub(limit), code)
}

#[test]
fn a_service_that_has_stopped_answering_is_left_within_six_seconds() {
    let silent = [
        Fault::SlowHead(Duration::from_secs(3_600)),
        Fault::ResetAfter,
        Fault::Refused,
        Fault::Status {
            status: 502,
            done: false,
            body: Body::Page,
        },
    ];
    for service in services() {
        for fault in silent {
            for from in [40, 90, 99, 100] {
                let (beyond, code) = beyond(service, Some(fault), from);
                let at = format!("{service}, {fault:?} from {from} s on: {beyond:?} {code:?}");
                assert!(beyond <= Duration::from_secs(6), "{at}");
                let late = matches!(code, Some(Code::TimedOut | Code::Unavailable));
                assert!(late, "{at}");
            }
        }
    }
}

#[test]
fn a_service_that_answers_is_left_within_half_a_minute() {
    for service in services() {
        for seconds in [0, 1, 4] {
            let slow = Fault::SlowHead(Duration::from_secs(seconds));
            let (beyond, code) = beyond(service, Some(slow), 0);
            assert!(beyond <= Duration::from_secs(30), "{service}: {beyond:?}");
            assert_eq!(code, Some(Code::TimedOut), "{service}");
        }
    }
}

#[test]
fn a_rule_is_about_what_it_says() {
    let rule = Rule {
        about: About::Call("GET /jobs".to_owned(), 1, usize::MAX),
        fault: Fault::Refused,
    };
    let mut sim = Sim::new(world("keploy", Facts::PLAIN), vec![rule], Chance::new(1));
    let target = sim.world.target();
    sim.begin(Duration::ZERO, target.timeout);
    assert_eq!(run(&target, &mut sim).problem, None, "it is asked for once");
}

/// What comes of a run if from a call on the service is silent, and the time limit passes before the host gives up.
fn silent_from(service: &str, number: usize) -> (Sim, Report) {
    let silent = Rule {
        about: About::Numbers(number, usize::MAX),
        fault: Fault::SlowHead(Duration::from_secs(3_600)),
    };
    let facts = Facts::PLAIN;
    let mut sim = Sim::new(world(service, facts), vec![silent], Chance::new(7));
    let mut target = sim.world.target();
    target.timeout = Duration::from_secs(25);
    sim.begin(Duration::ZERO, target.timeout);
    let report = run(&target, &mut sim);
    (sim, report)
}

#[test]
fn a_read_that_the_time_limit_cuts_off_is_late_and_no_failing_service() {
    for service in services() {
        for number in 0.. {
            let (sim, report) = silent_from(service, number);
            let Some(call) = sim.calls.get(number) else {
                break;
            };
            let code = report.problem.as_ref().map(|problem| problem.code);
            let is_expected = match code {
                Some(Code::TimedOut) => !is_trigger(call),
                Some(Code::Unavailable) => is_trigger(call),
                // Of a test that rests in its old state nothing shows that it was run at all.
                Some(Code::ServiceErrored) => service == "testclix" && call.starts_with("GET"),
                _ => false,
            };
            assert!(is_expected, "{service} {call}: {report:?}");
        }
    }
}
