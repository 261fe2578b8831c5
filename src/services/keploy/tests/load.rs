//! Load tests, from the trigger to the limits.

use super::small::{Told, bodies, integer, serve, told};
use super::*;
use crate::services::resume;
use crate::services::tests::lives::{Lives, at_every_request, lives};
use crate::services::tests::scripted::texts;

const LIMITS: [&str; 2] = ["p95_ms <= 500", "error_rate < 0.01"];

fn load_test(limits: &[&str]) -> Target {
    let mut target = target();
    target.settings.extend([
        integer("load_test.virtual_users", 10),
        integer("load_test.duration_secs", 60),
        texts("load_test.limits", limits),
    ]);
    target
}

/// A service of one app, with a load test of somebody else's.
#[derive(Clone)]
struct Loads {
    started: Vec<Duration>,
    /// What the report holds at the end, from some time after it.
    report: Json,
    late: Duration,
    end: &'static str,
    stopped: bool,
    /// How many load tests somebody else starts with ours, and what they tell.
    others: usize,
    other: Json,
    /// Whether the answer to the trigger is lost.
    loses: bool,
}

impl Default for Loads {
    fn default() -> Self {
        Self {
            started: Vec::new(),
            report: json!({"latency": {"p95_ms": 420}, "error_rate": 0.001}),
            late: Duration::ZERO,
            end: "COMPLETED",
            stopped: false,
            others: 0,
            other: json!({}),
            loses: false,
        }
    }
}

impl Loads {
    fn route(&mut self, call: &str, now: Duration) -> Told {
        match call {
            "GET /apps/a1/load-tests" => Some((200, self.list())),
            "POST /apps/a1/load-tests" => {
                self.started.push(now);
                match self.loses {
                    true => Some((500, Json::Null)),
                    false => Some((202, json!({"run_id": "lt-1"}))),
                }
            }
            "GET /apps/a1/load-tests/lt-1" => Some((200, self.shown(now))),
            "POST /apps/a1/load-tests/lt-1/stop" => {
                self.stopped = true;
                Some((200, json!({})))
            }
            _ => None,
        }
    }

    fn list(&self) -> Json {
        let mut list = vec![json!({"id": "old"})];
        if let Some(started) = self.started.first() {
            list.push(
                json!({"id": "lt-1", "virtual_users": 10, "duration_secs": 60,
                "base_url": "https://staging.example.com/", "created_at": moment(*started)}),
            );
            for number in 0..self.others {
                let mut other =
                    json!({"id": format!("other-{number}"), "created_at": moment(*started)});
                for (name, value) in self.other.as_object().expect("members") {
                    other[name] = value.clone();
                }
                list.push(other);
            }
        }
        json!(list)
    }

    fn shown(&self, now: Duration) -> Json {
        let since = now.saturating_sub(self.started.first().copied().unwrap_or(now));
        let minute = Duration::from_secs(60);
        let word = match since {
            _ if self.stopped => "STOPPED",
            since if since < Duration::from_secs(2) => "QUEUED",
            since if since < minute => "RUNNING",
            _ => self.end,
        };
        let mut shown = json!({"id": "lt-1", "status": word});
        if since >= minute + self.late {
            for (name, value) in self.report.as_object().expect("members") {
                shown[name] = value.clone();
            }
        }
        shown
    }
}

fn ports(loads: &Rc<RefCell<Loads>>) -> Fake {
    let served = Rc::clone(loads);
    Fake::new(serve(move |call, _, _, now| {
        served.borrow_mut().route(call, now)
    }))
}

fn end(loads: Loads, target: &Target) -> (Report, Fake, Loads) {
    let loads = Rc::new(RefCell::new(loads));
    let mut ports = ports(&loads);
    let report = run(target, &mut ports);
    let loads = loads.borrow().clone();
    (report, ports, loads)
}

#[test]
fn each_limit_is_a_test() {
    let (report, ports, loads) = end(Loads::default(), &load_test(&LIMITS));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(
        told(&report),
        [
            "load test/p95_ms <= 500: passed",
            "load test/error_rate < 0.01: passed"
        ]
    );
    assert_eq!(report.tests[0].actual.as_deref(), Some("420"));
    assert_eq!(report.run.map(|run| run.id).as_deref(), Some("lt-1"));
    assert_eq!(loads.started.len(), 1);
    assert_eq!(
        bodies(&ports, Method::Post, "/load-tests"),
        [
            json!({"base_url": "https://staging.example.com", "virtual_users": 10, "duration_secs": 60, "profile": "constant"})
        ]
    );
    assert_eq!(ports.count("GET", "/test-suites"), 0);
}

