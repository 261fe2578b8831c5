//! A CheckView of two flows, each with an older run that passed.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::world::{
    End, Facts, Served, World, json, most_serious, place, query, target, texts,
};
use crate::model::Target;
use crate::ports::{Method, Request, Response};

/// A run of ours.
struct Run {
    flow: usize,
    key: String,
    at: Duration,
}

pub struct CheckView {
    facts: Facts,
    runs: Vec<Run>,
}

const FLOWS: [&str; 2] = ["f1", "f2"];

impl CheckView {
    pub const fn new(facts: Facts) -> Self {
        Self {
            facts,
            runs: Vec::new(),
        }
    }

    /// DOC: a key that is known brings the first answer again.
    fn trigger(&mut self, request: &Request, flow: usize, now: Duration) -> Response {
        let key = request
            .headers
            .iter()
            .find(|(name, _)| name == "idempotency-key")
            .map_or("", |(_, key)| key);
        let at = self.runs.iter().position(|run| run.key == key);
        let at = at.unwrap_or_else(|| {
            self.runs.push(Run {
                flow,
                key: key.to_owned(),
                at: now,
            });
            self.runs.len() - 1
        });
        match self.facts.named {
            true => json(
                201,
                format!(
                    r#"{{"id":"run-{at}","test_flow_id":"{}","status":"pending"}}"#,
                    FLOWS[flow]
                ),
            ),
            false => json(202, format!(r#"{{"id":"{}"}}"#, FLOWS[flow])),
        }
    }

    fn listed(&self, asked: &str, now: Duration) -> Response {
        let mut list = Vec::new();
        for (at, run) in self.runs.iter().enumerate() {
            let flow = FLOWS[run.flow];
            if now >= run.at + self.facts.lag && self.facts.ends[run.flow] != End::Unseen {
                list.push(format!(r#"{{"id":"run-{at}","test_flow_id":"{flow}"}}"#));
            }
            if self.facts.noise {
                list.push(format!(
                    r#"{{"id":"other-{at}","test_flow_id":"of-another"}}"#
                ));
            }
        }
        list.extend(FLOWS.map(|flow| format!(r#"{{"id":"old-{flow}","test_flow_id":"{flow}"}}"#)));
        page(&list, asked, false)
    }

    fn one(&self, id: &str, now: Duration) -> Served {
        let ours = id.strip_prefix("run-").and_then(|at| at.parse().ok());
        let Some(run) = ours.and_then(|at: usize| self.runs.get(at)) else {
            return match matches!(id, "old-f1" | "old-f2" | "other-0" | "other-1") {
                true => json(200, told(id, "passed", "passed")).into(),
                false => unknown().into(),
            };
        };
        let end = self.facts.ends[run.flow];
        if now < run.at + self.facts.takes || end == End::Never {
            return json(200, format!(r#"{{"id":"{id}","status":"running"}}"#)).into();
        }
        let (word, step) = match end {
            End::Failed => ("failed", "failed"),
            End::Quiet => ("passed", "failed"),
            End::Errored => ("error", "passed"),
            End::Cancelled => ("cancelled", "cancelled"),
            End::Skipped => ("passed", "skipped"),
            End::Missing => ("passed", "pending"),
            End::Empty => ("completed", "passed"),
            End::Strange => ("marinating", "passed"),
            _ => ("passed", "passed"),
        };
        let evidence = u8::from(matches!(end, End::Passed | End::Unseen)) << run.flow;
        Served::with(json(200, told(id, word, step)), evidence)
    }

    const fn code_of(&self, end: End) -> u8 {
        match end {
            End::Passed => 0,
            End::Failed | End::Quiet => 1,
            End::Skipped => 9,
            End::Strange | End::Never => 4,
            // It can be looked at by its id.
            End::Unseen if self.facts.named => 0,
            _ => 3,
        }
    }
}

fn told(id: &str, word: &str, step: &str) -> String {
    format!(
        r#"{{"id":"{id}","status":"{word}","steps":[{{"name":"open","status":"{step}"}},{{"name":"pay","status":"{step}"}}]}}"#
    )
}

fn unknown() -> Response {
    json(404, r#"{"title":"Not Found","status":404}"#.to_owned())
}

/// A list, in pages of two if it comes in pages.
fn page(list: &[String], asked: &str, paged: bool) -> Response {
    let from = query(asked, "cursor").and_then(|cursor| cursor.parse().ok());
    let from = from.unwrap_or(0).min(list.len());
    let to = match paged {
        true => list.len().min(from + 2),
        false => list.len(),
    };
    let mut body = String::from("[");
    for (at, item) in list[from..to].iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(body, "{comma}{item}");
    }
    body.push(']');
    let mut page = json(200, body);
    let more = to < list.len();
    let header = |name: &str, value: String| (name.to_owned(), value);
    page.head
        .headers
        .push(header("x-has-more", more.to_string()));
    if more {
        page.head
            .headers
            .push(header("x-next-cursor", to.to_string()));
    }
    page
}

impl World for CheckView {
    fn target(&self) -> Target {
        target("checkview", vec![texts("flow", &["f1", "Second"])])
    }

    fn serve(&mut self, request: &Request, now: Duration) -> Served {
        let (path, asked) = place(request);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            (Method::Get, ["test-flows"]) => {
                let flows = ["First", "Second", "Third"].iter().enumerate();
                let list: Vec<String> = flows
                    .map(|(at, name)| format!(r#"{{"id":"f{}","name":"{name}"}}"#, at + 1))
                    .collect();
                page(&list, asked, self.facts.paged).into()
            }
            (Method::Get, ["test-flows", id]) if FLOWS.contains(id) => {
                json(200, format!(r#"{{"id":"{id}","name":"by its id"}}"#)).into()
            }
            (Method::Get, ["test-runs"]) => self.listed(asked, now).into(),
            (Method::Get, ["test-runs", id]) => self.one(id, now),
            (Method::Post, ["test-flows", id, "run"]) => {
                match FLOWS.iter().position(|flow| flow == id) {
                    Some(flow) => self.trigger(request, flow, now).into(),
                    None => unknown().into(),
                }
            }
            _ => unknown().into(),
        }
    }

    fn started(&self) -> Vec<usize> {
        let count = |at| self.runs.iter().filter(|run| run.flow == at).count();
        vec![count(0), count(1)]
    }

    fn goes_on(&self, now: Duration) -> bool {
        self.runs.iter().any(|run| {
            now < run.at + self.facts.takes
                || matches!(self.facts.ends[run.flow], End::Never | End::Strange)
        })
    }

    fn wanted(&self) -> u8 {
        0b11
    }

    fn code(&self) -> u8 {
        match self.facts.ends.map(|end| self.code_of(end)) {
            // Within one target a failed test says more than one that was not run.
            [1, 9] | [9, 1] => 1,
            codes => most_serious(codes),
        }
    }
}
