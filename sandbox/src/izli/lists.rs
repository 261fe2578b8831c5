//! Lists. Source: the old pages (`page`, `per_page`, `meta`); the current ones say nothing of paging.

use serde_json::{Value, json};

use super::Izli;
use super::scenario::Lists;
use crate::call::{Call, Reply};

/// How long a page is unless it is told.
const USUAL: usize = 20;

/// How long it may be.
const LONGEST: usize = 100;

impl Izli {
    /// The page of a list that a call asks for. Nothing else of it is written.
    pub fn list<T>(&self, call: &Call, items: &[T], show: impl Fn(&T) -> Value) -> Reply {
        let (page, per_page) = match (number(call, "page"), number(call, "per_page")) {
            (Ok(page), Ok(per_page)) => (page, per_page),
            (Err(message), _) | (_, Err(message)) => return self.error_of(400, &message),
        };
        if per_page.is_some_and(|per_page| per_page > LONGEST) {
            // ASSUMED: the old pages say "at most 100", not what becomes of more.
            return self.error_of(400, "per_page must be at most 100");
        }
        let lists = self.settings.lists;
        let whole = lists != Lists::Meta && page.is_none() && per_page.is_none();
        let total = items.len();
        let (page, per_page) = (page.unwrap_or(1), per_page.unwrap_or(USUAL));
        let (before, length) = match whole {
            true => (0, total),
            false => ((page - 1).saturating_mul(per_page), per_page),
        };
        let items: Vec<Value> = items.iter().skip(before).take(length).map(show).collect();
        let meta = json!({"total": total, "page": page, "per_page": per_page});
        let body = match lists {
            Lists::Meta => json!({"success": true, "data": items, "meta": meta}),
            Lists::Data => json!({"success": true, "data": items}),
            Lists::Bare => json!(items),
        };
        Reply::json(200, &body)
    }
}

/// A parameter that counts from 1.
fn number(call: &Call, name: &str) -> Result<Option<usize>, String> {
    let Some(text) = call.parameter(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(format!("{name} must be a whole number, 1 or more")),
    }
}