#[test]
fn a_limit_that_does_not_hold_fails_and_one_that_cannot_be_told_errs() {
    let table = [
        (
            &["p95_ms <= 400"][..],
            "COMPLETED",
            Verdict::Failed,
            Some(Code::Failed),
        ),
        (
            &["p99_ms <= 400"],
            "COMPLETED",
            Verdict::Errored,
            Some(Code::ServiceErrored),
        ),
        (
            &["status == 0"],
            "COMPLETED",
            Verdict::Errored,
            Some(Code::ServiceErrored),
        ),
        (
            &["p95_ms <= 500"],
            "FAILED",
            Verdict::Errored,
            Some(Code::ServiceErrored),
        ),
        (
            &["p95_ms <= 400"],
            "FAILED",
            Verdict::Failed,
            Some(Code::Failed),
        ),
        (
            &["p95_ms <= 500"],
            "CANCELLED",
            Verdict::Cancelled,
            Some(Code::ServiceErrored),
        ),
    ];
    for (limits, word, verdict, expected) in table {
        let loads = Loads {
            end: word,
            ..Loads::default()
        };
        let (report, ..) = end(loads, &load_test(limits));
        assert_eq!(
            (report.verdict, code(&report)),
            (verdict, expected),
            "{limits:?} {word}"
        );
    }
    let (report, ..) = end(Loads::default(), &load_test(&["p99_ms <= 400"]));
    let message = report.tests[0].message.as_deref().unwrap_or_default();
    assert!(
        message.contains("\"p99_ms\"") && message.contains("error_rate, latency.p95_ms"),
        "{message}"
    );
}

#[test]
fn a_report_that_is_filled_in_late_is_read_again() {
    for (late, verdict) in [(3, Verdict::Passed), (3_600, Verdict::Errored)] {
        let loads = Loads {
            late: Duration::from_secs(late),
            ..Loads::default()
        };
        let (report, ..) = end(loads, &load_test(&LIMITS));
        assert_eq!(report.verdict, verdict, "{late}");
    }
}

#[test]
fn a_time_limit_that_falls_while_the_report_is_filled_in_is_no_error() {
    let mut cut = 0;
    for tenths in 500..700 {
        let mut target = load_test(&LIMITS);
        target.timeout = Duration::from_millis(tenths * 100);
        let loads = Loads {
            late: Duration::from_secs(3),
            ..Loads::default()
        };
        let (report, _, loads) = end(loads, &target);
        let Some(problem) = &report.problem else {
            continue;
        };
        assert_eq!(problem.code, Code::TimedOut, "{tenths}: {report:?}");
        assert_eq!(
            report.handle.is_none(),
            loads.stopped,
            "{tenths}: {report:?}"
        );
        cut += usize::from(problem.message.contains("the run had ended"));
    }
    assert!(cut > 0);
}

#[test]
fn at_the_deadline_it_is_stopped() {
    let mut target = load_test(&LIMITS);
    target.timeout = Duration::from_secs(30);
    let (report, _, loads) = end(Loads::default(), &target);
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    assert!(loads.stopped && report.handle.is_none());
    assert!(
        told(&report)[0].ends_with("timed-out"),
        "{:?}",
        report.tests
    );
}

#[test]
fn a_lost_answer_is_looked_for_and_nothing_is_sent_twice() {
    let other = json!({"virtual_users": 11});
    for (others, other, found) in [
        (0, json!({}), true),
        (1, json!({}), false),
        (1, other, true),
        (1, json!({"base_url": "https://other.example.com"}), true),
    ] {
        let loads = Loads {
            loses: true,
            others,
            other: other.clone(),
            ..Loads::default()
        };
        let (report, _, loads) = end(loads, &load_test(&LIMITS));
        assert_eq!(loads.started.len(), 1);
        let expected = if found { None } else { Some(Code::Unavailable) };
        assert_eq!(code(&report), expected, "{others} {other}: {report:?}");
    }
}

#[test]
fn wherever_it_is_killed_there_is_one_load_test_at_most() {
    let loads = Rc::new(RefCell::new(Loads::default()));
    let fresh = || -> Lives {
        *loads.borrow_mut() = Loads::default();
        let served = Rc::clone(&loads);
        lives(serve(move |call, _, _, now| {
            served.borrow_mut().route(call, now)
        }))
    };
    let kills = at_every_request(
        &load_test(&LIMITS),
        Duration::from_secs(60),
        fresh,
        |told, _, report| match loads.borrow().started.len() {
            1 => assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}"),
            none => assert_eq!((none, code(report)), (0, Some(Code::Unavailable)), "{told}"),
        },
    );
    assert!(kills > 5, "{kills}");
}

#[test]
fn a_handle_of_a_load_test_is_followed_and_cancelled() {
    let loads = Rc::new(RefCell::new(Loads::default()));
    let target = load_test(&LIMITS);
    let started = start(&target, &mut ports(&loads));
    let handle = started.handle.expect("it was started");
    cancel(&target, &handle, &mut ports(&loads)).expect("it can be stopped");
    assert!(loads.borrow().stopped);
    let report = resume(&target, &handle, &mut ports(&loads));
    assert_eq!(report.verdict, Verdict::Cancelled, "{report:?}");
    assert_eq!(loads.borrow().started.len(), 1);
}
