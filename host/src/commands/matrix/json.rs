//! JSON that is safe wherever it is shown or read, as YAML too.

use serde_json::Value;

/// Writes a value on one line, and a line break.
pub fn line(value: &Value) -> String {
    format!("{}\n", harmless(&value.to_string()))
}

/// Writes a value over several lines.
pub fn lines(value: &Value) -> String {
    format!("{}\n", harmless(&format!("{value:#}")))
}

/// Writes by their numbers the characters that could do harm in a log: those that are invisible or turn text around, and
/// `##[`, which GitHub's runner takes for a command anywhere in a line.
///
/// Such characters stand in strings only. Those past U+FFFF stay as they are: JSON needs two numbers for one, which YAML
/// does not know.
fn harmless(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match u32::from(c) {
            number @ 0x7f..=0xffff => safe.push_str(&format!("\\u{number:04x}")),
            _ => safe.push(c),
        }
    }
    safe.replace("##[", "#\\u0023[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_do_harm_is_written_by_number_and_read_back() {
        let value = serde_json::json!({ "a": "##[error]\u{202e}é\u{7f}\u{9b}2J\u{feff}🧪\"\\\n" });
        for text in [line(&value), lines(&value)] {
            assert!(!text.contains("##["), "{text}");
            let plain = |c: char| c == '\n' || matches!(c, ' '..='~') || c == '🧪';
            assert!(text.chars().all(plain), "{text:?}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
        assert_eq!(line(&value).matches('\n').count(), 1);
    }
}
