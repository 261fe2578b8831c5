use std::collections::BTreeSet;

use html5gum::{Token, Tokenizer, emitters::default::DefaultEmitter};
use proptest::prelude::*;

use super::{SCRIPT, STYLE, digest, render};
use crate::model::{Results, TestCase, Verdict};
use crate::report::class::Class;
use crate::report::sample::{any_results, hostile, many, remarked, report, results, total, usual};

/// Elements that have no end.
const VOID: [&str; 5] = ["meta", "link", "br", "input", "img"];

/// What a page may consist of: the elements of its own code.
const ELEMENTS: [&str; 51] = [
    "a", "article", "b", "body", "br", "button", "code", "dd", "defs", "del", "details", "div",
    "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html", "i", "input",
    "ins", "kbd", "label", "li", "line", "link", "main", "meta", "ol", "option", "p", "path",
    "pattern", "pre", "rect", "script", "section", "select", "small", "span", "strong", "style",
    "summary", "svg", "template", "text",
];
const MORE_ELEMENTS: [&str; 4] = ["time", "title", "tspan", "ul"];

struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    /// The text within it, that of its elements included.
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(each, _)| each == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads a page as a browser does, as far as that can be told from its tokens; every element must be closed.
fn read(page: &str) -> Vec<Element> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                if !tag.self_closing && !VOID.contains(&name.as_str()) {
                    open.push(elements.len());
                }
                let attributes = tag.attributes.iter();
                elements.push(Element {
                    name,
                    attributes: attributes
                        .map(|(key, value)| (text(key), text(value)))
                        .collect(),
                    text: String::new(),
                });
            }
            Token::EndTag(tag) => {
                let last = open.pop().expect("an element is open");
                assert_eq!(elements[last].name, text(&tag.name));
            }
            Token::String(string) => {
                for each in &open {
                    elements[*each].text.push_str(&text(&string));
                }
            }
            Token::Doctype(_) => {}
            Token::Comment(_) => panic!("a page has no comments"),
            Token::Error(error) => panic!("a browser would object: {error:?}"),
        }
    }
    assert!(open.is_empty(), "every element is closed");
    elements
}

fn rows(elements: &[Element]) -> Vec<&Element> {
    elements
        .iter()
        .filter(|element| {
            element.name == "li"
                && element
                    .attribute("id")
                    .is_some_and(|id| id.starts_with('t'))
        })
        .collect()
}

/// Everything that must hold of any page.
fn sound(results: &Results) -> Vec<Element> {
    // Style and script are the same in every page; a test of their own reads them.
    let elements = read(&render(results).replace(STYLE, "").replace(SCRIPT, ""));
    for element in &elements {
        let name = element.name.as_str();
        assert!(
            ELEMENTS.contains(&name) || MORE_ELEMENTS.contains(&name),
            "<{name}>"
        );
        for (key, value) in &element.attributes {
            assert!(
                !key.starts_with("on") && key != "style" && key != "src",
                "{key}"
            );
            if key == "href" {
                let own = value
                    .strip_prefix("#t")
                    .is_some_and(|number| number.parse::<u32>().is_ok());
                let lower = value.to_lowercase();
                let web = lower.starts_with("https://") || lower.starts_with("http://");
                let icon = name == "link" && value.starts_with("data:image/svg+xml,");
                assert!(own || web && name == "a" || icon, "{value}");
            }
        }
    }
    for once in ["script", "style", "title", "main", "h1"] {
        let number = elements.iter().filter(|element| element.name == once);
        let own = number.filter(|element| once != "title" || element.text.ends_with("Proctor"));
        assert_eq!(own.count(), 1, "<{once}>");
    }
    let ids: Vec<&str> = elements
        .iter()
        .filter_map(|element| element.attribute("id"))
        .collect();
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "ids are unique"
    );
    assert_eq!(rows(&elements).len(), total(results));
    elements
}

