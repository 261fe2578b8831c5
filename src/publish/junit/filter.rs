//! What stands between the bytes and the XML reader, which keeps a whole text or tag in memory: here runs of text are
//! split, and what is never needed is left out.
//!
//! - Comments, processing instructions and document types are left out; one with declarations is refused.
//! - A run of text or CDATA is split into pieces of at most [`LONGEST_RUN`]: text by an empty comment, CDATA by its
//!   end and a new start. Nothing of it is lost.
//! - An `&` that begins no reference becomes `&amp;`.
//! - A tag that is too long is refused.

mod markup;

use std::io::{self, BufRead, Read};

use super::chars::Chars;
use super::error::{Fault, Place};

/// How long a run of text that the XML reader sees at once may be, in bytes.
pub(super) const LONGEST_RUN: usize = 16 * 1024;
/// How long a tag may be, in bytes.
pub(super) const LONGEST_TAG: usize = 4 * 1024 * 1024;
/// About how many bytes are handed on at once.
const CHUNK: usize = 8 * 1024;
/// The longest reference that is one, in bytes: `&thetasym;`, `&#x10ffff;`, with room to spare.
const LONGEST_REFERENCE: usize = 32;

/// What the next character is part of.
#[derive(Clone, Copy)]
enum State {
    Text,
    /// After `&`; the name so far is held.
    Reference,
    /// After `<`.
    Open,
    /// After `<!`; what follows so far is held.
    Bang,
    /// In a tag, and there in an attribute's value if there is a quote.
    Tag(Option<char>),
    /// In a comment, after so many hyphens.
    Comment(u8),
    /// In CDATA, after so many `]` that are not yet handed on.
    CData(u8),
    /// In a processing instruction, after `?` or not.
    Instruction(bool),
    /// In a document type, and there in a literal if there is a quote.
    DocType(Option<char>),
    Ended,
}

/// A source of XML for the XML reader, in UTF-8 and in small pieces.
pub(super) struct Filter<R> {
    chars: Chars<R>,
    state: State,
    out: String,
    /// What is handed out next is what `out` holds from here on.
    at: usize,
    /// The length of the run or tag so far, in bytes.
    run: usize,
    held: String,
    /// Where the last markup began.
    markup: Place,
    is_first: bool,
    fault: Option<Fault>,
}

impl<R: Read> Filter<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            chars: Chars::new(source),
            state: State::Text,
            out: String::with_capacity(CHUNK + 64),
            at: 0,
            run: 0,
            held: String::new(),
            markup: Place { line: 1, byte: 0 },
            is_first: true,
            fault: None,
        }
    }

    /// Where the markup that was handed on last began; a chunk never goes beyond the end of a tag.
    pub(super) const fn place(&self) -> Place {
        self.markup
    }

    /// What was wrong, if the reader was told that reading failed.
    pub(super) const fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// How much memory the buffers take, in bytes.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.chars.capacity() + self.out.capacity() + self.held.capacity()
    }

    /// Makes the next chunk.
    fn pump(&mut self) -> Result<(), Fault> {
        self.out.clear();
        self.at = 0;
        if self.chars.place().byte == 0 && self.chars.is_utf16().map_err(unreadable)? {
            return Err(Fault::Encoding("UTF-16".to_owned()));
        }
        while self.out.len() < CHUNK {
            let before = self.chars.place();
            let Some(c) = self.chars.next().map_err(unreadable)? else {
                return self.end();
            };
            if c == '<' && matches!(self.state, State::Text | State::Reference) {
                self.markup = before;
            }
            if self.step(c)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes one character. True after the end of a tag or of CDATA.
    fn step(&mut self, c: char) -> Result<bool, Fault> {
        match self.state {
            State::Text => self.text(c),
            State::Reference => return self.reference(c),
            State::Open => self.open(c)?,
            State::Bang => self.bang(c)?,
            State::Tag(quote) => return self.tag(quote, c),
            State::Comment(hyphens) => {
                self.state = match (c, hyphens) {
                    ('-', _) => State::Comment(2.min(hyphens + 1)),
                    ('>', 2) => State::Text,
                    _ => State::Comment(0),
                };
            }
            State::CData(brackets) => return Ok(self.cdata(brackets, c)),
            State::Instruction(question) => self.instruction(question, c)?,
            State::DocType(quote) => self.doc_type(quote, c)?,
            State::Ended => {}
        }
        Ok(false)
    }

    fn text(&mut self, c: char) {
        match c {
            '<' => self.state = State::Open,
            '&' => {
                self.held.clear();
                self.state = State::Reference;
            }
            c => {
                self.room("<!---->");
                self.put(c);
            }
        }
    }

    fn reference(&mut self, c: char) -> Result<bool, Fault> {
        let is_name = c.is_ascii_alphanumeric() || matches!(c, '#' | '_' | '.' | ':' | '-');
        if is_name && self.held.len() < LONGEST_REFERENCE {
            self.held.push(c);
            return Ok(false);
        }
        let is_whole = c == ';' && !self.held.is_empty();
        self.put_reference(is_whole);
        self.state = State::Text;
        if is_whole { Ok(false) } else { self.step(c) }
    }

    /// Hands on what is held as a reference, or as text if it is none.
    fn put_reference(&mut self, is_whole: bool) {
        self.room("<!---->");
        self.out.push_str(if is_whole { "&" } else { "&amp;" });
        self.out.push_str(&self.held);
        if is_whole {
            self.out.push(';');
        }
        self.run += self.held.len() + 1;
    }

    fn end(&mut self) -> Result<(), Fault> {
        let inside = match self.state {
            State::Reference => {
                self.put_reference(false);
                None
            }
            State::Text | State::Ended => None,
            State::Open | State::Bang | State::Tag(_) => Some("a tag"),
            State::Comment(_) => Some("a comment"),
            State::CData(_) => Some("a CDATA section"),
            State::Instruction(_) => Some("a processing instruction"),
            State::DocType(_) => Some("a document type declaration"),
        };
        self.state = State::Ended;
        match inside {
            Some(inside) => Err(Fault::Truncated(inside.to_owned())),
            None => Ok(()),
        }
    }

    /// Splits the run here if it has become too long.
    fn room(&mut self, split: &str) {
        if self.run >= LONGEST_RUN {
            self.out.push_str(split);
            self.run = 0;
        }
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.run += c.len_utf8();
    }
}

fn unreadable(error: io::Error) -> Fault {
    Fault::Source(error.to_string())
}

impl<R: Read> Read for Filter<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let chunk = self.fill_buf()?;
        let length = chunk.len().min(into.len());
        into[..length].copy_from_slice(&chunk[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for Filter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.out.len()
            && let Err(fault) = self.pump()
        {
            self.fault = Some(fault);
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(&self.out.as_bytes()[self.at..])
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
    }
}
