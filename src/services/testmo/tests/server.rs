//! A Testmo that keeps what it is sent.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::ports::{Head, Method, Request, Response, SendError};

pub const BASE: &str = "https://x.testmo.net/api/v1";

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// It does not reach the service.
    NotSent,
    /// It is carried out, and the answer is lost.
    LostAfter,
    /// It is not carried out, and no answer says so.
    LostBefore,
    /// It is carried out, and answered with an error all the same.
    FailedAfter,
    /// It is answered with an error, and not carried out.
    FailedBefore,
    Throttled,
    /// It is carried out, and answered with a page.
    Html,
    /// It is carried out, and answered with JSON of another shape.
    Shapeless,
    /// It is refused for good, with this status.
    Refused(u16),
}

#[derive(Debug, Clone, Default)]
pub struct Thread {
    pub id: u64,
    pub is_completed: bool,
    pub tests: Vec<Json>,
    /// How many it owns to.
    pub total: Option<u64>,
    pub made: Json,
    pub completed: Json,
}

#[derive(Debug, Clone, Default)]
pub struct Run {
    pub id: u64,
    pub body: Json,
    pub is_completed: bool,
    pub threads: Vec<Thread>,
}

#[derive(Default)]
pub struct Server {
    pub runs: Vec<Run>,
    made: u64,
    /// What goes wrong with the nth request.
    pub troubles: Vec<Trouble>,
    pub requests: usize,
    /// How many tests an append may have; all if 0.
    pub most: usize,
    /// What a GET of a run says beyond what it holds.
    pub gate: Option<Json>,
    /// What the pages of a run's tests are, each as long as is asked for.
    pub listed: Vec<Json>,
    pub page: usize,
}

pub fn answer(status: u16, body: &Json) -> Response {
    Response {
        head: Head {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
        },
        body: match body {
            Json::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        },
    }
}

pub fn refusal(status: u16) -> Response {
    answer(status, &json!({"message": "told so"}))
}

impl Server {
    pub fn failing(troubles: Vec<Trouble>) -> Self {
        Self {
            troubles,
            ..Self::default()
        }
    }

    /// With trouble at one call, the first being 0.
    pub fn failing_at(call: usize, trouble: Trouble) -> Self {
        let mut troubles = vec![Trouble::None; call];
        troubles.push(trouble);
        Self::failing(troubles)
    }

    /// With an open run that was there before.
    pub fn with_run() -> Self {
        let mut server = Self::default();
        server.create(json!({"name": "shared", "source": "e2e"}));
        server
    }

    pub fn tests(&self) -> Vec<String> {
        let mut names = Vec::new();
        for run in &self.runs {
            for thread in &run.threads {
                for test in &thread.tests {
                    names.push(test["name"].as_str().expect("a name").to_owned());
                }
            }
        }
        names
    }

    pub fn create(&mut self, body: Json) -> u64 {
        self.made += 1;
        self.runs.push(Run {
            id: self.made,
            body,
            ..Run::default()
        });
        self.made
    }

    pub fn serve(&mut self, request: &Request, _now: Duration) -> Result<Response, SendError> {
        let trouble = self.troubles.get(self.requests).copied();
        let trouble = trouble.unwrap_or(Trouble::None);
        self.requests += 1;
        let lost = || SendError::Lost("connection reset".into());
        match trouble {
            Trouble::NotSent => return Err(SendError::NotSent("connection refused".into())),
            Trouble::LostBefore => return Err(lost()),
            Trouble::FailedBefore => return Ok(refusal(500)),
            // What is there is not said not to be.
            Trouble::Refused(404) if request.method == Method::Get => {}
            Trouble::Refused(status) => return Ok(refusal(status)),
            Trouble::Throttled => {
                let mut answer = refusal(429);
                answer.head.headers.push(("retry-after".into(), "3".into()));
                return Ok(answer);
            }
            _ => {}
        }
        let done = self.carry_out(request);
        match trouble {
            // Nobody answers what was refused as if it had been carried out.
            Trouble::Shapeless if done.head.status >= 300 => Ok(done),
            Trouble::LostAfter => Err(lost()),
            Trouble::FailedAfter => Ok(refusal(502)),
            Trouble::Html => {
                let mut page = answer(200, &Json::Null);
                page.body = b"<html>gateway</html>".to_vec();
                Ok(page)
            }
            Trouble::Shapeless => Ok(answer(200, &json!({"result": {"x": [null]}, "id": null}))),
            _ => Ok(done),
        }
    }

