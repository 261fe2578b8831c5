//! A TestCLIX of two tests, which have a state and nothing else.

use std::time::Duration;

use super::super::world::{End, Facts, Served, World, json, most_serious, place, target, texts};
use crate::model::Target;
use crate::ports::{Method, Request, Response};

pub struct TestClix {
    facts: Facts,
    /// When each test was executed.
    executed: [Vec<Duration>; 2],
}

/// The ids, and how they stand in a path.
const TESTS: [(&str, &str); 2] = [("01GD&07A", "01GD%2607A"), ("01GD&07B", "01GD%2607B")];

impl TestClix {
    pub const fn new(facts: Facts) -> Self {
        Self {
            facts,
            executed: [Vec::new(), Vec::new()],
        }
    }

    /// The state before anything was executed.
    const fn before(&self) -> &'static str {
        match self.facts.named {
            true => "pass",
            false => "error",
        }
    }

    fn word(&self, test: usize, now: Duration) -> &'static str {
        let Some(at) = self.executed[test].last() else {
            return self.before();
        };
        let (end, gone) = (self.facts.ends[test], now.saturating_sub(*at));
        match gone {
            // Nothing is to be seen of it, or not yet.
            _ if end == End::Unseen => self.before(),
            gone if gone < self.facts.lag => self.before(),
            gone if gone < self.facts.takes / 3 => "queued",
            gone if gone < self.facts.takes || end == End::Never => "processing",
            _ => match end {
                End::Failed | End::Quiet => "error",
                End::Cancelled => "acknowledged",
                End::Missing | End::Empty => "valid",
                End::Errored => "not recorded",
                End::Skipped => "not executed",
                End::Strange => "marinating",
                _ => "pass",
            },
        }
    }

    const fn code_of(end: End) -> u8 {
        match end {
            End::Passed => 0,
            End::Failed | End::Quiet | End::Cancelled => 1,
            End::Strange | End::Never => 4,
            _ => 3,
        }
    }
}

fn unknown() -> Response {
    json(404, r#"{"message":"Scenario doesn't exists"}"#.to_owned())
}

impl World for TestClix {
    fn target(&self) -> Target {
        target("testclix", vec![texts("test", &TESTS.map(|(id, _)| id))])
    }

    fn serve(&mut self, request: &Request, now: Duration) -> Served {
        let (path, _) = place(request);
        let known = |segment: &str| TESTS.iter().position(|(_, sent)| *sent == segment);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            (Method::Get, ["status", segment]) => {
                let Some(test) = known(segment) else {
                    return unknown().into();
                };
                let word = self.word(test, now);
                let ended = self.executed[test].first().copied();
                let is_new =
                    word == "pass" && super::super::world::since(ended, now, self.facts.takes);
                let evidence = u8::from(is_new && self.facts.ends[test] == End::Passed) << test;
                let body = format!(r#"{{"test_id":"{}","status":"{word}"}}"#, TESTS[test].0);
                Served::with(json(200, body), evidence)
            }
            (Method::Post, ["execute", segment]) => match known(segment) {
                Some(test) => {
                    self.executed[test].push(now);
                    let id = TESTS[test].0;
                    let body = format!(r#"{{"test_id":"{id}","status":"queued"}}"#);
                    json(200, body).into()
                }
                None => unknown().into(),
            },
            _ => unknown().into(),
        }
    }

    fn started(&self) -> Vec<usize> {
        self.executed.iter().map(Vec::len).collect()
    }

    fn goes_on(&self, now: Duration) -> bool {
        let mut tests = self.executed.iter().zip(self.facts.ends);
        tests.any(|(executed, end)| {
            executed
                .iter()
                .any(|at| now < *at + self.facts.takes || matches!(end, End::Never | End::Strange))
        })
    }

    fn wanted(&self) -> u8 {
        0b11
    }

    fn code(&self) -> u8 {
        most_serious(self.facts.ends.map(Self::code_of))
    }
}
