//! Errors: RFC 7807 problem details. Source: the REST API's "Getting Started" page, "errors".

use serde_json::json;

use super::scenario::Settings;
use crate::call::{Call, Reply};

/// Where the path of an error's `instance` begins. Source: the page's example.
const INSTANCE: &str = "/api/v1";

/// An error as an answer to a call. ASSUMED: the content type, which the page does not name.
pub fn problem(settings: &Settings, call: &Call, status: u16, detail: &str) -> Reply {
    named(settings, call, status, None, detail)
}

/// An error whose type ends with a name; with the one that is usual for its status if there is none.
pub fn named(
    settings: &Settings,
    call: &Call,
    status: u16,
    name: Option<&str>,
    detail: &str,
) -> Reply {
    let (usual, title) = usual(status);
    let body = json!({
        "type": format!("https://api.checkview.io/errors/{}", name.unwrap_or(usual)),
        "title": title,
        "status": status,
        "detail": detail,
        "instance": format!("{INSTANCE}{}", call.path),
    });
    let content_type = if settings.plain_json_errors {
        "application/json"
    } else {
        "application/problem+json"
    };
    Reply::text(status, content_type, body.to_string())
}

/// The end of an error's type, and its title. Only those of 404 are documented; ASSUMED: the others are named alike.
fn usual(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("bad-request", "Bad Request"),
        401 => ("unauthorized", "Unauthorized"),
        403 => ("forbidden", "Forbidden"),
        404 => ("not-found", "Not Found"),
        409 => ("conflict", "Conflict"),
        422 => ("unprocessable-content", "Unprocessable Content"),
        425 => ("too-early", "Too Early"),
        429 => ("rate-limited", "Too Many Requests"),
        501 => ("not-in-sandbox", "Not In Sandbox"),
        503 => ("unavailable", "Service Unavailable"),
        _ => ("internal-error", "Internal Server Error"),
    }
}
