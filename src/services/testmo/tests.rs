//! Publishing to and waiting at a scripted service: faults at every call, and what is kept is sent once.

mod gate;
mod kept;
mod publish;
mod server;
mod settings;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use crate::error::Code;
use crate::model::{Publication, Setting, Target, Value};
use crate::ports::fake::Fake;
use crate::ports::{Input, Instant, Piece};
use crate::services;
use server::Server;

fn text(name: &str, value: &str) -> Setting {
    setting(name, Value::Text(value.into()))
}

fn texts(name: &str, values: &[&str]) -> Setting {
    let values = values.iter().map(|&value| value.into()).collect();
    setting(name, Value::Texts(values))
}

fn integer(name: &str, value: i64) -> Setting {
    setting(name, Value::Integer(value))
}

fn truth(name: &str, value: bool) -> Setting {
    setting(name, Value::Boolean(value))
}

fn setting(name: &str, value: Value) -> Setting {
    Setting {
        name: name.into(),
        value,
    }
}

fn target(settings: Vec<Setting>) -> Target {
    Target {
        name: "results".into(),
        provider: "testmo".into(),
        api_url: "https://x.testmo.net/some/page".into(),
        settings,
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

/// A target that publishes.
fn sink() -> Target {
    target(vec![
        integer("project_id", 1),
        text("source", "api-tests"),
        text("ci.build", "812"),
    ])
}

fn with(mut target: Target, setting: Setting) -> Target {
    target.settings.push(setting);
    target
}

/// What the host hands over, and what it keeps.
#[derive(Default)]
struct Pieces {
    next: VecDeque<Piece>,
    kept: Vec<u8>,
    /// How many bytes were taken.
    taken: Rc<RefCell<usize>>,
}

impl Pieces {
    fn of(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self {
            next: pieces.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Input for Pieces {
    fn next(&mut self) -> Option<Piece> {
        let piece = self.next.pop_front();
        if let Some(Piece::Bytes(bytes)) = &piece {
            *self.taken.borrow_mut() += bytes.len();
        }
        piece
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }
}

/// A file in pieces that are cut anywhere.
fn junit(name: &str, xml: &str) -> Vec<Piece> {
    pieces(Piece::Junit(name.into()), xml.as_bytes())
}

fn pieces(file: Piece, bytes: &[u8]) -> Vec<Piece> {
    let mut pieces = vec![file];
    pieces.extend(bytes.chunks(1000).map(|chunk| Piece::Bytes(chunk.to_vec())));
    pieces
}

/// A file with so many tests, named `t0`, `t1` and so on, of which each takes 1 ms.
fn many(count: usize) -> String {
    named("t", count)
}

fn named(prefix: &str, count: usize) -> String {
    let mut xml = "<testsuite>".to_owned();
    for number in 0..count {
        xml.push_str(&format!(
            "<testcase classname=\"a.B\" name=\"{prefix}{number}\" time=\"0.001\"/>"
        ));
    }
    xml.push_str("</testsuite>");
    xml
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

struct World {
    server: Rc<RefCell<Server>>,
    ports: Fake,
    kept: Vec<u8>,
}

fn world(server: Server) -> World {
    let server = Rc::new(RefCell::new(server));
    let served = Rc::clone(&server);
    World {
        server,
        ports: Fake::new(move |request, Instant(now)| served.borrow_mut().serve(request, now)),
        kept: Vec::new(),
    }
}

impl World {
    fn publish(&mut self, target: &Target, pieces: Vec<Piece>) -> Publication {
        self.publish_observed(target, pieces, None)
    }

    fn publish_observed(
        &mut self,
        target: &Target,
        pieces: Vec<Piece>,
        observed: Option<Duration>,
    ) -> Publication {
        let mut input = Pieces::of(pieces);
        let publication = services::publish(target, &mut self.ports, &mut input, observed);
        self.kept = input.kept;
        publication
    }

    /// Publishes what was kept, with all trouble gone.
    fn publish_kept(&mut self, target: &Target) -> Publication {
        self.server.borrow_mut().troubles.clear();
        let server = Rc::clone(&self.server);
        // Another process, with a clock of its own.
        self.ports =
            Fake::new(move |request, Instant(now)| server.borrow_mut().serve(request, now));
        let kept = std::mem::take(&mut self.kept);
        self.publish(target, pieces(Piece::Kept("kept.ndjson".into()), &kept))
    }

    /// The tests of all runs in their order.
    fn tests(&self) -> Vec<String> {
        self.server.borrow().tests()
    }

    /// Method, path and body of what was sent.
    fn sent(&self) -> Vec<(String, serde_json::Value)> {
        let mut sent = Vec::new();
        for request in &self.ports.sent {
            let path = request.url.strip_prefix(server::BASE).expect("our origin");
            let body = serde_json::from_slice(&request.body).unwrap_or_default();
            sent.push((format!("{} {path}", request.method.name()), body));
        }
        sent
    }
}

fn code(publication: &Publication) -> Option<Code> {
    publication.problem.as_ref().map(|problem| problem.code)
}

fn message(publication: &Publication) -> &str {
    publication
        .problem
        .as_ref()
        .map_or("", |problem| problem.message.as_str())
}
