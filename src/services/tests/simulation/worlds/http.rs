//! A described service of one project. It tells its runs apart by id, or only tells of the last one.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::world::{
    End, Facts, Served, World, json, place, query, since, target, text, texts,
};
use crate::model::{Setting, Target};
use crate::ports::{Method, Request, Response};

pub struct Http {
    facts: Facts,
    started: Vec<Duration>,
    stopped: bool,
    /// What the target says beyond the usual.
    settings: Vec<Setting>,
}

impl Http {
    pub const fn new(facts: Facts) -> Self {
        Self {
            facts,
            started: Vec::new(),
            stopped: false,
            settings: Vec::new(),
        }
    }

    /// The same, described in another way.
    pub fn described(facts: Facts, settings: Vec<Setting>) -> Self {
        Self {
            settings,
            ..Self::new(facts)
        }
    }

    const fn end(&self) -> End {
        self.facts.ends[0]
    }

    fn word(&self, now: Duration) -> &'static str {
        let Some(started) = self.started.first() else {
            return "broken";
        };
        if self.stopped {
            return "stopped";
        }
        if !since(Some(*started), now, self.facts.takes) {
            return "going";
        }
        match self.end() {
            End::Failed => "broken",
            End::Errored => "crashed",
            End::Cancelled => "stopped",
            End::Skipped => "left out",
            End::Strange => "marinating",
            End::Never => "going",
            _ => "done",
        }
    }

    const fn outcomes(&self) -> &'static [&'static str] {
        match self.end() {
            End::Failed | End::Quiet => &["OK", "broken"],
            End::Missing => &["OK", "pending"],
            End::Empty | End::Unseen => &[],
            End::Skipped => &["left out", "left out"],
            _ => &["OK", "OK"],
        }
    }

    fn results(&self, asked: &str) -> Served {
        let page: usize = query(asked, "page").map_or(1, |page| page.parse().unwrap_or(1));
        let size = if self.facts.paged { 1 } else { 10 };
        let all = self.outcomes();
        let from = ((page - 1) * size).min(all.len());
        let to = (from + size).min(all.len());
        let (mut list, mut evidence) = (String::new(), 0);
        for (at, outcome) in all.iter().enumerate().take(to).skip(from) {
            let comma = if at > from { "," } else { "" };
            let _ = write!(
                list,
                r#"{comma}{{"title":"test {at}","outcome":"{outcome}"}}"#
            );
            evidence |= u8::from(*outcome == "OK") << at;
        }
        let mut body = format!(r#"{{"items":[{list}]"#);
        let more = to < all.len();
        if more {
            let next = page + 1;
            let _ = write!(
                body,
                r#","next":"/runs/r1/results?page={next}","page":{next}"#
            );
        }
        body.push('}');
        let mut response = json(200, body);
        if more {
            let link = format!(
                "<{}/runs/r1/results?page={}>; rel=\"next\"",
                super::super::world::BASE,
                page + 1
            );
            response.head.headers.push(("link".into(), link));
        }
        Served::with(response, evidence)
    }

    fn accepted(&self) -> Response {
        json(202, r#"{"run":{"id":"r1"}}"#.to_owned())
    }
}

/// The settings of the usual description, but for those that are given.
fn settings(given: &[Setting]) -> Vec<Setting> {
    let usual = [
        text("auth", "bearer"),
        text("trigger", "POST /runs"),
        text("run_id", "$.run.id"),
        text("poll", "GET /runs/{run_id}"),
        text("cancel", "DELETE /runs/{run_id}"),
        text("state", "$.run.status"),
        texts("passed", &["done", "ok"]),
        texts("failed", &["broken"]),
        texts("errored", &["crashed"]),
        texts("cancelled", &["stopped"]),
        texts("skipped", &["left out"]),
        texts("running", &["going"]),
        text("results", "GET /runs/{run_id}/results"),
        text("results_next", "$.next"),
        text("tests", "$.items[*]"),
        text("test_name", "$.title"),
        text("test_verdict", "$.outcome"),
    ];
    let mut all = given.to_vec();
    for setting in usual {
        if given.iter().all(|other| other.name != setting.name) {
            all.push(setting);
        }
    }
    all.retain(|setting| setting.value != crate::model::Value::Text(String::new()));
    all
}

impl World for Http {
    fn target(&self) -> Target {
        target("http", settings(&self.settings))
    }

    fn serve(&mut self, request: &Request, now: Duration) -> Served {
        let (path, asked) = place(request);
        match (request.method, path) {
            (Method::Post, "/runs") => {
                self.started.push(now);
                self.accepted().into()
            }
            (Method::Get, "/runs/r1" | "/last") => json(
                200,
                format!(r#"{{"run":{{"id":"r1","status":"{}"}}}}"#, self.word(now)),
            )
            .into(),
            (Method::Get, "/runs/r1/results") if !self.started.is_empty() => self.results(asked),
            (Method::Delete, "/runs/r1") if !self.started.is_empty() => {
                self.stopped |= self.goes_on(now);
                json(200, "{}".to_owned()).into()
            }
            _ => json(404, r#"{"message":"there is no such thing"}"#.to_owned()).into(),
        }
    }

    fn started(&self) -> Vec<usize> {
        vec![self.started.len()]
    }

    fn goes_on(&self, now: Duration) -> bool {
        let ended = since(self.started.first().copied(), now, self.facts.takes);
        !self.started.is_empty()
            && !self.stopped
            && (!ended || matches!(self.end(), End::Never | End::Strange))
    }

    fn wanted(&self) -> u8 {
        0b11
    }

    fn code(&self) -> u8 {
        match self.end() {
            End::Passed => 0,
            End::Failed | End::Quiet => 1,
            End::Strange | End::Never => 4,
            End::Skipped | End::Empty | End::Unseen => 9,
            _ => 3,
        }
    }
}
