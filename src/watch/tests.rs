use std::time::Duration;

use proptest::prelude::*;

use super::{Cadence, Ending, Event, Leave, Limits, Look, Offers, Step, Watch};
use crate::ports::Instant;

const LIMITS: Limits = Limits::until(Instant(Duration::from_secs(600)));
const BOTH: Offers = Offers {
    stream: true,
    stop: true,
};
const POLLING: Offers = Offers {
    stream: false,
    stop: true,
};

fn at(seconds: u64) -> Instant {
    Instant(Duration::from_secs(seconds))
}

fn watch(offers: Offers) -> Watch {
    Watch::new(LIMITS, offers, Cadence::USUAL, at(0))
}

#[test]
fn looks_after_a_second_then_ever_more_rarely() {
    let mut watch = watch(POLLING);
    let mut now = at(0);
    let mut waits = Vec::new();
    let mut event = Event::Ready;
    while waits.len() < 10 {
        event = match watch.step(now, event, 0.5) {
            Step::Wait(time) => {
                waits.push(time.as_millis());
                now = now.after(time);
                Event::Ready
            }
            Step::Look => Event::Looked(Look::Going),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(
        waits,
        [
            1000, 1000, 1500, 2250, 3375, 5062, 7593, 11390, 15000, 15000
        ]
    );
}

#[test]
fn a_held_cadence_keeps_its_first_wait_for_a_while_and_again_after_a_restart() {
    let mut cadence = Cadence::new(Duration::from_secs(1), 5.0, Duration::from_secs(5)).held(3);
    let mut waits = |count: usize| -> Vec<u64> {
        cadence.restart();
        (0..count).map(|_| cadence.next(0.5).as_secs()).collect()
    };
    assert_eq!(waits(6), [1, 1, 1, 1, 5, 5]);
    assert_eq!(waits(6), [1, 1, 1, 1, 5, 5]);
}

#[test]
fn a_stream_that_tells_nothing_does_not_delay_the_first_look() {
    let mut watch = watch(BOTH);
    assert_eq!(
        watch.step(at(0), Event::Ready, 0.5),
        Step::Listen(Duration::from_secs(1))
    );
    assert_eq!(watch.step(at(1), Event::Quiet, 0.5), Step::Look);
}

#[test]
fn a_talking_stream_is_looked_beside_every_15_seconds() {
    let mut watch = watch(BOTH);
    watch.step(at(0), Event::Ready, 0.5);
    assert_eq!(
        watch.step(at(0), Event::Heard { ending: false }, 0.5),
        Step::Listen(Duration::from_secs(15))
    );
    assert_eq!(
        watch.step(at(9), Event::Heard { ending: false }, 0.5),
        Step::Listen(Duration::from_secs(6))
    );
    assert_eq!(watch.step(at(15), Event::Quiet, 0.5), Step::Look);
    assert_eq!(
        watch.step(at(15), Event::Looked(Look::Going), 0.5),
        Step::Listen(Duration::from_secs(15))
    );
    assert_eq!(
        watch.step(at(16), Event::Heard { ending: true }, 0.5),
        Step::Look
    );
}

#[test]
fn a_stream_that_breaks_is_replaced_by_polling() {
    let mut watch = watch(BOTH);
    watch.step(at(0), Event::Heard { ending: false }, 0.5);
    assert_eq!(watch.step(at(3), Event::StreamClosed, 0.5), Step::Look);
    assert!(
        matches!(watch.step(at(3), Event::Looked(Look::Going), 0.5), Step::Wait(time) if time == Duration::from_secs(1))
    );
}

#[test]
fn an_interrupt_stops_the_run_and_waits_briefly_for_its_end() {
    let mut watch = watch(BOTH);
    let stop = watch.step(at(5), Event::Cancelled("SIGTERM".into()), 0.5);
    assert_eq!(
        stop,
        Step::Stop {
            within: LIMITS.leave_at_once
        }
    );
    assert_eq!(watch.step(at(5), Event::Stopped(true), 0.5), Step::Look);
    assert!(matches!(
        watch.step(at(5), Event::Looked(Look::Going), 0.5),
        Step::Wait(_)
    ));
    let end = Step::End(Ending::Left {
        why: Leave::Interrupted("SIGTERM".into()),
        stopped: false,
    });
    assert_eq!(watch.step(at(7), Event::Ready, 0.5), end);
    assert_eq!(watch.step(at(8), Event::Looked(Look::Ended), 0.5), end);
}

#[test]
fn a_word_that_cuts_off_a_stop_leads_to_one_more_and_no_third() {
    let told = || Event::Cancelled("SIGTERM".into());
    let mut watch = watch(POLLING);
    let within = LIMITS.leave;
    let step = watch.step(at(600), Event::Ready, 0.5);
    assert_eq!(step, Step::Stop { within });
    let within = LIMITS.leave_at_once;
    assert_eq!(watch.step(at(601), told(), 0.5), Step::Stop { within });
    let mut cut = watch.clone();
    let step = cut.step(at(601), told(), 0.5);
    assert!(!matches!(step, Step::Stop { .. }), "{step:?}");
    assert_eq!(watch.step(at(601), Event::Stopped(true), 0.5), Step::Look);
    let end = watch.step(at(602), Event::Looked(Look::Ended), 0.5);
    let left = Ending::Left {
        why: Leave::Interrupted("SIGTERM".into()),
        stopped: true,
    };
    assert_eq!(end, Step::End(left));
}

#[test]
fn a_word_after_a_stop_was_asked_for_shortens_the_wait_alone() {
    let mut watch = watch(POLLING);
    watch.step(at(600), Event::Ready, 0.5);
    watch.step(at(600), Event::Stopped(true), 0.5);
    watch.step(at(600), Event::Looked(Look::Going), 0.5);
    let step = watch.step(at(600), Event::Cancelled("SIGTERM".into()), 0.5);
    assert!(matches!(step, Step::Wait(_)), "{step:?}");
}

#[test]
fn a_run_that_is_seen_to_have_ended_is_stopped() {
    let mut watch = watch(BOTH);
    watch.step(at(5), Event::Cancelled("SIGTERM".into()), 0.5);
    watch.step(at(5), Event::Stopped(true), 0.5);
    assert_eq!(
        watch.step(at(6), Event::Looked(Look::Ended), 0.5),
        Step::End(Ending::Left {
            why: Leave::Interrupted("SIGTERM".into()),
            stopped: true,
        })
    );
}

#[test]
fn a_look_without_a_turn_is_not_tried_again_before_the_deadline() {
    for (offers, step) in [
        (BOTH, Step::Listen(Duration::from_secs(500))),
        (POLLING, Step::Wait(Duration::from_secs(500))),
    ] {
        let mut watch = watch(offers);
        assert_eq!(watch.step(at(100), Event::NoTurn, 0.5), step);
        assert!(matches!(
            watch.step(at(600), Event::Ready, 0.5),
            Step::Stop { .. }
        ));
    }
}

#[test]
fn a_service_that_fails_to_the_end_is_unreachable_and_not_timed_out() {
    let mut watch = watch(POLLING);
    let failed = || Event::Failed {
        passing: true,
        retry_after: None,
    };
    watch.step(at(599), failed(), 0.5);
    assert!(matches!(
        watch.step(at(600), Event::Ready, 0.5),
        Step::Stop { .. }
    ));
    assert_eq!(
        watch.step(at(600), Event::Stopped(false), 0.5),
        Step::End(Ending::Left {
            why: Leave::Unreachable,
            stopped: false
        })
    );
}

#[test]
fn three_answers_without_a_state_are_the_end() {
    let mut watch = watch(POLLING);
    for second in 1..3 {
        assert!(matches!(
            watch.step(at(second), Event::Looked(Look::Absent), 0.5),
            Step::Wait(_)
        ));
    }
    assert_eq!(
        watch.step(at(3), Event::Looked(Look::Absent), 0.5),
        Step::End(Ending::Absent)
    );
}

#[test]
fn a_pause_the_service_asks_for_is_kept() {
    let mut watch = watch(POLLING);
    let step = watch.step(
        at(1),
        Event::Failed {
            passing: true,
            retry_after: Some(Duration::from_secs(40)),
        },
        0.5,
    );
    assert_eq!(step, Step::Wait(Duration::from_secs(40)));
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Ready),
        Just(Event::Quiet),
        Just(Event::StreamClosed),
        Just(Event::NoTurn),
        any::<bool>().prop_map(|ending| Event::Heard { ending }),
        prop_oneof![Just(Look::Going), Just(Look::Absent), Just(Look::Ended)]
            .prop_map(Event::Looked),
        (any::<bool>(), proptest::option::of(0u64..200)).prop_map(|(passing, after)| {
            Event::Failed {
                passing,
                retry_after: after.map(Duration::from_secs),
            }
        }),
        any::<bool>().prop_map(Event::Stopped),
        Just(Event::Cancelled("SIGINT".into())),
    ]
}

