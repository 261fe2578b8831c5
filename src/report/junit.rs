//! JUnit XML in the dialect that GitLab, Jenkins, GitHub's actions and Testmo all read.
//!
//! `testsuites`, a `testsuite` for each suite of each target, a `testcase` for each test with at most one of `failure`,
//! `error` and `skipped`. GitLab drops a case whose `classname` and `name` another has, so both together are unique.
//!
//! What came of a test before it was run again stands beside its outcome as Surefire writes it; see [`attempts`].

mod attempts;
mod plan;

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};

use self::plan::{Case, Content, Element, Suite, Tally};
use super::class::Class;
use super::clean::{XmlText, link};
use super::view::{Trouble, earlier, excuse, timestamp, untold};
use crate::model::{Report, Results, TestCase, Verdict};

/// How long the text of a case may be, in bytes. Jenkins and GitLab keep all of it in memory.
const MAX_TEXT: usize = 64 * 1024;
/// How long an expected or actual value may be, in bytes.
const MAX_VALUE: usize = 16 * 1024;
/// How long a message may be, in characters.
const MAX_MESSAGE: usize = 2048;

/// How long the text of a case without an outcome that counts may be at least, in bytes.
const MAX_EXCUSED: usize = 512;

/// How large the document may be, in bytes, with some room to the 30 MB that GitLab reads of a file.
const LARGEST: usize = 29_000_000;

type Xml = Writer<Bounded>;

/// How much is told of each case. Every case is there in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// All there is.
    Full,
    /// The beginning and end of it, and no links.
    Brief,
    /// The message alone.
    Message,
}

impl Detail {
    /// How long the text of a case may be, in bytes.
    const fn text(self) -> usize {
        match self {
            Self::Full => MAX_TEXT,
            Self::Brief => 512,
            Self::Message => 0,
        }
    }

    /// How long a message may be, in characters.
    const fn message(self) -> usize {
        match self {
            Self::Full => MAX_MESSAGE,
            Self::Brief => 512,
            Self::Message => 100,
        }
    }
}

/// Bytes up to a limit, past which nothing more is taken.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Renders results as JUnit XML, with as much detail as GitLab has room for.
pub(super) fn render(results: &Results) -> String {
    within(results, LARGEST)
}

fn within(results: &Results, limit: usize) -> String {
    [(Detail::Full, limit), (Detail::Brief, limit)]
        .into_iter()
        .find_map(|(detail, limit)| written(results, detail, limit))
        .or_else(|| written(results, Detail::Message, usize::MAX))
        .expect("without a limit everything is taken")
}

/// The document, if it is not larger than the limit.
fn written(results: &Results, detail: Detail, limit: usize) -> Option<String> {
    let bytes = Vec::new();
    let mut xml = Writer::new_with_indent(Bounded { bytes, limit }, b' ', 2);
    document(&mut xml, results, detail).ok()?;
    let mut bytes = xml.into_inner().bytes;
    bytes.push(b'\n');
    Some(String::from_utf8(bytes).expect("only text was written"))
}

fn document(xml: &mut Xml, results: &Results, detail: Detail) -> io::Result<()> {
    let suites = plan::suites(results);
    let tally: Tally = suites.iter().flat_map(|suite| &suite.cases).collect();
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new("testsuites");
    attribute(&mut root, "name", "proctor");
    count(
        &mut root,
        &tally,
        results.duration_ms,
        results.started_at_ms,
    );
    xml.write_event(Event::Start(root.borrow()))?;
    for suite in &suites {
        write_suite(xml, suite, results.started_at_ms, detail)?;
    }
    xml.write_event(Event::End(root.to_end()))
}

fn write_suite(
    xml: &mut Xml,
    suite: &Suite<'_>,
    started_at_ms: u64,
    detail: Detail,
) -> io::Result<()> {
    let tally: Tally = suite.cases.iter().collect();
    let mut start = BytesStart::new("testsuite");
    text_attribute(&mut start, "name", &suite.name);
    let started_at_ms = suite
        .report
        .map_or(started_at_ms, |report| report.started_at_ms);
    count(&mut start, &tally, tally.ms, started_at_ms);
    xml.write_event(Event::Start(start.borrow()))?;
    if let Some(report) = suite.report {
        properties(xml, report, detail)?;
    }
    for case in &suite.cases {
        write_case(xml, suite.report, case, detail)?;
    }
    xml.write_event(Event::End(start.to_end()))
}

