//! Markdown: GitHub's own parser, and mermaid in a browser.

use proctor_test_support::consumers;
use serde_json::{Value, json};

use super::{Wanted, read_by, read_file_by, reader};
use crate::runner::SUMMARY_LIMIT;

/// All elements that a summary has.
const ELEMENTS: [&str; 19] = [
    "a", "code", "details", "em", "h2", "h3", "li", "p", "pre", "strong", "summary", "table",
    "tbody", "td", "th", "thead", "tr", "ul", "br",
];

pub fn judge(report: &str, wanted: &Wanted) {
    assert!(report.len() < SUMMARY_LIMIT);
    if let Some(mut python) = consumers::python("python") {
        python.arg(reader("markdown.py"));
        page(&read_file_by(python, "summary.md", report), wanted);
    }
}

fn texts<'a>(page: &'a Value, field: &str) -> Vec<&'a str> {
    let list = page[field].as_array().expect("a list");
    list.iter().filter_map(Value::as_str).collect()
}

fn page(page: &Value, wanted: &Wanted) {
    for element in texts(page, "elements") {
        assert!(ELEMENTS.contains(&element), "{element}");
    }
    for attribute in texts(page, "attributes") {
        assert!(["a href", "pre lang"].contains(&attribute), "{attribute}");
    }
    assert_eq!(page["unbalanced"], json!([]));
    for link in texts(page, "links") {
        // What is written as an address is one to GitHub too; where it leads stands there.
        let known = link.starts_with("https://x.test/")
            || link.starts_with("https://evil.test")
            || link.starts_with("http://127.0.0.1:");
        assert!(known || link.starts_with("mailto:"), "{link}");
    }
    let text = page["text"].as_str().expect("a text");
    let mention = text
        .split('@')
        .skip(1)
        .find(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    assert_eq!(mention, None, "somebody is mentioned");
    rows(page, wanted);
    let diagrams = texts(page, "mermaid");
    assert_eq!(diagrams.len(), usize::from(wanted.targets > 1));
    timeline(&diagrams);
}

/// Each failed test has a row, with its name and message as they are.
fn rows(page: &Value, wanted: &Wanted) {
    let rows: Vec<Vec<String>> = serde_json::from_value(page["rows"].clone()).expect("rows");
    let shown = |cell: &str| cell.replace('\u{200b}', "");
    let failures: Vec<(String, String)> = rows
        .iter()
        .skip_while(|row| row.get(1).is_none_or(|cell| cell != "Test"))
        .skip(1)
        .take_while(|row| row.len() == 5)
        .map(|row| (shown(&row[1]), shown(&row[2])))
        .collect();
    assert_eq!(failures.len(), wanted.failed.len(), "{rows:#?}");
    for (name, message) in &wanted.failed {
        let start: String = message.chars().take(100).collect();
        let found = failures
            .iter()
            .any(|(test, told)| test.ends_with(name.as_str()) && told.starts_with(&start));
        assert!(found, "{name}: {message}\n{failures:#?}");
    }
}

/// The timeline is drawn by mermaid as it was meant.
fn timeline(diagrams: &[&str]) {
    if diagrams.is_empty() {
        return;
    }
    let (Some(mut node), Some(browser)) = (
        consumers::node(&["mermaid", "playwright-core"]),
        consumers::program("chromium"),
    ) else {
        return;
    };
    node.arg(reader("mermaid.cjs")).arg(browser.get_program());
    let read = read_by(node, &json!(diagrams).to_string());
    assert_eq!(read["requests"], 0);
    for (diagram, text) in read["drawn"]
        .as_array()
        .expect("diagrams")
        .iter()
        .zip(diagrams)
    {
        assert_eq!(diagram["type"], "gantt");
        assert_eq!(diagram["foreign"], 0, "{text}");
        let tasks = diagram["tasks"].as_array().expect("tasks");
        let bars: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("    ")?.split_once(" :"))
            .map(|(bar, _)| bar)
            .collect();
        let found: Vec<&str> = tasks
            .iter()
            .filter_map(|task| Some(task["text"].as_str()?.trim_end()))
            .collect();
        assert!(bars.len() > 1);
        assert_eq!(found, bars);
        assert_eq!(diagram["bars"], bars.len());
        for task in tasks {
            assert_eq!(task["links"], 0);
            assert!(task["end"].as_u64() > task["start"].as_u64(), "{task}");
        }
    }
}
