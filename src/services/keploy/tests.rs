//! The whole run against a scripted service: hours of polling in a millisecond, and faults at every call.

mod branches;
mod cut;
mod generation;
mod load;
mod recorded;
mod resumed;
mod settings;
mod small;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::error::Code;
use crate::model::{Report, Setting, Target, Value, Verdict};
use crate::ports::fake::Fake;
use crate::ports::{Chunk, Event, Head, Instant, Method, Request, Response, SendError};
use crate::services::tests::scripted::{Trouble, answer, any_trouble, code, reason, text};
use crate::services::{cancel, check, discover, run, start, watch};

/// A Keploy of one app with two suites.
struct Server {
    triggers: usize,
    started: Option<Duration>,
    stopped: bool,
    /// How long a job takes.
    takes: Duration,
    /// The word of a job at its end.
    end: &'static str,
    reports: Json,
    /// Whether a run names its job.
    linked: bool,
    /// How many other runs appear with ours.
    noise: usize,
    /// Whether our run appears at all.
    visible: bool,
    /// What our job tells of itself beside its ids and its time, or instead.
    job: Json,
    /// When our run began, if it tells that.
    run_began: Option<String>,
    /// What goes wrong with the nth request.
    troubles: Vec<Trouble>,
    requests: usize,
}

/// A moment so long after the test began, as the service writes it.
fn moment(since: Duration) -> String {
    let began = std::time::UNIX_EPOCH + Duration::from_secs(1_760_000_000);
    humantime::format_rfc3339_millis(began + since).to_string()
}

impl Default for Server {
    fn default() -> Self {
        Self {
            triggers: 0,
            started: None,
            stopped: false,
            takes: Duration::from_secs(20),
            end: "COMPLETED",
            reports: json!([
                {"id": "r1", "suite_id": "s1", "name": "checkout", "status": "passed",
                 "steps": [{"stepName": "pay", "pass": true, "duration_ms": 12}]},
                {"id": "r2", "suite_id": "s2", "name": "search", "status": "PASSED", "steps": []}
            ]),
            linked: true,
            noise: 0,
            visible: true,
            job: json!({}),
            run_began: None,
            troubles: Vec::new(),
            requests: 0,
        }
    }
}

fn error(status: u16, code: &str) -> Response {
    answer(
        status,
        &json!({"error": {"code": code, "message": "told so"}, "meta": {"request_id": "req-9"}}),
    )
}

impl Server {
    fn serve(&mut self, request: &Request, now: Duration) -> Result<Response, SendError> {
        let trouble = self
            .troubles
            .get(self.requests)
            .copied()
            .unwrap_or(Trouble::None);
        self.requests += 1;
        match trouble {
            Trouble::Refused => return Err(SendError::NotSent("connection refused".into())),
            Trouble::Throttled => {
                let mut answer = error(429, "RATE_LIMITED");
                answer.head.headers.push(("retry-after".into(), "1".into()));
                return Ok(answer);
            }
            _ => {}
        }
        let done = self.carry_out(request, now);
        match trouble {
            Trouble::Lost => Err(SendError::Lost("connection reset".into())),
            Trouble::Failed => Ok(error(500, "INTERNAL_ERROR")),
            Trouble::Html => Ok(Response {
                head: Head {
                    status: 200,
                    headers: vec![("content-type".into(), "text/html".into())],
                },
                body: b"<html>gateway</html>".to_vec(),
            }),
            Trouble::Shapeless => Ok(answer(
                200,
                &json!({"data": {"nothing": [null, {"x": -1}]}, "meta": 3}),
            )),
            _ => Ok(done),
        }
    }

