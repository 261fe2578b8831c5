//! How long things may be. Those of the server are not documented; these are what the vendor's client keeps to.
//!
//! Lengths are in UTF-16 units, as in that client; but a character is never cut in two.

/// Any string.
pub(super) const STRING: usize = 750;
/// A long value: text, console, HTML.
pub(super) const LONG: usize = 16 * 1024;
/// How many artifacts a test may have.
pub(super) const MOST_ARTIFACTS: usize = 24;
/// How many fields a test may have, besides its steps and the attachments that are no addresses.
pub(super) const MOST_FIELDS: usize = 24;
/// How many steps a test may have.
pub(super) const MOST_STEPS: usize = 99;

/// What stands for the middle of a long text.
const MIDDLE: &str = "...\n\n[...]\n\n...";
/// How much of either end of a long text is kept.
const END: usize = LONG / 2 - 10;

/// The start of a text.
pub(super) fn start(text: &str, limit: usize) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > limit {
            return &text[..at];
        }
    }
    text
}

/// A string as long as any may be.
pub(super) fn string(text: &str) -> &str {
    start(text, STRING)
}

/// A long text without its middle.
pub(super) fn middle(text: &str) -> String {
    if start(text, LONG).len() == text.len() {
        return text.to_owned();
    }
    let mut cut = start(text, END).to_owned();
    cut.push_str(MIDDLE);
    cut.push_str(end(text, END));
    cut
}

fn end(text: &str, limit: usize) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices().rev() {
        units += c.len_utf16();
        if units > limit {
            return &text[at + c.len_utf8()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{END, LONG, MIDDLE, end, middle, start, string};

    #[test]
    fn a_character_is_never_cut_in_two() {
        assert_eq!(start("a🚀b", 2), "a");
        assert_eq!(start("a🚀b", 3), "a🚀");
        assert_eq!(end("a🚀b", 2), "b");
        assert_eq!(end("a🚀b", 3), "🚀b");
        assert_eq!(string(&"é".repeat(800)).chars().count(), 750);
    }

    #[test]
    fn the_middle_of_a_long_text_goes() {
        let fits = "x".repeat(LONG);
        assert_eq!(middle(&fits), fits);
        let long = format!("<{}>", fits);
        let x = "x".repeat(END - 1);
        assert_eq!(middle(&long), format!("<{x}{MIDDLE}{x}>"));
    }

    proptest! {
        #[test]
        fn cuts_keep_the_limit(text in any::<String>(), limit in 0usize..40) {
            for part in [start(&text, limit), end(&text, limit)] {
                let units = part.encode_utf16().count();
                prop_assert!(units <= limit);
                prop_assert!(part == text || units + 1 >= limit);
            }
        }
    }
}
