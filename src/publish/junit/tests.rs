use std::io::{self, Read};

use proptest::prelude::*;

use super::filter::{LONGEST_RUN, LONGEST_TAG};
use super::{Case, Fault, Outcome, ReadError, Reader, Top};
use crate::model::{Policy, Report, Results, TestCase, Verdict};
use crate::verdict::conclude;

/// Gives its bytes a few at a time.
struct Slow<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(self.bytes.len()).min(into.len());
        let (now, later) = self.bytes.split_at(length);
        into[..length].copy_from_slice(now);
        self.bytes = later;
        Ok(length)
    }
}

/// The cases of a document, then what it says of all or what is wrong.
fn read_from(source: impl Read) -> (Vec<Case>, Result<Top, ReadError>) {
    let mut reader = Reader::new("a.xml", source);
    let mut cases = Vec::new();
    loop {
        match reader.next_case() {
            Ok(Some(case)) => cases.push(case),
            Ok(None) => return (cases, Ok(reader.finish())),
            Err(error) => {
                assert_eq!(reader.next_case(), Ok(None), "an error is the end");
                return (cases, Err(error));
            }
        }
    }
}

fn read(xml: &[u8]) -> (Vec<Case>, Result<Top, ReadError>) {
    read_from(xml)
}

fn cases(xml: impl AsRef<[u8]>) -> Vec<Case> {
    let (cases, end) = read(xml.as_ref());
    end.unwrap();
    cases
}

fn names(cases: &[Case]) -> Vec<&str> {
    cases.iter().map(|case| case.name.as_str()).collect()
}

#[test]
fn all_forms_are_read() {
    for xml in [
        "<testsuites><testsuite><testcase name='a'/></testsuite><testsuite><testcase name='b'></testcase></testsuite></testsuites>",
        "<testsuite><testcase name='a'/><testsuite><testcase name='b'/></testsuite></testsuite>",
        "<testsuite><testcase name='a'/></testsuite>\n<testsuite><testcase name='b'/></testsuite>",
        "\u{feff}<testcase name='a'/><!-- between --><testcase name='b'/>",
        "<j:testsuites xmlns:j='urn:x'><x><testcase name='no'/></x><j:testcase name='a'/><testcase name='b'/></j:testsuites>",
        "<?xml version='1.0' encoding='us-ascii' standalone='yes'?><!DOCTYPE testsuites PUBLIC '-//x//[y' \"z>\"><testsuites><testcase name='a'/><testcase name='b'/></testsuites>",
    ] {
        assert_eq!(names(&cases(xml)), ["a", "b"], "{xml}");
    }
}

#[test]
fn the_worst_outcome_counts() {
    for (children, expected) in [
        ("", Outcome::Passed),
        ("<skipped/>", Outcome::Skipped),
        ("<failure/><skipped/>", Outcome::Failure),
        ("<error/><failure/><skipped/>", Outcome::Error),
        ("<rerunFailure/><flakyError/><Failure/>", Outcome::Passed),
        ("<properties><failure/></properties>", Outcome::Passed),
    ] {
        let cases = cases(format!("<testcase name='a'>{children}</testcase>"));
        assert_eq!(cases[0].outcome, expected, "{children}");
    }
    let many = "<failure>f</failure>".repeat(100_000);
    let cases = cases(format!("<testcase>{many}<error>last</error></testcase>"));
    assert_eq!(
        (cases[0].notes.len(), cases[0].outcome),
        (25, Outcome::Error)
    );
}

