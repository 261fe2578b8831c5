//! What a request and its answer look like in an HTTP Archive 1.2.
//!
//! Source: the specification at <http://www.softwareishard.com/blog/har-12-spec/>. `-1` is what it has for a number that is
//! not known; names that begin with an underscore are a writer's own.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use percent_encoding::percent_decode;
use serde_json::{Map, Value, json};

use super::mask;
use crate::{
    network::dialling::Marks,
    secret::{MASK, Redactor},
};

/// The most of a body that is kept, in bytes: 64 KiB.
pub const LONGEST_BODY: usize = 64 << 10;

/// The beginning of a body, and how long it was.
#[derive(Debug, Default)]
pub struct Body {
    kept: Vec<u8>,
    is_cut: bool,
    /// What was on the line, in bytes.
    pub size: u64,
}

impl Body {
    /// A body that is there as a whole.
    pub fn whole(bytes: &[u8]) -> Self {
        let mut body = Self::default();
        body.push(bytes);
        body.size = bytes.len() as u64;
        body
    }

    /// Takes a piece for what is kept. What was on the line is counted by whoever has seen it.
    pub fn push(&mut self, piece: &[u8]) {
        let room = LONGEST_BODY - self.kept.len();
        self.kept.extend_from_slice(&piece[..piece.len().min(room)]);
        self.is_cut |= piece.len() > room;
    }

    /// As text, or else in Base64, without what is secret.
    fn written(&self, kind: &str, redactor: &Redactor) -> Written {
        let known = match self.is_cut {
            // What may be the first half of a secret is held back for ever.
            true => redactor.filter().push(&self.kept),
            false => redactor.redact_bytes(&self.kept).into_owned(),
        };
        let mut bytes = match kind.starts_with("application/x-www-form-urlencoded") {
            true => mask::form(&known),
            false => mask::text(&known),
        };
        if self.is_cut {
            let end = end_of_characters(&bytes);
            bytes.truncate(end);
        }
        let comment = self.is_cut.then(|| {
            format!(
                "cut after {} KiB; there were {} bytes",
                LONGEST_BODY >> 10,
                self.size
            )
        });
        match String::from_utf8(bytes) {
            Ok(text) => Written {
                text,
                is_base64: false,
                comment,
            },
            Err(error) => Written {
                text: BASE64.encode(error.as_bytes()),
                is_base64: true,
                comment,
            },
        }
    }
}

struct Written {
    text: String,
    is_base64: bool,
    comment: Option<String>,
}

/// Where the last whole character of UTF-8 ends; the very end if it is not UTF-8 at all.
fn end_of_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

/// A request as it was sent, or as its component wanted to send it.
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Body,
}

/// The head of an answer, and as much of its body as has come.
pub struct Response {
    pub status: u16,
    pub reason: &'static str,
    pub version: Version,
    pub headers: HeaderMap,
    pub body: Body,
}

impl Request {
    /// As an object; `version` is known from the answer alone.
    pub fn object(&self, version: Option<Version>, redactor: &Redactor) -> Value {
        let url = redactor.redact(&mask::in_text(&self.url)).into_owned();
        let mut object = json!({
            "method": self.method,
            "url": url,
            "httpVersion": version_name(version),
            "cookies": [],
            "headers": headers(&self.headers, redactor),
            "queryString": query(&self.url, redactor),
            "headersSize": -1,
            "bodySize": self.body.size,
        });
        if self.body.size > 0 {
            let kind = kind(&self.headers);
            let Written {
                text,
                is_base64,
                comment,
            } = self.body.written(&kind, redactor);
            let mut data = Map::new();
            data.insert("mimeType".to_owned(), json!(kind));
            data.insert("text".to_owned(), json!(text));
            if is_base64 {
                // The specification has a place for it in answers alone.
                data.insert("_encoding".to_owned(), json!("base64"));
            }
            data.extend(comment.map(|comment| ("comment".to_owned(), json!(comment))));
            object["postData"] = Value::Object(data);
        }
        object
    }
}

impl Response {
    pub fn object(&self, redactor: &Redactor) -> Value {
        let kind = kind(&self.headers);
        let Written {
            text,
            is_base64,
            comment,
        } = self.body.written(&kind, redactor);
        let mut content = json!({ "size": self.body.size, "mimeType": kind, "text": text });
        if is_base64 {
            content["encoding"] = json!("base64");
        }
        if let Some(comment) = comment {
            content["comment"] = json!(comment);
        }
        let location = self.headers.get(header::LOCATION);
        let location = location.map(|value| header_text(&header::LOCATION, value, redactor));
        json!({
            "status": self.status,
            "statusText": self.reason,
            "httpVersion": version_name(Some(self.version)),
            "cookies": [],
            "headers": headers(&self.headers, redactor),
            "content": content,
            "redirectURL": location.unwrap_or_default(),
            "headersSize": -1,
            "bodySize": self.body.size,
        })
    }
}

