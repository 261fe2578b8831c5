//! The component as GitLab reads it: a header that describes inputs, and a configuration in which they are put in place.
//!
//! Source: `lib/gitlab/ci/config/interpolation` of gitlab-org/gitlab.

use proctor_test_support::{read, root};
use regex::{Captures, Regex};
use serde_json::{Map, Value};

/// The component's two documents.
pub struct Template {
    pub header: Value,
    pub body: Value,
}

/// The component's file.
pub fn text() -> String {
    read(&root().join("templates/run/template.yml"))
}

/// The documents of a YAML text.
pub fn documents(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

impl Template {
    pub fn read() -> Self {
        let [header, body] = <[Value; 2]>::try_from(documents(&text())).expect("two documents");
        Self { header, body }
    }

    /// The inputs by name.
    pub fn inputs(&self) -> &Map<String, Value> {
        self.header["spec"]["inputs"].as_object().expect("inputs")
    }

    /// The configuration with these inputs, or why GitLab refuses them.
    pub fn render(&self, given: &Value) -> Result<Value, String> {
        let given = given.as_object().expect("inputs are a table");
        if let Some(unknown) = given.keys().find(|name| !self.inputs().contains_key(*name)) {
            return Err(format!("unknown input: {unknown}"));
        }
        let mut values = Map::new();
        for (name, input) in self.inputs() {
            let value = given.get(name).unwrap_or(&input["default"]);
            check(input, value).map_err(|error| format!("`{name}` input: {error}"))?;
            values.insert(name.clone(), value.clone());
        }
        let block = Regex::new(r"\$\[\[\s*inputs\.([\w-]+)\s*\]\]").expect("a pattern");
        Ok(put_in_place(&self.body, &values, &block))
    }

    /// The name and the content of the one job.
    pub fn job(&self, given: &Value) -> (String, Value) {
        let rendered = self
            .render(given)
            .unwrap_or_else(|error| panic!("{error}: {given}"));
        let jobs = rendered.as_object().expect("jobs");
        assert_eq!(jobs.len(), 1, "one job and nothing else");
        let (name, job) = jobs.iter().next().expect("a job");
        (name.clone(), job.clone())
    }
}

/// What GitLab looks at in a value: its type, the options and the pattern.
fn check(input: &Value, value: &Value) -> Result<(), String> {
    let kind = input["type"].as_str().unwrap_or("string");
    let fits = match kind {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        other => return Err(format!("{other} is no type")),
    };
    if !fits {
        return Err(format!("provided value is not a {kind}"));
    }
    if let Some(options) = input["options"].as_array()
        && !options.contains(value)
    {
        return Err(format!("{value} is not in the list of allowed options"));
    }
    let Some(text) = value.as_str() else {
        return Ok(());
    };
    if let Some(pattern) = input["regex"].as_str() {
        let pattern = Regex::new(pattern).map_err(|error| error.to_string())?;
        if !pattern.is_match(text) {
            return Err("provided value does not match required RegEx pattern".to_owned());
        }
    }
    Ok(())
}

/// Replaces the blocks in all texts, also in those that are keys. A text that is a block takes the input's type.
fn put_in_place(node: &Value, values: &Map<String, Value>, block: &Regex) -> Value {
    match node {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let key = match put_in_text(key, values, block) {
                    Value::String(key) => key,
                    other => other.to_string(),
                };
                (key, put_in_place(value, values, block))
            })
            .collect(),
        Value::Array(list) => list
            .iter()
            .map(|value| put_in_place(value, values, block))
            .collect(),
        Value::String(text) => put_in_text(text, values, block),
        other => other.clone(),
    }
}

fn put_in_text(text: &str, values: &Map<String, Value>, block: &Regex) -> Value {
    let value = |name: &str| {
        let value = values.get(name);
        value.unwrap_or_else(|| panic!("unknown interpolation key: {name}"))
    };
    if let Some(found) = block.captures(text)
        && found[0].len() == text.len()
    {
        return value(&found[1]).clone();
    }
    let replaced = block.replace_all(text, |found: &Captures<'_>| match value(&found[1]) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Value::String(replaced.into_owned())
}
