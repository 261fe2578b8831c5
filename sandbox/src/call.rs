//! A request as a service sees it, and its reply.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

/// A request, its path behind the service's own.
pub struct Call {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    /// The path's segments, percent-decoded; `/apps/` has an empty second one.
    pub fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/').map(decode).collect()
    }

    /// The first value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key) == name).then(|| decode(&value.replace('+', " ")))
        })
    }

    /// The key behind `Authorization: Bearer`, the scheme in any case. Source: RFC 6750, 2.1; RFC 9110, 11.1.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, key) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// What a service answers.
pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
    /// How long the service takes for it. What the call does is done at once all the same.
    pub after: Duration,
}

/// The body of an answer.
pub enum Body {
    Whole(Bytes),
    /// Pieces as they come.
    Pieces(Receiver<Bytes>),
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub fn text(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: vec![("content-type", content_type.to_owned())],
            body: Body::Whole(body.into()),
            after: Duration::ZERO,
        }
    }

    pub fn pieces(content_type: &'static str, pieces: Receiver<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: vec![("content-type", content_type.to_owned())],
            body: Body::Pieces(pieces),
            after: Duration::ZERO,
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A service of the sandbox.
pub trait Service: Send + Sync {
    fn info(&self) -> &'static crate::ServiceInfo;

    fn answer(&self, call: &Call) -> Reply;

    /// An error in the service's own form, as an answer to a call.
    fn error(&self, call: &Call, status: u16, code: Option<&str>, message: &str) -> Reply;

    /// The credential that a request carries, as it is.
    fn credential(&self, call: &Call) -> Option<String>;

    /// Forgets all that has happened.
    fn reset(&self);
}
