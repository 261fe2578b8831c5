//! Paging by cursors in headers. Source: the "Getting Started" page, "pagination": `limit` (20 unless told), `cursor`,
//! `X-Next-Cursor`, `X-Has-More`, `X-Total-Count`.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::problems::problem;
use super::scenario::{Filters, Settings};
use super::shapes;
use crate::call::{Call, Reply};

/// The largest page. ASSUMED: the page names none, and more is refused.
const LARGEST: usize = 100;

/// Items of one kind. Only those of the page that is asked for are written.
pub struct List<'a, T> {
    pub kind: &'a str,
    pub items: Vec<T>,
    pub id: &'a dyn Fn(&T) -> &str,
    pub show: &'a dyn Fn(&T) -> Value,
}

/// A part of a list.
struct Page {
    from: usize,
    to: usize,
}

/// The value of a parameter that lists may be filtered by; or why it is refused.
pub fn filter(settings: &Settings, call: &Call, name: &str) -> Result<Option<String>, Reply> {
    let value = call.parameter(name);
    match settings.filters {
        Filters::Ignore => Ok(None),
        Filters::Apply => Ok(value),
        Filters::Refuse if value.is_none() => Ok(None),
        Filters::Refuse => {
            let detail = format!("{name} is not a parameter of this list.");
            Err(problem(settings, call, 400, &detail))
        }
    }
}

/// Answers the page that is asked for.
pub fn answer<T>(settings: &Settings, call: &Call, list: List<T>) -> Reply {
    let page = match page(call, &list) {
        Ok(page) => page,
        Err(detail) => return problem(settings, call, 400, detail),
    };
    let total = list.items.len();
    let more = page.to < total;
    let next = match list.items[..page.to].last() {
        Some(last) if more => Some(cursor(list.kind, (list.id)(last))),
        _ if settings.endless_pages => call.parameter("cursor"),
        _ => None,
    };
    let items = list.items[page.from.min(page.to)..page.to].iter();
    let body = shapes::list(settings, list.kind, items.map(list.show).collect());
    let has_more = (more || next.is_some()).to_string();
    let mut reply = Reply::json(200, &body).with("x-has-more", has_more);
    if let Some(next) = next {
        reply = reply.with("x-next-cursor", next);
    }
    if settings.total_count {
        reply = reply.with("x-total-count", total.to_string());
    }
    reply
}

fn page<T>(call: &Call, list: &List<T>) -> Result<Page, &'static str> {
    let limit = match call.parameter("limit").map(|limit| limit.parse::<usize>()) {
        None => 20,
        Some(Ok(limit)) if (1..=LARGEST).contains(&limit) => limit,
        Some(_) => return Err("limit must be a whole number from 1 to 100."),
    };
    let from = match call.parameter("cursor") {
        None => 0,
        Some(text) => {
            let before = |item: &T| cursor(list.kind, (list.id)(item)) == text;
            let at = list.items.iter().position(before);
            at.ok_or("cursor is not one that this list gave out.")? + 1
        }
    };
    let to = list.items.len().min(from + limit);
    Ok(Page { from, to })
}

/// The cursor behind an item. It is opaque, and has characters that a query must escape, as base64 has them. New items
/// at the front of the list do not move it.
fn cursor(kind: &str, id: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (kind, id).hash(&mut hasher);
    format!("{:016x}+/==", hasher.finish())
}
