//! The results file: everything that is known, versioned, and readable back. `docs/results.schema.json` describes it.

mod document;
mod form;
mod writer;

use std::borrow::Cow;

use self::document::{DOCUMENT, HEAD};
use self::writer::Writer;
use super::clean::{is_blank, is_dangerous, one_line};
use crate::model::Results;

/// The version of the form. Fields are added without a new one.
pub const SCHEMA: u64 = 1;

/// Why results cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or not of this form.
    #[error("the results are wrong at {line}:{column}: {message}")]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        message: String,
    },
    /// Written by a version of Proctor that uses another form.
    #[error(
        "the results have schema {found}, but only schema {SCHEMA} is known: use the version that wrote them"
    )]
    Schema { found: u64 },
    /// Parts of it contradict each other.
    #[error("the results are wrong at {path}: {message}")]
    Contradiction { path: String, message: String },
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        Self::Malformed {
            line,
            column,
            message: one_line(message.strip_suffix(&place).unwrap_or(&message), 200),
        }
    }
}

/// Renders results as JSON.
pub(super) fn render(results: &Results) -> String {
    let mut writer = Writer::default();
    document::write(&mut writer, results);
    writer.finish()
}

/// Reads results back that were rendered as `json`. Fields that are not known are passed over, and half a character,
/// which another program may have written, is read as U+FFFD.
///
/// # Errors
/// [`ReadError`], which says where the text is wrong.
pub fn read(text: &str) -> Result<Results, ReadError> {
    let text = &*crate::api::mended(text);
    let found = HEAD.read(text)?["schema"].as_u64().unwrap_or_default();
    if found != SCHEMA {
        return Err(ReadError::Schema { found });
    }
    document::results(DOCUMENT.read(text)?)
}

/// A text as JSON has it. What could do harm in a terminal or a log is written by number.
pub(super) fn quoted(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a text can be written");
    harmless(&quoted).into_owned()
}

/// Values that are written already as an array, each on a line of its own.
pub(super) fn array(values: &[String]) -> String {
    match values.is_empty() {
        true => "[]".to_owned(),
        false => format!("[\n  {}\n]", values.join(",\n  ")),
    }
}

/// Writes by their numbers the characters that could do harm in a terminal or a log.
///
/// They stand in strings only, so a parser gives back what was written.
fn harmless(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && c != ' ' && (is_dangerous(c) || is_blank(c));
    if !text.contains(hidden) && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe.replace("##[", "#\\u0023["))
}

#[cfg(test)]
mod tests;
