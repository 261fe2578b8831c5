//! Why a file cannot be read, or not to its end.

/// Where in a file something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u64,
    /// Bytes of the file before it.
    pub byte: u64,
}

/// A file cannot be read, or not to its end. The cases before that place have been yielded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {} (byte {}): {fault}", .place.line, .place.byte)]
pub struct ReadError {
    /// As given to the reader.
    pub file: String,
    pub place: Place,
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The source of the bytes failed.
    #[error("cannot be read: {0}")]
    Source(String),
    /// XML of another kind.
    #[error(
        "this is not JUnit XML: it begins with `<{0}>` and not with `<testsuites>` or `<testsuite>`"
    )]
    OtherRoot(String),
    /// No XML at all.
    #[error("this is not JUnit XML: there is text outside of any element")]
    NotXml,
    /// Nothing in it.
    #[error("this is not JUnit XML: there is no element in it")]
    Empty,
    /// XML with a mistake.
    #[error("the XML is not well-formed: {0}")]
    Malformed(String),
    /// Cut off.
    #[error("the file ends inside of {0}: it was not written to its end")]
    Truncated(String),
    /// A document type that declares entities or elements. They are never needed here, and are a way to attack.
    #[error("a document type declaration with a `[…]` part is not read: take it out of the file")]
    Declarations,
    /// One tag with all its attributes is too long.
    #[error("a tag is longer than 4 MiB")]
    LongTag,
    /// Elements in elements in elements.
    #[error("elements are nested more than 100 deep")]
    Deep,
    /// Bytes that we do not know how to read.
    #[error("the encoding `{0}` is not read: write the file in UTF-8")]
    Encoding(String),
}

/// A name out of a file, fit for a message.
pub(super) fn shown(name: &str) -> String {
    let mut chars = name.chars();
    let mut shown: String = chars
        .by_ref()
        .take(60)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}