proptest! {
    #[test]
    fn a_run_without_end_is_stopped_at_the_deadline(call_ms in 0u64..4_000, stream in any::<bool>()) {
        let mut watch = watch(Offers { stream, stop: true });
        let (mut now, mut stops, mut event) = (at(0), 0, Event::Ready);
        let end = loop {
            event = match watch.step(now, event, 0.5) {
                Step::Look => {
                    now = now.after(Duration::from_millis(call_ms));
                    Event::Looked(Look::Going)
                }
                Step::Wait(time) => { now = now.after(time); Event::Ready }
                Step::Listen(time) => { now = now.after(time); Event::Quiet }
                Step::Stop { .. } => { stops += 1; Event::Stopped(true) }
                Step::End(end) => break end,
            }
        };
        prop_assert_eq!(stops, 1);
        prop_assert_eq!(end, Ending::Left { why: Leave::TimedOut, stopped: false });
        let last = LIMITS.deadline.after(LIMITS.leave).after(Duration::from_millis(2 * call_ms));
        prop_assert!(now >= LIMITS.deadline && now <= last);
    }

    #[test]
    fn no_order_of_events_waits_past_the_limit_or_changes_the_end(
        events in proptest::collection::vec((any_event(), 0u64..90_000, 0.0f64..1.0), 1..200),
        stream in any::<bool>(),
        stop in any::<bool>(),
    ) {
        let mut watch = watch(Offers { stream, stop });
        let mut now = at(0);
        let mut stops = 0;
        let mut told = false;
        let mut last = LIMITS.deadline;
        let mut ended: Option<Ending> = None;
        for (event, passed, chance) in events {
            now = now.after(Duration::from_millis(passed));
            told |= matches!(event, Event::Cancelled(_));
            let step = watch.step(now, event, chance);
            if let Some(end) = &ended {
                prop_assert_eq!(&step, &Step::End(end.clone()));
            }
            match step {
                Step::Wait(time) | Step::Listen(time) => {
                    prop_assert!(now.after(time) <= last);
                    prop_assert!(!time.is_zero());
                }
                Step::Stop { within } => {
                    stops += 1;
                    last = now.after(within);
                    prop_assert!(stop);
                }
                Step::End(end) => ended = Some(end),
                Step::Look => {}
            }
        }
        prop_assert!(stops <= 1 + usize::from(told));
    }
}

