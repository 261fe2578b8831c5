//! The output of a test, with the marks in it: `[[ATTACHMENT|path]]`, `[[PROPERTY|name=value]]`, and
//! `[[PROPERTY|name]]` with lines up to `[[/PROPERTY]]`.
//!
//! Source: the JUnit XML guide of Testmo (github.com/testmoapp/junitxml) and the vendor's client.

use super::property::{Properties, Property};
use super::text::{Ends, Sink, is_blank};

/// A longer line is no mark, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

/// What a test wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Without the marks, and without blanks around it.
    pub text: String,
    /// The addresses or paths of `[[ATTACHMENT|…]]`.
    pub attachments: Vec<String>,
    /// What `[[PROPERTY|…]]` says.
    pub properties: Vec<Property>,
}

/// Takes output piece by piece.
#[derive(Default)]
pub(super) struct Lines {
    text: Ends,
    is_begun: bool,
    line: String,
    /// Whether the beginning of this line was passed on already.
    is_long: bool,
    after_return: bool,
    /// The property whose lines these are.
    open: Option<(String, Ends)>,
    attachments: Properties,
    properties: Properties,
}

impl Sink for Lines {
    fn push(&mut self, text: &str) {
        for piece in text.split_inclusive(['\n', '\r']) {
            let line = piece.trim_end_matches(['\n', '\r']);
            if self.after_return && piece == "\n" {
                self.after_return = false;
                continue;
            }
            self.after_return = piece.ends_with('\r');
            self.part(line);
            if line.len() < piece.len() {
                self.end_line();
            }
        }
    }
}

impl Lines {
    /// Takes a part of a line.
    fn part(&mut self, text: &str) {
        self.line.push_str(text);
        if self.line.len() > LONGEST_LINE {
            self.is_long = true;
            let line = std::mem::take(&mut self.line);
            self.keep(&line);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_long = std::mem::take(&mut self.is_long);
        if is_long {
            self.keep(&line);
            self.keep("\n");
        } else if self.open.is_some() {
            if line.contains("[[/PROPERTY]]") {
                self.close();
            } else {
                self.keep(&line);
                self.keep("\n");
            }
        } else if !self.mark(&line) {
            self.keep(&line);
            self.keep("\n");
        }
    }

    /// Passes text on to the open property or to the output.
    fn keep(&mut self, text: &str) {
        match &mut self.open {
            Some((_, ends)) => ends.push(text),
            None => {
                let text = if self.is_begun {
                    text
                } else {
                    text.trim_start_matches(is_blank)
                };
                self.is_begun |= !text.is_empty();
                self.text.push(text);
            }
        }
    }

    /// Takes a line as a mark if it is one.
    fn mark(&mut self, line: &str) -> bool {
        let line = line.trim_start_matches(is_blank);
        if let Some(rest) = line.strip_prefix("[[ATTACHMENT|") {
            let Some(end) = rest.find(']').filter(|end| *end > 0) else {
                return false;
            };
            let is_mark = rest[end..].starts_with("]]");
            if is_mark {
                self.attachments.push("", trimmed(&rest[..end]), false);
            }
            return is_mark;
        }
        let Some(inner) = line
            .strip_prefix("[[PROPERTY|")
            .and_then(|rest| rest.strip_suffix("]]"))
        else {
            return false;
        };
        match inner.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                self.properties.push(trimmed(name), trimmed(value), false);
            }
            _ if inner.is_empty() => return false,
            _ => self.open = Some((trimmed(inner).to_owned(), Ends::default())),
        }
        true
    }

    fn close(&mut self) {
        if let Some((name, lines)) = self.open.take() {
            let value = lines.finish();
            let value = trimmed(&value);
            if !value.is_empty() {
                self.properties.push(&name, value, true);
            }
        }
    }

    /// The output. A property that was never closed ends with it.
    pub(super) fn finish(mut self) -> Output {
        self.end_line();
        self.close();
        let mut text = self.text.finish();
        text.truncate(text.trim_end_matches(is_blank).len());
        Output {
            text,
            attachments: self
                .attachments
                .finish()
                .into_iter()
                .map(|property| property.value)
                .collect(),
            properties: self.properties.finish(),
        }
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST_LINE, Lines, Output, Sink};

    fn read(pieces: &[&str]) -> Output {
        let mut lines = Lines::default();
        for piece in pieces {
            lines.push(piece);
        }
        lines.finish()
    }

    const MARKED: &str = "\n first\r\n  [[ATTACHMENT| https://x.test/a.png ]] and more\r[[PROPERTY|a = b=c]]\n\
        [[PROPERTY|long]]\none\n\n  two ]]\n x [[/PROPERTY]] y\nlast [[ATTACHMENT|not/at/the/start]]\n\
        [[ATTACHMENT|]]\n[[PROPERTY|x=1]] no\n\n";

    #[test]
    fn marks_are_taken_out() {
        let output = read(&[MARKED]);
        assert_eq!(output.attachments, ["https://x.test/a.png"]);
        let properties: Vec<_> = output
            .properties
            .iter()
            .map(|property| {
                (
                    property.name.as_str(),
                    property.value.as_str(),
                    property.is_text,
                )
            })
            .collect();
        assert_eq!(
            properties,
            [("a", "b=c", false), ("long", "one\n\n  two ]]", true)]
        );
        assert_eq!(
            output.text,
            "first\nlast [[ATTACHMENT|not/at/the/start]]\n[[ATTACHMENT|]]\n[[PROPERTY|x=1]] no"
        );
    }

    #[test]
    fn a_property_that_is_not_closed_ends_with_the_output() {
        let output = read(&["a\n[[PROPERTY|p=]]\nrest\n"]);
        assert_eq!((output.text.as_str(), output.properties.len()), ("a", 1));
        assert_eq!(output.properties[0].name, "p=");
        assert_eq!(output.properties[0].value, "rest");
        assert_eq!(
            read(&["[[PROPERTY|empty]]\n [[/PROPERTY]]"]),
            Output::default()
        );
    }

    #[test]
    fn a_mark_after_megabytes_is_found() {
        let long = "x".repeat(LONGEST_LINE);
        let mut lines = Lines::default();
        for _ in 0..500 {
            lines.push(&long);
        }
        lines.push("\n[[PROPERTY|late=1]]\nend");
        assert!(lines.line.capacity() <= 4 * LONGEST_LINE);
        let output = lines.finish();
        assert_eq!(output.properties.len(), 1);
        assert!(output.text.ends_with("x\nend") && output.text.len() < 8 * LONGEST_LINE);
    }

    proptest! {
        #[test]
        fn the_pieces_do_not_matter(cuts in prop::collection::vec(0..MARKED.len(), 0..6)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&MARKED[from..cut]);
                from = cut;
            }
            pieces.push(&MARKED[from..]);
            prop_assert_eq!(read(&pieces), read(&[MARKED]));
        }
    }
}
