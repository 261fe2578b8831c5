//! Answers that are given again for the same `Idempotency-Key`. Source: the "Getting Started" page, "idempotency": the
//! same key within 60 minutes gives the stored answer in place of a second execution.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;

use crate::call::{Body, Call, Reply};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// The stored answers by token and key. ASSUMED: two tokens may use the same key for different things.
#[derive(Default)]
pub struct Store(HashMap<(String, String), Record>);

/// What was asked and answered.
struct Record {
    asked: Asked,
    answered: Stored,
    at: Instant,
    /// When the answer was ready.
    ready: Instant,
}

/// What must be the same for an answer to be given again.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    method: String,
    target: String,
    body: Bytes,
}

/// An answer that can be given again.
#[derive(Clone)]
struct Stored {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

/// What there is under a key.
pub enum Found {
    Nothing,
    /// Another request had this key.
    Other,
    /// The first one with this key is not answered yet.
    InProgress,
    Answer(Reply),
}

impl Asked {
    pub fn of(call: &Call) -> Self {
        Self {
            method: call.method.to_string(),
            target: format!("{}?{}", call.path, call.query),
            body: call.body.clone(),
        }
    }
}

impl Store {
    pub fn find(&mut self, token: &str, key: &str, asked: &Asked, now: Instant) -> Found {
        self.0
            .retain(|_, record| now.saturating_duration_since(record.at) < KEPT);
        match self.0.get(&(token.to_owned(), key.to_owned())) {
            None => Found::Nothing,
            Some(record) if record.asked != *asked => Found::Other,
            Some(record) if now < record.ready => Found::InProgress,
            Some(record) => Found::Answer(record.answered.clone().reply()),
        }
    }

    /// Keeps an answer that is whole.
    pub fn keep(&mut self, token: &str, key: &str, asked: Asked, reply: &Reply, now: Instant) {
        let Body::Whole(body) = &reply.body else {
            return;
        };
        let answered = Stored {
            status: reply.status,
            headers: reply.headers.clone(),
            body: body.clone(),
        };
        let record = Record {
            asked,
            answered,
            at: now,
            ready: now + reply.after,
        };
        self.0.insert((token.to_owned(), key.to_owned()), record);
    }
}

impl Stored {
    fn reply(self) -> Reply {
        Reply {
            status: self.status,
            headers: self.headers,
            body: Body::Whole(self.body),
            after: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::json;

    use super::*;

    fn asked(path: &str, body: &'static str) -> Asked {
        Asked::of(&Call {
            method: Method::POST,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        })
    }

    fn status(found: Found) -> u16 {
        match found {
            Found::Answer(reply) => reply.status.as_u16(),
            Found::Nothing => 0,
            Found::Other => 1,
            Found::InProgress => 2,
        }
    }

    #[test]
    fn an_answer_is_kept_for_an_hour() {
        let (mut store, start) = (Store::default(), Instant::now());
        let ask = asked("/a", "{}");
        let reply = Reply::json(201, &json!({}));
        store.keep("t", "k", ask.clone(), &reply, start);
        let almost = start + KEPT - Duration::from_millis(1);
        assert_eq!(status(store.find("t", "k", &ask, almost)), 201);
        assert_eq!(status(store.find("t", "k", &ask, start + KEPT)), 0);
    }

    #[test]
    fn an_answer_belongs_to_its_token_key_path_and_body() {
        let (mut store, now) = (Store::default(), Instant::now());
        let ask = asked("/a", "{}");
        let reply = Reply::json(404, &json!({}));
        store.keep("t", "k", ask.clone(), &reply, now);
        for (token, key, ask, found) in [
            ("t", "k", &ask, 404),
            ("u", "k", &ask, 0),
            ("t", "l", &ask, 0),
            ("t", "k", &asked("/b", "{}"), 1),
            ("t", "k", &asked("/a", "{ }"), 1),
        ] {
            assert_eq!(status(store.find(token, key, ask, now)), found);
        }
    }

    #[test]
    fn an_answer_that_takes_its_time_is_in_progress_until_then() {
        let (mut store, start) = (Store::default(), Instant::now());
        let ask = asked("/a", "{}");
        let wait = Duration::from_millis(50);
        let reply = Reply {
            after: wait,
            ..Reply::json(201, &json!({}))
        };
        store.keep("t", "k", ask.clone(), &reply, start);
        let early = start + wait - Duration::from_millis(1);
        assert_eq!(status(store.find("t", "k", &ask, early)), 2);
        assert_eq!(status(store.find("t", "k", &ask, start + wait)), 201);
    }
}