fn count(element: &mut BytesStart<'_>, tally: &Tally, ms: u64, started_at_ms: u64) {
    attribute(element, "tests", &tally.tests.to_string());
    attribute(element, "failures", &tally.failures.to_string());
    attribute(element, "errors", &tally.errors.to_string());
    attribute(element, "skipped", &tally.skipped.to_string());
    attribute(element, "time", &seconds(ms));
    attribute(element, "timestamp", &timestamp(started_at_ms));
}

fn properties(xml: &mut Xml, report: &Report, detail: Detail) -> io::Result<()> {
    let run = report.run.as_ref();
    let left_out = (detail != Detail::Full)
        .then(|| "details are left out, as this file would be larger than GitLab reads".to_owned());
    let values = [
        ("note", left_out),
        ("provider", Some(report.provider.clone())),
        ("run.id", run.map(|run| run.id.clone())),
        ("run.url", run.and_then(|run| link(run.url.as_deref()?))),
    ];
    xml.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in &values {
        let Some(value) = value else { continue };
        let mut property = BytesStart::new("property");
        attribute(&mut property, "name", name);
        text_attribute(&mut property, "value", &XmlText::line(value, MAX_MESSAGE));
        xml.write_event(Event::Empty(property))?;
    }
    xml.write_event(Event::End(BytesStart::new("properties").to_end()))
}

fn write_case(
    xml: &mut Xml,
    report: Option<&Report>,
    case: &Case<'_>,
    detail: Detail,
) -> io::Result<()> {
    let mut start = BytesStart::new("testcase");
    text_attribute(&mut start, "classname", &case.class);
    text_attribute(&mut start, "name", &case.name);
    attribute(&mut start, "time", &seconds(case.ms()));
    if let Some(location) = report.and_then(|report| report.location.as_ref()) {
        text_attribute(
            &mut start,
            "file",
            &XmlText::line(&location.file, MAX_MESSAGE),
        );
        attribute(&mut start, "line", &location.line.to_string());
    }
    let output = output(case, detail);
    let attempts = attempts::of(case, detail);
    if case.element() == Element::None && output.is_empty() && attempts.is_empty() {
        return xml.write_event(Event::Empty(start));
    }
    xml.write_event(Event::Start(start.borrow()))?;
    // The order is that of Surefire's schema, in which errors come after all that is told of failures.
    let is_error = case.element() == Element::Error;
    if !is_error {
        write_outcome(xml, case, detail)?;
    }
    attempts::write(xml, &attempts, false, detail)?;
    if is_error {
        write_outcome(xml, case, detail)?;
    }
    attempts::write(xml, &attempts, true, detail)?;
    if !output.is_empty() {
        write_text(
            xml,
            BytesStart::new("system-out"),
            &XmlText::new(&output, detail.text().max(MAX_EXCUSED)),
        )?;
    }
    xml.write_event(Event::End(start.to_end()))
}

/// What stands beside the outcome: links, and what an outcome that does not count has no room for.
fn output(case: &Case<'_>, detail: Detail) -> String {
    let Content::Test(test, class) = &case.content else {
        return String::new();
    };
    let excused = matches!(class, Class::Quarantined | Class::LeftOut);
    match detail {
        Detail::Message => String::new(),
        _ if excused => excused_text(test, detail),
        Detail::Full => links(test),
        Detail::Brief => String::new(),
    }
}