    fn carry_out(&mut self, request: &Request, now: Duration) -> Response {
        let path = request
            .url
            .strip_prefix("https://x/v1")
            .expect("our own origin");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match (request.method, path) {
            (Method::Get, "/apps/a1/test-suites") => answer(
                200,
                &json!({"data": [{"id": "s1", "name": "checkout"}, {"id": "s2", "name": "search"}]}),
            ),
            (Method::Get, "/apps") => {
                answer(200, &json!({"data": [{"id": "a1", "name": "orders"}]}))
            }
            (Method::Get, "/users/me") => answer(200, &json!({"data": {}})),
            (Method::Get, "/apps/a1") => {
                answer(200, &json!({"data": {"id": "a1", "name": "orders"}}))
            }
            (Method::Get, "/jobs") => answer(200, &json!({"data": self.jobs()})),
            (Method::Get, "/apps/a1/test-runs") => {
                assert!(query.contains("limit=100"));
                answer(200, &json!({"data": {"items": self.runs(now)}}))
            }
            (Method::Post, "/apps/a1/test-suites/run") => {
                self.triggers += 1;
                self.started = Some(now);
                answer(
                    202,
                    &json!({"data": {"job_id": "job-1"}, "meta": {"request_id": "req-1"}}),
                )
            }
            (Method::Get, "/jobs/job-1") => {
                answer(200, &json!({"data": {"job_status": self.word(now)}}))
            }
            (Method::Post, "/jobs/job-1/stop") => {
                self.stopped = true;
                answer(200, &json!({"data": {}}))
            }
            (Method::Get, "/apps/a1/test-runs/run-1/suite-reports") => {
                answer(200, &json!({"data": self.reports}))
            }
            (Method::Get, path) if path.ends_with("/suite-reports/r2") => answer(
                200,
                &json!({"data": {"id": "r2", "name": "search", "status": "passed"}}),
            ),
            _ => error(404, "RESOURCE_NOT_FOUND"),
        }
    }

    fn word(&self, now: Duration) -> &'static str {
        let since = now.saturating_sub(self.started.unwrap_or(now));
        match since {
            _ if self.stopped => "STOPPED",
            since if since >= self.takes => self.end,
            since if since < Duration::from_secs(2) => "QUEUED",
            _ => "RUNNING",
        }
    }

    fn jobs(&self) -> Vec<Json> {
        let mut jobs = vec![json!({"job_id": "old", "app_id": "a1"})];
        if let Some(started) = self.started {
            let mut job = json!({"job_id": "job-1", "app_id": "a1", "created_at": moment(started)});
            for (name, value) in self.job.as_object().expect("members") {
                job[name] = value.clone();
            }
            jobs.push(job);
            jobs.push(json!({"job_id": "job-of-another-app", "app_id": "a2"}));
        }
        jobs
    }

    fn runs(&self, _now: Duration) -> Vec<Json> {
        let mut runs = vec![json!({"id": "run-0"})];
        if self.started.is_some() && self.visible {
            runs.push(if self.linked {
                json!({"id": "run-1", "job_id": "job-1", "created_at": self.run_began})
            } else {
                json!({"id": "run-1"})
            });
        }
        if self.started.is_some() {
            runs.extend((0..self.noise).map(|n| json!({"id": format!("other-{n}")})));
        }
        runs
    }
}

