//! The envelope. Source: the guide, "response format".

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::call::Reply;

/// Makes answers, each with an id of its own.
#[derive(Default)]
pub struct Answers(AtomicU64);

impl Answers {
    fn meta(&self) -> Value {
        json!({
            "request_id": format!("req-{}", self.0.fetch_add(1, Ordering::Relaxed) + 1),
            "timestamp": humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        })
    }

    pub fn data(&self, status: u16, data: Value) -> Reply {
        Reply::json(status, &json!({"data": data, "meta": self.meta()}))
    }

    pub fn page(&self, items: Vec<Value>, pagination: Value) -> Reply {
        let mut meta = self.meta();
        meta["pagination"] = pagination;
        Reply::json(200, &json!({"data": items, "meta": meta}))
    }

    pub fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        Reply::json(
            status,
            &json!({"error": {"code": code, "message": message}, "meta": self.meta()}),
        )
    }

    pub fn invalid(&self, field: &str, message: &str) -> Reply {
        Reply::json(
            400,
            &json!({
                "error": {"code": "VALIDATION_ERROR", "message": message, "details": [{"field": field, "message": message}]},
                "meta": self.meta(),
            }),
        )
    }
}
