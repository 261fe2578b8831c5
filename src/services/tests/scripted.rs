//! What the tests of the services with scripted servers have in common.

use proptest::prelude::*;
use serde_json::Value as Json;

use crate::error::Code;
use crate::model::{Report, Setting, Value};
use crate::ports::{Head, Response};

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// It does not reach the service.
    Refused,
    /// It is carried out, and the answer is lost.
    Lost,
    /// It is carried out, and answered with an error all the same.
    Failed,
    /// It is turned away.
    Throttled,
    Html,
    /// Valid JSON of another shape.
    Shapeless,
}

impl Trouble {
    /// Everything that can go wrong.
    pub const ALL: [Self; 6] = [
        Self::Refused,
        Self::Lost,
        Self::Failed,
        Self::Throttled,
        Self::Html,
        Self::Shapeless,
    ];
}

/// Mostly nothing, else anything.
pub fn any_trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        1 => Just(Trouble::None),
        1 => proptest::sample::select(&Trouble::ALL[..]),
    ]
}

/// JSON, or nothing for `null`.
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

pub fn text(name: &str, value: &str) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Text(value.into()),
    }
}

pub fn texts(name: &str, values: &[&str]) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Texts(values.iter().map(|&value| value.into()).collect()),
    }
}

pub fn code(report: &Report) -> Option<Code> {
    report.problem.as_ref().map(|problem| problem.code)
}

pub fn reason(report: &Report) -> &str {
    report.reason.as_deref().unwrap_or_default()
}
