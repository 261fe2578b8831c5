//! What came of a test before it was run again, as Surefire writes it: `flakyFailure` and `flakyError` of a test that then
//! passed, `rerunFailure` and `rerunError` of one that did not. Each has a `stackTrace`.
//!
//! Their order among the others is that of Surefire's schema (`surefire-test-report.xsd` of apache/maven-surefire). They
//! are not counted in any attribute.

use std::io;

use quick_xml::events::{BytesStart, Event};

use super::plan::{Case, Content, Element};
use super::{Detail, Xml, attribute, test_text, text_attribute, write_text};
use crate::model::{TestCase, Verdict};
use crate::report::class::Class;
use crate::report::clean::XmlText;
use crate::report::view::untold;

/// How many attempts of a test are told.
pub(super) const MOST: usize = 20;
/// How long the text of an attempt may be, in bytes.
const MAX_TEXT: usize = 8 * 1024;

/// An attempt before the last.
pub(super) struct Attempt {
    name: &'static str,
    is_error: bool,
    kind: &'static str,
    message: String,
    text: String,
}

/// The attempts that are told of a case. Those of one that does not count stand in its output, as no reader expects them
/// beside `skipped`.
pub(super) fn of(case: &Case<'_>, detail: Detail) -> Vec<Attempt> {
    let Content::Test(test, class) = &case.content else {
        return Vec::new();
    };
    if case.element() == Element::Skipped || matches!(class, Class::Quarantined | Class::LeftOut) {
        return Vec::new();
    }
    let passed = test.verdict == Verdict::Passed;
    let most = if detail == Detail::Full { MOST } else { 1 };
    let earlier = test
        .earlier
        .iter()
        .filter(|each| each.verdict != Verdict::Passed);
    let mut attempts: Vec<Attempt> = earlier.take(most).map(|each| told(each, passed)).collect();
    if let (true, Some(text)) = (passed, untold(test)) {
        attempts.push(Attempt {
            name: "flakyFailure",
            is_error: false,
            kind: "unknown",
            message: text,
            text: String::new(),
        });
    }
    attempts
}

fn told(attempt: &TestCase, passed: bool) -> Attempt {
    let is_error = attempt.verdict != Verdict::Failed;
    Attempt {
        name: match (passed, is_error) {
            (true, false) => "flakyFailure",
            (true, true) => "flakyError",
            (false, false) => "rerunFailure",
            (false, true) => "rerunError",
        },
        is_error,
        kind: attempt.verdict.word(),
        message: attempt
            .message
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned()),
        text: test_text(attempt),
    }
}

/// Writes those that are errors, or those that are not.
pub(super) fn write(
    xml: &mut Xml,
    attempts: &[Attempt],
    errors: bool,
    detail: Detail,
) -> io::Result<()> {
    for attempt in attempts.iter().filter(|each| each.is_error == errors) {
        let mut element = BytesStart::new(attempt.name);
        let message = XmlText::line(&attempt.message, detail.message());
        text_attribute(&mut element, "message", &message);
        attribute(&mut element, "type", attempt.kind);
        xml.write_event(Event::Start(element.borrow()))?;
        let text = match detail.text().min(MAX_TEXT) {
            0 => XmlText::default(),
            limit => XmlText::new(&attempt.text, limit),
        };
        write_text(xml, BytesStart::new("stackTrace"), &text)?;
        xml.write_event(Event::End(element.to_end()))?;
    }
    Ok(())
}
