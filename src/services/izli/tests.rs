//! Whole runs against a scripted service that tells of runs in lists alone.

mod faults;
mod finding;
mod reading;
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

/// An entry of a list of runs, from so many milliseconds after the trigger on.
#[derive(Debug, Clone)]
struct Planned {
    from_ms: u64,
    entry: Json,
}

struct Server {
    /// The collections, each entry with its id and name.
    things: Vec<(&'static str, Json)>,
    triggers: Vec<String>,
    triggered: Option<Duration>,
    /// What a trigger is answered with.
    answered: (u16, Json),
    /// What is in the list before the trigger.
    before: Vec<Json>,
    /// The last planned entry of an id that has begun to show is shown.
    planned: Vec<Planned>,
    /// Whether the list begins with the oldest.
    oldest_first: bool,
    /// How many entries a page has.
    per_page: usize,
    troubles: Vec<Trouble>,
    requests: usize,
}

/// A moment so many seconds after the test began, as the service writes it.
fn moment(seconds: i64) -> String {
    let began = std::time::UNIX_EPOCH + Duration::from_secs(1_760_000_000);
    let time = match u64::try_from(seconds) {
        Ok(after) => began + Duration::from_secs(after),
        Err(_) => began - Duration::from_secs(seconds.unsigned_abs()),
    };
    humantime::format_rfc3339_seconds(time).to_string()
}

/// An entry of a run that began so many seconds after the test.
fn entry(id: &str, status: &str, at: i64) -> Json {
    json!({"id": id, "status": status, "started_at": moment(at), "duration_ms": 245})
}

fn at(entry: Json, location: &str) -> Json {
    let mut entry = entry;
    entry["location"] = json!(location);
    entry
}

fn planned(from_ms: u64, entry: Json) -> Planned {
    Planned { from_ms, entry }
}

fn server(planned: Vec<Planned>) -> Server {
    Server {
        things: vec![
            ("journeys", json!({"id": "jrn_1", "name": "Login"})),
            ("api-monitors", json!({"id": "api_1", "name": "Orders"})),
            ("monitors", json!({"id": "mon_1", "name": "Home"})),
            (
                "monitors",
                json!({"id": "mon_2", "name": "Everywhere", "locations": ["eu-west", "us-east"]}),
            ),
        ],
        triggers: Vec::new(),
        triggered: None,
        answered: (200, json!({"success": true, "data": {"run_id": "run_new"}})),
        before: vec![entry("run_old", "success", -600)],
        planned,
        oldest_first: false,
        per_page: 100,
        troubles: Vec::new(),
        requests: 0,
    }
}

/// A run that is seen running and then passes.
fn passing() -> Server {
    server(vec![
        planned(1_000, entry("run_new", "running", 1)),
        planned(12_000, entry("run_new", "success", 1)),
    ])
}

/// The same of which the trigger's answer names nothing.
fn nameless() -> Server {
    Server {
        answered: (202, json!({"success": true})),
        ..passing()
    }
}

fn error(status: u16, code: &str, message: &str) -> Response {
    answer(
        status,
        &json!({"success": false, "error": {"code": code, "message": message}}),
    )
}

fn page(status: u16) -> Response {
    Response {
        head: Head {
            status,
            headers: vec![("content-type".into(), "text/html".into())],
        },
        body: b"<html>a page for people</html>".to_vec(),
    }
}

impl Server {
    fn serve(&mut self, request: &Request, now: Duration) -> Result<Response, SendError> {
        let trouble = self.troubles.get(self.requests).copied();
        self.requests += 1;
        match trouble {
            Some(Trouble::Refused) => return Err(SendError::NotSent("connection refused".into())),
            Some(Trouble::Throttled) => return Ok(error(429, "RATE_LIMITED", "slow down")),
            _ => {}
        }
        let done = self.carry_out(request, now);
        match trouble {
            Some(Trouble::Lost) => Err(SendError::Lost("connection reset".into())),
            Some(Trouble::Failed) => Ok(error(500, "INTERNAL", "oops")),
            Some(Trouble::Html) => Ok(page(200)),
            Some(Trouble::Shapeless) => Ok(answer(
                200,
                &json!({"success": true, "data": {"nothing": [null, {"x": -1}]}}),
            )),
            _ => Ok(done),
        }
    }

