//! Terminal escape sequences (ECMA-48), which colour a log or move the cursor in it.

use std::borrow::Cow;

/// How long a control string (a window title, a link) may be; anything longer is taken for text.
const MAX_STRING: usize = 4096;

/// The text without escape sequences. What only begins like one is left to be replaced as a control character.
///
/// Written by hand because the usual parsers swallow everything after a control string that never ends, so that a
/// service could hide the rest of a report.
pub(super) fn strip(text: &str) -> Cow<'_, str> {
    if !text.contains(is_introducer) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_introducer) {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = sequence(rest).unwrap_or_else(|| {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            clean.push_str(&rest[..first]);
            first
        });
        rest = &rest[length..];
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// ESC, and the one-character forms of what may follow it.
const fn is_introducer(c: char) -> bool {
    matches!(
        c,
        '\u{1b}' | '\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}'..='\u{9f}'
    )
}

/// The length in bytes of the complete sequence at the start of the text.
fn sequence(text: &str) -> Option<usize> {
    let mut chars = text.chars();
    let kind = match chars.next()? {
        '\u{1b}' => chars.next()?,
        '\u{9b}' => '[',
        _ => ']',
    };
    let body = chars.as_str();
    let start = text.len() - body.len();
    match kind {
        '[' => control_sequence(body).map(|length| start + length),
        ']' | 'P' | 'X' | '^' | '_' => control_string(body).map(|length| start + length),
        ' '..='/' => simple(body).map(|length| start + length),
        '0'..='~' => Some(start),
        _ => None,
    }
}

/// Parameters, intermediates, and one final character.
fn control_sequence(body: &str) -> Option<usize> {
    let end = body.find(|c| !matches!(c, ' '..='?'))?;
    matches!(body.as_bytes()[end], b'@'..=b'~').then_some(end + 1)
}

/// Everything up to BEL or the string terminator, on the same line.
fn control_string(body: &str) -> Option<usize> {
    let (at, end) = body.char_indices().find(|(at, c)| {
        let terminator =
            matches!(c, '\u{7}' | '\u{9c}' | '\n' | '\r') || body[*at..].starts_with("\u{1b}\\");
        terminator || *at > MAX_STRING
    })?;
    match end {
        '\u{7}' | '\u{9c}' => Some(at + end.len_utf8()),
        '\u{1b}' => Some(at + 2),
        _ => None,
    }
}

fn simple(body: &str) -> Option<usize> {
    let end = body.find(|c| !matches!(c, ' '..='/'))?;
    matches!(body.as_bytes()[end], b'0'..=b'~').then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn sequences_are_dropped() {
        for (text, clean) in [
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{9b}2Jgone", "gone"),
            ("\u{1b}]0;title\u{7}text", "text"),
            (
                "\u{1b}]8;;https://x.test\u{1b}\\link\u{1b}]8;;\u{1b}\\",
                "link",
            ),
            ("\u{1b}(Bplain\u{1b}c", "plain"),
            ("\u{1b}[0Ksection_start:1:x\r", "section_start:1:x\r"),
            ("no escape", "no escape"),
        ] {
            assert_eq!(strip(text), clean, "{text:?}");
        }
    }

    #[test]
    fn what_never_ends_hides_nothing() {
        for text in [
            "\u{1b}]0;title\nfailed: 3",
            "\u{1b}Pfailed: 3",
            "\u{1b}[12",
            "\u{1b}",
            "\u{1b}[3é",
        ] {
            assert_eq!(strip(text), text);
        }
        let long = format!("\u{1b}]0;{}\u{7}", "x".repeat(100_000));
        assert_eq!(strip(&long), long);
    }
}
