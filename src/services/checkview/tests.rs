//! The whole run against a scripted service: hours of polling in a millisecond, and faults at every call.

mod faults;
mod flows;
mod lost;
mod results;
mod server;
mod settings;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::error::Code;
use crate::model::{Report, Setting, Target, Value};
use crate::ports::fake::Fake;
use crate::ports::{Clock, Instant, Method};
use crate::services::run;
use server::Server;

fn text(name: &str, value: &str) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Text(value.into()),
    }
}

fn texts(name: &str, values: &[&str]) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Texts(values.iter().map(|&value| value.into()).collect()),
    }
}

fn target(settings: Vec<Setting>) -> Target {
    Target {
        name: "shop".into(),
        provider: "checkview".into(),
        api_url: "https://x/api/v1".into(),
        settings,
        overrides: Vec::new(),
        timeout: Duration::from_secs(900),
        location: None,
    }
}

/// A target of these flows.
fn flows(words: &[&str]) -> Target {
    target(vec![texts("flow", words)])
}

fn website(word: &str) -> Target {
    target(vec![text("website", word)])
}

/// The same with a correction.
fn but(mut target: Target, name: &str, values: &[&str]) -> Target {
    target.overrides.push(texts(name, values));
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

    /// The flows of which a run was carried out, in this order.
    fn executed(&self) -> Vec<String> {
        self.server.borrow().executed.clone()
    }

    /// The keys of all triggers that were sent, repeated ones as often as they were.
    fn keys(&self) -> Vec<String> {
        self.ports
            .sent
            .iter()
            .filter(|request| request.method == Method::Post)
            .map(|request| {
                let header = request
                    .headers
                    .iter()
                    .find(|(name, _)| name == "idempotency-key");
                header.expect("every trigger has a key").1.clone()
            })
            .collect()
    }

    fn now(&self) -> Duration {
        self.ports.now().0
    }
}

fn code(report: &Report) -> Option<Code> {
    report.problem.as_ref().map(|problem| problem.code)
}

fn reason(report: &Report) -> &str {
    report.reason.as_deref().unwrap_or_default()
}

fn next(report: &Report) -> &str {
    report.problem.as_ref().map_or("", |problem| &problem.next)
}
