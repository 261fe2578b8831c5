//! The tests that did not go well: in full as far as there is room, then as one line each.

use super::{MAX_LINE, MAX_NAME, NOTE, mark};
use crate::model::{Report, Results, TestCase};
use crate::report::clean::{fenced, html, inline, link};
use crate::report::view::{self, lasted, plural};

/// How long each text in a block may be, in bytes.
const MAX_TEXT: usize = 8 * 1024;

const HEADING: &str = "### Failures\n\n";

/// The section in at most so many bytes; nothing if all went well.
pub(super) fn section(results: &Results, room: usize) -> String {
    let failures: Vec<(&Report, &TestCase)> = view::failures(results).collect();
    if failures.is_empty() {
        return String::new();
    }
    let room = room.saturating_sub(HEADING.len() + 2 * NOTE);
    let lines: Vec<String> = failures
        .iter()
        .map(|(report, test)| line(report, test))
        .collect();
    let shown = fitting(lines.iter().map(String::len), room);
    let used: usize = lines[..shown].iter().map(String::len).sum();
    // Details are given only when every failure has at least its line.
    let spare = if shown == lines.len() { room - used } else { 0 };
    let blocks = blocks(&failures, spare);
    let mut text = HEADING.to_owned() + &blocks.concat();
    if blocks.len() < shown {
        text.push_str(&lines[blocks.len()..shown].concat());
        text.push('\n');
    }
    text + &left_out(shown - blocks.len(), lines.len() - shown)
}

/// How many of the first lengths fit.
fn fitting(lengths: impl Iterator<Item = usize>, room: usize) -> usize {
    lengths
        .scan(0, |sum, length| {
            *sum += length;
            Some(*sum)
        })
        .take_while(|sum| *sum <= room)
        .count()
}

/// The blocks of the first failures, as many as fit.
fn blocks(failures: &[(&Report, &TestCase)], room: usize) -> Vec<String> {
    let mut left = room;
    let all = failures.iter().map(|(report, test)| block(report, test));
    all.map_while(|block| {
        left = left.checked_sub(block.len())?;
        Some(block)
    })
    .collect()
}

fn left_out(details: usize, entirely: usize) -> String {
    let mut text = String::new();
    if details > 0 {
        text.push_str(&format!(
            "_Details of {} not shown here._\n\n",
            plural(details, "failure")
        ));
    }
    if entirely > 0 {
        text.push_str(&format!(
            "_{} more not shown here._\n\n",
            plural(entirely, "failure")
        ));
    }
    text
}

fn line(report: &Report, test: &TestCase) -> String {
    let message = test
        .message
        .as_deref()
        .map(|text| format!(": {}", inline(text, MAX_LINE)));
    format!(
        "- {} {} / {}{}{}\n",
        mark(test.verdict),
        inline(&report.target, MAX_NAME),
        inline(&view::title(test), MAX_NAME),
        duration(test),
        message.unwrap_or_default()
    )
}

fn duration(test: &TestCase) -> String {
    test.duration_ms
        .map(|ms| format!(" ({})", lasted(ms)))
        .unwrap_or_default()
}

fn block(report: &Report, test: &TestCase) -> String {
    let mut text = format!(
        "<details><summary>{} {} / {}{}</summary>\n\n",
        mark(test.verdict),
        html(&report.target, MAX_NAME),
        html(&view::title(test), MAX_NAME),
        duration(test)
    );
    match &test.message {
        Some(message) => text.push_str(&format!("Message: {}\n\n", inline(message, MAX_LINE))),
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
    text.push_str(&links(test));
    text + "</details>\n\n"
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
