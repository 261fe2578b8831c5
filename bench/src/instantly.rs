//! A service that answers at once, and a clock that only goes forward by what is waited: hours of following take no time.

use std::{cell::Cell, rc::Rc, time::Duration};

use proctor::{
    model::{Setting, Target, Value},
    ports::{
        Account, Budget, Chunk, Clock, Event, Events, Head, Instant, Request, Response, SendError,
        Stream, Transport, Turn, Wake,
    },
};
use serde_json::{Value as Json, json};

/// How many results are on a page.
pub const PAGE: usize = 100;

/// What the component gets in place of a host.
pub struct Instantly {
    clock: Rc<Cell<Duration>>,
    /// How long the run goes on.
    pub length: Duration,
    /// How many results it has.
    pub results: usize,
    /// How many requests were sent.
    pub requests: usize,
}

impl Instantly {
    /// A service whose run goes on so long and has so many results.
    #[must_use]
    pub fn new(length: Duration, results: usize) -> Self {
        Self {
            clock: Rc::default(),
            length,
            results,
            requests: 0,
        }
    }

    fn body(&self, path: &str) -> Json {
        match path.split_once("from=") {
            Some((_, from)) => self.page(from.parse().unwrap_or_default()),
            None if path.ends_with("/results") => self.page(0),
            None if self.clock.get() < self.length => json!({"id": "1", "status": "running"}),
            None => json!({"id": "1", "status": "passed"}),
        }
    }

    fn page(&self, from: usize) -> Json {
        let to = self.results.min(from + PAGE);
        let items: Vec<Json> = (from..to)
            .map(|number| json!({"name": format!("test {number}"), "status": "passed", "ms": number}))
            .collect();
        let next = (to < self.results).then(|| format!("/runs/1/results?from={to}"));
        json!({"items": items, "next": next})
    }
}

impl Transport for Instantly {
    fn send(&mut self, request: &Request) -> Result<Response, SendError> {
        self.requests += 1;
        Ok(Response {
            head: Head {
                status: 200,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            },
            body: self.body(&request.url).to_string().into_bytes(),
        })
    }

    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError> {
        let Response { head, body } = self.send(request)?;
        let chunks = vec![Chunk::Ended, Chunk::Bytes(body), Chunk::Head(head)];
        Ok(Box::new(Pieces(chunks)))
    }
}

/// A whole answer, the last piece first.
struct Pieces(Vec<Chunk>);

impl Stream for Pieces {
    fn next(&mut self, _: Duration) -> Chunk {
        self.0.pop().unwrap_or(Chunk::Ended)
    }
}

impl Clock for Instantly {
    fn now(&self) -> Instant {
        Instant(self.clock.get())
    }

    fn unix_ms(&self) -> u64 {
        let since = u64::try_from(self.clock.get().as_millis()).unwrap_or_default();
        1_750_000_000_000 + since
    }

    fn wait(&mut self, time: Duration) -> Wake {
        self.clock.set(self.clock.get() + time);
        Wake::Elapsed
    }

    fn random(&mut self) -> u64 {
        u64::MAX / 2
    }
}

impl Account for Instantly {
    fn take_turn(&mut self, _: Duration) -> Turn {
        Turn::Granted
    }

    fn note_budget(&mut self, _: Budget) {}
}

impl Events for Instantly {
    fn emit(&mut self, _: Event) {}
}

/// A target at this service.
#[must_use]
pub fn target() -> Target {
    let text = |name: &str, text: &str| Setting {
        name: name.to_owned(),
        value: Value::Text(text.to_owned()),
    };
    let words = |name: &str, word: &str| Setting {
        name: name.to_owned(),
        value: Value::Texts(vec![word.to_owned()]),
    };
    Target {
        name: "it".to_owned(),
        provider: "http".to_owned(),
        api_url: "https://service.example".to_owned(),
        settings: vec![
            text("auth", "none"),
            text("trigger", "POST /runs"),
            text("run_id", "$.id"),
            text("poll", "GET /runs/{run_id}"),
            words("state", "$.status"),
            text("results", "GET /runs/{run_id}/results"),
            text("results_next", "$.next"),
            text("tests", "$.items"),
            text("test_name", "$.name"),
            text("test_verdict", "$.status"),
            words("passed", "passed"),
            words("failed", "failed"),
            words("running", "running"),
        ],
        overrides: Vec::new(),
        timeout: Duration::from_secs(24 * 3_600),
        location: None,
    }
}

#[cfg(test)]
mod tests {
    use proctor::{model::Verdict, services};

    use super::*;

    #[test]
    fn an_hour_is_followed_and_every_result_read() {
        let mut ports = Instantly::new(Duration::from_secs(3_600), 250);
        let report = services::run(&target(), &mut ports);
        assert_eq!(
            (report.verdict, report.tests.len(), report.problem),
            (Verdict::Passed, 250, None)
        );
        // A look every 15 seconds, and three pages.
        assert!((240..270).contains(&ports.requests), "{}", ports.requests);
    }
}