#[test]
fn the_single_top_element_speaks_for_all() {
    for (xml, expected) in [
        (
            "<testsuites time='3'><testsuite time='1'/><testsuite/></testsuites>",
            Some(3_000_000),
        ),
        (
            "<testsuites><testsuite duration='2,5'/></testsuites>",
            Some(2_500_000),
        ),
        (
            "<testsuites><testsuite time='1'/><testsuite time='2'/></testsuites>",
            None,
        ),
        (
            "<testsuites><testsuite><testsuite time='1'/><testcase name='a'/></testsuite></testsuites>",
            None,
        ),
        (
            "<testsuites time=''><testsuite time='1'/></testsuites>",
            None,
        ),
        ("<testsuites time='?' duration='4'/>", Some(4_000_000)),
        ("<testsuite time='1'/><testsuite time='1'/>", None),
        ("<testcase name='a' time='1'/>", None),
    ] {
        let (_, top) = read(xml.as_bytes());
        assert_eq!(top.unwrap().elapsed_us, expected, "{xml}");
    }
    let xml = "<testsuites><testsuite><testsuite><properties><property name='deep' value='no'/></properties></testsuite>\
        <properties><property name='a' value='b'/></properties></testsuite></testsuites>";
    let top = read(xml.as_bytes()).1.unwrap();
    assert_eq!(top.resources.properties[0].name, "a");
}

#[test]
fn a_wrong_file_is_refused_with_its_place() {
    let deep = "<testsuite>".repeat(101);
    for (xml, place, message) in [
        (
            "",
            (1, 0),
            "this is not JUnit XML: there is no element in it",
        ),
        (
            "<!-- only this -->",
            (1, 0),
            "this is not JUnit XML: there is no element in it",
        ),
        (
            "{\"tests\": []}",
            (1, 0),
            "this is not JUnit XML: there is text outside of any element",
        ),
        (
            "\n<html><body/></html>",
            (2, 1),
            "this is not JUnit XML: it begins with `<html>` and not with `<testsuites>` or `<testsuite>`",
        ),
        (
            "<testsuite></testsuite>\nDone.",
            (1, 11),
            "this is not JUnit XML: there is text outside of any element",
        ),
        (
            "<testsuite>\n <testcase>\n </testsuite>",
            (3, 25),
            "the XML is not well-formed: `</testsuite>` stands where `</testcase>` should",
        ),
        (
            "<testsuite/></testsuites>",
            (1, 12),
            "the XML is not well-formed: `</testsuites>` ends what was not begun",
        ),
        (
            "<testsuite a b='c'/>",
            (1, 0),
            "the XML is not well-formed: an attribute of `<testsuite>` is broken",
        ),
        (
            "<testsuite <testcase/>",
            (1, 0),
            "the XML is not well-formed: a tag is not closed",
        ),
        (
            "<testsuite>a < b</testsuite>",
            (1, 13),
            "the XML is not well-formed: a `<` begins no tag",
        ),
        (
            "<testsuite><!ENTITY x></testsuite>",
            (1, 11),
            "the XML is not well-formed: a `<!` begins nothing known",
        ),
        (
            "<testsuite>\n<testcase",
            (2, 12),
            "the file ends inside of a tag: it was not written to its end",
        ),
        (
            "<testsuite><testcase name='a>",
            (1, 11),
            "the file ends inside of a tag: it was not written to its end",
        ),
        (
            "<testsuite><testcase><failure>a&lt",
            (1, 21),
            "the file ends inside of an element: it was not written to its end",
        ),
        (
            "<testsuite><x>",
            (1, 11),
            "the file ends inside of an element: it was not written to its end",
        ),
        (
            "<testsuite>",
            (1, 0),
            "the file ends inside of an element: it was not written to its end",
        ),
        (
            "<testsuite><![CDATA[ ]]",
            (1, 11),
            "the file ends inside of a CDATA section: it was not written to its end",
        ),
        (
            "<testsuite><!-- --",
            (1, 11),
            "the file ends inside of a comment: it was not written to its end",
        ),
        (
            "<!DOCTYPE a [<!ENTITY a 'b'>]><testsuite/>",
            (1, 0),
            "a document type declaration with a `[…]` part is not read: take it out of the file",
        ),
        (&deep, (1, 1100), "elements are nested more than 100 deep"),
        (
            "<?xml version='1.0' encoding='EBCDIC'?><testsuite/>",
            (1, 0),
            "the encoding `EBCDIC` is not read: write the file in UTF-8",
        ),
    ] {
        let (_, end) = read(xml.as_bytes());
        let expected = format!("a.xml, line {} (byte {}): {message}", place.0, place.1);
        assert_eq!(end.unwrap_err().to_string(), expected, "{xml}");
    }
    for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
        let fault = read(&mark).1.unwrap_err().fault;
        assert_eq!(fault, Fault::Encoding("UTF-16".to_owned()));
    }
}