fn target() -> Target {
    Target {
        name: "api".into(),
        provider: "keploy".into(),
        api_url: "https://x/v1".into(),
        settings: vec![
            text("app", "a1"),
            text("base_url", "https://staging.example.com"),
        ],
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

fn with(mut target: Target, setting: Setting) -> Target {
    target.settings.push(setting);
    target
}

fn suites(words: &[&str]) -> Setting {
    Setting {
        name: "suites".into(),
        value: Value::Texts(words.iter().map(|&word| word.into()).collect()),
    }
}

struct World {
    server: Rc<RefCell<Server>>,
    ports: Fake,
}

fn world(server: Server) -> World {
    let server = Rc::new(RefCell::new(server));
    let served = Rc::clone(&server);
    World {
        server,
        ports: Fake::new(move |request, Instant(now)| served.borrow_mut().serve(request, now)),
    }
}

impl World {
    fn run(&mut self, target: &Target) -> Report {
        run(target, &mut self.ports)
    }

    fn triggers(&self) -> usize {
        self.server.borrow().triggers
    }
}

#[test]
fn a_run_passes_with_its_tests_and_its_run() {
    let mut world = world(Server::default());
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
    assert_eq!(
        report.run.as_ref().map(|run| run.id.as_str()),
        Some("run-1")
    );
    let names: Vec<_> = report
        .tests
        .iter()
        .map(|test| format!("{}/{}", test.suite, test.name))
        .collect();
    assert_eq!(names, ["checkout/pay", "search/suite as a whole"]);
    assert_eq!(report.handle, None);
    assert!(
        report
            .queued_ms
            .is_some_and(|ms| (1900..6000).contains(&ms)),
        "{:?}",
        report.queued_ms
    );
    let body: Json = world
        .ports
        .sent
        .iter()
        .find(|request| request.method == Method::Post)
        .map(|request| serde_json::from_slice(&request.body).expect("JSON"))
        .expect("a trigger");
    assert_eq!(body, json!({"base_url": "https://staging.example.com"}));
}

#[test]
fn the_stream_tells_the_end_at_once() {
    let mut world = world(Server::default());
    let second = Duration::from_secs(1);
    world.ports.streams.push_back(vec![
        (
            second,
            Chunk::Head(Head {
                status: 200,
                headers: Vec::new(),
            }),
        ),
        (second, Chunk::Bytes(b"{\"status\":\"RUNN".to_vec())),
        (
            second,
            Chunk::Bytes(b"ING\",\"done\":1,\"total\":2}\n".to_vec()),
        ),
        (
            Duration::from_millis(17_100),
            Chunk::Bytes(b"data: {\"status\":\"COMPLETED\"}\n\n".to_vec()),
        ),
    ]);
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed);
    assert!(report.duration_ms < 21_000, "{}", report.duration_ms);
    // Once for each second before the stream talks, once beside it, once at the end.
    assert!(
        world.ports.count("GET", "/jobs/job-1") <= 6,
        "{}",
        world.ports.count("GET", "/jobs/job-1")
    );
    assert!(world.ports.events.contains(&Event::StateChanged {
        word: "RUNNING".into(),
        done: Some(1),
        total: Some(2)
    }));
}

#[test]
fn a_stream_that_lies_does_not_decide() {
    let mut world = world(Server {
        end: "FAILED",
        ..Server::default()
    });
    world.ports.streams.push_back(vec![
        (
            Duration::ZERO,
            Chunk::Head(Head {
                status: 200,
                headers: Vec::new(),
            }),
        ),
        (
            Duration::ZERO,
            Chunk::Bytes(b"{\"status\":\"COMPLETED\"}\n".to_vec()),
        ),
        (Duration::ZERO, Chunk::Ended),
    ]);
    let report = world.run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored))
    );
}

#[test]
fn failed_assertions_come_with_expected_and_actual() {
    let mut world = world(Server {
        end: "FAILED",
        reports: json!([{"id": "r1", "name": "checkout", "status": "failed", "steps": [
            {"stepName": "pay", "pass": false,
             "requestSent": {"method": "POST", "url": "https://s/pay", "headers": {"Authorization": "secret"}, "body": "{}"},
             "responseReceived": {"status": 500, "body": "oops"},
             "assertionFailures": [{"type": "status_code", "key": "", "expected": "201", "actual": 500, "error": "e"}]}
        ]}]),
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Failed, Some(Code::Failed))
    );
    let test = &report.tests[0];
    assert_eq!(
        test.message.as_deref(),
        Some("status_code: expected 201, got 500")
    );
    assert_eq!(
        (test.expected.as_deref(), test.actual.as_deref()),
        (Some("201"), Some("500"))
    );
    let details = test.details.as_deref().unwrap_or_default();
    assert!(
        details.contains("POST https://s/pay") && !details.contains("secret"),
        "{details}"
    );
}

