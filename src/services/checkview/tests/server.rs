//! A CheckView of two websites: documented are its key, pages, limits, errors and idempotency, its bodies are made up.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::ports::{Head, Method, Request, Response, SendError};
use crate::services::tests::scripted::{Trouble, answer};

/// What the answer to a trigger looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Id,
    /// 204: nothing at all.
    Nothing,
    /// An object with the flow's id only.
    FlowOnly,
}

pub struct Server {
    /// The flows of the runs that were really carried out.
    pub executed: Vec<String>,
    /// Flow, key and beginning of each run.
    pub runs: Vec<(String, String, Duration)>,
    pub told: Told,
    /// How long a run takes.
    pub takes: Duration,
    /// What a run is at its end, without its ids.
    pub end: Json,
    /// The same for one flow.
    pub ends: Vec<(&'static str, Json)>,
    /// The words of a run before its end.
    pub before: [&'static str; 2],
    /// How an answer for one run is wrapped: as it is, or under this name beside other members.
    pub wrapper: Option<(&'static str, Json)>,
    /// How long until a run is in the list.
    pub lag: Duration,
    /// Runs of the first flow that appear with ours.
    pub noise: usize,
    /// How many entries a page has at most.
    pub page: usize,
    /// Answers with an error for paths that end so, by method.
    pub errors: Vec<(&'static str, &'static str, u16, Json)>,
    /// What goes wrong with the nth request.
    pub troubles: Vec<Trouble>,
    /// What goes wrong with the nth trigger.
    pub post_troubles: Vec<Trouble>,
    pub requests: usize,
    pub posts: usize,
    /// When the last trigger came.
    pub last_post: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            executed: Vec::new(),
            runs: Vec::new(),
            told: Told::Id,
            takes: Duration::from_secs(40),
            end: json!({"status": "passed", "steps": [
                {"name": "open", "status": "passed", "duration_ms": 12},
                {"name": "pay", "status": "passed"}]}),
            ends: Vec::new(),
            before: ["pending", "running"],
            wrapper: None,
            lag: Duration::ZERO,
            noise: 0,
            page: 100,
            errors: Vec::new(),
            troubles: Vec::new(),
            post_troubles: Vec::new(),
            requests: 0,
            posts: 0,
            last_post: Duration::ZERO,
        }
    }
}

/// DOC: problem details.
pub fn problem(status: u16, title: &str, detail: &str) -> Json {
    json!({"type": "https://api.checkview.io/errors/x", "title": title, "status": status, "detail": detail})
}

/// Nine flows of one website, one of another, and two of the same name.
pub fn all_flows() -> Vec<Json> {
    let mut flows: Vec<Json> = (1..=9)
        .map(|n| json!({"id": format!("f{n}"), "name": format!("flow {n}"), "website_id": "w1"}))
        .collect();
    flows.push(json!({"id": "g&1", "name": "contact form", "website": {"id": "w2", "url": "https://blog.example.com"}}));
    flows.push(json!({"id": "t1", "name": "twin", "website_id": "w3"}));
    flows.push(json!({"id": "t2", "name": "twin", "website_id": "w3"}));
    flows
}

impl Server {
    pub fn serve(&mut self, request: &Request, now: Duration) -> Result<Response, SendError> {
        let mut trouble = self.troubles.get(self.requests).copied();
        self.requests += 1;
        if request.method == Method::Post {
            trouble = trouble
                .filter(|trouble| *trouble != Trouble::None)
                .or_else(|| self.post_troubles.get(self.posts).copied());
            self.posts += 1;
            self.last_post = now;
        }
        let trouble = trouble.unwrap_or(Trouble::None);
        match trouble {
            Trouble::Refused => return Err(SendError::NotSent("connection refused".into())),
            Trouble::Throttled => {
                let mut turned_away = answer(429, &problem(429, "Too Many Requests", "slower"));
                turned_away
                    .head
                    .headers
                    .push(("retry-after".into(), "1".into()));
                return Ok(turned_away);
            }
            _ => {}
        }
        let done = self.carry_out(request, now);
        match trouble {
            Trouble::Lost => Err(SendError::Lost("connection reset".into())),
            Trouble::Failed => Ok(answer(500, &problem(500, "Internal Server Error", "oops"))),
            Trouble::Html => Ok(Response {
                head: Head {
                    status: 200,
                    headers: vec![("content-type".into(), "text/html".into())],
                },
                body: b"<html>gateway</html>".to_vec(),
            }),
            Trouble::Shapeless => Ok(answer(
                200,
                &json!({"data": {"nothing": [null, {"x": -1}]}, "meta": 3}),
            )),
            _ => Ok(done),
        }
    }

