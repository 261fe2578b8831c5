//! `[defaults]`: the options that a file gives for all of its targets.

use toml_edit::{Item, TableLike, Value as Toml};

use super::{
    Catalogue,
    diagnostic::Finding,
    file::key_span,
    options::{KEYS, Key, Options, Shape, in_table, variable},
    suggest,
    value::article,
};

/// Reads the table; what is wrong is added to the findings.
pub fn read(table: &dyn TableLike, catalogue: &Catalogue, findings: &mut Vec<Finding>) -> Options {
    let mut options = Options::default();
    for (name, item) in table.iter() {
        let span = key_span(table, name);
        let Some(key) = in_table(name) else {
            let known = KEYS.iter().filter(|key| key.in_file);
            let advice = suggest::advice(name, known.map(|key| key.in_table));
            let message = format!("unknown key `{name}` in `[defaults]`");
            findings.push(Finding::new(span, message).help(advice));
            continue;
        };
        if !key.in_file {
            let message = format!("`{name}` names one job, and the file is read by all of them");
            let advice = format!(
                "give it as --{} or {}",
                name.replace('_', "-"),
                variable(name)
            );
            findings.push(Finding::new(span, message).help(advice));
            continue;
        }
        let result = text_of(key, item).and_then(|text| options.set(key, &text, &catalogue.kinds));
        if let Err(error) = result {
            let span = item.span().unwrap_or(span);
            findings.push(Finding::new(span, format!("`{name}`: {error}")));
        }
    }
    options
}

/// The value in the form that it has on the command line.
fn text_of(key: &Key, item: &Item) -> Result<String, String> {
    let wanted = match key.shape {
        Shape::Duration | Shape::Path | Shape::Choice(_) => "a string",
        Shape::Count | Shape::Times => "a whole number",
        Shape::Truth => "`true` or `false`",
        Shape::Reports | Shape::Verdicts => "an array of strings",
    };
    let Some(value) = item.as_value() else {
        return Err(format!("it must be {wanted}, not a table"));
    };
    match (key.shape, value) {
        (Shape::Duration | Shape::Path | Shape::Choice(_), Toml::String(text)) => {
            Ok(text.value().clone())
        }
        (Shape::Count | Shape::Times, Toml::Integer(number)) => Ok(number.value().to_string()),
        (Shape::Truth, Toml::Boolean(truth)) => Ok(truth.value().to_string()),
        (Shape::Reports | Shape::Verdicts, Toml::Array(array)) => joined(array),
        _ => Err(format!("it must be {wanted}, not {}", article(value))),
    }
}

fn joined(array: &toml_edit::Array) -> Result<String, String> {
    let parts: Result<Vec<&str>, String> = array
        .iter()
        .map(|item| match item.as_str() {
            Some(text) if text.contains(',') => Err(format!("`{text}` must not contain a comma")),
            Some(text) => Ok(text),
            None => Err(format!("it must hold strings alone, not {}", article(item))),
        })
        .collect();
    parts.map(|parts| parts.join(","))
}
