//! A body with placeholders, which values cannot change the shape of.

use serde_json::Value;

use super::template::{Part, Values, placeholder};
use crate::api::json;

/// The body of a request: JSON with placeholders inside its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    written: String,
    parts: Vec<Part>,
}

impl Body {
    /// Reads a body. Only `{run_id}` and `{env.NAME}` are placeholders; all other braces are JSON's own.
    ///
    /// # Errors
    /// Where it is no JSON.
    pub fn read(written: &str) -> Result<Self, String> {
        // As JSON has no brace before a letter but in its texts, what is JSON has its placeholders there.
        if let Err(error) = serde_json::from_str::<Value>(written) {
            return Err(format!(
                "it is not JSON: {error}; placeholders stand inside texts only"
            ));
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = written;
        while let Some(at) = rest.find('{') {
            let (before, after) = rest.split_at(at);
            literal.push_str(before);
            let found = after
                .find('}')
                .and_then(|end| Some((in_body(&after[1..end])?, end)));
            match found {
                Some((part, end)) => {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                    parts.push(part);
                    rest = &after[end + 1..];
                }
                None => {
                    literal.push('{');
                    rest = &after[1..];
                }
            }
        }
        literal.push_str(rest);
        parts.push(Part::Literal(literal));
        Ok(Self {
            written: written.to_owned(),
            parts,
        })
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// What stands in it.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The body with the values in place of the placeholders, as JSON writes them inside a text.
    ///
    /// # Errors
    /// Which value is missing.
    pub fn with(&self, values: &Values) -> Result<String, String> {
        let mut body = String::new();
        for part in &self.parts {
            let value = values.of_part(part)?;
            match part {
                Part::Literal(_) => body.push_str(&value),
                _ => {
                    let quoted = json::written(&Value::String(value));
                    body.push_str(&quoted[1..quoted.len() - 1]);
                }
            }
        }
        Ok(body)
    }
}

fn in_body(name: &str) -> Option<Part> {
    placeholder(name).ok().filter(|part| *part != Part::Next)
}