/// What stands for an answer that never came.
pub fn no_response() -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": version_name(None),
        "cookies": [],
        "headers": [],
        "content": { "size": 0, "mimeType": "x-unknown" },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn version_name(version: Option<Version>) -> &'static str {
    match version {
        Some(Version::HTTP_10) => "HTTP/1.0",
        Some(Version::HTTP_11) => "HTTP/1.1",
        Some(Version::HTTP_2) => "HTTP/2",
        _ => "unknown",
    }
}

fn kind(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("x-unknown")
        .to_owned()
}

fn headers(headers: &HeaderMap, redactor: &Redactor) -> Value {
    let all = headers.iter().map(
        |(name, value)| json!({ "name": name.as_str(), "value": header_text(name, value, redactor) }),
    );
    all.collect()
}

fn header_text(name: &HeaderName, value: &HeaderValue, redactor: &Redactor) -> String {
    if value.is_sensitive() || mask::is_secret(name.as_str()) {
        return MASK.to_owned();
    }
    let text = match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        // ISO 8859-1, what a header's bytes once meant: one character for each.
        Err(_) => value
            .as_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .collect(),
    };
    redactor.redact(&mask::in_text(&text)).into_owned()
}

fn query(url: &str, redactor: &Redactor) -> Value {
    let query = url
        .split_once('?')
        .map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        let value = match mask::is_secret_parameter(&name) {
            true => MASK.to_owned(),
            false => redactor.redact(&mask::in_text(&value)).into_owned(),
        };
        json!({ "name": redactor.redact(&name), "value": value })
    });
    pairs.collect()
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode(text.as_bytes())
        .decode_utf8_lossy()
        .into_owned()
}

/// The moments of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    pub began: Instant,
    pub marks: Marks,
    /// When the head of the answer was there.
    pub head: Option<Instant>,
    pub ended: Instant,
}

/// How the time of an exchange is divided, in microseconds, and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    blocked: Option<u128>,
    dns: Option<u128>,
    connect: Option<u128>,
    wait: u128,
    receive: u128,
    pub total: u128,
}

impl Timings {
    /// Divides the time. What cannot be told apart is part of `wait`, so that the parts always come to the whole.
    pub fn of(moments: &Moments) -> Self {
        let Moments {
            began,
            marks,
            head,
            ended,
        } = *moments;
        let since =
            |earlier: Instant, later: Instant| micros(later.saturating_duration_since(earlier));
        let answered = head.unwrap_or(ended);
        let total = since(began, ended);
        let receive = total - since(began, answered);
        let connected = match (marks.connected, head) {
            (Some(connected), _) if connected <= answered => Some(connected),
            // A connection that did not come about is what the request ended with; if there is an answer all the same,
            // it came over another one.
            (None, None) => Some(ended),
            _ => None,
        };
        let (Some(dialled), Some(connected)) = (marks.dialled, connected) else {
            return Self {
                blocked: None,
                dns: None,
                connect: None,
                wait: total - receive,
                receive,
                total,
            };
        };
        let blocked = since(began, dialled);
        let until_connected = since(began, connected).clamp(blocked, total - receive);
        let dns = marks
            .resolving
            .map(|took| micros(took).min(until_connected - blocked));
        Self {
            blocked: Some(blocked),
            dns,
            connect: Some(until_connected - blocked - dns.unwrap_or(0)),
            wait: total - receive - until_connected,
            receive,
            total,
        }
    }

    pub fn object(&self) -> Value {
        let part = |part: Option<u128>| part.map_or(json!(-1), milliseconds);
        json!({
            "blocked": part(self.blocked),
            "dns": part(self.dns),
            "connect": part(self.connect),
            "ssl": -1,
            "send": 0,
            "wait": milliseconds(self.wait),
            "receive": milliseconds(self.receive),
        })
    }
}

/// In milliseconds, with the microseconds behind the point.
pub fn milliseconds(micros: u128) -> Value {
    json!(micros as f64 / 1000.0)
}

