//! Reads JUnit XML of any size, one test case at a time, in constant memory.
//!
//! There is no standard, so all the usual forms are read: `testsuites` around suites, a suite at the top, suites in
//! suites, a bare list of suites or cases. What is not known is passed over. A file that is broken or cut off gives
//! its cases up to there, then an error that says where.

mod case;
mod chars;
mod entity;
mod error;
mod events;
mod filter;
mod number;
mod output;
mod property;
mod suites;
mod text;

use std::io::Read;

pub use case::{Case, Note, Outcome, Resources};
pub use error::{Fault, Place, ReadError};
pub use output::Output;
pub use property::Property;
pub use suites::Top;
pub(super) use text::is_blank;

use self::case::{Part, elapsed};
use self::error::shown;
use self::events::{Attributes, Events, Token};
use self::suites::Suites;

/// Reads the test cases of one file.
pub struct Reader<R> {
    events: Events<R>,
    suites: Suites,
    is_over: bool,
}

/// What an element at the level of suites is.
enum Element {
    Suite,
    Case,
    Part(Part),
}

impl<R: Read> Reader<R> {
    /// Begins to read a file; its name is for messages.
    pub fn new(file: impl Into<String>, source: R) -> Self {
        Self {
            events: Events::new(file.into(), source),
            suites: Suites::new(),
            is_over: false,
        }
    }

    /// The next case in the order of the file, or none at the end of it and after an error.
    ///
    /// # Errors
    /// [`ReadError`], which says what is wrong where. Cases that were read before it are whole.
    pub fn next_case(&mut self) -> Result<Option<Case>, ReadError> {
        if self.is_over {
            return Ok(None);
        }
        let case = self.search();
        self.is_over = !matches!(case, Ok(Some(_)));
        case
    }

    /// What the file says of all its tests together; known after the last case.
    #[must_use]
    pub fn finish(self) -> Top {
        self.suites.finish()
    }

    fn search(&mut self) -> Result<Option<Case>, ReadError> {
        loop {
            let is_outside = self.suites.is_outside();
            let tag = match self.events.next()? {
                Token::Start(tag) => tag,
                Token::End => {
                    self.suites.leave();
                    continue;
                }
                Token::Text(text) if text.trim_matches(is_blank).is_empty() => continue,
                Token::Text(_) | Token::Reference(_) | Token::CData(_) if is_outside => {
                    return Err(self.events.error(Fault::NotXml));
                }
                Token::Eof => return self.end(),
                _ => continue,
            };
            let (element, wanted): (_, &[&'static str]) = match tag.name() {
                "testsuites" | "testsuite" => (Element::Suite, &["time", "duration"]),
                "testcase" => (Element::Case, &Case::ATTRIBUTES),
                name if is_outside => {
                    let fault = Fault::OtherRoot(shown(name));
                    return Err(self.events.error(fault));
                }
                name => (Element::Part(Part::named(name)), &[]),
            };
            let attributes = tag.attributes(wanted);
            let attributes = self.events.checked(attributes)?;
            if let Some(case) = self.element(&element, &attributes)? {
                return Ok(Some(case));
            }
        }
    }

    /// Takes the element whose start tag was read last.
    fn element(
        &mut self,
        element: &Element,
        attributes: &Attributes,
    ) -> Result<Option<Case>, ReadError> {
        match element {
            Element::Suite => {
                let has_time =
                    attributes.raw("time").is_some() || attributes.raw("duration").is_some();
                self.suites.enter(has_time, elapsed(attributes));
            }
            Element::Case => {
                self.suites.case();
                return Case::read(&mut self.events, attributes).map(Some);
            }
            Element::Part(part) => match self.suites.resources() {
                Some((resources, seen)) => resources.read(&mut self.events, *part, seen)?,
                None => self.events.skip()?,
            },
        }
        Ok(None)
    }

    fn end(&self) -> Result<Option<Case>, ReadError> {
        if !self.suites.is_outside() {
            return Err(self.events.truncated());
        }
        if self.suites.is_empty() {
            return Err(self.events.error(Fault::Empty));
        }
        Ok(None)
    }

    /// How much memory the buffers take, in bytes.
    #[cfg(test)]
    fn capacity(&self) -> usize {
        self.events.capacity()
    }
}

#[cfg(test)]
mod tests;