#[test]
fn words_of_suites_are_mapped_and_unknown_ones_never_pass() {
    let table = [
        ("Pass", "COMPLETED", Verdict::Passed),
        ("Fail", "FAILED", Verdict::Failed),
        ("Buggy", "FAILED", Verdict::Failed),
        ("Ignored", "COMPLETED", Verdict::Skipped),
        ("running", "COMPLETED", Verdict::Errored),
        ("Splendid", "COMPLETED", Verdict::Unknown),
    ];
    for (word, end, verdict) in table {
        let report = world(Server {
            end,
            reports: json!([{"id": "r", "name": "one", "status": word, "steps": []}]),
            ..Server::default()
        })
        .run(&target());
        assert_eq!(report.verdict, verdict, "{word}: {report:?}");
    }
}

#[test]
fn buggy_suites_can_be_waved_through_with_a_warning() {
    let buggy = || Server {
        reports: json!([{"id": "r", "name": "one", "status": "buggy",
            "steps": [{"stepName": "x", "pass": false}]}, {"id": "q", "name": "two", "status": "passed", "steps": []}]),
        ..Server::default()
    };
    let report = world(buggy()).run(&with(target(), text("buggy", "warn")));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("buggy"))
    );
    assert_eq!(world(buggy()).run(&target()).verdict, Verdict::Failed);
}

#[test]
fn an_unknown_suite_is_found_before_anything_is_triggered() {
    let mut world = world(Server::default());
    let report = world.run(&with(target(), suites(&["serch"])));
    assert_eq!(code(&report), Some(Code::Usage));
    assert!(
        reason(&report).contains("did you mean \"search\"?"),
        "{}",
        reason(&report)
    );
    assert_eq!(world.triggers(), 0);
}

#[test]
fn suites_are_sent_by_id_and_missing_ones_are_errors() {
    let mut world = world(Server {
        reports: json!([{"id": "r1", "name": "checkout", "status": "passed", "steps": []}]),
        ..Server::default()
    });
    let report = world.run(&with(target(), suites(&["s1", "search"])));
    assert_eq!(report.verdict, Verdict::Errored, "{report:?}");
    let missing = report
        .tests
        .iter()
        .find(|test| test.verdict == Verdict::Errored)
        .expect("one");
    assert_eq!(missing.suite, "search");
    let trigger = world
        .ports
        .sent
        .iter()
        .find(|request| request.method == Method::Post)
        .expect("one");
    assert!(String::from_utf8_lossy(&trigger.body).contains(r#""test_suite_ids":["s1","s2"]"#));
}

#[test]
fn the_run_is_found_by_difference_but_never_guessed() {
    let unlinked = |noise| Server {
        linked: false,
        noise,
        ..Server::default()
    };
    assert_eq!(world(unlinked(0)).run(&target()).verdict, Verdict::Passed);
    let report = world(unlinked(1)).run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored))
    );
    assert!(
        reason(&report).contains("cannot be attributed"),
        "{}",
        reason(&report)
    );
}

#[test]
fn a_completed_job_without_reports_passes_only_if_it_is_trusted() {
    let unseen = || Server {
        visible: false,
        ..Server::default()
    };
    assert_eq!(world(unseen()).run(&target()).verdict, Verdict::Errored);
    let trusted = with(
        target(),
        Setting {
            name: "trust_job_status".into(),
            value: Value::Boolean(true),
        },
    );
    assert_eq!(world(unseen()).run(&trusted).verdict, Verdict::Passed);
    let failed = world(Server {
        end: "FAILED",
        ..unseen()
    })
    .run(&trusted);
    assert_eq!(
        (failed.verdict, code(&failed)),
        (Verdict::Failed, Some(Code::Failed))
    );
}

