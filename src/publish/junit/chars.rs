//! From bytes to characters, one at a time, with the place of each.

use std::io::{self, Read};

use super::error::Place;

/// How many bytes are asked for at once.
const BUFFER: usize = 16 * 1024;
/// The longest form of a character in UTF-8, in bytes.
const LONGEST: usize = 4;

/// What windows-1252 has in place of the controls 80 to 9f; its five gaps stay what they are.
///
/// Source: the index of windows-1252 in the Encoding standard (encoding.spec.whatwg.org).
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// How bytes stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// With US-ASCII, which is a part of it.
    Utf8,
    /// With ISO-8859-1, as writers say the one and mean the other.
    Windows1252,
}

impl Encoding {
    /// The encoding of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, Encoding); 10] = [
            ("utf-8", Encoding::Utf8),
            ("utf8", Encoding::Utf8),
            ("us-ascii", Encoding::Utf8),
            ("ascii", Encoding::Utf8),
            ("iso-8859-1", Encoding::Windows1252),
            ("iso8859-1", Encoding::Windows1252),
            ("iso_8859-1", Encoding::Windows1252),
            ("latin1", Encoding::Windows1252),
            ("windows-1252", Encoding::Windows1252),
            ("cp1252", Encoding::Windows1252),
        ];
        for (known, encoding) in NAMES {
            if known.eq_ignore_ascii_case(name) {
                return Some(encoding);
            }
        }
        None
    }
}

/// The characters of a source. Bytes that are none become U+FFFD, and every line ends in LF, as XML wants it.
pub(super) struct Chars<R> {
    source: R,
    buffer: Vec<u8>,
    /// The bytes not yet used are those of the buffer from here on.
    at: usize,
    ended: bool,
    encoding: Encoding,
    place: Place,
    after_return: bool,
}

impl<R: Read> Chars<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::with_capacity(BUFFER + LONGEST),
            at: 0,
            ended: false,
            encoding: Encoding::Utf8,
            place: Place { line: 1, byte: 0 },
            after_return: false,
        }
    }

    /// Where the next character is.
    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Reads everything from here on in another encoding.
    pub(super) const fn set_encoding(&mut self, encoding: Encoding) {
        self.encoding = encoding;
    }

    /// Whether the source begins with the mark of UTF-16.
    pub(super) fn is_utf16(&mut self) -> io::Result<bool> {
        self.fill()?;
        Ok(matches!(
            self.buffer[self.at..],
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..]
        ))
    }

    /// The next character, or none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<char>> {
        // Most of a file is this, and the rest is slow.
        if let Some(byte @ b' '..0x80) = self.buffer.get(self.at) {
            self.at += 1;
            self.place.byte += 1;
            self.after_return = false;
            return Ok(Some(char::from(*byte)));
        }
        loop {
            let at_start = self.place.byte == 0;
            let Some(c) = self.decode()? else {
                return Ok(None);
            };
            let after_return = std::mem::replace(&mut self.after_return, c == '\r');
            match c {
                '\n' if after_return => {}
                '\u{feff}' if at_start => {}
                '\n' | '\r' => {
                    self.place.line += 1;
                    return Ok(Some('\n'));
                }
                c => return Ok(Some(c)),
            }
        }
    }

    fn decode(&mut self) -> io::Result<Option<char>> {
        if self.buffer.len() - self.at < LONGEST {
            self.fill()?;
        }
        let Some(&first) = self.buffer.get(self.at) else {
            return Ok(None);
        };
        let (c, length) = match (first, self.encoding) {
            (0..0x80, _) => (char::from(first), 1),
            (0x80..0xa0, Encoding::Windows1252) => {
                let c = WINDOWS_1252.chars().nth(usize::from(first - 0x80));
                (c.expect("the table has 32 characters"), 1)
            }
            (_, Encoding::Windows1252) => (char::from(first), 1),
            (_, Encoding::Utf8) => first_of(&self.buffer[self.at..]),
        };
        self.at += length;
        self.place.byte += length as u64;
        Ok(Some(c))
    }

    /// Reads on until there are bytes for one more character.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        while self.buffer.len() < LONGEST && !self.ended {
            let old = self.buffer.len();
            self.buffer.resize(old + BUFFER, 0);
            let read = self.source.read(&mut self.buffer[old..]);
            self.buffer.truncate(old + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(read) => self.ended = read == 0,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// How much memory the buffer takes, in bytes.
    #[cfg(test)]
    pub(super) const fn capacity(&self) -> usize {
        self.buffer.capacity()
    }
}

/// The first character of text in UTF-8, and how many bytes it takes.
fn first_of(bytes: &[u8]) -> (char, usize) {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let bytes = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(bytes) {
        Ok(text) => (
            text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER),
            bytes.len(),
        ),
        Err(error) => (
            char::REPLACEMENT_CHARACTER,
            error.error_len().unwrap_or(bytes.len()),
        ),
    }
}