fn micros(duration: Duration) -> u128 {
    duration.as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn at(began: Instant, ms: u64) -> Instant {
        began + Duration::from_millis(ms)
    }

    fn divided(marks: impl Fn(Instant) -> Marks, head: Option<u64>) -> Value {
        let began = Instant::now();
        let timings = Timings::of(&Moments {
            began,
            marks: marks(began),
            head: head.map(|ms| at(began, ms)),
            ended: at(began, 100),
        });
        let value = timings.object();
        let sum: f64 = ["blocked", "dns", "connect", "send", "wait", "receive"]
            .iter()
            .filter_map(|part| value[part].as_f64())
            .filter(|part| *part >= 0.0)
            .sum();
        assert!((sum - 100.0).abs() < 1e-6, "{value}");
        value
    }

    #[test]
    fn a_new_connection_is_told_apart() {
        let marks = |began| Marks {
            dialled: Some(at(began, 1)),
            resolving: Some(Duration::from_millis(2)),
            connected: Some(at(began, 10)),
        };
        let value = divided(marks, Some(60));
        assert_eq!(
            value,
            json!({"blocked": 1.0, "dns": 2.0, "connect": 7.0, "ssl": -1, "send": 0, "wait": 50.0, "receive": 40.0})
        );
        // Without an answer there is nothing to receive.
        assert_eq!(divided(marks, None)["wait"], 90.0);
    }

    #[test]
    fn a_connection_that_was_there_has_no_times() {
        let value = divided(|_| Marks::default(), Some(60));
        assert_eq!(
            (&value["blocked"], &value["connect"]),
            (&json!(-1), &json!(-1))
        );
        assert_eq!(
            (&value["wait"], &value["receive"]),
            (&json!(60.0), &json!(40.0))
        );
        // Dialled, and overtaken by one that became free.
        let overtaken = |connected: Option<u64>| {
            move |began| Marks {
                dialled: Some(at(began, 1)),
                resolving: None,
                connected: connected.map(|ms| at(began, ms)),
            }
        };
        assert_eq!(divided(overtaken(None), Some(60))["connect"], -1);
        assert_eq!(divided(overtaken(Some(80)), Some(60))["connect"], -1);
    }

    #[test]
    fn a_connection_that_fails_takes_all_the_time_there_was() {
        let marks = |began| Marks {
            dialled: Some(at(began, 1)),
            resolving: None,
            connected: None,
        };
        let value = divided(marks, None);
        assert_eq!(
            (&value["connect"], &value["wait"]),
            (&json!(99.0), &json!(0.0))
        );
    }

    #[test]
    fn bodies_are_text_or_base64_and_never_torn() {
        let redactor = Redactor::new([&Secret::new("kep_0123456789")]);
        let written = |bytes: &[u8]| {
            let Written {
                text, is_base64, ..
            } = Body::whole(bytes).written("application/json", &redactor);
            (text, is_base64)
        };
        assert_eq!(
            written("né </script>".as_bytes()),
            ("né </script>".to_owned(), false)
        );
        assert_eq!(
            written(br#"{"a":"\ud800"}"#),
            (r#"{"a":"\ud800"}"#.to_owned(), false)
        );
        assert_eq!(written(b"\xff\xfe"), ("//4=".to_owned(), true));
        // Raw lone surrogates are no UTF-8.
        assert_eq!(
            written(b"\xed\xa0\x80"),
            (BASE64.encode(b"\xed\xa0\x80"), true)
        );
        assert_eq!(
            written(b"\xffkep_0123456789"),
            (BASE64.encode(b"\xff***"), true)
        );
        for offset in 0..20 {
            let text = format!("{}kep_0123456789 é", "x".repeat(LONGEST_BODY - offset));
            let (text, is_base64) = written(text.as_bytes());
            assert!(!is_base64 && !text.contains("kep_") && text.len() <= LONGEST_BODY);
            let text = format!("{}é", "x".repeat(LONGEST_BODY - 1));
            assert_eq!(
                written(text.as_bytes()),
                ("x".repeat(LONGEST_BODY - 1), false)
            );
        }
    }

    #[test]
    fn headers_and_urls_lose_what_is_secret() {
        let redactor = Redactor::new([&Secret::new("kep_0123456789")]);
        let mut given = HeaderMap::new();
        let mut own = HeaderValue::from_static("own");
        own.set_sensitive(true);
        given.insert("x-own", own);
        given.insert("set-cookie", HeaderValue::from_static("sid=abc"));
        given.insert("x-echo", HeaderValue::from_static("kep_0123456789"));
        given.insert("location", HeaderValue::from_static("/next?token=abc"));
        given.insert("x-bytes", HeaderValue::from_bytes(b"n\xe9").unwrap());
        let request = Request {
            method: "GET".to_owned(),
            url: "https://u:p@example.com/a?b=c+d&api_key=kep&e=kep_0123456789".to_owned(),
            headers: given,
            body: Body::default(),
        };
        let object = request.object(None, &redactor);
        let value = |name: &str| {
            let all = object["headers"].as_array().unwrap();
            let header = all.iter().find(|header| header["name"] == name);
            header.unwrap()["value"].as_str().unwrap().to_owned()
        };
        assert_eq!(value("x-own"), "***");
        assert_eq!(value("set-cookie"), "***");
        assert_eq!(value("x-echo"), "***");
        assert_eq!(value("location"), "/next?token=***");
        assert_eq!(value("x-bytes"), "né");
        assert_eq!(
            object["url"],
            "https://***@example.com/a?b=c+d&api_key=***&e=***"
        );
        assert_eq!(
            object["queryString"],
            json!([
                {"name": "b", "value": "c d"},
                {"name": "api_key", "value": "***"},
                {"name": "e", "value": "***"},
            ])
        );
    }
}
