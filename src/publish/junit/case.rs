//! One test case: what is known of it, and how it is read.

use std::io::Read;

use super::entity::resolve;
use super::error::ReadError;
use super::events::{Attributes, Events, Token};
use super::number::{micros, whole};
use super::output::{Lines, Output};
use super::property::{Properties, Property};
use super::text::{Ends, Sink, Trimmer};

/// How many notes of a kind are kept for a case: as many as the service takes fields.
const MOST_NOTES: usize = 24;

/// How a test ended. The later ones count for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Passed,
    Skipped,
    Failure,
    Error,
}

/// Why a test did not pass: a `skipped`, `failure` or `error` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub outcome: Outcome,
    /// The text of the element.
    pub text: Option<String>,
    pub message: Option<String>,
    /// The `type` attribute, mostly an exception's name.
    pub kind: Option<String>,
}

/// What a case, or a suite, brings along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    pub output: Output,
    pub errors: Output,
    pub properties: Vec<Property>,
}

/// One test case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Empty if there is none.
    pub name: String,
    /// The class, which is what groups cases.
    pub class: Option<String>,
    /// In microseconds.
    pub elapsed_us: Option<u64>,
    pub file: Option<String>,
    pub line: Option<u64>,
    pub assertions: Option<u64>,
    pub outcome: Outcome,
    /// Why it did not pass, as far as that is said.
    pub notes: Vec<Note>,
    pub resources: Resources,
}

impl Case {
    /// The attributes that matter.
    pub(super) const ATTRIBUTES: [&'static str; 8] = [
        "name",
        "classname",
        "class",
        "time",
        "duration",
        "file",
        "line",
        "assertions",
    ];

    /// Reads the case whose start tag was read last.
    pub(super) fn read<R: Read>(
        events: &mut Events<R>,
        attributes: &Attributes,
    ) -> Result<Self, ReadError> {
        let mut case = Self {
            name: attributes.owned("name").unwrap_or_default(),
            class: attributes
                .owned("classname")
                .or_else(|| attributes.owned("class")),
            elapsed_us: elapsed(attributes),
            file: attributes.owned("file"),
            line: attributes.get("line").and_then(whole),
            assertions: attributes.get("assertions").and_then(whole),
            outcome: Outcome::Passed,
            notes: Vec::new(),
            resources: Resources::default(),
        };
        let mut seen = Seen::default();
        loop {
            let tag = match events.next()? {
                Token::Start(tag) => tag,
                Token::End => return Ok(case),
                Token::Eof => return Err(events.truncated()),
                _ => continue,
            };
            let outcome = match tag.name() {
                "skipped" => Outcome::Skipped,
                "failure" => Outcome::Failure,
                "error" => Outcome::Error,
                name => {
                    let part = Part::named(name);
                    case.resources.read(events, part, &mut seen)?;
                    continue;
                }
            };
            let attributes = tag.attributes(&["message", "type"]);
            let attributes = events.checked(attributes)?;
            let note = Note::read(events, outcome, &attributes)?;
            case.outcome = case.outcome.max(outcome);
            let same = case.notes.iter().filter(|note| note.outcome == outcome);
            if same.count() < MOST_NOTES {
                case.notes.push(note);
            }
        }
    }
}

impl Note {
    fn read<R: Read>(
        events: &mut Events<R>,
        outcome: Outcome,
        attributes: &Attributes,
    ) -> Result<Self, ReadError> {
        let text = read_ends(events)?;
        Ok(Self {
            outcome,
            text: Some(text).filter(|text| !text.is_empty()),
            message: attributes.owned("message"),
            kind: attributes.owned("type"),
        })
    }
}

/// What a child element holds.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Output,
    Errors,
    Properties,
    /// Another, such as the `flakyFailure` and `rerunFailure` of Surefire, which tell of earlier attempts.
    Unknown,
}

impl Part {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "system-out" => Self::Output,
            "system-err" => Self::Errors,
            "properties" => Self::Properties,
            _ => Self::Unknown,
        }
    }
}

/// Which parts were read. Of several only the first counts, as in the vendor's client.
#[derive(Default)]
pub(super) struct Seen {
    output: bool,
    errors: bool,
    properties: bool,
}

impl Seen {
    pub(super) const fn any(&self) -> bool {
        self.output || self.errors || self.properties
    }
}

impl Resources {
    /// Reads the part whose start tag was read last.
    pub(super) fn read<R: Read>(
        &mut self,
        events: &mut Events<R>,
        part: Part,
        seen: &mut Seen,
    ) -> Result<(), ReadError> {
        let is_first = |seen: &mut bool| !std::mem::replace(seen, true);
        match part {
            Part::Output if is_first(&mut seen.output) => self.output = read_output(events)?,
            Part::Errors if is_first(&mut seen.errors) => self.errors = read_output(events)?,
            Part::Properties if is_first(&mut seen.properties) => {
                self.properties = read_properties(events)?;
            }
            _ => events.skip()?,
        }
        Ok(())
    }
}

/// The time of a case or a suite, in microseconds.
pub(super) fn elapsed(attributes: &Attributes) -> Option<u64> {
    let time = attributes.get("time").and_then(micros);
    time.or_else(|| attributes.get("duration").and_then(micros))
}

fn read_output<R: Read>(events: &mut Events<R>) -> Result<Output, ReadError> {
    let mut lines = Lines::default();
    read_text(events, &mut lines)?;
    Ok(lines.finish())
}

fn read_properties<R: Read>(events: &mut Events<R>) -> Result<Vec<Property>, ReadError> {
    let mut properties = Properties::default();
    loop {
        let tag = match events.next()? {
            Token::Start(tag) => tag,
            Token::End => return Ok(properties.finish()),
            Token::Eof => return Err(events.truncated()),
            _ => continue,
        };
        if tag.name() != "property" {
            events.skip()?;
            continue;
        }
        let attributes = tag.attributes(&["name", "value"]);
        let attributes = events.checked(attributes)?;
        let text = read_ends(events)?;
        let Some(name) = attributes.get("name") else {
            continue;
        };
        match attributes.get("value") {
            Some(value) => properties.push(name, value, false),
            None if text.is_empty() => {}
            None => properties.push(name, text.trim_matches(super::text::is_blank), true),
        }
    }
}

fn read_ends<R: Read>(events: &mut Events<R>) -> Result<String, ReadError> {
    let mut ends = Ends::default();
    read_text(events, &mut ends)?;
    Ok(ends.finish())
}

/// Reads the text of the element whose start tag was read last, without that of elements in it.
fn read_text<R: Read>(events: &mut Events<R>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut trimmer = Trimmer::default();
    loop {
        match events.next()? {
            Token::Text(text) => trimmer.text(text, sink),
            Token::Reference(name) => match resolve(name) {
                Some(c) => trimmer.exact(c.encode_utf8(&mut [0; 4]), sink),
                None => {
                    trimmer.exact("&", sink);
                    trimmer.exact(name, sink);
                    trimmer.exact(";", sink);
                }
            },
            Token::CData(text) => {
                trimmer.end();
                sink.push(text);
            }
            Token::Start(_) => {
                trimmer.end();
                events.skip()?;
            }
            Token::End => return Ok(()),
            Token::Eof => return Err(events.truncated()),
            Token::Other => {}
        }
    }
}