/// What became of a test whose outcome is written as skipped.
fn excused_text(test: &TestCase, detail: Detail) -> String {
    let mut parts = vec![format!("{}: {}", test.verdict, test_text(test))];
    let earlier = earlier(test).into_iter().take(attempts::MOST);
    parts.extend(earlier.map(|(attempt, came)| format!("{attempt}: {came}")));
    if detail == Detail::Full {
        parts.push(links(test));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn write_outcome(xml: &mut Xml, case: &Case<'_>, detail: Detail) -> io::Result<()> {
    let name = match case.element() {
        Element::None => return Ok(()),
        Element::Failure => "failure",
        Element::Error => "error",
        Element::Skipped => "skipped",
    };
    let (kind, message, body) = match &case.content {
        Content::Test(test, class) => (test.verdict.word(), said(test, *class), test_text(test)),
        Content::Target(trouble) => (
            trouble.word,
            Some(trouble.message.to_owned()),
            target_text(trouble),
        ),
    };
    let mut element = BytesStart::new(name);
    if let Some(message) = message {
        text_attribute(
            &mut element,
            "message",
            &XmlText::line(&message, detail.message()),
        );
    }
    if name != "skipped" {
        attribute(&mut element, "type", kind);
    }
    if name == "skipped" || detail == Detail::Message {
        return xml.write_event(Event::Empty(element));
    }
    write_text(xml, element, &XmlText::new(&body, detail.text()))
}

/// The message of an outcome, with what is remarked of it: the one text that every reader shows.
fn said(test: &TestCase, class: Class) -> Option<String> {
    let message = test.message.as_deref();
    let or_verdict = || message.unwrap_or(test.verdict.word());
    match (class, &test.quarantine) {
        (Class::New | Class::Known, _) => Some(format!(
            "{}: {}",
            class.remark().unwrap_or_default(),
            or_verdict()
        )),
        (Class::Quarantined, Some(quarantine)) => Some(format!(
            "{}; {}: {}",
            excuse(quarantine),
            test.verdict,
            message.unwrap_or("no reason given")
        )),
        (Class::LeftOut, _) => Some(format!("stopped with its target: {}", or_verdict())),
        _ => message.map(str::to_owned),
    }
}

/// All there is to say about a test, as paragraphs.
fn test_text(test: &TestCase) -> String {
    let value = |name: &str, value: &Option<String>| {
        let value = value.as_deref()?;
        Some(format!(
            "{name}: {}",
            super::clean::cut_middle(value, MAX_VALUE)
        ))
    };
    let parts = [
        test.message.clone(),
        test.details
            .as_ref()
            .filter(|details| Some(*details) != test.message.as_ref())
            .cloned(),
        value("expected", &test.expected),
        value("actual", &test.actual),
        test.url.as_deref().and_then(link),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        format!("the service says {} and gives no reason", test.verdict)
    } else {
        parts.join("\n")
    }
}

fn target_text(trouble: &Trouble<'_>) -> String {
    let Some(problem) = trouble.problem else {
        return trouble.message.to_owned();
    };
    let mut text = format!(
        "{}\nwho: {}\nnext: {}",
        problem.message, problem.who, problem.next
    );
    if let Some(id) = &problem.request_id {
        text.push_str("\nrequest id: ");
        text.push_str(id);
    }
    text
}

/// Where to look at a test, one line each. Attachments are addresses, never the `[[ATTACHMENT|path]]` that makes
/// Jenkins and GitLab take a file: the path would be the service's to choose.
fn links(test: &TestCase) -> String {
    let mut lines = Vec::new();
    lines.extend(test.url.as_deref().and_then(link));
    for attachment in &test.attachments {
        if let Some(url) = link(&attachment.url) {
            lines.push(format!(
                "{}: {url}",
                super::clean::one_line(&attachment.name, 200)
            ));
        }
    }
    if test.attempts > 1 {
        lines.push(format!("attempts: {}", test.attempts));
        // Of one that passed, its `flakyFailure` says so.
        lines.extend(untold(test).filter(|_| test.verdict != Verdict::Passed));
    }
    lines.join("\n")
}

fn write_text(xml: &mut Xml, element: BytesStart<'_>, text: &XmlText) -> io::Result<()> {
    xml.write_event(Event::Start(element.borrow()))?;
    xml.write_event(Event::Text(BytesText::from_escaped(text.escaped())))?;
    xml.write_event(Event::End(element.to_end()))
}

/// Adds an attribute whose value is Proctor's own.
fn attribute(element: &mut BytesStart<'_>, name: &str, value: &str) {
    element.push_attribute((name, value));
}

/// Adds an attribute whose value came from outside.
fn text_attribute(element: &mut BytesStart<'_>, name: &str, value: &XmlText) {
    use quick_xml::events::attributes::Attribute;
    use quick_xml::name::QName;
    element.push_attribute(Attribute {
        key: QName(name),
        value: value.attribute().into(),
    });
}

/// Seconds with a dot and three digits.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

#[cfg(test)]
mod tests;
