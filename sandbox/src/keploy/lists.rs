//! Both styles of paging. Source: the OpenAPI file, "pagination". Of a list only the page that is asked for is written, so
//! that one of tens of thousands costs no more than a short one.

use serde_json::{Value, json};

use super::Keploy;
use crate::call::{Call, Reply};

/// `offset` and `limit`: 20 unless told, at most 100, more is refused.
pub fn by_offset<T>(
    keploy: &Keploy,
    call: &Call,
    items: &[T],
    show: impl Fn(&T) -> Value,
) -> Reply {
    let number = |name: &str| match call.parameter(name) {
        None => Ok(0),
        Some(text) => text.parse::<usize>().map_err(|_| name.to_owned()),
    };
    let (offset, limit) = match (number("offset"), number("limit")) {
        (Ok(offset), Ok(limit)) => (offset, limit),
        (Err(field), _) | (_, Err(field)) => {
            return keploy.answers.invalid(&field, "must be a whole number");
        }
    };
    if limit > 100 {
        return keploy.answers.invalid("limit", "must be at most 100");
    }
    let limit = if limit == 0 { 20 } else { limit };
    let total = items.len();
    let page: Vec<Value> = items.iter().skip(offset).take(limit).map(show).collect();
    let pagination = json!({
        "has_next_page": offset + page.len() < total,
        "has_previous_page": offset > 0,
        "next_cursor": null,
        "previous_cursor": null,
        "total_count": total,
    });
    keploy.answers.page(page, pagination)
}

/// `page_size` and `after` or `before`, never both. A cursor is opaque; here it is the number of items before the page.
pub fn by_cursor<T>(
    keploy: &Keploy,
    call: &Call,
    items: &[T],
    show: impl Fn(&T) -> Value,
) -> Reply {
    let size = match call
        .parameter("page_size")
        .map(|size| size.parse::<usize>())
    {
        None => 20,
        Some(Ok(size)) if size > 0 => size,
        Some(_) => return keploy.answers.invalid("page_size", "must be 1 or more"),
    };
    let (after, before) = (call.parameter("after"), call.parameter("before"));
    if after.is_some() && before.is_some() {
        return keploy
            .answers
            .invalid("after", "after and before exclude each other");
    }
    let total = items.len();
    let (field, cursor) = match (&after, &before) {
        (_, Some(cursor)) => ("before", cursor.as_str()),
        (Some(cursor), _) => ("after", cursor.as_str()),
        _ => ("after", "cur_0"),
    };
    let Some(at) = position(cursor).filter(|&at| at <= total) else {
        return keploy
            .answers
            .invalid(field, "is not a cursor of this list");
    };
    let (start, size) = match before {
        Some(_) => (at.saturating_sub(size), size.min(at)),
        None => (at, size),
    };
    let page: Vec<Value> = items.iter().skip(start).take(size).map(show).collect();
    let end = start + page.len();
    let cursor = |there: bool, at: usize| {
        if there {
            json!(format!("cur_{at}"))
        } else {
            Value::Null
        }
    };
    let pagination = json!({
        "has_next_page": end < total,
        "has_previous_page": start > 0,
        "next_cursor": cursor(end < total, end),
        "previous_cursor": cursor(start > 0, start),
        "total_count": null,
    });
    keploy.answers.page(page, pagination)
}

fn position(cursor: &str) -> Option<usize> {
    cursor.strip_prefix("cur_")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::keploy::{scenario::Settings, service};

    fn call(query: &str) -> Call {
        Call {
            method: http::Method::GET,
            path: String::new(),
            query: query.to_owned(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
        }
    }

    #[test]
    fn of_a_long_list_only_the_page_is_written() {
        let (keploy, items) = (service(Settings::default()), vec![1; 100_000]);
        let written = Cell::new(0);
        let show = |item: &i32| {
            written.set(written.get() + 1);
            json!(item)
        };
        by_cursor(
            &keploy,
            &call("page_size=100&after=cur_50000"),
            &items,
            show,
        );
        assert_eq!(written.replace(0), 100);
        by_offset(&keploy, &call("limit=10&offset=99995"), &items, show);
        assert_eq!(written.get(), 5);
    }
}
