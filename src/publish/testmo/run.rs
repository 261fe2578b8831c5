//! What is said of a run as a whole.

use serde_json::{Value, json};

use super::field::{Field, typed};
use super::limits;
use crate::publish::junit::Property;

/// A field of a run. A prefix of the name says its kind, as in the properties of JUnit XML: `url:Build`.
#[must_use]
pub fn run_field(name: &str, value: &str) -> Value {
    let property = Property {
        name: name.to_owned(),
        value: value.to_owned(),
        is_text: false,
    };
    let field = Field {
        highlight: None,
        ..typed(property, false)
    };
    field.wire()
}

/// A link or an artifact of a run: an address with a name.
#[must_use]
pub fn run_link(name: &str, url: &str) -> Value {
    json!({"name": limits::string(name), "url": limits::string(url)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_of_a_name_is_its_kind() {
        for (name, value, wire) in [
            (
                "commit",
                "abc",
                json!({"type": 1, "name": "commit", "value": "abc"}),
            ),
            (
                "url:Docs",
                "https://x.test",
                json!({"type": 5, "name": "Docs", "value": "https://x.test"}),
            ),
            (
                "url:Docs",
                "http://x.test",
                json!({"type": 1, "name": "Docs", "value": "http://x.test"}),
            ),
            (
                "console:Log",
                "a\nb",
                json!({"type": 4, "name": "Log", "value": "a\nb"}),
            ),
        ] {
            assert_eq!(run_field(name, value), wire);
        }
        let long = run_link("x", &"u".repeat(1000));
        assert_eq!(long["url"].as_str().map(str::len), Some(750));
    }
}