    fn carry_out(&mut self, request: &Request, now: Duration) -> Response {
        let path = request
            .url
            .strip_prefix("https://x/api/v1/")
            .expect("our own origin");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method, parts.as_slice()) {
            (Method::Get, [collection]) => {
                let things = self.things.iter().filter(|(of, _)| of == collection);
                let things = things.map(|(_, thing)| thing.clone()).collect();
                self.listed(things, query)
            }
            (Method::Get, [collection, id]) => match self.thing(collection, id) {
                Some(thing) => answer(200, &json!({"success": true, "data": thing})),
                None => error(404, "NOT_FOUND", "no such thing"),
            },
            (Method::Get, [collection, id, runs]) if self.thing(collection, id).is_some() => {
                assert_eq!(*runs == "results", *collection == "monitors");
                let entries = self.entries(now);
                self.listed(entries, query)
            }
            (Method::Post, [collection, id, word]) if self.thing(collection, id).is_some() => {
                let known = [
                    ("journeys", "run-now"),
                    ("api-monitors", "trigger"),
                    ("monitors", "check"),
                ];
                assert!(known.contains(&(*collection, *word)), "{path}");
                assert_eq!(request.body, b"{}");
                if (200..300).contains(&self.answered.0) {
                    self.triggers.push(format!("{collection}/{id}"));
                    self.triggered = Some(now);
                }
                answer(self.answered.0, &self.answered.1)
            }
            _ => error(404, "NOT_FOUND", "no such path"),
        }
    }

    fn thing(&self, collection: &str, id: &str) -> Option<&Json> {
        let is_it = |(of, thing): &&(&str, Json)| *of == collection && thing["id"] == id;
        self.things.iter().find(is_it).map(|(_, thing)| thing)
    }

    fn entries(&self, now: Duration) -> Vec<Json> {
        let mut shown: Vec<Json> = self.before.clone();
        if let Some(triggered) = self.triggered {
            let since = now.saturating_sub(triggered).as_millis();
            for planned in &self.planned {
                if u128::from(planned.from_ms) <= since {
                    let id = planned.entry.get("id");
                    if id.is_some() {
                        shown.retain(|entry| entry.get("id") != id);
                    }
                    shown.push(planned.entry.clone());
                }
            }
        }
        if !self.oldest_first {
            shown.reverse();
        }
        shown
    }

    fn listed(&self, all: Vec<Json>, query: &str) -> Response {
        let number = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page="))
            .map_or(1, |number| number.parse().expect("a number"));
        let pages: Vec<&[Json]> = all.chunks(self.per_page).collect();
        let page = pages.get(number - 1).copied().unwrap_or_default();
        answer(
            200,
            &json!({"success": true, "data": page,
                    "meta": {"total": all.len(), "page": number, "per_page": self.per_page}}),
        )
    }
}

fn number(name: &str, value: i64) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Integer(value),
    }
}

fn target(settings: Vec<Setting>) -> Target {
    Target {
        name: "site".into(),
        provider: "izli".into(),
        api_url: "https://x/api/v1".into(),
        settings,
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

fn login() -> Target {
    target(vec![texts("journey", &["Login"])])
}

fn everywhere() -> Target {
    target(vec![texts("monitor", &["Everywhere"])])
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
        self.server.borrow().triggers.len()
    }
}

fn by_time(report: &Report) -> bool {
    report
        .warnings
        .iter()
        .any(|warning| warning.contains("attributed by time"))
}

fn shown(report: &Report) -> Vec<String> {
    report
        .tests
        .iter()
        .map(|test| format!("{}/{} {}", test.suite, test.name, test.verdict))
        .collect()
}
