//! The forms of answers. Source: the API's pages on errors and on pagination.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::list::Page;
use crate::call::Reply;

/// What is wrong with a request: for each field, a list of texts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wrongs(BTreeMap<String, Vec<String>>);

impl Wrongs {
    /// With one text.
    pub fn one(field: &str, text: &str) -> Self {
        let mut wrongs = Self::default();
        wrongs.add(field, text);
        wrongs
    }

    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.0.entry(field.into()).or_default().push(text.into());
    }

    /// Itself as an error, if anything is wrong.
    pub fn or_fine(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// 422. ASSUMED: the path of a field in a list has the place between dots, as in `tests.0.key`.
pub fn invalid(wrongs: &Wrongs) -> Reply {
    Reply::json(
        422,
        &json!({"message": "the given data was invalid", "errors": wrongs.0}),
    )
}

/// An error with a message alone.
pub fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}

pub fn missing(what: &str) -> Reply {
    error(404, &format!("{what} not found"))
}

/// A single object.
pub fn result(result: &Value, expands: &Value) -> Reply {
    Reply::json(200, &json!({"result": result, "expands": expands}))
}

/// A page of a list.
pub fn page<T>(page: &Page<T>, result: &[Value], expands: &Value) -> Reply {
    let Page {
        number,
        per_page,
        total,
        ..
    } = *page;
    let last = total.div_ceil(per_page);
    let there = |number: usize| (1..=last).contains(&number).then_some(number);
    Reply::json(
        200,
        &json!({
            "page": (total > 0).then_some(number),
            "prev_page": there(number - 1),
            "next_page": there(number + 1),
            "last_page": (total > 0).then_some(last),
            "per_page": per_page,
            "total": total,
            "result": result,
            "expands": expands,
        }),
    )
}
