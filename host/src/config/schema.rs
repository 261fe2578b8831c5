//! The JSON Schema of `proctor.toml`, made from what the component says of its providers.

use serde_json::{Map, Value, json};

use super::{
    Catalogue,
    entry::{TARGET_KEYS, place_keys},
    options::{FAIL_ON_WORDS, KEYS, LARGEST_COUNT, MOST_RETRIES, Shape, verdict_words},
    quarantine::QUARANTINE_KEYS,
};
use crate::bindings::proctor::ci::types::{Parameter, ParameterKind, Provider};

/// Makes the schema, in the 2020-12 dialect.
#[must_use]
pub fn of_config(catalogue: &Catalogue) -> Value {
    let mut providers: Vec<Value> = catalogue
        .providers
        .iter()
        .map(|provider| target(provider, TARGET_KEYS))
        .collect();
    providers.push(of_plugin());
    let of_sinks = catalogue.of_sinks();
    let sinks: Vec<Value> = of_sinks
        .providers
        .iter()
        .map(|provider| target(provider, place_keys()))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "proctor.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "defaults": defaults(catalogue),
            "targets": {
                "description": "What to run, each under a name of its own.",
                "type": "object",
                "additionalProperties": { "oneOf": providers },
            },
            "publish": {
                "description": "Where results are published, each under a name of its own.",
                "type": "object",
                "additionalProperties": { "oneOf": sinks },
            },
            "quarantine": {
                "description": "Tests whose trouble is reported and does not count, for a while.",
                "type": "array",
                "items": quarantine(),
            },
        },
    })
}

fn defaults(catalogue: &Catalogue) -> Value {
    let properties: Map<String, Value> = KEYS
        .iter()
        .filter(|key| key.in_file)
        .map(|key| {
            let mut schema = shape(key.shape, catalogue);
            schema["description"] = json!(key.help);
            (key.in_table.to_owned(), schema)
        })
        .collect();
    json!({
        "description": "What counts for all targets, unless a flag or an environment variable says otherwise.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn quarantine() -> Value {
    let texts =
        json!({ "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } });
    let properties: Map<String, Value> = QUARANTINE_KEYS
        .iter()
        .map(|(name, help)| {
            let mut schema = match *name {
                "tests" | "targets" => texts.clone(),
                // A date of TOML's is none of JSON's types: tools hand it on as text.
                "until" => json!({ "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
                _ => json!({ "type": "string", "minLength": 1 }),
            };
            schema["description"] = json!(help);
            ((*name).to_owned(), schema)
        })
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["tests", "until", "reason"],
        "properties": properties,
    })
}

fn shape(shape: Shape, catalogue: &Catalogue) -> Value {
    match shape {
        Shape::Duration => duration(),
        Shape::Count => json!({ "type": "integer", "minimum": 1, "maximum": LARGEST_COUNT }),
        Shape::Times => times(),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Path => json!({ "type": "string", "minLength": 1 }),
        Shape::Choice(choices) => json!({ "enum": choices }),
        Shape::Verdicts => {
            let verdicts = verdict_words().map(|(_, word)| word);
            let words: Vec<&str> = verdicts.chain(FAIL_ON_WORDS).collect();
            json!({ "type": "array", "minItems": 1, "items": { "enum": words } })
        }
        Shape::Reports => {
            let kinds: Vec<&str> = catalogue
                .kinds
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            let pattern = format!("^({})(=[^,]+)?$", kinds.join("|"));
            json!({ "type": "array", "items": { "type": "string", "pattern": pattern } })
        }
    }
}

fn times() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": MOST_RETRIES })
}

fn duration() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]", "examples": ["90s", "20m", "1h 30m"] })
}

/// A target of a plugin, whose parameters are known when it is loaded.
fn of_plugin() -> Value {
    let about = |wanted: &str| TARGET_KEYS.iter().find(|(name, _)| *name == wanted);
    let help = about("plugin").map_or("", |(_, help)| help);
    json!({
        "title": "A plugin",
        "type": "object",
        "required": ["plugin"],
        "properties": {
            "plugin": { "type": "string", "minLength": 1, "description": help },
            "provider": { "type": "string" },
            "timeout": duration(),
        },
    })
}

fn target(
    provider: &Provider,
    keys: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> Value {
    let mut properties = Map::new();
    for (name, help) in keys {
        if name == "plugin" {
            continue;
        }
        let mut schema = match name {
            "provider" => json!({ "const": provider.name }),
            "timeout" | "queue_timeout" => duration(),
            "retries" => times(),
            "api_url" => json!({ "type": "string", "format": "uri", "default": provider.api_url }),
            "key_env" => json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }),
            _ => json!({
                "type": "object",
                "additionalProperties": false,
                "properties": parameters(&provider.overrides),
            }),
        };
        schema["description"] = json!(help);
        properties.insert(name.to_owned(), schema);
    }
    properties.extend(parameters(&provider.parameters));
    let required = provider
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    let required: Vec<&str> = std::iter::once("provider")
        .chain(required.map(|parameter| parameter.name.as_str()))
        .collect();
    json!({
        "title": provider.title,
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

/// The properties of parameters. Those with a dot in their names stand in a table that is called as what is before it.
fn parameters(parameters: &[Parameter]) -> Map<String, Value> {
    let mut properties = Map::new();
    for parameter in parameters {
        let schema = parameter_schema(parameter);
        match parameter.name.split_once('.') {
            None => {
                properties.insert(parameter.name.clone(), schema);
            }
            Some((group, name)) => {
                let group = properties.entry(group).or_insert_with(
                    || json!({ "type": "object", "additionalProperties": false, "properties": {} }),
                );
                group["properties"][name] = schema;
            }
        }
    }
    properties
}

fn parameter_schema(parameter: &Parameter) -> Value {
    let mut text = json!({ "type": "string", "minLength": 1 });
    if !parameter.choices.is_empty() {
        text = json!({ "enum": parameter.choices });
    }
    let mut schema = match parameter.kind {
        ParameterKind::Text => text,
        ParameterKind::Texts | ParameterKind::Variables => json!({
            "oneOf": [text.clone(), { "type": "array", "items": text, "minItems": 1 }]
        }),
        ParameterKind::Integer => json!({ "type": "integer" }),
        ParameterKind::Boolean => json!({ "type": "boolean" }),
        ParameterKind::SystemUrl => {
            json!({ "type": "string", "format": "uri", "pattern": "^https?://" })
        }
    };
    schema["description"] = json!(parameter.help);
    schema
}
