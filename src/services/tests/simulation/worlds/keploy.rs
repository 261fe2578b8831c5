//! A Keploy of one app with two suites, and an older run of it that passed.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::world::{
    End, Facts, Served, World, json, place, query, since, target, text, texts,
};
use crate::model::Target;
use crate::ports::{Method, Request, Response};

pub struct Keploy {
    facts: Facts,
    /// When each job was started.
    jobs: Vec<Duration>,
    stopped: Option<Duration>,
}

/// The suites by id and name.
const SUITES: [(&str, &str); 2] = [("s1", "checkout"), ("s2", "search")];

impl Keploy {
    pub const fn new(facts: Facts) -> Self {
        Self {
            facts,
            jobs: Vec::new(),
            stopped: None,
        }
    }

    const fn end(&self) -> End {
        self.facts.ends[0]
    }

    /// Whether the runs name their jobs.
    const fn linked(&self) -> bool {
        self.facts.named || self.facts.noise
    }

    fn word(&self, now: Duration) -> &'static str {
        if self.stopped.is_some() {
            return "STOPPED";
        }
        if !since(self.jobs.first().copied(), now, self.facts.takes) {
            return "RUNNING";
        }
        match self.end() {
            End::Failed => "FAILED",
            End::Cancelled => "CANCELLED",
            End::Strange => "MARINATING",
            End::Never => "RUNNING",
            _ => "COMPLETED",
        }
    }

    fn listed_jobs(&self, now: Duration) -> Response {
        let mut list = r#"{"job_id":"old","app_id":"a1"}"#.to_owned();
        for (at, started) in self.jobs.iter().enumerate() {
            if now >= *started + self.facts.lag {
                let _ = write!(list, r#",{{"job_id":"job-{at}","app_id":"a1"}}"#);
            }
        }
        if self.facts.noise && !self.jobs.is_empty() {
            list.push_str(r#",{"job_id":"job-of-another-app","app_id":"a2"}"#);
        }
        json(200, format!(r#"{{"data":[{list}]}}"#))
    }

    fn listed_runs(&self, now: Duration) -> Response {
        let mut list = r#"{"id":"run-old","job_id":"old"}"#.to_owned();
        for (at, started) in self.jobs.iter().enumerate() {
            if self.facts.noise {
                list.push_str(r#",{"id":"run-of-another","job_id":"job-of-another"}"#);
            }
            if now < *started + self.facts.lag || self.end() == End::Unseen {
                continue;
            }
            let _ = match self.linked() {
                true => write!(list, r#",{{"id":"run-{at}","job_id":"job-{at}"}}"#),
                false => write!(list, r#",{{"id":"run-{at}"}}"#),
            };
        }
        json(200, format!(r#"{{"data":{{"items":[{list}]}}}}"#))
    }

    /// The reports' words, by suite.
    const fn words(&self) -> [Option<&'static str>; 2] {
        match self.end() {
            End::Failed | End::Quiet => [Some("passed"), Some("failed")],
            End::Errored => [Some("passed"), Some("running")],
            End::Skipped => [Some("Ignored"), Some("Ignored")],
            End::Missing => [Some("passed"), None],
            End::Empty => [None, None],
            _ => [Some("passed"), Some("passed")],
        }
    }

    fn reports(&self, run: &str, asked: &str) -> Served {
        let is_ours = run == "run-0";
        let words = match is_ours {
            true if self.stopped.is_some() => [Some("passed"), None],
            true => self.words(),
            // What is not ours has passed.
            false => [Some("passed"), Some("passed")],
        };
        let from = usize::from(query(asked, "after").is_some());
        let to = match self.facts.paged {
            true => from + 1,
            false => 2,
        };
        let (mut list, mut evidence) = (String::new(), 0);
        for at in from..to {
            let Some(word) = words[at] else { continue };
            let (id, name) = SUITES[at];
            if !list.is_empty() {
                list.push(',');
            }
            let pass = word == "passed";
            let steps = match at {
                0 if matches!(word, "passed" | "failed") => {
                    format!(r#","steps":[{{"stepName":"pay","pass":{pass}}}]"#)
                }
                _ => String::new(),
            };
            let _ = write!(
                list,
                r#"{{"id":"r{id}","suite_id":"{id}","name":"{name}","status":"{word}"{steps}}}"#
            );
            if is_ours && pass {
                evidence |= 1 << at;
            }
        }
        let page = match self.facts.paged && from == 0 {
            true => r#","meta":{"pagination":{"has_next_page":true,"next_cursor":"c1"}}"#,
            false => r#","meta":{"pagination":{"has_next_page":false}}"#,
        };
        Served::with(json(200, format!(r#"{{"data":[{list}]{page}}}"#)), evidence)
    }
}

fn unknown() -> Response {
    let body =
        r#"{"error":{"code":"RESOURCE_NOT_FOUND","message":"no"},"meta":{"request_id":"r"}}"#;
    json(404, body.to_owned())
}

impl World for Keploy {
    fn target(&self) -> Target {
        let mut settings = vec![
            text("app", "a1"),
            text("base_url", "https://staging.example.com"),
        ];
        if self.facts.named {
            settings.push(texts("suites", &["checkout", "s2"]));
        }
        target("keploy", settings)
    }

    fn serve(&mut self, request: &Request, now: Duration) -> Served {
        let (path, asked) = place(request);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            (Method::Get, ["apps", "a1", "test-suites"]) => {
                let list = SUITES.map(|(id, name)| format!(r#"{{"id":"{id}","name":"{name}"}}"#));
                json(200, format!(r#"{{"data":[{}]}}"#, list.join(","))).into()
            }
            (Method::Get, ["jobs"]) => self.listed_jobs(now).into(),
            (Method::Get, ["apps", "a1", "test-runs"]) => self.listed_runs(now).into(),
            (Method::Post, ["apps", "a1", "test-suites", "run"]) => {
                self.jobs.push(now);
                let job = self.jobs.len() - 1;
                let body = format!(r#"{{"data":{{"job_id":"job-{job}"}}}}"#);
                json(202, body).into()
            }
            (Method::Get, ["jobs", "job-0"]) if !self.jobs.is_empty() => json(
                200,
                format!(r#"{{"data":{{"job_status":"{}"}}}}"#, self.word(now)),
            )
            .into(),
            (Method::Get, ["jobs", "old"]) => {
                json(200, r#"{"data":{"job_status":"COMPLETED"}}"#.to_owned()).into()
            }
            (Method::Post, ["jobs", "job-0", "stop"]) if !self.jobs.is_empty() => {
                if self.goes_on(now) {
                    self.stopped = Some(now);
                }
                json(200, r#"{"data":{}}"#.to_owned()).into()
            }
            (
                Method::Get,
                [
                    "apps",
                    "a1",
                    "test-runs",
                    run @ ("run-0" | "run-old" | "run-of-another"),
                    "suite-reports",
                ],
            ) => self.reports(run, asked),
            (Method::Get, ["apps", "a1", "test-runs", "run-0", "suite-reports", "rs2"]) => {
                match self.words()[1] {
                    Some(word) => json(
                        200,
                        format!(
                            r#"{{"data":{{"id":"rs2","name":"search","status":"{word}","steps":[]}}}}"#
                        ),
                    )
                    .into(),
                    None => unknown().into(),
                }
            }
            _ => unknown().into(),
        }
    }

    fn events(&self, path: &str, now: Duration) -> Option<Vec<(Duration, Vec<u8>)>> {
        let started = *self.jobs.first().filter(|_| path == "/jobs/job-0/events")?;
        let line = |word: &str| format!("{{\"status\":\"{word}\",\"total\":2}}\n").into_bytes();
        let end = started + self.facts.takes;
        let mut events = vec![(now, line("RUNNING"))];
        if self.end() != End::Never {
            events.push((end.max(now), line(self.word(end))));
        }
        Some(events)
    }

    fn started(&self) -> Vec<usize> {
        vec![self.jobs.len()]
    }

    fn goes_on(&self, now: Duration) -> bool {
        let ended = since(self.jobs.first().copied(), now, self.facts.takes);
        !self.jobs.is_empty()
            && self.stopped.is_none()
            && (!ended || matches!(self.end(), End::Never | End::Strange))
    }

    fn wanted(&self) -> u8 {
        match self.end() {
            End::Missing if !self.facts.named => 0b01,
            _ => 0b11,
        }
    }

    fn code(&self) -> u8 {
        match self.end() {
            End::Passed => 0,
            End::Failed | End::Quiet => 1,
            End::Strange | End::Never => 4,
            End::Skipped => 9,
            End::Empty if !self.facts.named => 9,
            // Nobody says what is missing where nothing was named.
            End::Missing if !self.facts.named => 0,
            _ => 3,
        }
    }
}
