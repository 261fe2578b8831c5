//! JUnit XML: however its bytes are cut, it is read in the same way, and what another reader of XML finds in it is found.

use std::io::{self, Read};

use proctor::publish::junit::{Case, Outcome, ReadError, Reader};
use roxmltree::{Document, Node, ParsingOptions};

/// How deep elements may be nested, as the reader documents it.
const DEEPEST: usize = 100;

/// The first byte says how the file is cut.
pub fn run(data: &[u8]) {
    let Some((&how, bytes)) = data.split_first() else {
        return;
    };
    let whole = read(bytes);
    let cut = read(Cut {
        bytes,
        most: usize::from(how % 32) + 1,
    });
    assert_eq!(whole, cut, "in pieces of {}", how % 32 + 1);
    if let Some(error) = &whole.1 {
        let end = bytes.len() as u64;
        assert!(
            error.place.byte <= end && error.place.line >= 1,
            "{error:?}"
        );
        let told = error.to_string();
        assert!(
            told.starts_with("f.xml, line ") && !told.contains('\n'),
            "{told}"
        );
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(document) = Document::parse_with_options(text, ParsingOptions::default())
    {
        compare(&document, &whole);
    }
}

/// Everything that is read of a file, and why it is not read to its end.
fn read(source: impl Read) -> (Vec<Case>, Option<ReadError>) {
    let mut reader = Reader::new("f.xml", source);
    let mut cases = Vec::new();
    let error = loop {
        match reader.next_case() {
            Ok(Some(case)) => cases.push(case),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(
        matches!(reader.next_case(), Ok(None)),
        "after the end there is nothing"
    );
    let _top = reader.finish();
    (cases, error)
}

/// A source that gives a few bytes at a time, and is interrupted now and then.
struct Cut<'b> {
    bytes: &'b [u8],
    most: usize,
}

impl Read for Cut<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.len().is_multiple_of(7) && self.most > 1 {
            self.most -= 1;
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = self.bytes.len().min(buffer.len()).min(self.most);
        buffer[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}

/// Well-formed JUnit XML is read, with the cases that are in it.
fn compare(document: &Document<'_>, (cases, error): &(Vec<Case>, Option<ReadError>)) {
    let root = document.root_element();
    let is_ours = ["testsuites", "testsuite", "testcase"].contains(&root.tag_name().name());
    let text = document.input_text();
    // Another encoding than UTF-8 is told by the declaration, which this reader of texts does not follow.
    let is_told =
        text.trim_start_matches('\u{feff}').starts_with("<?xml") && text.contains("encoding");
    if !is_ours || is_told || text.contains("<!DOCTYPE") || depth(root) > DEEPEST {
        return;
    }
    assert_eq!(*error, None, "it is well-formed: {text}");
    let mut expected = Vec::new();
    collect(root, &mut expected);
    assert_eq!(cases.len(), expected.len(), "{text}");
    for (case, node) in cases.iter().zip(expected) {
        assert_eq!(case.outcome, outcome(node), "{text}");
        if let Some(name) = node.attribute("name").filter(|name| is_plain(name)) {
            assert_eq!(case.name, name, "{text}");
        }
    }
}

fn depth(node: Node<'_, '_>) -> usize {
    let children = node.children().filter(Node::is_element);
    1 + children.map(depth).max().unwrap_or(0)
}

/// The cases below suites. What stands in other elements is none.
fn collect<'a, 'd>(node: Node<'a, 'd>, cases: &mut Vec<Node<'a, 'd>>) {
    match node.tag_name().name() {
        "testcase" => cases.push(node),
        "testsuites" | "testsuite" => {
            for child in node.children().filter(Node::is_element) {
                collect(child, cases);
            }
        }
        _ => {}
    }
}

/// The gravest of what a case holds.
fn outcome(case: Node<'_, '_>) -> Outcome {
    let has = |name: &str| case.children().any(|child| child.tag_name().name() == name);
    if has("error") {
        Outcome::Error
    } else if has("failure") {
        Outcome::Failure
    } else if has("skipped") {
        Outcome::Skipped
    } else {
        Outcome::Passed
    }
}

/// Whether all readers agree on a value: what is blank is kept by the one and not by the other.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(is_blank)
        && !text.ends_with(is_blank)
        && !text.contains(['\t', '\n', '\r'])
        && text.chars().all(|c| c == ' ' || !is_blank(c))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}