#[test]
fn a_source_that_fails_is_no_end() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let start = &b"<testsuite><testcase name='a'/>"[..];
    let (cases, end) = read_from(start.chain(Broken));
    assert_eq!(names(&cases), ["a"]);
    let fault = Fault::Source("the disk is gone".to_owned());
    assert_eq!(end.unwrap_err().fault, fault);
}

#[test]
fn what_was_whole_before_a_mistake_is_read() {
    let (cases, end) = read(
        b"<testsuite>\n<testcase name='a'/>\n<testcase name='b'><failure>x</failure></testcase>\n<testcase name='c'><fail",
    );
    assert_eq!(names(&cases), ["a", "b"]);
    let end = end.unwrap_err();
    assert_eq!((end.file.as_str(), end.place.line), ("a.xml", 4));
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    let cases = cases(b"<testcase name='\xff\xc3\xa4\xe2\x82x\xf0\x9f\x9a\x80' classname='\xed\xa0\x80'/>\xef\xbb\xbf");
    assert_eq!(cases[0].name, "\u{fffd}ä\u{fffd}x🚀");
    assert_eq!(cases[0].class.as_deref(), Some("\u{fffd}\u{fffd}\u{fffd}"));
}

#[test]
fn declared_encodings_are_read() {
    for (declared, expected) in [
        ("ISO-8859-1", "ä€"),
        ("windows-1252", "ä€"),
        ("utf-8", "\u{fffd}"),
        ("US-ASCII", "\u{fffd}"),
    ] {
        let mut xml = format!("<?xml version=\"1.0\" encoding = \"{declared}\"?><testcase name='")
            .into_bytes();
        xml.extend(b"\xe4\x80'/>");
        assert_eq!(names(&cases(xml)), [expected], "{declared}");
    }
}

#[test]
fn nothing_is_expanded() {
    let cases = cases(
        "<testcase name='&xxe;&#x41;'><failure>&xxe; &lol9; & &; &#0; &lt;&#66;</failure></testcase>",
    );
    assert_eq!(cases[0].name, "&xxe;A");
    let text = cases[0].notes[0].text.as_deref();
    assert_eq!(text, Some("&xxe; &lol9; & &; &#0; <B"));
}

#[test]
fn a_tag_that_is_too_long_is_refused() {
    let tag = |length: usize| format!("<testcase name='{}'/>", "x".repeat(length));
    let frame = tag(0).len();
    assert_eq!(
        cases(tag(LONGEST_TAG - frame))[0].name.len(),
        LONGEST_TAG - frame
    );
    let (cases, end) =
        read(format!("<testsuite><testcase name='a'/>{}", tag(LONGEST_TAG)).as_bytes());
    assert_eq!(names(&cases), ["a"]);
    assert_eq!(end.unwrap_err().fault, Fault::LongTag);
}

/// Makes a document piece by piece, so that it is never whole in memory.
struct Made<I> {
    pieces: I,
    piece: Vec<u8>,
    at: usize,
}

