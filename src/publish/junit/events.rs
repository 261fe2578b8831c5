//! The parts of an XML document that matter here, one at a time.

use std::io::Read;

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};

use super::entity::unescape;
use super::error::{Fault, Place, ReadError, shown};
use super::filter::Filter;
use super::text::is_blank;

/// How deep elements may be nested, as in the vendor's client.
const DEEPEST: usize = 100;
/// How much memory is kept for the next event, in bytes.
const USUAL_BUFFER: usize = 64 * 1024;

/// A part of a document.
pub(super) enum Token<'a> {
    Start(Tag<'a>),
    End,
    Text(&'a str),
    /// A reference, without `&` and `;`.
    Reference(&'a str),
    CData(&'a str),
    /// What means nothing here.
    Other,
    /// The end of the document.
    Eof,
}

/// A start tag.
pub(super) struct Tag<'a> {
    start: BytesStart<'a>,
}

/// Some attributes of a tag, trimmed and with their references resolved.
pub(super) struct Attributes(Vec<(&'static str, String)>);

/// The parts of a document.
pub(super) struct Events<R> {
    xml: quick_xml::Reader<Filter<R>>,
    buffer: Vec<u8>,
    file: String,
    depth: usize,
}

impl<R: Read> Events<R> {
    pub(super) fn new(file: String, source: R) -> Self {
        let mut xml = quick_xml::Reader::from_reader(Filter::new(source));
        xml.config_mut().expand_empty_elements = true;
        Self {
            xml,
            buffer: Vec::new(),
            file,
            depth: 0,
        }
    }

    /// The next part.
    pub(super) fn next(&mut self) -> Result<Token<'_>, ReadError> {
        self.buffer.clear();
        self.buffer.shrink_to(USUAL_BUFFER);
        let event = match self.xml.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => {
                let filter = self.xml.get_mut();
                let fault = filter.take_fault().unwrap_or_else(|| explain(&error));
                return Err(error_at(&self.file, filter.place(), fault));
            }
        };
        match &event {
            Event::Start(_) if self.depth == DEEPEST => {
                return Err(error_at(
                    &self.file,
                    self.xml.get_ref().place(),
                    Fault::Deep,
                ));
            }
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            _ => {}
        }
        Ok(match event {
            Event::Start(start) => Token::Start(Tag { start }),
            Event::End(_) => Token::End,
            Event::Text(text) => Token::Text(borrowed(text.into_inner())),
            Event::GeneralRef(name) => Token::Reference(borrowed(name.into_inner())),
            Event::CData(text) => Token::CData(borrowed(text.into_inner())),
            Event::Eof => Token::Eof,
            _ => Token::Other,
        })
    }

    /// Passes over the rest of the element whose start was read last.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Token::Start(_) => depth += 1,
                Token::End => depth -= 1,
                Token::Eof => return Err(self.truncated()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The document ended within an element.
    pub(super) fn truncated(&self) -> ReadError {
        self.error(Fault::Truncated("an element".to_owned()))
    }

    /// Something is wrong with what was read last.
    pub(super) fn error(&self, fault: Fault) -> ReadError {
        error_at(&self.file, self.xml.get_ref().place(), fault)
    }

    /// Some attributes of a tag, or why they cannot be read.
    pub(super) fn checked(
        &self,
        attributes: Result<Attributes, String>,
    ) -> Result<Attributes, ReadError> {
        attributes.map_err(|message| self.error(Fault::Malformed(message)))
    }

    /// How much memory the buffers take, in bytes.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity() + self.xml.get_ref().capacity()
    }
}

impl Tag<'_> {
    /// The element's name without the prefix of a namespace.
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Those of these attributes that are there; the first of two with one name counts.
    ///
    /// Line breaks in a value stay, other than XML has it: the vendor's client keeps them, and they matter in messages.
    pub(super) fn attributes(&self, wanted: &[&'static str]) -> Result<Attributes, String> {
        let mut found = Vec::new();
        for attribute in self.start.attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                return Err(format!(
                    "an attribute of `<{}>` is broken",
                    shown(self.name())
                ));
            };
            for name in wanted {
                if attribute.key.as_ref() == *name {
                    found.push((*name, unescape(attribute.value.trim_matches(is_blank))));
                }
            }
        }
        Ok(Attributes(found))
    }
}

impl Attributes {
    /// The value of an attribute, empty or not.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        Some(value)
    }

    /// The value of an attribute if it is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// The same as a text of its own.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

fn error_at(file: &str, place: Place, fault: Fault) -> ReadError {
    ReadError {
        file: file.to_owned(),
        place,
        fault,
    }
}

/// A mistake that the XML reader finds; whatever else there is, the filter refused before.
fn explain(error: &Error) -> Fault {
    Fault::Malformed(match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => format!(
            "`</{}>` stands where `</{}>` should",
            shown(found),
            shown(expected)
        ),
        Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
            format!("`</{}>` ends what was not begun", shown(found))
        }
        _ => "it cannot be read as XML".to_owned(),
    })
}

fn borrowed(text: std::borrow::Cow<'_, str>) -> &str {
    match text {
        std::borrow::Cow::Borrowed(text) => text,
        std::borrow::Cow::Owned(_) => unreachable!("events are read into a buffer"),
    }
}
