//! A system under test, so that a base URL has something behind it.

use serde_json::json;

use crate::call::{Call, Reply};

/// Where it is.
pub const PATH: &str = "/system-under-test";

/// Answers 200, or the status that `?status=` names.
pub fn answer(call: &Call) -> Reply {
    let status = call
        .parameter("status")
        .and_then(|status| status.parse().ok())
        .unwrap_or(200);
    Reply::json(status, &json!({"system": "under test"}))
}