impl<I: Iterator<Item = Vec<u8>>> Read for Made<I> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            self.at = 0;
            match self.pieces.next() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = into.len().min(self.piece.len() - self.at);
        into[..length].copy_from_slice(&self.piece[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// More than any buffer may ever take while usual tags are read, in bytes.
const MOST_MEMORY: usize = 16 * LONGEST_RUN;

#[test]
fn a_huge_file_takes_little_memory() {
    const CASES: usize = 50_000;
    let piece = |text: &str| text.as_bytes().to_vec();
    let fill = |mib: usize, text: &str| {
        let block = text.repeat(1024 * 1024 / text.len()).into_bytes();
        std::iter::repeat_n(block, mib)
    };
    let small = (0..CASES).map(|number| {
        format!("<testcase classname='c' name='{number}' time='0.001'><failure>{number} &lt; 1</failure></testcase>\n")
            .into_bytes()
    });
    let pieces = [piece("<testsuite>")]
        .into_iter()
        .chain(small)
        .chain([piece("<testcase name='text'><failure>begin ")])
        .chain(fill(20, "some text"))
        .chain([piece(
            " end</failure></testcase><testcase name='cdata'><failure><![CDATA[begin ",
        )])
        .chain(fill(3, "a ]] b ]>"))
        .chain([piece(
            " end]]></failure></testcase><testcase name='brackets'><failure><![CDATA[begin ",
        )])
        .chain(fill(3, "]"))
        .chain([piece(
            "]]></failure></testcase><testcase name='references'><failure>begin ",
        )])
        .chain(fill(3, "&lt;&"))
        .chain([piece(" end</failure></testcase><!-- ")])
        .chain(fill(3, "a comment - "))
        .chain([piece("--><testcase name='last'/></testsuite>")]);
    let mut reader = Reader::new(
        "a.xml",
        Made {
            pieces,
            piece: Vec::new(),
            at: 0,
        },
    );
    let mut count = 0;
    let mut long = Vec::new();
    while let Some(case) = reader.next_case().unwrap() {
        assert!(reader.capacity() <= MOST_MEMORY, "{}", reader.capacity());
        count += 1;
        if count > CASES {
            long.push((
                case.name,
                case.notes.into_iter().next().and_then(|note| note.text),
            ));
        }
    }
    assert_eq!(count, CASES + 5);
    let names: Vec<_> = long.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["text", "cdata", "brackets", "references", "last"]);
    for (name, text) in &long[..4] {
        let text = text.as_ref().unwrap();
        assert!(
            text.starts_with("begin ") && text.contains(" bytes left out …]"),
            "{name}"
        );
        assert!(
            text.ends_with(if name == "brackets" { "]]]" } else { " end" }),
            "{name}"
        );
        assert!(text.len() <= 100 * 1024, "{name}");
    }
    assert!(long[3].1.as_ref().unwrap().contains("<&<&<&"));
}

/// Pieces from which documents are made, right and wrong ones.
const PIECES: [&str; 22] = [
    "<testsuites>",
    "</testsuites>",
    "<testsuite time='1'>",
    "</testsuite>",
    "<testcase name='a' time='2'>",
    "</testcase>",
    "<testcase name='b'/>",
    "<failure message='m'>",
    "</failure>",
    "<![CDATA[",
    "]]>",
    "]",
    "<!--",
    "-->",
    "&lt;",
    "&",
    ";",
    "<system-out>[[PROPERTY|a=b]]\n",
    "</system-out>",
    " text\r\n",
    "é",
    "\u{feff}",
];

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_input_is_a_panic(bytes in any::<Vec<u8>>(), document in document()) {
        drop(read(&bytes));
        drop(read(document.as_bytes()));
    }

    #[test]
    fn how_the_bytes_come_does_not_matter(document in document(), step in 1usize..7) {
        let slow = Slow { bytes: document.as_bytes(), step };
        prop_assert_eq!(read_from(slow), read(document.as_bytes()));
    }

    #[test]
    fn text_comes_back_however_it_is_written(
        text in "[ -~é🚀\n\u{a0}]{0,40}",
        fill in 0usize..3,
        cdata in any::<bool>(),
    ) {
        // Around the place where a run is split.
        let text = format!("({}{text})", "x".repeat(LONGEST_RUN - 20 * fill));
        let written = if cdata {
            format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
        } else {
            text.replace('&', "&amp;").replace('<', "&lt;")
        };
        let cases = cases(format!("<testcase name='a'><failure>\n {written}\t</failure></testcase>"));
        prop_assert_eq!(cases[0].notes[0].text.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn what_the_junit_report_writes_is_read_back(
        suite in any::<String>(),
        name in any::<String>(),
        message in any::<String>(),
        details in prop::option::of("(?s).{0,80}"),
        verdict in prop::sample::select(&[Verdict::Passed, Verdict::Failed, Verdict::Errored, Verdict::Skipped][..]),
    ) {
        let mut test = TestCase::new(suite, name, verdict).because(message);
        test.details = details;
        test.duration_ms = Some(1234);
        let xml = crate::report::render("junit", &results(test), "nonce").unwrap();
        let read: Vec<_> = cases(&xml).into_iter().map(|case| {
            let note = case.notes.into_iter().next();
            let (text, message) = note.map(|note| (note.text, note.message)).unwrap_or_default();
            (case.outcome, case.class.unwrap(), case.name, message.unwrap_or_default(), text.unwrap_or_default())
        }).collect();
        prop_assert!(!read.is_empty());
        prop_assert_eq!(read, other_reading(&xml));
    }
}

/// The results of a run with one target and one test.
fn results(test: TestCase) -> Results {
    let targets = vec![Report {
        target: "target".to_owned(),
        provider: "keploy".to_owned(),
        verdict: test.verdict,
        reason: None,
        problem: None,
        run: None,
        handle: None,
        tests: vec![test],
        warnings: Vec::new(),
        started_at_ms: 0,
        duration_ms: 1,
        queued_ms: None,
        location: None,
        set_aside: None,
    }];
    let policy = Policy {
        fail_on: vec![Verdict::Failed],
        allow_empty: false,
        exit_zero: false,
        flaky: false,
        new_only: false,
        signal: None,
    };
    Results {
        version: "0.1.0".to_owned(),
        started_at_ms: 0,
        duration_ms: 1,
        conclusion: conclude(&targets, &policy),
        targets,
    }
}

/// What the XML reader by itself makes of a document: outcome, class, name, message and text of each case.
fn other_reading(xml: &str) -> Vec<(Outcome, String, String, String, String)> {
    use quick_xml::XmlVersion;
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut cases = Vec::new();
    let mut is_note = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let value = |name: &str| {
                    let attribute = start.try_get_attribute(name).unwrap();
                    let value = attribute.map(|attribute| {
                        attribute
                            .normalized_value(XmlVersion::Implicit1_0)
                            .unwrap()
                            .into_owned()
                    });
                    value.unwrap_or_default()
                };
                let outcome = match start.name().into_inner() {
                    "failure" => Outcome::Failure,
                    "error" => Outcome::Error,
                    "skipped" => Outcome::Skipped,
                    name => {
                        if name == "testcase" {
                            let text = String::new();
                            let (class, name) = (value("classname"), value("name"));
                            cases.push((Outcome::Passed, class, name, text.clone(), text));
                        }
                        continue;
                    }
                };
                let case = cases.last_mut().unwrap();
                (case.0, case.3, is_note) = (outcome, value("message"), true);
            }
            Event::Text(text) if is_note => cases.last_mut().unwrap().4.push_str(&text),
            Event::GeneralRef(name) if is_note => {
                let reference = format!("&{};", &*name);
                let text = quick_xml::escape::unescape(&reference).unwrap();
                cases.last_mut().unwrap().4.push_str(&text);
            }
            Event::End(_) if is_note => {
                let text = &mut cases.last_mut().unwrap().4;
                *text = text.trim_matches(super::is_blank).to_owned();
                is_note = false;
            }
            Event::Eof => return cases,
            _ => {}
        }
    }
}