#[test]
fn a_run_without_suites_is_no_pass() {
    let report = world(Server {
        reports: json!([]),
        ..Server::default()
    })
    .run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Skipped, Some(Code::NoTests))
    );
}

/// The requests before the trigger: the runs, twice, and the jobs that are there.
const BEFORE: usize = 3;

fn troubled(trouble: Trouble) -> Server {
    Server {
        troubles: [vec![Trouble::None; BEFORE], vec![trouble]].concat(),
        ..Server::default()
    }
}

#[test]
fn a_lost_trigger_is_found_and_not_repeated() {
    for trouble in [
        Trouble::Lost,
        Trouble::Failed,
        Trouble::Html,
        Trouble::Shapeless,
    ] {
        let mut world = world(troubled(trouble));
        let report = world.run(&target());
        assert_eq!(report.verdict, Verdict::Passed, "{trouble:?}: {report:?}");
        assert_eq!(world.triggers(), 1, "{trouble:?}");
        assert!(
            report
                .warnings
                .iter()
                .any(|warning| warning.contains("was found"))
        );
    }
}

#[test]
fn a_trigger_that_certainly_did_nothing_is_repeated() {
    for trouble in [Trouble::Refused, Trouble::Throttled] {
        let mut world = world(troubled(trouble));
        assert_eq!(world.run(&target()).verdict, Verdict::Passed, "{trouble:?}");
        assert_eq!(world.triggers(), 1, "{trouble:?}");
    }
}

#[test]
fn an_unanswered_trigger_that_left_no_trace_is_not_repeated() {
    let mut world = world(Server::default());
    let mut sent = 0;
    let server = Rc::clone(&world.server);
    world.ports = Fake::new(move |request, Instant(now)| {
        if request.method == Method::Post {
            sent += 1;
            assert_eq!(sent, 1, "a second trigger");
            return Err(SendError::Lost("reset".into()));
        }
        server.borrow_mut().serve(request, now)
    });
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::Unavailable));
    assert!(
        reason(&report).contains("may have been started"),
        "{}",
        reason(&report)
    );
}

#[test]
fn refusals_are_told_by_who_must_act() {
    let table = [
        (401, "AUTHENTICATION_REQUIRED", Code::Authentication),
        (403, "INSUFFICIENT_SCOPE", Code::Authentication),
        (403, "QUOTA_EXCEEDED", Code::Quota),
        (402, "PAYMENT", Code::Quota),
        (400, "VALIDATION_ERROR", Code::Usage),
        (404, "RESOURCE_NOT_FOUND", Code::Usage),
    ];
    for (status, name, expected) in table {
        let mut posts = 0;
        let mut server = Server::default();
        let mut ports = Fake::new(move |request, Instant(now)| {
            if request.method == Method::Post {
                posts += 1;
                assert_eq!(posts, 1);
                return Ok(error(status, name));
            }
            server.serve(request, now)
        });
        let report = run(&target(), &mut ports);
        assert_eq!(code(&report), Some(expected), "{status} {name}");
        let problem = report.problem.expect("one");
        assert_eq!(problem.request_id.as_deref(), Some("req-9"));
        assert!(
            problem.message.contains("POST /apps/a1/test-suites/run"),
            "{}",
            problem.message
        );
    }
}

#[test]
fn a_run_that_outlives_its_time_is_stopped() {
    let mut world = world(Server {
        takes: Duration::from_secs(100_000),
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::TimedOut, Some(Code::TimedOut))
    );
    assert!(world.server.borrow().stopped);
    assert!(
        (600_000..640_000).contains(&report.duration_ms),
        "{}",
        report.duration_ms
    );
    assert_eq!(report.handle, None);
    assert!(reason(&report).contains("RUNNING"));
}

#[test]
fn an_unknown_state_is_polled_to_the_end_and_named() {
    let mut world = world(Server {
        end: "MARINATING",
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::TimedOut));
    assert!(reason(&report).contains("MARINATING"));
    assert_eq!(
        report
            .warnings
            .iter()
            .filter(|warning| warning.contains("MARINATING"))
            .count(),
        1
    );
}

