//! YAML as JSON, to look into.

use serde_json::Value;

/// The one document of a text.
pub fn read(text: &str) -> Result<Value, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

/// The value at a path of names, or null.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| &value[*name])
}

/// Calls `look` with every mapping anywhere below.
pub fn each_mapping(value: &Value, look: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(mapping) => {
            look(mapping);
            for value in mapping.values() {
                each_mapping(value, look);
            }
        }
        Value::Array(items) => {
            for item in items {
                each_mapping(item, look);
            }
        }
        _ => {}
    }
}

/// The lines of a value that is a text, or a list of texts.
pub fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.lines().map(str::to_owned).collect(),
        Value::Array(items) => items.iter().flat_map(lines).collect(),
        _ => Vec::new(),
    }
}
