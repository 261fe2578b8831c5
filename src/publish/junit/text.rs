//! Text of any length, of which only the two ends are kept.

/// How much of the beginning, and as much of the end, is kept, in bytes.
///
/// Enough for the longest text that the service takes, whatever the characters: 16 KiB in UTF-16 units, half of it
/// from either end, at most three bytes each.
pub(super) const END: usize = 32 * 1024;
/// How many blanks in a row are kept, in bytes.
const MOST_BLANKS: usize = 4 * 1024;

/// Takes text piece by piece.
pub(super) trait Sink {
    /// Takes what comes next.
    fn push(&mut self, text: &str);
}

/// The two ends of a text. Takes at most about 100 KiB, however long the text is.
#[derive(Default)]
pub(super) struct Ends {
    head: String,
    tail: String,
    is_head_full: bool,
    left_out: u64,
}

impl Sink for Ends {
    fn push(&mut self, text: &str) {
        let mut rest = text;
        if !self.is_head_full {
            let room = END - self.head.len();
            let fits = text.floor_char_boundary(room);
            self.head.push_str(&text[..fits]);
            rest = &text[fits..];
            self.is_head_full = !rest.is_empty();
        }
        self.tail.push_str(rest);
        if self.tail.len() > 2 * END {
            let drop = self.tail.ceil_char_boundary(self.tail.len() - END);
            self.tail.drain(..drop);
            self.left_out += drop as u64;
        }
    }
}

impl Ends {
    /// The text, or its two ends and between them how much was left out.
    pub(super) fn finish(self) -> String {
        let mut text = self.head;
        if self.left_out > 0 {
            text.push_str("\n[… ");
            text.push_str(&self.left_out.to_string());
            text.push_str(" bytes left out …]\n");
        }
        text.push_str(&self.tail);
        text
    }

    /// How much memory it takes, in bytes.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.head.capacity() + self.tail.capacity()
    }
}

/// Takes off the blanks around each text of an element, but not those that are written as CDATA or as references.
///
/// Indentation is no content. The vendor's client does the same, and names are compared with those it sent.
#[derive(Default)]
pub(super) struct Trimmer {
    /// Blanks that are content if more text follows.
    blanks: String,
    is_begun: bool,
}

impl Trimmer {
    /// Takes text between two tags, or a piece of it.
    pub(super) fn text(&mut self, text: &str, sink: &mut dyn Sink) {
        let text = if self.is_begun {
            text
        } else {
            text.trim_start_matches(is_blank)
        };
        let content = text.trim_end_matches(is_blank);
        if !content.is_empty() {
            self.exact(content, sink);
        }
        let blanks = &text[content.len()..];
        let room = MOST_BLANKS.saturating_sub(self.blanks.len());
        self.blanks
            .push_str(&blanks[..blanks.floor_char_boundary(room)]);
    }

    /// Takes text in the same place that is content even if it is blank.
    pub(super) fn exact(&mut self, text: &str, sink: &mut dyn Sink) {
        sink.push(&self.blanks);
        sink.push(text);
        self.blanks.clear();
        self.is_begun = true;
    }

    /// A tag or CDATA follows.
    pub(super) fn end(&mut self) {
        self.blanks.clear();
        self.is_begun = false;
    }
}

/// Whether ECMAScript counts a character as white space, which the vendor's client goes by.
pub(in crate::publish) const fn is_blank(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{END, Ends, Sink, Trimmer};

    fn ends(pieces: &[String]) -> Ends {
        let mut ends = Ends::default();
        for piece in pieces {
            ends.push(piece);
        }
        ends
    }

    #[test]
    fn the_ends_of_a_long_text_are_kept() {
        let mut sink = Ends::default();
        for number in 0..300_000 {
            sink.push(&format!("{number:06}é"));
            assert!(sink.capacity() <= 8 * END);
        }
        let text = sink.finish();
        assert!(text.starts_with("000000é") && text.ends_with("299999é"));
        let left_out: usize = text.split(' ').find_map(|word| word.parse().ok()).unwrap();
        let note = "\n[… ".len() + left_out.to_string().len() + " bytes left out …]\n".len();
        assert_eq!(text.len() - note + left_out, 300_000 * 8);
    }

    proptest! {
        #[test]
        fn a_text_that_fits_is_whole(pieces in prop::collection::vec("(?s).{0,50}", 0..50)) {
            prop_assert_eq!(ends(&pieces).finish(), pieces.concat());
        }

        #[test]
        fn trimming_does_not_depend_on_the_pieces(
            pieces in prop::collection::vec("[ \n\u{feff}a]{0,5}", 0..8)
        ) {
            let mut ends = Ends::default();
            let mut trimmer = Trimmer::default();
            for piece in &pieces {
                trimmer.text(piece, &mut ends);
            }
            let text = pieces.concat();
            prop_assert_eq!(ends.finish(), text.trim_matches(super::is_blank));
        }
    }
}
