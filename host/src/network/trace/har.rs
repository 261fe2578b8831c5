//! What a request and its answer look like in an HTTP Archive 1.2.
//!
//! Source: the specification at <http://www.softwareishard.com/blog/har-12-spec/>. `-1` is what it has for a number that is
//! not known; names that begin with an underscore are a writer's own.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use percent_encoding::percent_decode;
use serde_json::{Map, Value, json};

use super::mask;
use crate::secret::{MASK, Redactor};

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
        let mut bytes = match is_form(kind) {
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

fn is_form(kind: &str) -> bool {
    const FORM: &str = "application/x-www-form-urlencoded";
    let begin = kind.trim_start().as_bytes().get(..FORM.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(FORM.as_bytes()))
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
            let kind = kind(&self.headers, redactor);
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
        let kind = kind(&self.headers, redactor);
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

fn kind(headers: &HeaderMap, redactor: &Redactor) -> String {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.map_or_else(
        || "x-unknown".to_owned(),
        |kind| header_text(&header::CONTENT_TYPE, kind, redactor),
    )
}

fn headers(headers: &HeaderMap, redactor: &Redactor) -> Value {
    let all = headers.iter().map(
        |(name, value)| json!({ "name": redactor.redact(name.as_str()), "value": header_text(name, value, redactor) }),
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

#[cfg(test)]
mod tests;
