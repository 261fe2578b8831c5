//! The envelope. Source: the endpoints page; the answer 401 of the authentication page.

use serde_json::{Value, json};

use super::Izli;
use super::scenario::{ErrorForm, Settings};
use crate::call::Reply;

/// The name of an error by its status. Only the first two are documented.
pub fn usual_code(status: u16) -> &'static str {
    match status {
        400 => "BAD_REQUEST",
        401 => "UNAUTHORIZED",
        // ASSUMED from here on.
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        405 => "METHOD_NOT_ALLOWED",
        409 => "CONFLICT",
        422 => "UNPROCESSABLE",
        429 => "RATE_LIMITED",
        501 => "NOT_IN_SANDBOX",
        _ => "INTERNAL_ERROR",
    }
}

/// A success.
pub fn data(status: u16, data: &Value) -> Reply {
    Reply::json(status, &json!({"success": true, "data": data}))
}

/// A failure in the form that the scenario wants.
pub fn error(settings: &Settings, status: u16, code: &str, message: &str) -> Reply {
    let error = match settings.error_form {
        ErrorForm::Object => json!({"code": code, "message": message}),
        ErrorForm::Text => json!(message),
    };
    Reply::json(status, &json!({"success": false, "error": error}))
}

impl Izli {
    /// A failure with the usual code.
    pub fn error_of(&self, status: u16, message: &str) -> Reply {
        error(&self.settings, status, usual_code(status), message)
    }
}
