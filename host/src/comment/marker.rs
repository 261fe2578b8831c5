//! The hidden first line by which a comment is found again.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The longest key that stands in the marker as it is, in bytes as it is written there.
const LONGEST: usize = 200;

/// How many hexadecimal digits stand for a longer one.
const DIGITS: usize = 32;

/// A comment of HTML that names one comment among those of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker(String);

impl Marker {
    /// The marker of a key that has these parts.
    #[must_use]
    pub fn of<T: AsRef<str>>(parts: &[T]) -> Self {
        let parts: Vec<String> = parts.iter().map(|part| written(part.as_ref())).collect();
        let key = parts.join("/");
        match key.len() {
            0..=LONGEST => Self(format!("<!-- proctor:{key} -->")),
            _ => Self(format!("<!-- proctor:sha256/{} -->", digest(&key))),
        }
    }

    /// Whether it is the first line of a comment. Anywhere else it is nothing but text.
    #[must_use]
    pub fn heads(&self, comment: &str) -> bool {
        let first = comment.trim_start().lines().next();
        first.is_some_and(|line| line.trim_end() == self.0)
    }

    /// The line itself.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.0
    }
}

/// A part as it stands in the marker: nothing of it ends a comment of HTML, nor looks like the border of a part.
fn written(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'_' => text.push(char::from(byte)),
            // Two of them may end the comment.
            b'-' if !text.is_empty() && !text.ends_with('-') => text.push('-'),
            byte => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    match text.strip_suffix('-') {
        Some(rest) => format!("{rest}%2D"),
        None => text,
    }
}

/// So many digits of a text's digest that no two texts have the same, and none can be read out of them.
#[must_use]
pub fn digest(text: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(text) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits.truncate(DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_be_read_and_ends_nothing() {
        let line = |parts: &[&str]| Marker::of(parts).line().to_owned();
        assert_eq!(line(&["api-tests"]), "<!-- proctor:api-tests -->");
        assert_eq!(
            line(&["Hosted tests", "e2e", "ci/proctor.toml"]),
            "<!-- proctor:Hosted%20tests/e2e/ci%2Fproctor.toml -->"
        );
        for hostile in [
            "-->",
            "--",
            "-",
            "a--><b>",
            "a-",
            "-a",
            ">",
            "a\n/close",
            "---->",
            "",
        ] {
            let line = line(&[hostile]);
            let inside = &line["<!-- proctor:".len()..line.len() - " -->".len()];
            assert!(
                !inside.contains("--") && !inside.contains(['>', '<', '\n', ' ']),
                "{line}"
            );
            assert!(!inside.starts_with('-') && !inside.ends_with('-'), "{line}");
        }
    }

    #[test]
    fn keys_are_told_apart() {
        let all = [
            vec!["a", "b"],
            vec!["a/b"],
            vec!["a%2Fb"],
            vec!["a", "b", ""],
            vec!["a-b"],
            vec!["a--b"],
            vec!["ab"],
        ];
        let long: Vec<String> = ["x", "y"]
            .map(|end| format!("{}{end}", "ü".repeat(200)))
            .into();
        let mut lines: Vec<String> = all.iter().map(|parts| Marker::of(parts).0).collect();
        lines.extend(long.iter().map(|key| Marker::of(&[key]).0));
        assert!(lines.iter().all(|line| line.len() < 230), "{lines:?}");
        let count = lines.len();
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), count, "{lines:?}");
    }

    #[test]
    fn it_counts_as_the_first_line_alone() {
        let marker = Marker::of(&["a"]);
        assert!(marker.heads("<!-- proctor:a -->\r\n## x"));
        assert!(marker.heads("<!-- proctor:a -->"));
        for other in [
            "",
            "x <!-- proctor:a -->",
            "x\n<!-- proctor:a -->",
            "<!-- proctor:ab -->\n",
            "<!-- proctor:a --> x",
        ] {
            assert!(!marker.heads(other), "{other}");
        }
    }
}
