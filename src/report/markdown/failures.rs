//! The tests that did not go well: each as a row of a table, and in full.

use super::{MAX_NAME, mark};
use crate::model::{Report, TestCase};
use crate::report::clean::{fenced, html, inline, link};
use crate::report::view::{self, lasted};

/// How long each text in a block may be, in bytes.
const MAX_TEXT: usize = 8 * 1024;
/// How long a message in a row may be, in characters. It stands in full with the details.
const MAX_CELL: usize = 160;
/// How many earlier attempts are told.
pub(super) const MAX_ATTEMPTS: usize = 5;
/// How long a message of a block may be, in characters.
const MAX_MESSAGE: usize = 500;

/// What stands above the rows of those that were well at the baseline.
pub(super) const NEW: &str = "### New failures\n\n| Target | Test | Message | Duration | Link |\n| --- | --- | --- | --- | --- |\n";
/// What stands above those that were not.
pub(super) const KNOWN: &str = "### Known failures\n\n| Target | Test | Message | Duration | Link |\n| --- | --- | --- | --- | --- |\n";
/// What stands above those of which nothing is known.
pub(super) const HEADING: &str = "### Failures\n\n| Target | Test | Message | Duration | Link |\n| --- | --- | --- | --- | --- |\n";

/// A failure as a row.
pub(super) fn row(report: &Report, test: &TestCase) -> String {
    let cell = |text: &str| inline(text, MAX_CELL);
    let url = test.url.as_deref().and_then(link);
    format!(
        "| {} | {} {} | {} | {} | {} |\n",
        inline(&report.target, MAX_NAME),
        mark(test.verdict),
        inline(&view::title(test), MAX_NAME),
        test.message
            .as_deref()
            .map_or_else(|| test.verdict.to_string(), cell),
        test.duration_ms.map(lasted).unwrap_or_default(),
        url.map(|url| format!("[open]({url})")).unwrap_or_default(),
    )
}

/// A failure in full.
pub(super) fn block(report: &Report, test: &TestCase) -> String {
    let duration = test.duration_ms.map(|ms| format!(" ({})", lasted(ms)));
    let mut text = format!(
        "<details><summary>{} {} / {}{}</summary>\n\n",
        mark(test.verdict),
        html(&report.target, MAX_NAME),
        html(&view::title(test), MAX_NAME),
        duration.unwrap_or_default()
    );
    match &test.message {
        Some(message) => text.push_str(&format!("Message: {}\n\n", inline(message, MAX_MESSAGE))),
        None => text.push_str(&format!(
            "The service says {} and gives no reason.\n\n",
            test.verdict
        )),
    }
    for (label, value) in [
        ("Expected", &test.expected),
        ("Actual", &test.actual),
        ("Details", &test.details),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("{label}:\n\n{}\n", fenced(value, MAX_TEXT)));
        }
    }
    text.push_str(&attempts(test));
    text.push_str(&links(test));
    text + "</details>\n\n"
}

/// What came of the test before it was run again.
fn attempts(test: &TestCase) -> String {
    let earlier = view::earlier(test);
    if earlier.is_empty() {
        return String::new();
    }
    let mut text = "Before:\n\n".to_owned();
    for (attempt, came) in earlier.iter().take(MAX_ATTEMPTS) {
        text.push_str(&format!("- {attempt}: {}\n", inline(came, MAX_MESSAGE)));
    }
    text + "\n"
}

/// Where to look at the test, as items of a list.
fn links(test: &TestCase) -> String {
    let own = test.url.iter().map(|url| ("open the test", url));
    let attached = test
        .attachments
        .iter()
        .map(|attachment| (attachment.name.as_str(), &attachment.url));
    let mut text = String::new();
    for (name, url) in own.chain(attached).take(20) {
        if let Some(url) = link(url) {
            text.push_str(&format!("- [{}]({url})\n", inline(name, MAX_NAME)));
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