    fn carry_out(&mut self, request: &Request, now: Duration) -> Response {
        let path = request
            .url
            .strip_prefix("https://x/api/v1")
            .expect("our own origin");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let method = request.method.name();
        for (of, end, status, body) in &self.errors {
            if *of == method && path.ends_with(end) {
                return answer(*status, body);
            }
        }
        if request.method == Method::Post {
            return self.trigger(request, path, now);
        }
        match path {
            "/websites" => self.list(
                query,
                &[
                    json!({"id": "w1", "name": "Shop", "url": "https://shop.example.com/"}),
                    json!({"id": "w2", "name": "Blog", "url": "https://blog.example.com"}),
                    json!({"id": "w3", "name": "Twins", "domain": "twins.example.com"}),
                    json!({"id": "w4", "name": "Empty", "domain": "empty.example.com"}),
                ],
            ),
            "/test-flows" => self.list(query, &all_flows()),
            "/test-flows/hidden" => answer(
                200,
                &json!({"data": {"id": "hidden", "title": "not in the list"}}),
            ),
            "/test-runs" => self.list(query, &self.listed(now)),
            _ => match path.strip_prefix("/test-runs/") {
                Some(id) => self.one(id, now),
                None => answer(
                    404,
                    &problem(404, "Not Found", "The requested test flow does not exist."),
                ),
            },
        }
    }

    /// DOC: the same key brings the first answer again.
    fn trigger(&mut self, request: &Request, path: &str, now: Duration) -> Response {
        let named = |name: &str| request.headers.iter().find(|(known, _)| known == name);
        let key = &named("idempotency-key").expect("every trigger has a key").1;
        assert_eq!(request.body, b"{}");
        let flow = path
            .strip_prefix("/test-flows/")
            .and_then(|rest| rest.strip_suffix("/run"))
            .expect("the path of a trigger")
            .replace("%26", "&");
        let known = self.runs.iter().position(|(_, own, _)| own == key);
        let at = known.unwrap_or_else(|| {
            self.executed.push(flow.clone());
            self.runs.push((flow.clone(), key.clone(), now));
            self.runs.len() - 1
        });
        match self.told {
            Told::Id => answer(
                201,
                &json!({"id": format!("run-{at}"), "test_flow_id": flow, "status": "pending"}),
            ),
            Told::FlowOnly => answer(202, &json!({"id": flow, "status": "pending"})),
            Told::Nothing => Response {
                head: Head {
                    status: 204,
                    headers: Vec::new(),
                },
                body: Vec::new(),
            },
        }
    }

    fn list(&self, query: &str, all: &[Json]) -> Response {
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
        assert_eq!(value("limit="), Some("100"));
        let from: usize = value("cursor=").map_or(0, |cursor| {
            cursor.trim_start_matches("at-").parse().expect("ours")
        });
        let to = all.len().min(from + self.page);
        let mut page = answer(200, &json!(all[from..to]));
        page.head
            .headers
            .push(("x-has-more".into(), (to < all.len()).to_string()));
        if to < all.len() {
            page.head
                .headers
                .push(("x-next-cursor".into(), format!("at-{to}")));
        }
        page
    }

    fn listed(&self, now: Duration) -> Vec<Json> {
        let mut all = Vec::new();
        for (at, (flow, _, since)) in self.runs.iter().enumerate() {
            if now >= *since + self.lag {
                let began = std::time::UNIX_EPOCH + Duration::from_secs(1_760_000_000) + *since;
                let began = humantime::format_rfc3339_millis(began).to_string();
                let id = format!("run-{at}");
                all.push(json!({"id": id, "test_flow_id": flow, "created_at": began}));
                all.extend(
                    (0..self.noise)
                        .map(|n| json!({"id": format!("noise-{at}-{n}"), "test_flow_id": flow})),
                );
                all.push(json!({"id": format!("of-another-{at}"), "test_flow_id": "zz"}));
            }
        }
        all.push(json!({"id": "old-1", "test_flow_id": "f1"}));
        all
    }

    fn one(&self, id: &str, now: Duration) -> Response {
        let at = id
            .strip_prefix("run-")
            .and_then(|at| at.parse::<usize>().ok());
        let Some((flow, _, since)) = at.and_then(|at| self.runs.get(at)) else {
            return answer(
                404,
                &problem(404, "Not Found", "The requested test run does not exist."),
            );
        };
        let gone = now.saturating_sub(*since);
        let mut run = match gone {
            gone if gone >= self.takes => self
                .ends
                .iter()
                .find(|(of, _)| of == flow)
                .map_or_else(|| self.end.clone(), |(_, end)| end.clone()),
            gone if gone < Duration::from_secs(10) => json!({"status": self.before[0]}),
            _ => json!({"status": self.before[1]}),
        };
        run["id"] = json!(id);
        run["test_flow_id"] = json!(flow);
        match &self.wrapper {
            None => answer(200, &run),
            Some((name, beside)) => {
                let mut wrapped = beside.clone();
                wrapped[*name] = run;
                answer(200, &wrapped)
            }
        }
    }
}
