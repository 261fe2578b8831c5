//! Answers that are not what the service would have said.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::channel;

use crate::call::{Body, Call, Reply, Service};
use crate::connection::Wrong;
use crate::fault::{Form, Place};

/// How much of an endless answer is written at once, in bytes.
const PIECE: usize = 16 << 10;

/// An answer with another value for every value of the service's own. One that is no JSON stays as it is.
pub fn with_values(mut reply: Reply, other: fn(&Value) -> Value) -> Reply {
    if let Body::Whole(bytes) = &reply.body
        && let Ok(json) = serde_json::from_slice(bytes)
    {
        reply.body = Body::Whole(changed(&json, other).to_string().into());
    }
    reply
}

fn changed(json: &Value, other: fn(&Value) -> Value) -> Value {
    match json {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), changed(value, other)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| changed(item, other)).collect(),
        leaf => other(leaf),
    }
}

/// A value of another type.
pub fn of_another_type(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(7),
        Value::Number(_) => json!("seven"),
        Value::Bool(_) => json!([]),
        _ => json!({ "a": false }),
    }
}

/// Lists in lists.
pub fn deep(depth: usize) -> Reply {
    let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    Reply::text(200, "application/json", text)
}

/// What is written in place of an answer that says it is `by` bytes longer than it is; none for a stream.
pub fn of_wrong_length(reply: &Reply, by: i64) -> Option<Wrong> {
    let Body::Whole(body) = &reply.body else {
        return None;
    };
    let told = i64::try_from(body.len()).ok()?.saturating_add(by).max(0);
    let head = format!("{}content-length: {told}\r\n\r\n", head(reply));
    Some(Wrong::Instead([head.as_bytes(), body].concat().into()))
}

/// A body without an end.
pub fn endless_body() -> Wrong {
    let begin = "{\"data\": \"";
    let length = begin.len();
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n";
    Wrong::Endless {
        first: format!("{head}\r\n{length:x}\r\n{begin}\r\n").into(),
        then: format!("{PIECE:x}\r\n{}\r\n", "x".repeat(PIECE)).into(),
    }
}

/// A head without an end.
pub fn endless_head() -> Wrong {
    Wrong::Endless {
        first: "HTTP/1.1 200 OK\r\n".into(),
        then: format!("x-again: {}\r\n", "x".repeat(1000)).into(),
    }
}

fn head(reply: &Reply) -> String {
    let fields = reply
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    let lines: String = fields
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!("HTTP/1.1 {}\r\n{lines}", reply.status)
}

/// An answer that repeats the credential of the request.
pub fn leak(
    service: &dyn Service,
    call: &Call,
    status: u16,
    (place, form): (Place, Form),
) -> Reply {
    let key = form.write(&service.credential(call).unwrap_or_default());
    let told = format!("the key {key} is not liked here");
    let error = |told: &str| service.error(call, status, None, told);
    match place {
        Place::Message | Place::Drops => error(&told),
        Place::Header => error("see the headers")
            .with("x-request-id", key.clone())
            .with("x-key", key.clone())
            .with("server", format!("nginx {key}"))
            .with("set-cookie", format!("session={key}")),
        Place::Location => Reply::text(302, "text/plain", told)
            .with("location", format!("https://elsewhere.example/?key={key}")),
        Place::Stream => events(&key),
        Place::ContentType => {
            let mut reply = error("see the media type");
            let kind = format!("application/json; charset=utf-8; from={key}");
            reply.headers.retain(|(name, _)| *name != "content-type");
            reply.with("content-type", kind)
        }
    }
}

/// A stream whose pieces end within the credential.
fn events(key: &str) -> Reply {
    let line =
        format!("{{\"type\": \"{key}\", \"message\": \"the key {key}\", \"status\": \"{key}\"}}\n");
    let pieces: Vec<Bytes> = line
        .as_bytes()
        .chunks(7)
        .map(Bytes::copy_from_slice)
        .collect();
    let (send, receive) = channel(pieces.len());
    for piece in pieces {
        // There is room for all of them.
        let _ = send.try_send(piece);
    }
    Reply::pieces("application/x-ndjson", receive)
}