#[test]
fn an_interrupt_stops_the_run_wherever_it_comes() {
    for tenths in 0..260 {
        let mut world = world(Server::default());
        world.ports.stop_at = Some(Duration::from_millis(tenths * 100));
        let report = world.run(&target());
        let triggered = world.triggers();
        assert!(triggered <= 1);
        if report.verdict == Verdict::Passed {
            continue;
        }
        assert_eq!(
            (report.verdict, code(&report)),
            (Verdict::Cancelled, Some(Code::Interrupted)),
            "{tenths}"
        );
        let ended = world.server.borrow().stopped
            || world.server.borrow().word(world.ports_now()) == "COMPLETED";
        assert!(triggered == 0 || ended, "{tenths}: {report:?}");
    }
}

impl World {
    fn ports_now(&self) -> Duration {
        use crate::ports::Clock;
        self.ports.now().0
    }
}

#[test]
fn a_started_run_can_be_watched_and_cancelled_later() {
    let mut world = world(Server::default());
    let handle = start(&target(), &mut world.ports).handle.expect("a handle");
    assert_eq!(handle.triggers[0].job.as_deref(), Some("job-1"));
    assert_eq!(
        handle.triggers[0].baseline.jobs.as_deref(),
        Some(&["old".to_owned()][..])
    );
    assert_eq!(
        watch(&target(), &handle, &mut world.ports).verdict,
        Verdict::Passed
    );
    assert_eq!(world.triggers(), 1);
    cancel(&target(), &handle, &mut world.ports).expect("it is no error that it has ended");
}

#[test]
fn lists_apps_then_suites_and_checks_without_triggering() {
    let mut world = world(Server::default());
    let mut bare = target();
    bare.settings.clear();
    let apps = discover(&bare, &mut world.ports).expect("apps");
    assert_eq!(apps[0].id, "a1");
    let listed = discover(&target(), &mut world.ports).expect("suites");
    assert_eq!(
        listed
            .iter()
            .map(|item| item.name.as_str())
            .collect::<Vec<_>>(),
        ["checkout", "search"]
    );
    let facts = check(&target(), &mut world.ports).expect("all right");
    assert!(
        facts.iter().any(|fact| fact.contains("2 suites")),
        "{facts:?}"
    );
    let unknown = with(target(), suites(&["nothing like it"]));
    assert_eq!(
        check(&unknown, &mut world.ports).map_err(|problem| problem.code),
        Err(Code::Usage)
    );
    assert_eq!(world.triggers(), 0);
}

#[test]
fn an_assumption_can_be_corrected() {
    let mut world = world(Server {
        reports: json!([{"id": "r1", "name": "one", "status": "splendid", "steps": []}]),
        ..Server::default()
    });
    let mut target = target();
    target.overrides = vec![Setting {
        name: "words_passed".into(),
        value: Value::Texts(vec!["Splendid".into()]),
    }];
    assert_eq!(world.run(&target).verdict, Verdict::Passed);
}

#[test]
fn a_budget_that_does_not_come_back_in_time_is_waited_out() {
    let mut world = world(Server::default());
    world.ports.no_turn_from = Some(Duration::from_secs(5));
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::TimedOut));
    assert!(world.server.borrow().stopped);
    assert!(
        world.ports.turns < 20,
        "{} turns were asked for",
        world.ports.turns
    );
}

/// A service that answers as the usual one but for one path.
fn but(path: &'static str, body: Json) -> Fake {
    let mut server = Server::default();
    Fake::new(move |request, Instant(now)| {
        if request.url.contains(path) {
            return Ok(answer(200, &body));
        }
        server.serve(request, now)
    })
}

