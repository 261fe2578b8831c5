//! Makes text from a service harmless. Such text is hostile: it may try to start a workflow command, move a terminal's
//! cursor, forge markup, or be a megabyte long. Every report goes through here.

mod ansi;
mod log;
mod markdown;
mod xml;

pub(super) use log::{log_line, log_text};
pub(super) use markdown::{fenced, html, inline, link};
pub(super) use xml::XmlText;

use std::borrow::Cow;

/// What stands for a character that must not be printed.
const REPLACEMENT: char = '\u{fffd}';

/// The text without ANSI escapes, with LF as its only line break, and with every character that would be invisible
/// and dangerous replaced by U+FFFD: controls but for LF and tab, and what reorders text on the screen.
pub(super) fn visible(text: &str) -> String {
    let text = ansi::strip(text);
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            '\n' | '\t' => clean.push(c),
            c if is_dangerous(c) => clean.push(REPLACEMENT),
            c => clean.push(c),
        }
    }
    clean
}

/// Whether a character is a control, reorders text (bidirectional marks), or is no character at all.
pub(super) fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e007f}')
        || (c as u32) & 0xfffe == 0xfffe
}

/// Whether a character takes no room on the screen, so that what follows it still looks like the start.
///
/// Source: the characters without any weight in the collation of Unicode (UTS 10, allkeys.txt) that are not dangerous.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0100}'..='\u{e01ef}')
}

/// The text on one line, blanks run together, no longer than so many characters; what is left out is marked by `…`.
pub(super) fn one_line(text: &str, max_chars: usize) -> String {
    let clean = visible(&cut_middle(text, max_chars.saturating_mul(8).max(1024)));
    let mut line = String::with_capacity(clean.len());
    for word in clean.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(max_chars) {
        None => line,
        Some(_) => line
            .chars()
            .take(max_chars.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}

/// Cuts a text in its middle to at most `max_bytes`, and notes there how much was left out.
///
/// Both ends are kept, as the cause of a failure may stand at either.
pub(super) fn cut_middle(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let room = max_bytes.saturating_sub(note(text.len()).len());
    let head = &text[..text.floor_char_boundary(room / 2)];
    let tail = &text[text.ceil_char_boundary(text.len() - room / 2)..];
    let left_out = text.len() - head.len() - tail.len();
    Cow::Owned(format!("{head}{}{tail}", note(left_out)))
}

fn note(bytes: usize) -> String {
    format!("\n[… {bytes} bytes left out …]\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(
            visible("a\0b\u{7f}c\u{9b}31md\u{202e}e"),
            "a\u{fffd}b\u{fffd}cd\u{fffd}e"
        );
        assert_eq!(
            visible("one\r\ntwo\rthree\u{2028}four\tfive"),
            "one\ntwo\nthree\nfour\tfive"
        );
        assert_eq!(visible("größe 日本 👩‍🚀"), "größe 日本 👩‍🚀");
    }

    #[test]
    fn a_line_is_one_line_of_its_length() {
        assert_eq!(one_line("  a \n\t b\r\n", 10), "a b");
        assert_eq!(one_line("äöü", 3), "äöü");
        assert_eq!(one_line("äöüß", 3), "äö…");
    }

    #[test]
    fn a_cut_says_how_much_is_missing() {
        let text = "x".repeat(1000);
        let cut = cut_middle(&text, 100);
        assert!(cut.len() <= 100);
        let left_out: usize = cut.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(cut.matches('x').count() + left_out, 1000);
    }

    proptest! {
        #[test]
        fn nothing_dangerous_stays(text in any::<String>()) {
            let clean = visible(&text);
            prop_assert!(clean.chars().all(|c| matches!(c, '\n' | '\t') || !is_dangerous(c)));
            prop_assert_eq!(visible(&clean), clean.clone(), "cleaning twice changes nothing");
        }

        #[test]
        fn a_cut_keeps_the_limit(text in any::<String>(), limit in 40usize..200) {
            prop_assert!(cut_middle(&text, limit).len() <= limit);
        }

        #[test]
        fn a_line_has_no_break(text in "(?s).{0,300}", limit in 1usize..100) {
            let line = one_line(&text, limit);
            prop_assert!(line.chars().count() <= limit && !line.contains('\n'));
        }
    }
}
