//! Reading the bodies of requests. ASSUMED: a member that is not documented is refused, as a client that sends one has a
//! mistake that must not stay hidden.

use serde_json::{Map, Value};

use crate::call::Call;

/// What is wrong with a body: the field and why.
pub type Wrong = (&'static str, String);

/// The body, which must be a JSON object that says so.
pub fn object(call: &Call) -> Result<Map<String, Value>, Wrong> {
    let kind = call.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(("body", "must be application/json, and say so".to_owned()));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(("body", "must be a JSON object".to_owned())),
    }
}

/// Refuses members that are not documented.
pub fn only(body: &Map<String, Value>, known: &[&str]) -> Result<(), Wrong> {
    match body.keys().find(|member| !known.contains(&member.as_str())) {
        None => Ok(()),
        Some(other) => Err(("body", format!("{other} is not a member of it"))),
    }
}

/// A text that is not empty, if the member is there.
pub fn text(body: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Wrong> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err((name, "must be a text".to_owned())),
    }
}

/// A whole number from `least`, if the member is there.
pub fn number(
    body: &Map<String, Value>,
    name: &'static str,
    least: u64,
) -> Result<Option<u64>, Wrong> {
    match body.get(name) {
        None => Ok(None),
        Some(value) => match value.as_u64().filter(|number| *number >= least) {
            Some(number) => Ok(Some(number)),
            None => Err((name, format!("must be a whole number, {least} or more"))),
        },
    }
}