#[test]
fn a_look_that_the_deadline_cuts_off_is_no_failing_service() {
    let lost = || Event::Failed {
        passing: true,
        retry_after: None,
    };
    let timed_out = Step::End(Ending::Left {
        why: Leave::TimedOut,
        stopped: false,
    });
    let none = Offers {
        stream: false,
        stop: false,
    };
    let mut cut = watch(none);
    assert_eq!(cut.step(at(600), lost(), 0.5), timed_out);

    let mut failing = watch(none);
    failing.step(at(590), lost(), 0.5);
    let unreachable = Step::End(Ending::Left {
        why: Leave::Unreachable,
        stopped: false,
    });
    assert_eq!(failing.step(at(600), lost(), 0.5), unreachable);
}

/// Limits under which a run must have begun after some seconds.
fn begin_by(seconds: u64) -> Limits {
    Limits {
        begin_by: Some(at(seconds)),
        ..LIMITS
    }
}

#[test]
fn a_run_that_has_not_begun_in_time_is_stopped_after_a_last_look() {
    let mut watch = Watch::new(begin_by(30), POLLING, Cadence::USUAL, at(0));
    let (mut now, mut event, mut looks) = (at(0), Event::Ready, Vec::new());
    let stopped = loop {
        event = match watch.step(now, event, 0.5) {
            Step::Wait(time) => {
                now = now.after(time);
                Event::Ready
            }
            Step::Look => {
                looks.push(now);
                Event::Looked(Look::Going)
            }
            step => break step,
        };
    };
    assert_eq!(
        stopped,
        Step::Stop {
            within: Duration::from_secs(10)
        }
    );
    assert_eq!((now, looks.last()), (at(30), Some(&at(30))));
    watch.step(at(30), Event::Stopped(true), 0.5);
    let end = watch.step(at(31), Event::Looked(Look::Ended), 0.5);
    let left = Ending::Left {
        why: Leave::NotBegun,
        stopped: true,
    };
    assert_eq!(end, Step::End(left));
}

