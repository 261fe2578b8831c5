//! A path with placeholders, which never leaves the base URL.

use super::template::{Part, Values, named, placeholder};
use crate::api::{encode, leaves_its_place};

/// The path of a request, below the base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    written: String,
    parts: Vec<Part>,
}

impl Path {
    /// Reads a path with placeholders; `{{` and `}}` are braces.
    ///
    /// # Errors
    /// Why it is no path that may be asked for.
    pub fn read(written: &str) -> Result<Self, String> {
        if written.contains("://") && !written.starts_with('/') {
            return Err(
                "it must be a path below api_url that begins with `/`, not a whole URL".to_owned(),
            );
        }
        if !written.starts_with('/') || written.starts_with("//") {
            return Err("the path must begin with one `/`; it is put after api_url".to_owned());
        }
        let path = Self {
            written: written.to_owned(),
            parts: split(written)?,
        };
        for part in &path.parts {
            if let Part::Literal(text) = part {
                literal(text)?;
            }
        }
        path.filled(|part| {
            Ok(match part {
                Part::Literal(text) => text.clone(),
                _ => "x".to_owned(),
            })
        })?;
        Ok(path)
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// What stands in it.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The path with the values in place of the placeholders, percent-encoded.
    ///
    /// # Errors
    /// Which value is missing or would make it another path.
    pub fn with(&self, values: &Values) -> Result<String, String> {
        self.filled(|part| values.of_part(part))
    }

    fn filled(&self, value: impl Fn(&Part) -> Result<String, String>) -> Result<String, String> {
        let mut path = String::new();
        for part in &self.parts {
            let value = value(part)?;
            match part {
                Part::Literal(_) => path.push_str(&value.replace('{', "%7B").replace('}', "%7D")),
                _ if value.is_empty() && !path.contains('?') => {
                    return Err(format!("{} is empty", named(part)));
                }
                _ => path.push_str(&encode(&value)),
            }
        }
        below(&path)?;
        Ok(path)
    }
}

/// Whether a path stays below the base URL, whoever resolves it.
///
/// # Errors
/// Why it does not.
pub fn below(path: &str) -> Result<(), String> {
    match leaves_its_place(path) {
        true => Err("the path has a segment `.` or `..`, which could leave api_url".to_owned()),
        false => Ok(()),
    }
}

/// Looks at what stands in a path for itself. Source: RFC 3986, 3.3 and 3.4.
fn literal(text: &str) -> Result<(), String> {
    for (at, c) in text.char_indices() {
        match c {
            '#' => return Err("the path has a `#`, which is never sent; write %23".to_owned()),
            ' ' => return Err("the path has a blank; write %20".to_owned()),
            '%' => {
                let digits = text[at + 1..].bytes().take(2);
                if digits.filter(u8::is_ascii_hexdigit).count() < 2 {
                    return Err(
                        "the path has a `%` without two hexadecimal digits; write %25".to_owned(),
                    );
                }
            }
            '"' | '<' | '>' | '\\' | '^' | '`' | '|' => {
                return Err(format!(
                    "the path has a `{c}`, which must be percent-encoded"
                ));
            }
            c if !c.is_ascii_graphic() => {
                return Err(format!(
                    "the path has the character {c:?}, which must be percent-encoded"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn split(written: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = written;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let (brace, after) = rest[at..].split_at(1);
        if let Some(doubled) = after.strip_prefix(brace) {
            literal.push_str(brace);
            rest = doubled;
            continue;
        }
        let place = written[..written.len() - after.len()].chars().count();
        let end = match (brace, after.find('}')) {
            ("{", Some(end)) => end,
            _ => {
                return Err(format!(
                    "the `{brace}` at character {place} has no counterpart; write `{brace}{brace}` for a brace"
                ));
            }
        };
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        parts.push(placeholder(&after[..end])?);
        rest = &after[end + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}