#[test]
fn a_page_lets_nothing_in_but_its_own_style_and_script() {
    let elements = read(&render(&usual()));
    let policy = elements
        .iter()
        .find_map(|element| {
            element
                .attribute("http-equiv")
                .and(element.attribute("content"))
        })
        .expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'; img-src data:; "),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
    for (name, own) in [("style", STYLE), ("script", SCRIPT)] {
        let found = elements
            .iter()
            .find(|element| element.name == name)
            .unwrap();
        assert_eq!(
            found.text, own,
            "nothing in it ends it, or is read in another way"
        );
        assert!(policy.contains(&format!("{name}-src 'sha256-{}'", digest(own))));
        assert!(!own.contains('\r'), "a browser would read it otherwise");
        assert!(
            !own.contains("http://")
                || own.matches("http://").count() == own.matches("http://www.w3.org/").count()
        );
    }
}

#[test]
fn a_page_tells_what_to_do() {
    let page = render(&usual());
    for said in [
        "<strong>Exit code 5</strong>: the service refused the key or a permission.",
        "Who acts: <strong>whoever holds the key</strong>",
        "GET /apps: the service refused the key",
        "req-9",
        "the run held no suites",
        "the service sent a state that is not known: `rebooting`",
        "href=\"https://app.example.com/runs/17\">run-17</a>",
        "<dt>Next</dt><dd>look at the failed tests</dd>",
        "<del>- 201</del>\n<ins>+ 500</ins>",
        "href=\"https://app.example.com/files/answer.json\">answer.json</a>",
        "2 attempts",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn tests_that_share_a_name_are_told_apart() {
    let test = |name: &str| TestCase::new("suite", name, Verdict::Passed);
    let long = "x".repeat(400);
    let tests = vec![
        test("a"),
        test("b"),
        test(" a\n"),
        test(&format!("{long}1")),
        test(&format!("{long}2")),
    ];
    let page = read(&render(&results(vec![report(
        "api",
        Verdict::Passed,
        tests,
    )])));
    let seen: BTreeSet<&str> = rows(&page).iter().map(|row| row.text.as_str()).collect();
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert!(
        seen.iter()
            .any(|text| text.contains("a 2 of 2 with this name")),
        "{seen:?}"
    );
}

#[test]
fn what_did_not_go_well_comes_first_and_the_rest_waits() {
    let mut tests: Vec<TestCase> = (0..2_000)
        .map(|number| TestCase::new("", format!("test {number}"), Verdict::Passed))
        .collect();
    tests[1_500].verdict = Verdict::Unknown;
    let elements = sound(&results(vec![report("api", Verdict::Failed, tests)]));
    assert_eq!(rows(&elements)[0].attribute("id"), Some("t1501"));
    let waiting = elements
        .iter()
        .filter(|element| element.name == "template")
        .count();
    assert_eq!(waiting, 4, "1,800 rows, 500 together");
    let plain = |element: &&Element| element.attribute("id") == Some("plain");
    let notice = elements.iter().find(plain).unwrap();
    assert!(
        notice.text.contains("shows 200 of 2000 tests"),
        "{}",
        notice.text
    );
}

#[test]
fn details_are_left_out_from_the_last_row_on_when_there_are_too_many() {
    let page = render(&many(3_000, &"line\n".repeat(4_000)));
    assert!(page.len() < 30 << 20, "{}", page.len());
    let elements = read(&page);
    let rows = rows(&elements);
    assert_eq!(rows.len(), 3_000);
    let without = |row: &&Element| row.text.contains("are left out here");
    let first = rows.iter().position(without).expect("some are left out");
    assert!(first > 1_000 && rows[first..].iter().all(without));
    assert!(rows.iter().all(|row| row.text.contains("it broke")));
}

#[test]
fn texts_that_take_long_to_compare_stand_side_by_side() {
    let text = |word: &str| (0..8_000).map(|_| word).collect::<String>();
    let mut test = TestCase::new("", "t", Verdict::Failed);
    test.expected = Some(text("a\n"));
    test.actual = Some(text("b\n"));
    let page = render(&results(vec![report("api", Verdict::Failed, vec![test])]));
    assert!(page.contains("<h4>Expected</h4><pre>") && page.contains("<h4>Actual</h4><pre>"));
}

#[test]
fn hostile_text_is_text() {
    let elements = sound(&hostile());
    let name = rows(&elements)[0].text.clone();
    assert!(
        name.contains("<script>alert(1)</script>"),
        "it is shown as it came"
    );
    assert!(name.contains("/etc/passwd"), "what is no link is shown too");
}

#[test]
fn a_timeline_has_a_bounded_number_of_parts() {
    let tests = |number: u64| {
        (0..number).map(|at| {
            let mut test = TestCase::new("", format!("{at}"), Verdict::Passed);
            test.duration_ms = Some(u64::MAX - at);
            test
        })
    };
    let mut placed: Vec<TestCase> = tests(20_000).collect();
    for (at, test) in (0..).zip(&mut placed) {
        test.queued_ms = Some(at * 3);
        test.duration_ms = Some(30_000);
    }
    for tests in [tests(20_000).collect(), placed] {
        let elements = sound(&results(vec![report("api", Verdict::Passed, tests)]));
        let drawn = elements
            .iter()
            .filter(|element| element.name == "rect")
            .count();
        assert!((10..3_000).contains(&drawn), "{drawn}");
    }
}

#[test]
fn what_is_remarked_is_shown_and_can_be_asked_for() {
    let elements = sound(&remarked());
    let remarks: Vec<(&str, &str)> = rows(&elements)
        .iter()
        .map(|row| {
            let remark = row.attribute("data-remark").unwrap_or("-");
            (row.attribute("class").unwrap(), remark)
        })
        .collect();
    assert_eq!(
        remarks,
        [
            ("failed", "new"),
            ("timed-out", "-"),
            ("failed", "known"),
            ("failed", "quarantined"),
            ("cancelled", "left-out"),
            ("passed", "flaky"),
            ("passed", "flaky"),
            ("passed", "-"),
            ("passed", "-"),
        ]
    );
    let buttons: Vec<&str> = elements
        .iter()
        .filter(|element| element.name == "button")
        .filter_map(|button| button.attribute("value"))
        .collect();
    let asked = ["new", "known", "quarantined", "flaky", "left-out"];
    assert!(
        asked.iter().all(|word| buttons.contains(word)),
        "{buttons:?}"
    );
    let page = render(&remarked());
    assert!(page.contains("<h2 id=\"h-flaky\">Flaky tests</h2>"));
    assert!(page.contains("It is in quarantine until 2026-12-31: the coupon service moves"));
    assert!(page.contains("<dt>Left out</dt><dd>PAYMENTS_KEY is not set</dd>"));
    assert!(page.contains("<dt>Cancelled</dt><dd>another target had failed before</dd>"));
    let quiet = render(&many(3, "x"));
    assert!(!quiet.contains("id=\"h-flaky\"") && !quiet.contains("id=\"remarks\""));
}

proptest! {
    #[test]
    fn no_text_becomes_an_element(results in any_results()) {
        let elements = sound(&results);
        for (row, test) in rows(&elements).iter().zip(ordered(&results)) {
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            let wanted = bare(&crate::report::clean::one_line(&test.name, 300));
            prop_assert!(bare(&row.text).contains(&wanted), "{:?} in {:?}", wanted, row.text);
        }
    }
}

fn ordered(results: &Results) -> Vec<&TestCase> {
    let of_class = |class| {
        results.targets.iter().flat_map(move |report| {
            let tests = report.tests.iter();
            tests.filter(move |test| Class::of(report, test) == class)
        })
    };
    Class::ALL.into_iter().flat_map(of_class).collect()
}
