//! A described service against a scripted one: whole runs, faults at every call, and what must never pass.

mod examples;
mod following;
mod mistakes;
mod paging;
mod templates;
mod verdicts;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::error::Code;
use crate::model::{Report, Setting, Target, Value};
use crate::ports::fake::Fake;
use crate::ports::{Head, Instant, Method, Request, Response, SendError};
use crate::services::run;
use crate::services::tests::scripted::{Trouble, answer, code, reason, text, texts};

/// A service of one project, whose run has an id that has to be encoded.
struct Server {
    triggers: usize,
    started: Option<Duration>,
    stopped: bool,
    takes: Duration,
    /// The state at the end.
    end: Json,
    /// The pages of results.
    pages: Vec<Json>,
    /// The trigger's answer.
    accepted: Json,
    /// The word of the project's last run, for a service that does not tell its runs apart.
    before: Json,
    /// What goes wrong with the nth request.
    troubles: Vec<Trouble>,
    requests: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            triggers: 0,
            started: None,
            stopped: false,
            takes: Duration::from_secs(20),
            end: json!("done"),
            pages: vec![json!([passing("one"), passing("two")])],
            accepted: json!({"run": {"id": "r 1/2"}}),
            before: json!("broken"),
            troubles: Vec::new(),
            requests: 0,
        }
    }
}

fn passing(name: &str) -> Json {
    json!({"title": name, "group": "shop", "outcome": "OK", "took": 1.5, "page": "https://x/t"})
}

fn error(status: u16, message: &str) -> Response {
    answer(
        status,
        &json!({"message": message, "code": "E1", "request_id": "req-9"}),
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
                let mut answer = error(429, "slow down");
                answer.head.headers.push(("retry-after".into(), "1".into()));
                return Ok(answer);
            }
            _ => {}
        }
        let done = self.carry_out(request, now);
        match trouble {
            Trouble::Lost => Err(SendError::Lost("connection reset".into())),
            Trouble::Failed => Ok(error(500, "oops")),
            Trouble::Html => Ok(Response {
                head: Head {
                    status: 200,
                    headers: vec![("content-type".into(), "text/html".into())],
                },
                body: b"<html>gateway</html>".to_vec(),
            }),
            Trouble::Shapeless => Ok(answer(200, &json!({"run": [null], "items": 3}))),
            _ => Ok(done),
        }
    }

    fn carry_out(&mut self, request: &Request, now: Duration) -> Response {
        let path = request.url.strip_prefix("https://x/v1").expect("our own");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match (request.method, path) {
            (Method::Post, "/projects/a%2Fb%20c/runs") => {
                self.triggers += 1;
                self.started = Some(now);
                answer(202, &self.accepted)
            }
            (Method::Get, "/runs/r%201%2F2" | "/projects/a%2Fb%20c/last") => answer(
                200,
                &json!({"run": {"status": self.word(now), "page": "https://x/runs/1"}}),
            ),
            (Method::Get, "/runs/r%201%2F2/results") => {
                let page = query
                    .strip_prefix("page=")
                    .map_or(1, |number| number.parse().expect("a number"));
                let next = (page < self.pages.len())
                    .then(|| format!("/runs/r%201%2F2/results?page={}", page + 1));
                answer(200, &json!({"items": self.pages[page - 1], "next": next}))
            }
            (Method::Delete, "/runs/r%201%2F2") => {
                self.stopped = true;
                answer(200, &Json::Null)
            }
            _ => error(404, "there is no such thing"),
        }
    }

    fn word(&self, now: Duration) -> Json {
        let Some(started) = self.started else {
            return self.before.clone();
        };
        let since = now.saturating_sub(started);
        match since {
            _ if self.stopped => json!("stopped"),
            since if since >= self.takes => self.end.clone(),
            since if since < Duration::from_secs(2) => json!("waiting"),
            _ => json!("going"),
        }
    }
}

/// The least that describes the service.
fn bare() -> Target {
    Target {
        name: "shop".into(),
        provider: "http".into(),
        api_url: "https://x/v1".into(),
        settings: vec![
            text("auth", "bearer"),
            texts("env", &["PROJECT", "NOTE"]),
            text("env.PROJECT", "a/b c"),
            text("env.NOTE", "say \"hi\"\n\\"),
            text("trigger", "POST /projects/{env.PROJECT}/runs"),
            text("run_id", "$.run.id"),
            text("poll", "GET /runs/{run_id}"),
            text("state", "$.run.status"),
            texts("passed", &["done", "ok"]),
            texts("failed", &["broken"]),
            texts("errored", &["crashed"]),
            texts("cancelled", &["stopped"]),
            texts("skipped", &["left out"]),
            texts("queued", &["waiting"]),
            texts("running", &["going"]),
        ],
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

/// With results, a page for people, and a way to stop a run.
fn target() -> Target {
    with(
        bare(),
        [
            text("cancel", "DELETE /runs/{run_id}"),
            text("run_url", "$.run.page"),
            text("results", "GET /runs/{run_id}/results"),
            text("results_next", "$.next"),
            text("tests", "$.items[*]"),
            text("test_name", "$.title"),
            text("test_suite", "$.group"),
            text("test_verdict", "$.outcome"),
            text("test_duration", "$.took"),
            text("duration_unit", "s"),
            text("test_message", "$.why"),
            text("test_url", "$.page"),
        ],
    )
}

/// The target with these settings in place of those of the same names.
fn with(mut target: Target, settings: impl IntoIterator<Item = Setting>) -> Target {
    for setting in settings {
        target.settings.retain(|known| known.name != setting.name);
        target.settings.push(setting);
    }
    target
}

fn without(mut target: Target, names: &[&str]) -> Target {
    target
        .settings
        .retain(|known| !names.contains(&known.name.as_str()));
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
        self.server.borrow().triggers
    }

    fn is_stopped(&self) -> bool {
        self.server.borrow().stopped
    }
}

/// Ports that answer the nth request, from 1, by `answer`, and the others as the usual service.
fn but(
    server: Server,
    mut answer: impl FnMut(&Request) -> Option<Result<Response, SendError>> + 'static,
) -> Fake {
    let mut server = server;
    Fake::new(move |request, Instant(now)| match answer(request) {
        Some(other) => other,
        None => server.serve(request, now),
    })
}
