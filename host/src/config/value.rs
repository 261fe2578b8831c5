//! Values of parameters: from TOML and from `--set`, checked against what the provider says of them.

use toml_edit::Value as Toml;

use super::{options::not_a_choice, url};
use crate::bindings::proctor::ci::types::{Parameter, ParameterKind, Value};

/// Why a value was refused, and what to write instead where that is not plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub message: String,
    pub help: Option<String>,
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self {
            message,
            help: None,
        }
    }
}

/// Reads a value of a parameter from TOML.
///
/// # Errors
/// If its type is not the parameter's, or its content is not allowed.
pub fn from_toml(parameter: &Parameter, value: &Toml) -> Result<Value, Refused> {
    let read = match (parameter.kind, value) {
        (ParameterKind::Text | ParameterKind::SystemUrl, Toml::String(text)) => {
            Value::Text(text.value().clone())
        }
        (ParameterKind::Texts | ParameterKind::Variables, Toml::String(text)) => {
            Value::Texts(vec![text.value().clone()])
        }
        (ParameterKind::Texts | ParameterKind::Variables, Toml::Array(array)) => {
            Value::Texts(texts(parameter, array)?)
        }
        (ParameterKind::Integer, Toml::Integer(number)) => Value::Integer(*number.value()),
        (ParameterKind::Boolean, Toml::Boolean(truth)) => Value::Boolean(*truth.value()),
        _ => return Err(wrong_type(parameter, value)),
    };
    checked(parameter, read)
}

/// Reads a value of a parameter from the text after `--set NAME=`. Lists are separated by commas.
///
/// # Errors
/// If the text is not a value of the parameter's kind, or is not allowed.
pub fn from_text(parameter: &Parameter, text: &str) -> Result<Value, Refused> {
    let name = &parameter.name;
    let read = match parameter.kind {
        ParameterKind::Text | ParameterKind::SystemUrl => Value::Text(text.to_owned()),
        ParameterKind::Texts | ParameterKind::Variables => {
            Value::Texts(text.split(',').map(|part| part.trim().to_owned()).collect())
        }
        ParameterKind::Integer => Value::Integer(
            text.trim()
                .parse()
                .map_err(|_| format!("`{name}` must be a whole number, not `{text}`"))?,
        ),
        ParameterKind::Boolean => match text.trim() {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => return Err(format!("`{name}` must be `true` or `false`, not `{text}`").into()),
        },
    };
    checked(parameter, read)
}

fn texts(parameter: &Parameter, array: &toml_edit::Array) -> Result<Vec<String>, Refused> {
    array
        .iter()
        .map(|item| match item {
            Toml::String(text) => Ok(text.value().clone()),
            other => Err(wrong_type(parameter, other)),
        })
        .collect()
}

fn wrong_type(parameter: &Parameter, value: &Toml) -> Refused {
    let wanted = match parameter.kind {
        ParameterKind::Text => "a string",
        ParameterKind::SystemUrl => "a string with a URL",
        ParameterKind::Texts => "an array of strings",
        ParameterKind::Variables => "an array of names of environment variables",
        ParameterKind::Integer => "a whole number",
        ParameterKind::Boolean => "`true` or `false`",
    };
    let textual = matches!(
        parameter.kind,
        ParameterKind::Text
            | ParameterKind::Texts
            | ParameterKind::SystemUrl
            | ParameterKind::Variables
    );
    Refused {
        message: format!(
            "`{}` must be {wanted}, not {}",
            parameter.name,
            article(value)
        ),
        help: match value {
            Toml::Integer(number) if textual => {
                Some(format!("put it in quotes: \"{}\"", number.value()))
            }
            Toml::String(text) if parameter.kind == ParameterKind::Integer => text
                .value()
                .parse::<i64>()
                .ok()
                .map(|number| format!("leave the quotes out: {number}")),
            _ => None,
        },
    }
}

/// What a TOML value is, with its article.
#[must_use]
pub fn article(value: &Toml) -> &'static str {
    match value {
        Toml::String(_) => "a string",
        Toml::Integer(_) => "a number",
        Toml::Float(_) => "a number with a fraction",
        Toml::Boolean(_) => "true or false",
        Toml::Datetime(_) => "a date",
        Toml::Array(_) => "an array",
        Toml::InlineTable(_) => "a table",
    }
}

/// Checks what the type alone does not tell.
fn checked(parameter: &Parameter, value: Value) -> Result<Value, Refused> {
    let name = &parameter.name;
    if value == Value::Texts(Vec::new()) {
        return Err(Refused {
            message: format!("`{name}` must not be empty"),
            help: Some("leave it out to choose nothing in particular".to_owned()),
        });
    }
    let parts: &[String] = match &value {
        Value::Text(text) => std::slice::from_ref(text),
        Value::Texts(texts) => texts,
        Value::Integer(_) | Value::Boolean(_) => &[],
    };
    for part in parts {
        if part.trim().is_empty() {
            return Err(format!("`{name}` must not be empty").into());
        }
        if !parameter.choices.is_empty() && !parameter.choices.contains(part) {
            let choices: Vec<&str> = parameter.choices.iter().map(String::as_str).collect();
            return Err(format!("`{name}`: {}", not_a_choice(part, &choices)).into());
        }
        if parameter.kind == ParameterKind::SystemUrl {
            url::system(part).map_err(|error| format!("`{name}`: {error}"))?;
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(kind: ParameterKind) -> Parameter {
        Parameter {
            name: "it".to_owned(),
            kind,
            required: false,
            choices: Vec::new(),
            exclusive: false,
            help: String::new(),
        }
    }

    #[test]
    fn text_is_read_by_kind() {
        let cases = [
            (
                ParameterKind::Text,
                "a,b",
                Some(Value::Text("a,b".to_owned())),
            ),
            (
                ParameterKind::Texts,
                "a, b",
                Some(Value::Texts(vec!["a".to_owned(), "b".to_owned()])),
            ),
            (ParameterKind::Texts, "a,,b", None),
            (ParameterKind::Text, "", None),
            (ParameterKind::Integer, "-4", Some(Value::Integer(-4))),
            (ParameterKind::Integer, "4.5", None),
            (ParameterKind::Boolean, "true", Some(Value::Boolean(true))),
            (ParameterKind::Boolean, "yes", None),
            (ParameterKind::SystemUrl, "localhost:80", None),
        ];
        for (kind, text, expected) in cases {
            assert_eq!(
                from_text(&parameter(kind), text).ok(),
                expected,
                "{kind:?} {text}"
            );
        }
    }

    #[test]
    fn a_choice_is_suggested() {
        let mut parameter = parameter(ParameterKind::Text);
        parameter.choices = vec!["chrome".to_owned(), "firefox".to_owned()];
        let refused = from_text(&parameter, "chorme").unwrap_err();
        assert_eq!(
            refused.message,
            "`it`: `chorme` is not allowed here; did you mean `chrome`?"
        );
    }
}
