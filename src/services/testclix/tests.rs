//! Whole runs against a scripted service whose tests have a state and nothing else.

mod faults;
mod fresh;
mod resumed;
mod runs;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::error::Code;
use crate::model::{Report, Setting, Target, Value, Verdict};
use crate::ports::fake::Fake;
use crate::ports::{Head, Instant, Method, Request, Response, SendError};
use crate::services::run;
use crate::services::tests::scripted::{Trouble, answer, code, reason, text, texts};

const ONE: &str = "01GD&07A";
const TWO: &str = "01GD&07B";

/// A test at the service.
#[derive(Debug, Clone)]
struct Test {
    id: &'static str,
    /// Its state until the new run shows.
    before: &'static str,
    triggers: usize,
    triggered: Option<Duration>,
    /// When after the trigger a state begins to show, in milliseconds, in that order.
    course: Vec<(u64, &'static str)>,
}

impl Test {
    fn new(id: &'static str, before: &'static str, end: &'static str) -> Self {
        Self {
            id,
            before,
            triggers: 0,
            triggered: None,
            course: vec![(0, "queued"), (3_000, "processing"), (20_000, end)],
        }
    }

    fn word(&self, now: Duration) -> &'static str {
        let Some(triggered) = self.triggered else {
            return self.before;
        };
        let since = now.saturating_sub(triggered).as_millis();
        let shown = |&&(from, _): &&(u64, &str)| u128::from(from) <= since;
        let reached = self.course.iter().rfind(shown);
        reached.map_or(self.before, |(_, word)| word)
    }
}

struct Server {
    tests: Vec<Test>,
    /// Whether it takes an ampersand in a path only as it is.
    bare: bool,
    /// What each trigger is answered with instead.
    refusal: Option<(u16, &'static str)>,
    details: Json,
    /// What goes wrong with the nth request.
    troubles: Vec<Trouble>,
    requests: usize,
}

fn server(tests: Vec<Test>) -> Server {
    Server {
        tests,
        bare: false,
        refusal: None,
        details: json!({"status": "pass", "tests": {"error": {"count": 0, "items": []}}}),
        troubles: Vec::new(),
        requests: 0,
    }
}

/// A test that passed before and passes again.
fn passing() -> Server {
    server(vec![Test::new(ONE, "pass", "pass")])
}

fn error(status: u16, message: &str) -> Response {
    answer(status, &json!({ "message": message }))
}

impl Server {
    fn serve(&mut self, request: &Request, now: Duration) -> Result<Response, SendError> {
        let trouble = self.troubles.get(self.requests).copied();
        self.requests += 1;
        match trouble {
            Some(Trouble::Refused) => {
                return Err(SendError::NotSent("connection refused".into()));
            }
            Some(Trouble::Throttled) => return Ok(error(429, "Too Many Requests")),
            _ => {}
        }
        let done = self.carry_out(request, now);
        match trouble {
            Some(Trouble::Lost) => Err(SendError::Lost("connection reset".into())),
            Some(Trouble::Failed) => Ok(error(500, "Internal server error")),
            Some(Trouble::Html) => Ok(Response {
                head: Head {
                    status: 200,
                    headers: vec![("content-type".into(), "text/html".into())],
                },
                body: b"<html>gateway</html>".to_vec(),
            }),
            Some(Trouble::Shapeless) => Ok(answer(200, &json!({"other": [null, {"x": -1}]}))),
            _ => Ok(done),
        }
    }

    fn carry_out(&mut self, request: &Request, now: Duration) -> Response {
        let path = request
            .url
            .strip_prefix("https://x/v1/api")
            .expect("our own origin");
        match (request.method, path) {
            (Method::Get, "/status") => answer(200, &json!({"status": "pass"})),
            (Method::Get, "/status/details") => answer(200, &self.details),
            (Method::Get, path) => match self.test(path, "/status/") {
                Some(test) => answer(200, &json!({"test_id": test.id, "status": test.word(now)})),
                None => error(404, "Scenario doesn't exists"),
            },
            (Method::Post, path) => {
                assert!(request.body.is_empty(), "a trigger has no body");
                let refusal = self.refusal;
                match (self.test(path, "/execute/"), refusal) {
                    (_, Some((status, message))) => error(status, message),
                    (None, None) => error(404, "Scenario doesn't exists"),
                    (Some(test), None) => {
                        test.triggers += 1;
                        test.triggered = Some(now);
                        answer(200, &json!({"test_id": test.id, "status": "queued"}))
                    }
                }
            }
            _ => panic!("{} is never used", request.method.name()),
        }
    }

    fn test(&mut self, path: &str, below: &str) -> Option<&mut Test> {
        let bare = self.bare;
        let segment = path.strip_prefix(below)?.to_owned();
        self.tests.iter_mut().find(|test| {
            let sent = if bare {
                test.id.to_owned()
            } else {
                test.id.replace('&', "%26")
            };
            sent == segment
        })
    }
}

fn yes(name: &str) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Boolean(true),
    }
}

fn bare_target() -> Target {
    Target {
        name: "site".into(),
        provider: "testclix".into(),
        api_url: "https://x/v1/api".into(),
        settings: Vec::new(),
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

fn target() -> Target {
    with(bare_target(), texts("test", &[ONE]))
}

fn with(mut target: Target, setting: Setting) -> Target {
    target.settings.push(setting);
    target
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
        self.server
            .borrow()
            .tests
            .iter()
            .map(|test| test.triggers)
            .sum()
    }
}

/// Verdict and code of a run of one test with this course.
fn of_course(
    before: &'static str,
    course: &[(u64, &'static str)],
    target: &Target,
) -> (Verdict, Report) {
    let mut test = Test::new(ONE, before, "pass");
    test.course = course.to_vec();
    let mut world = world(server(vec![test]));
    let report = world.run(target);
    assert_eq!(world.triggers(), 1);
    (report.verdict, report)
}