#[test]
fn a_list_of_reports_that_is_not_whole_is_no_pass() {
    let page = |pagination: Json| {
        json!({"data": [{"id": "r1", "name": "one", "status": "passed", "steps": []}],
               "meta": {"pagination": pagination}})
    };
    for pagination in [
        json!({"has_next_page": true, "next_cursor": null}),
        json!({"has_next_page": true, "next_cursor": "same"}),
        json!({"next_cursor": "same"}),
    ] {
        let mut ports = but("/suite-reports?", page(pagination.clone()));
        let report = run(&target(), &mut ports);
        assert_eq!(code(&report), Some(Code::Protocol), "{pagination}");
    }
    let mut ports = but(
        "/suite-reports?",
        page(json!({"has_next_page": false, "next_cursor": "x"})),
    );
    assert_eq!(run(&target(), &mut ports).verdict, Verdict::Passed);
}

#[test]
fn an_old_run_of_another_kind_is_not_taken_for_ours() {
    let server = Rc::new(RefCell::new(Server {
        visible: false,
        ..Server::default()
    }));
    let served = Rc::clone(&server);
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/test-runs?kind=test_suite_run") {
            return Ok(answer(200, &json!({"data": []})));
        }
        served.borrow_mut().serve(request, now)
    });
    let report = run(&target(), &mut ports);
    assert_eq!(report.verdict, Verdict::Errored, "{report:?}");
    assert!(
        reason(&report).contains("no run is new"),
        "{}",
        reason(&report)
    );
}

#[test]
fn a_handle_without_a_job_is_looked_for_and_never_guessed() {
    let mut world = world(Server::default());
    let handle = start(&target(), &mut world.ports).handle.expect("a handle");
    let mut intent = handle.clone();
    intent.triggers[0].job = None;
    intent.triggers[0].stage = crate::model::Stage::Sent;
    cancel(&target(), &intent, &mut world.ports).expect("the job that is new is stopped");
    assert!(world.server.borrow().stopped);
    let report = watch(&target(), &intent, &mut world.ports);
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");

    let mut without = intent;
    without.triggers[0].baseline.jobs = Some(vec!["old".into(), "job-1".into()]);
    let refused = cancel(&target(), &without, &mut world.ports).expect_err("nothing is new");
    assert_eq!(refused.code, Code::Unavailable);
    let report = watch(&target(), &without, &mut world.ports);
    assert_eq!(code(&report), Some(Code::Unavailable));
    assert!(report.handle.is_some(), "it can be looked for again");
    assert_eq!(world.triggers(), 1);
}

#[test]
fn a_run_that_was_left_is_late_and_not_in_error() {
    let mut world = world(Server {
        takes: Duration::from_secs(100_000),
        reports: json!([
            {"id": "r1", "name": "checkout", "status": "passed", "steps": []},
            {"id": "r2", "name": "search", "status": "running", "steps": []},
        ]),
        ..Server::default()
    });
    let report = world.run(&with(target(), suites(&["checkout", "search"])));
    assert_eq!(code(&report), Some(Code::TimedOut));
    let verdicts: Vec<Verdict> = report.tests.iter().map(|test| test.verdict).collect();
    assert_eq!(verdicts, [Verdict::Passed, Verdict::TimedOut], "{report:?}");
}

#[test]
fn results_that_are_out_of_reach_are_left_for_later() {
    let server = Rc::new(RefCell::new(Server::default()));
    let served = Rc::clone(&server);
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/test-runs?") && served.borrow().triggers > 0 {
            return Err(SendError::NotSent("connection refused".into()));
        }
        served.borrow_mut().serve(request, now)
    });
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert!(
        reason(&report).contains("GET /apps/a1/test-runs"),
        "{report:?}"
    );
    let problem = report.problem.as_ref().expect("looked at above");
    assert!(!problem.retriable, "{problem:?}");
    assert!(problem.next.contains("`proctor wait`"), "{problem:?}");
    let handle = report.handle.expect("they can be read later");
    let report = watch(&target(), &handle, &mut world_of(server).ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}

