//! The steps of the filter within markup.

use std::io::Read;

use super::{Filter, LONGEST_TAG, State};
use crate::publish::junit::chars::Encoding;
use crate::publish::junit::error::{Fault, shown};

/// How much of a processing instruction is kept, which is enough for the XML declaration.
const LONGEST_DECLARATION: usize = 256;

impl<R: Read> Filter<R> {
    pub(super) fn open(&mut self, c: char) -> Result<(), Fault> {
        self.held.clear();
        match c {
            '!' => self.state = State::Bang,
            '?' => self.state = State::Instruction(false),
            c if c == '/' || c == '_' || c == ':' || c.is_alphabetic() => {
                self.is_first = false;
                self.state = State::Tag(None);
                self.run = 0;
                self.put('<');
                self.put(c);
            }
            _ => return Err(Fault::Malformed("a `<` begins no tag".to_owned())),
        }
        Ok(())
    }

    pub(super) fn bang(&mut self, c: char) -> Result<(), Fault> {
        const COMMENT: &str = "--";
        const CDATA: &str = "[CDATA[";
        const DOCTYPE: &str = "DOCTYPE";
        self.held.push(c);
        if self.held == COMMENT {
            self.state = State::Comment(0);
        } else if self.held == CDATA {
            self.out.push_str("<![CDATA[");
            self.run = 0;
            self.state = State::CData(0);
        } else if self.held.eq_ignore_ascii_case(DOCTYPE) {
            self.state = State::DocType(None);
        } else {
            let is_begun = |word: &str| {
                let begun = word.as_bytes().get(..self.held.len());
                begun.is_some_and(|begun| begun.eq_ignore_ascii_case(self.held.as_bytes()))
            };
            if !(is_begun(COMMENT) || is_begun(CDATA) || is_begun(DOCTYPE)) {
                return Err(Fault::Malformed("a `<!` begins nothing known".to_owned()));
            }
        }
        Ok(())
    }

    pub(super) fn tag(&mut self, quote: Option<char>, c: char) -> Result<bool, Fault> {
        self.put(c);
        if self.run > LONGEST_TAG {
            return Err(Fault::LongTag);
        }
        match (quote, c) {
            (None, '>') => {
                self.state = State::Text;
                self.run = 0;
                return Ok(true);
            }
            (None, '<') => return Err(Fault::Malformed("a tag is not closed".to_owned())),
            (None, '"' | '\'') => self.state = State::Tag(Some(c)),
            (Some(quote), c) if quote == c => self.state = State::Tag(None),
            _ => {}
        }
        Ok(false)
    }

    /// The last two `]` are held back, so that CDATA can be split anywhere without splitting its end.
    pub(super) fn cdata(&mut self, brackets: u8, c: char) -> bool {
        match (c, brackets) {
            (']', 2) => self.put_cdata(']'),
            (']', _) => self.state = State::CData(brackets + 1),
            ('>', 2) => {
                self.out.push_str("]]>");
                self.run = 0;
                self.state = State::Text;
                return true;
            }
            _ => {
                for _ in 0..brackets {
                    self.put_cdata(']');
                }
                self.put_cdata(c);
                self.state = State::CData(0);
            }
        }
        false
    }

    fn put_cdata(&mut self, c: char) {
        self.room("]]><![CDATA[");
        self.put(c);
    }

    pub(super) fn instruction(&mut self, question: bool, c: char) -> Result<(), Fault> {
        if self.held.len() < LONGEST_DECLARATION {
            self.held.push(c);
        }
        if !question || c != '>' {
            self.state = State::Instruction(c == '?');
            return Ok(());
        }
        self.state = State::Text;
        if std::mem::replace(&mut self.is_first, false)
            && let Some(name) = declared_encoding(&self.held)
        {
            let encoding = Encoding::named(name).ok_or_else(|| Fault::Encoding(shown(name)))?;
            self.chars.set_encoding(encoding);
        }
        Ok(())
    }

    pub(super) fn doc_type(&mut self, quote: Option<char>, c: char) -> Result<(), Fault> {
        self.state = match (quote, c) {
            (None, '[') => return Err(Fault::Declarations),
            (None, '>') => State::Text,
            (None, '"' | '\'') => State::DocType(Some(c)),
            (Some(quote), c) if quote == c => State::DocType(None),
            _ => return Ok(()),
        };
        Ok(())
    }
}

/// The encoding that an XML declaration names.
fn declared_encoding(declaration: &str) -> Option<&str> {
    let rest = declaration.strip_prefix("xml")?;
    if !rest.starts_with([' ', '\t', '\n']) {
        return None;
    }
    let (_, rest) = rest.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(rest[1..].split_once(quote)?.0)
}
