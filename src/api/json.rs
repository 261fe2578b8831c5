//! Tolerant reading: the first of several places in a JSON value that holds what is looked for.
//!
//! A place is a dotted path such as `data.job_status`; `edges[].node` goes through every element of a list.

use serde_json::Value;

/// The longest text that is taken from a service, in bytes.
pub const LONGEST_TEXT: usize = 256 * 1024;

/// All values at a path.
#[must_use]
pub fn select<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    first(value, path, &mut |value| -> Option<()> {
        found.push(value);
        None
    });
    found
}

/// What is made of the first value at a path of which something can be made.
fn first<'a, T>(
    value: &'a Value,
    path: &str,
    make: &mut dyn FnMut(&'a Value) -> Option<T>,
) -> Option<T> {
    // All dots at once, so that nothing but the depth of the value is gone down.
    let path = path.trim_start_matches('.');
    if path.is_empty() {
        return make(value);
    }
    let (segment, rest) = path.split_once('.').unwrap_or((path, ""));
    let (key, through) = match segment.strip_suffix("[]") {
        Some(key) => (key, true),
        None => (segment, false),
    };
    let below = match key {
        "" => value,
        key => value.get(key)?,
    };
    match below {
        Value::Array(items) if through => items.iter().find_map(|item| first(item, rest, make)),
        _ if through => None,
        below => first(below, rest, make),
    }
}

/// The first non-empty text, or number or truth value as text, at any of the paths.
#[must_use]
pub fn text(value: &Value, paths: &[String]) -> Option<String> {
    let mut paths = paths.iter();
    paths.find_map(|path| first(value, path, &mut scalar))
}

/// The first number at any of the paths.
#[must_use]
pub fn number(value: &Value, paths: &[String]) -> Option<f64> {
    let mut paths = paths.iter();
    paths.find_map(|path| first(value, path, &mut Value::as_f64))
}

/// The first list at any of the paths.
#[must_use]
pub fn list<'a>(value: &'a Value, paths: &[String]) -> Option<Vec<&'a Value>> {
    paths.iter().find_map(|path| match path.rfind('[') {
        Some(end) => {
            let (head, _) = path.split_at(end);
            select(value, head)
                .first()
                .is_some_and(|value| value.is_array())
                .then(|| select(value, path))
        }
        None => select(value, path)
            .first()
            .and_then(|value| value.as_array())
            .map(|items| items.iter().collect()),
    })
}

/// The number that a text is, as JSON writes one. The reader for it is there already, and the standard library's is large.
#[must_use]
pub fn read_number(text: &str) -> Option<f64> {
    let read: Value = serde_json::from_str(text.trim()).ok()?;
    read.as_f64().filter(|number| number.is_finite())
}

/// A number for people: a whole one without a fraction.
#[must_use]
pub fn shown_number(number: f64) -> String {
    let text = serde_json::Number::from_f64(number).map(|number| number.to_string());
    let text = text.unwrap_or_default();
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// A value as text, if it is neither empty nor a list nor an object.
#[must_use]
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(cut),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A value as text for people: a text as it is, anything else as JSON.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        other => cut(&written(other)),
    }
}

/// A value as JSON.
#[must_use]
pub fn written(value: &Value) -> String {
    value.to_string()
}

/// The text, its middle left out where it is too long.
#[must_use]
pub fn cut(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let half = LONGEST_TEXT / 2;
    let head = text.floor_char_boundary(half);
    let tail = text.ceil_char_boundary(text.len() - half);
    format!(
        "{}\n… {} bytes left out …\n{}",
        &text[..head],
        tail - head,
        &text[tail..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn takes_the_first_place_that_holds_something() {
        let value = json!({"data": {"status": "", "state": "RUNNING", "id": 7}});
        assert_eq!(
            text(&value, &paths(&["data.status", "data.state"])).as_deref(),
            Some("RUNNING")
        );
        assert_eq!(text(&value, &paths(&["data.id"])).as_deref(), Some("7"));
        assert_eq!(text(&value, &paths(&["data", "nothing.at.all"])), None);
    }

    #[test]
    fn numbers_are_read_and_shown() {
        for (text, number, shown) in [
            ("1000", Some(1000.0), "1000"),
            (" -1.5 ", Some(-1.5), "-1.5"),
            ("1e3", Some(1000.0), "1000"),
            ("0.01", Some(0.01), "0.01"),
        ] {
            assert_eq!(read_number(text), number);
            assert_eq!(shown_number(number.unwrap_or_default()), shown);
        }
        for text in ["", "NaN", "inf", "1e999", "5ms", "true", "\"5\"", "1.2.3"] {
            assert_eq!(read_number(text), None, "{text}");
        }
    }

    #[test]
    fn finds_lists_bare_wrapped_and_as_edges() {
        let lists = paths(&["data", "data.items", "data.edges[].node"]);
        assert_eq!(
            list(&json!({"data": [1, 2]}), &lists).map(|l| l.len()),
            Some(2)
        );
        assert_eq!(
            list(&json!({"data": {"items": []}}), &lists).map(|l| l.len()),
            Some(0)
        );
        let edges = json!({"data": {"edges": [{"node": {"id": 1}}, {"node": {"id": 2}}]}});
        assert_eq!(list(&edges, &lists).map(|l| l.len()), Some(2));
        assert_eq!(list(&json!({"data": {"other": 1}}), &lists), None);
    }

    #[test]
    fn cuts_long_text_in_the_middle_between_characters() {
        let long = "ü".repeat(LONGEST_TEXT);
        let short = cut(&long);
        assert!(short.len() < LONGEST_TEXT + 100);
        assert!(short.contains("bytes left out"));
    }
}
