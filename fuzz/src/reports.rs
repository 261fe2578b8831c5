//! Reports of results in which every text may be hostile.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arbitrary::Unstructured;
use proctor::model::Results;
use proctor::report::{self, kinds};
use serde_json::Value;

use crate::sample::Maker;
use crate::{markup, runner, sample};

/// By which a delimiter is made that nobody can foresee; here everybody can.
const NONCE: &str = "n0nce";

/// The bytes stand for results.
pub fn run(data: &[u8]) {
    if let Some(results) = sample::results(data) {
        all(&results);
    }
}

/// Makes every kind of report, and reads each as those do for whom it is made.
pub fn all(results: &Results) {
    for kind in kinds() {
        let text = report::render(kind.name, results, NONCE).expect("it is one of the kinds");
        if kind.name == "github-annotations" {
            annotations(&text);
        } else {
            runner::obeys_nothing(&text);
        }
        match kind.name {
            "html" => page(&text),
            "markdown" => markup::markdown(&text),
            "dotenv" => variables(&text),
            "github-outputs" => outputs(&text),
            "json" | "gitlab-codequality" | "gitlab-annotations" | "warnings-ng" | "sarif"
            | "ctrf" => {
                let read: Result<Value, _> = serde_json::from_str(&text);
                assert!(read.is_ok(), "{}: {text}", kind.name);
            }
            _ => {}
        }
        is_visible(&text);
    }
}

/// Nothing in a report moves a terminal's cursor or turns its text around.
fn is_visible(text: &str) {
    let hostile = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(hostile), "{text:?}");
}

/// The style and the script of every page, which need not be read each time.
static OWN: LazyLock<[String; 2]> = LazyLock::new(|| {
    let nothing = Maker::new(&mut Unstructured::new(&[])).results();
    let page = report::render("html", &nothing.expect("no bytes are results, too"), NONCE);
    let page = page.expect("there is this kind");
    ["style", "script"].map(|name| {
        let (_, rest) = page.split_once(&format!("<{name}>")).expect("its start");
        let (own, _) = rest.split_once(&format!("</{name}>")).expect("its end");
        own.to_owned()
    })
});

/// The page has one script and one style, which are its own.
fn page(text: &str) {
    let rest = OWN
        .iter()
        .fold(text.to_owned(), |text, own| text.replacen(own, "", 1));
    assert!(rest.contains("<style></style>") && rest.contains("<script></script>"));
    let elements = markup::page(&rest);
    for once in ["html", "head", "body", "script", "style", "main"] {
        assert_eq!(elements.get(once), Some(&1), "<{once}>");
    }
}

/// Each line is an annotation, and there are not more than a step may have.
fn annotations(text: &str) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines() {
        let command = runner::command(line).unwrap_or_else(|| panic!("{line:?} is no command"));
        let known = ["file", "line", "title"];
        let properties = &command.properties;
        assert!(
            properties
                .iter()
                .all(|(key, _)| known.contains(&key.as_str())),
            "{line:?}"
        );
        assert_eq!(
            properties.iter().filter(|(key, _)| key == "title").count(),
            1,
            "{line:?}"
        );
        runner::obeys_nothing(&command.data);
        *counts.entry(command.name).or_default() += 1;
    }
    assert!(!runner::lines(text).any(|line| line.contains("##[")));
    for (name, count) in counts {
        assert!(
            ["error", "warning", "notice"].contains(&name.as_str()) && count <= 10,
            "{count} of {name}"
        );
    }
}

/// GitLab's file of variables: `NAME=VALUE`, with nothing in a value that it reads as more.
fn variables(text: &str) {
    assert!(text.len() < 5 * 1024 && text.lines().count() <= 20);
    for line in text.lines() {
        let (name, value) = line
            .split_once('=')
            .unwrap_or_else(|| panic!("{line:?} is no variable"));
        assert!(
            name.starts_with("PROCTOR_")
                && name
                    .bytes()
                    .all(|byte| byte == b'_' || byte.is_ascii_uppercase())
        );
        assert!(
            value
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"$\"'`\\".contains(&byte)),
            "{line:?}"
        );
    }
}

/// The file of outputs, read as the runner reads it: `NAME<<DELIMITER`, lines, and the delimiter alone on one.
fn outputs(text: &str) {
    let mut names = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line
            .split_once("<<")
            .unwrap_or_else(|| panic!("{line:?} in {text:?}"));
        names.push(name);
        assert!(
            lines.any(|line| line == delimiter),
            "{name} is not closed: {text:?}"
        );
    }
    assert_eq!(
        names,
        [
            "verdict",
            "exit-code",
            "passed",
            "failed",
            "errored",
            "skipped",
            "run-url",
            "flaky",
            "new",
            "quarantined"
        ]
    );
}
