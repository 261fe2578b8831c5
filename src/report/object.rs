//! JSON objects on one line, member by member.

use super::json::quoted;

/// An object in the making.
#[derive(Default)]
pub(super) struct Object(String);

impl Object {
    /// A member that is JSON already.
    pub(super) fn json(mut self, name: &str, json: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\": ");
        self.0.push_str(json);
        self
    }

    /// A member that is JSON already, if there is any.
    pub(super) fn maybe_json(self, name: &str, json: Option<String>) -> Self {
        match json {
            Some(json) => self.json(name, &json),
            None => self,
        }
    }

    /// A text. What could do harm in a terminal or a log is written by number.
    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.json(name, &quoted(text))
    }

    /// A text, if there is one.
    pub(super) fn maybe_text(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// A whole number.
    pub(super) fn number(self, name: &str, number: u64) -> Self {
        self.json(name, &number.to_string())
    }

    /// The whole object.
    pub(super) fn finish(self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// Values that are JSON already, as a list on one line.
pub(super) fn list(values: &[String]) -> String {
    format!("[{}]", values.join(", "))
}

/// Texts as a list on one line.
pub(super) fn texts(texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    list(&texts)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Object, list, texts};

    #[test]
    fn a_parser_reads_what_was_written() {
        let inner = Object::default().number("n", u64::MAX).finish();
        let text = Object::default()
            .text("a", "\"\\\u{202e}\n##[x]")
            .maybe_text("b", None)
            .maybe_text("c", Some(""))
            .maybe_json("d", None)
            .json("e", &list(&[inner, texts(&["x", "y"])]))
            .finish();
        assert!(!text.contains(['\n', '\u{202e}']) && !text.contains("##["));
        let read: Value = serde_json::from_str(&text).unwrap();
        let wanted =
            json!({"a": "\"\\\u{202e}\n##[x]", "c": "", "e": [{"n": u64::MAX}, ["x", "y"]]});
        assert_eq!(read, wanted);
        assert_eq!(Object::default().finish(), "{}");
    }
}