fn world_of(server: Rc<RefCell<Server>>) -> World {
    let served = Rc::clone(&server);
    World {
        server,
        ports: Fake::new(move |request, Instant(now)| {
            let later = now + Duration::from_secs(100);
            served.borrow_mut().serve(request, later)
        }),
    }
}

#[test]
fn what_was_there_before_is_not_ours_whatever_names_it() {
    let mut ports = but(
        "/apps/a1/test-suites/run",
        json!({"data": {"job_id": "old"}}),
    );
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::Protocol), "{report:?}");

    let old = json!({"data": {"items": [{"id": "run-0", "job_id": "job-1"}]}});
    let report = run(&target(), &mut but("/test-runs?", old));
    assert_eq!(report.verdict, Verdict::Errored, "{report:?}");
    assert!(reason(&report).contains("no run is new"), "{report:?}");
}

#[test]
fn an_entry_without_an_id_before_the_trigger_is_not_new_by_its_id_later() {
    let mut server = Server {
        visible: false,
        ..Server::default()
    };
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/test-runs?") && server.triggers == 0 {
            return Ok(answer(200, &json!({"data": [{"id": null}]})));
        }
        server.serve(request, now)
    });
    let report = run(&target(), &mut ports);
    assert_eq!(report.verdict, Verdict::Errored, "{report:?}");
    assert!(
        reason(&report).contains("before the trigger are not known"),
        "{report:?}"
    );

    let (mut server, mut sent) = (Server::default(), false);
    let mut ports = Fake::new(move |request, Instant(now)| {
        sent |= request.method == Method::Post;
        match request.method {
            Method::Post => Err(SendError::Lost("reset".into())),
            _ if request.url.contains("/jobs?") && !sent => {
                Ok(answer(200, &json!({"data": [{"app_id": "a1"}]})))
            }
            _ => server.serve(request, now),
        }
    });
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert!(
        reason(&report).contains("before the trigger are not known"),
        "{report:?}"
    );
}

#[test]
fn a_suite_that_is_listed_twice_is_one() {
    let twice = json!({"data": [
        {"id": "s1", "name": "checkout"}, {"id": "s2", "name": "search"}, {"id": "s1", "name": "checkout"}]});
    let mut ports = but("/test-suites?", twice);
    let report = run(&with(target(), suites(&["checkout", "search"])), &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let mut posts = ports.sent.iter().filter(|sent| sent.method == Method::Post);
    let body: Json = serde_json::from_slice(&posts.next().expect("one").body).expect("JSON");
    assert_eq!(body["test_suite_ids"], json!(["s1", "s2"]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_fails_there_is_one_trigger_and_no_false_pass(
        troubles in proptest::collection::vec(any_trouble(), 0..40),
        fails in any::<bool>(),
        linked in any::<bool>(),
        noise in 0usize..2,
        stop_at in proptest::option::of(0u64..60_000),
    ) {
        let mut world = world(Server {
            troubles,
            end: if fails { "FAILED" } else { "COMPLETED" },
            reports: json!([{"id": "r1", "name": "one", "status": if fails { "failed" } else { "passed" }, "steps": []}]),
            linked,
            noise,
            ..Server::default()
        });
        world.ports.stop_at = stop_at.map(Duration::from_millis);
        let report = world.run(&target());
        prop_assert!(world.triggers() <= 1, "{} triggers", world.triggers());
        prop_assert!(report.duration_ms < 700_000);
        prop_assert_eq!(report.problem.is_none(), report.verdict == Verdict::Passed);
        if report.verdict == Verdict::Passed {
            prop_assert!(!fails && world.triggers() == 1);
            prop_assert!(report.tests.iter().any(|test| test.verdict == Verdict::Passed));
        }
        if report.verdict == Verdict::Failed {
            prop_assert!(fails);
        }
        prop_assert!(code(&report) != Some(Code::Internal), "{:?}", report);
    }
}