    fn carry_out(&mut self, request: &Request) -> Response {
        let path = request.url.strip_prefix(BASE).expect("our own origin");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        match (request.method, segments.as_slice()) {
            (Method::Get, ["user"]) => answer(200, &json!({"result": {"id": 1, "name": "Ada"}})),
            (Method::Get, ["projects"]) => list(&[json!({"id": 1, "name": "Shop"})], query, 0),
            (Method::Get, ["projects", "1"]) => {
                answer(200, &json!({"result": {"id": 1, "name": "Shop"}}))
            }
            (Method::Get, ["projects", "1", "automation", "runs"]) => {
                let runs: Vec<Json> = self.runs.iter().rev().map(run_json).collect();
                list(&runs, query, 0)
            }
            (Method::Post, ["projects", "1", "automation", "runs"]) => {
                assert!(body["name"].is_string() && body["source"].is_string());
                answer(201, &json!({"id": self.create(body)}))
            }
            (method, ["automation", "runs", "threads", thread, what]) => {
                assert_eq!(method, Method::Post);
                self.thread(thread, what, &body)
            }
            (method, ["automation", "runs", run, below @ ..]) => {
                self.run(method, run, below, query, body)
            }
            _ => refusal(404),
        }
    }

    fn run(
        &mut self,
        method: Method,
        run: &str,
        below: &[&str],
        query: &str,
        body: Json,
    ) -> Response {
        let id: Option<u64> = run.parse().ok();
        let Some(at) = self.runs.iter().position(|run| Some(run.id) == id) else {
            return refusal(404);
        };
        match (method, below) {
            (Method::Get, []) => {
                let mut json = run_json(&self.runs[at]);
                if let (Some(Json::Object(more)), Json::Object(all)) = (&self.gate, &mut json) {
                    all.extend(more.clone());
                }
                answer(200, &json!({"result": json}))
            }
            (Method::Get, ["tests"]) => list(&self.listed, query, self.page),
            (Method::Post, ["threads"]) if !self.runs[at].is_completed => {
                self.made += 1;
                self.runs[at].threads.push(Thread {
                    id: self.made,
                    made: body,
                    ..Thread::default()
                });
                answer(201, &json!({"id": self.made}))
            }
            (Method::Post, ["complete"]) => {
                let run = &mut self.runs[at];
                if run.is_completed {
                    return refusal(422);
                }
                run.is_completed = true;
                for thread in &mut run.threads {
                    thread.is_completed = true;
                }
                answer(204, &Json::Null)
            }
            _ => refusal(422),
        }
    }

    fn thread(&mut self, id: &str, what: &str, body: &Json) -> Response {
        let id: Option<u64> = id.parse().ok();
        let mut threads = self.runs.iter_mut().flat_map(|run| &mut run.threads);
        let Some(thread) = threads.find(|thread| Some(thread.id) == id) else {
            return refusal(404);
        };
        if thread.is_completed {
            return refusal(422);
        }
        if what == "complete" {
            thread.is_completed = true;
            thread.completed = body.clone();
            return answer(204, &Json::Null);
        }
        let tests = body["tests"].as_array().expect("tests");
        assert!(!tests.is_empty() && body.get("elapsed_computed").is_none());
        if self.most > 0 && tests.len() > self.most {
            return refusal(413);
        }
        thread.tests.extend(tests.iter().cloned());
        answer(204, &Json::Null)
    }
}

fn thread_json(thread: &Thread) -> Json {
    let total = thread.total.unwrap_or(thread.tests.len() as u64);
    json!({"id": thread.id, "is_completed": thread.is_completed, "total_count": total})
}

fn run_json(run: &Run) -> Json {
    let total: usize = run.threads.iter().map(|thread| thread.tests.len()).sum();
    json!({
        "id": run.id, "name": run.body["name"], "is_completed": run.is_completed,
        "status": if run.is_completed { 2 } else { 4 },
        "threads": run.threads.iter().map(thread_json).collect::<Vec<_>>(),
        "thread_count": run.threads.len(), "total_count": total, "failure_count": 0,
    })
}

/// A page of a list; all of it if pages have no length.
fn list(items: &[Json], query: &str, length: usize) -> Response {
    let page: usize = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))
        .map_or(1, |page| page.parse().expect("a number"));
    let length = if length == 0 {
        items.len().max(1)
    } else {
        length
    };
    let from = ((page - 1) * length).min(items.len());
    let to = (from + length).min(items.len());
    let next = (to < items.len()).then_some(page + 1);
    answer(
        200,
        &json!({"page": page, "next_page": next, "total": items.len(), "result": items[from..to]}),
    )
}
