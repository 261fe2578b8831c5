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

/// Items of one kind, each with its id, and what they can be filtered by.
pub struct List<'a> {
    pub kind: &'a str,
    pub items: Vec<(String, Value)>,
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
pub fn answer(settings: &Settings, call: &Call, list: List) -> Reply {
    let page = match page(call, &list) {
        Ok(page) => page,
        Err(detail) => return problem(settings, call, 400, detail),
    };
    let total = list.items.len();
    let more = page.to < total;
    let next = match list.items[..page.to].last() {
        Some((id, _)) if more => Some(cursor(list.kind, id)),
        _ if settings.endless_pages => call.parameter("cursor"),
        _ => None,
    };
    let items = list.items.into_iter().take(page.to).skip(page.from);
    let body = shapes::list(settings, list.kind, items.map(|(_, item)| item).collect());
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

fn page(call: &Call, list: &List) -> Result<Page, &'static str> {
    let limit = match call.parameter("limit").map(|limit| limit.parse::<usize>()) {
        None => 20,
        Some(Ok(limit)) if (1..=LARGEST).contains(&limit) => limit,
        Some(_) => return Err("limit must be a whole number from 1 to 100."),
    };
    let from = match call.parameter("cursor") {
        None => 0,
        Some(text) => {
            let before = |(id, _): &(String, Value)| cursor(list.kind, id) == text;
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
