//! The whole run against a scripted service: hours of polling in a millisecond, and faults at every call.

mod faults;
mod flows;
mod lost;
mod results;
mod resumed;
mod server;
mod settings;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::model::{Report, Setting, Target};
use crate::ports::fake::Fake;
use crate::ports::{Clock, Instant, Method};
use crate::services::run;
use crate::services::tests::scripted::{code, reason, text, texts};
use server::Server;

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

fn next(report: &Report) -> &str {
    report.problem.as_ref().map_or("", |problem| &problem.next)
}