#[test]
fn a_run_that_the_last_look_sees_at_work_goes_on() {
    let mut watch = Watch::new(begin_by(1), POLLING, Cadence::USUAL, at(0));
    assert_eq!(
        watch.step(at(0), Event::Ready, 0.5),
        Step::Wait(Duration::from_secs(1))
    );
    assert_eq!(watch.step(at(1), Event::Ready, 0.5), Step::Look);
    watch.begun();
    let next = watch.step(at(2), Event::Looked(Look::Going), 0.5);
    assert!(matches!(next, Step::Wait(_)), "{next:?}");
    let next = watch.step(at(100), Event::Looked(Look::Going), 0.5);
    assert!(matches!(next, Step::Wait(_)), "{next:?}");
}

#[test]
fn a_look_that_brings_nothing_makes_no_run_late_and_is_not_repeated_at_once() {
    let mut watch = Watch::new(begin_by(1), POLLING, Cadence::USUAL, at(0));
    watch.step(at(0), Event::Ready, 0.5);
    assert_eq!(watch.step(at(1), Event::Ready, 0.5), Step::Look);
    let failed = Event::Failed {
        passing: true,
        retry_after: Some(Duration::from_secs(7)),
    };
    assert_eq!(
        watch.step(at(2), failed, 0.5),
        Step::Wait(Duration::from_secs(7))
    );
    assert_eq!(watch.step(at(9), Event::Ready, 0.5), Step::Look);
    let step = watch.step(at(10), Event::Looked(Look::Going), 0.5);
    assert!(matches!(step, Step::Stop { .. }), "{step:?}");
}

#[test]
fn a_talking_stream_does_not_hide_that_a_run_has_not_begun() {
    let mut watch = Watch::new(begin_by(5), BOTH, Cadence::USUAL, at(0));
    watch.step(at(0), Event::Ready, 0.5);
    assert_eq!(
        watch.step(at(0), Event::Heard { ending: false }, 0.5),
        Step::Listen(Duration::from_secs(5))
    );
    assert_eq!(watch.step(at(5), Event::Quiet, 0.5), Step::Look);
    let step = watch.step(at(5), Event::Looked(Look::Going), 0.5);
    assert!(matches!(step, Step::Stop { .. }), "{step:?}");
}

proptest! {
    #[test]
    fn no_run_that_has_begun_is_late_to_begin(begins in 0u64..40, by in 1u64..40, chance in 0.0f64..1.0) {
        let mut watch = Watch::new(begin_by(by), POLLING, Cadence::USUAL, at(0));
        let (mut now, mut event) = (at(0), Event::Ready);
        let is_late = loop {
            event = match watch.step(now, event, chance) {
                Step::Wait(time) => {
                    now = now.after(time);
                    Event::Ready
                }
                Step::Look => {
                    if now >= at(begins) {
                        watch.begun();
                    }
                    Event::Looked(Look::Going)
                }
                Step::Stop { .. } => break now < at(600),
                step => panic!("{step:?}"),
            };
        };
        prop_assert_eq!(is_late, begins > by);
    }
}
