//! A summary for people, as GitHub and GitLab show Markdown.
//!
//! GitHub drops a step summary of more than 1,048,576 bytes as a whole (`FileCommandManager.cs` of actions/runner). So it
//! stays below a limit by leaving out, in this order: the details of failures, from the last one on; the lines of
//! failures, from the last one on; the rows of any other list that takes more than its share. A part is there as a
//! whole or not at all, and what is left out is counted.

mod failures;

use super::clean::{inline, link};
use super::view::{counted, foremost, lasted, plural, targets, title, totals, trouble};
use crate::model::{Counts, Report, Results, TestCase, Verdict};
use crate::verdict::{effective, meaning};

/// How long the summary may be, in bytes, with some room to what GitHub allows.
const LIMIT: usize = 1_000_000;
/// How long a name may be, in characters.
const MAX_NAME: usize = 200;
/// How long a line of text may be, in characters.
const MAX_LINE: usize = 500;
/// How many of the slowest tests are listed.
const SLOWEST: usize = 5;
/// Room for the line that says what is left out, in bytes.
const NOTE: usize = 200;

/// Renders results as Markdown.
pub(super) fn render(results: &Results) -> String {
    within(results, LIMIT)
}

/// The summary in at most so many bytes, which must be enough for the heading and the notes.
fn within(results: &Results, limit: usize) -> String {
    let head = heading(results)
        + &list(
            TARGETS,
            &mut targets(results).map(|(report, _)| row(report)),
            limit * 4 / 10,
            "target",
        )
        + &list(
            "### Problems\n\n",
            &mut problems(results),
            limit * 2 / 10,
            "problem",
        );
    let tail = list(
        "### Warnings\n\n",
        &mut warnings(results),
        limit / 10,
        "warning",
    ) + &list(
        SLOW,
        &mut slowest(results).into_iter().map(slow_row),
        limit / 10,
        "test",
    );
    let failed = failures::section(results, limit.saturating_sub(head.len() + tail.len()));
    let text = head + &failed + &tail;
    text.trim_end().to_owned() + "\n"
}

const TARGETS: &str = "| | Target | Tests | Duration | Run |\n| --- | --- | --- | --- | --- |\n";
const SLOW: &str = "### Slowest tests\n\n| Duration | Test |\n| --- | --- |\n";

fn heading(results: &Results) -> String {
    let conclusion = &results.conclusion;
    let counts = totals(results);
    format!(
        "## {} Proctor: {}\n\nExit code {}: {}. {} in {}: {}, in {}.\n\n",
        mark(conclusion.verdict),
        conclusion.verdict,
        conclusion.exit_code,
        meaning(conclusion),
        plural(counts.total(), "test"),
        plural(results.targets.len(), "target"),
        counted(&counts),
        lasted(results.duration_ms),
    )
}

/// A sign that is told from the others without colour too.
const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✅",
        Verdict::Failed => "❌",
        Verdict::Errored => "💥",
        Verdict::Cancelled => "🛑",
        Verdict::TimedOut => "⏰",
        Verdict::Skipped => "⏭️",
        Verdict::Unknown => "❓",
    }
}

/// A heading with its rows, as many as fit; nothing if there are none.
fn list(heading: &str, rows: &mut dyn Iterator<Item = String>, room: usize, noun: &str) -> String {
    let mut text = heading.to_owned();
    let (mut any, mut left_out) = (false, 0);
    for row in rows {
        any = true;
        if left_out == 0 && text.len() + row.len() + NOTE <= room {
            text.push_str(&row);
        } else {
            left_out += 1;
        }
    }
    if !any {
        return String::new();
    }
    text.push('\n');
    if left_out > 0 {
        text.push_str(&format!(
            "_{} more not shown here._\n\n",
            plural(left_out, noun)
        ));
    }
    text
}

fn row(report: &Report) -> String {
    let verdict = effective(report);
    format!(
        "| {} {} | {} ({}) | {} | {} | {} |\n",
        mark(verdict),
        verdict,
        inline(&report.target, MAX_NAME),
        inline(&report.provider, MAX_NAME),
        counted(&Counts::of(&report.tests)),
        lasted(report.duration_ms),
        run(report),
    )
}

fn run(report: &Report) -> String {
    let Some(run) = &report.run else {
        return String::new();
    };
    let id = inline(&run.id, 40);
    match run.url.as_deref().and_then(link) {
        Some(url) => format!("[{id}]({url})"),
        None => id,
    }
}

/// What each target has to say beside its tests, as items of a list.
fn problems(results: &Results) -> impl Iterator<Item = String> {
    targets(results).filter_map(|(report, exit_code)| {
        let trouble = trouble(report, exit_code);
        let message = match (&report.problem, &trouble, &report.reason) {
            (Some(problem), _, _) => &problem.message,
            (None, Some(trouble), _) => trouble.message,
            (None, None, Some(reason)) => reason,
            (None, None, None) => return None,
        };
        let word = report.problem.as_ref().map_or_else(
            || trouble.as_ref().map_or("reason", |trouble| trouble.word),
            |problem| problem.code.name(),
        );
        let mut item = format!(
            "- **{}**, `{word}`: {}\n",
            inline(&report.target, MAX_NAME),
            inline(message, MAX_LINE)
        );
        for (label, text) in details(report, message) {
            item.push_str(&format!("  - {label}: {}\n", inline(text, MAX_LINE)));
        }
        Some(item)
    })
}

fn details<'a>(report: &'a Report, message: &str) -> Vec<(&'static str, &'a str)> {
    let reason = report.reason.as_deref().filter(|reason| *reason != message);
    let problem = report.problem.as_ref();
    let details = [
        ("Reason", reason),
        ("Who", problem.map(|problem| problem.who.as_str())),
        ("Next", problem.map(|problem| problem.next.as_str())),
        (
            "Request id",
            problem.and_then(|problem| problem.request_id.as_deref()),
        ),
    ];
    let mut told = Vec::new();
    for (label, text) in details {
        told.extend(text.map(|text| (label, text)));
    }
    told
}

fn warnings(results: &Results) -> impl Iterator<Item = String> {
    results.targets.iter().flat_map(|report| {
        let name = inline(&report.target, MAX_NAME);
        let lines = report.warnings.iter();
        lines.map(move |warning| format!("- **{name}**: {}\n", inline(warning, MAX_LINE)))
    })
}

/// The tests that took longest, the longest first; among equals the first one.
fn slowest(results: &Results) -> Vec<(u64, &Report, &TestCase)> {
    let tests = results
        .targets
        .iter()
        .flat_map(|report| report.tests.iter().map(move |test| (report, test)))
        .filter_map(|(report, test)| Some((test.duration_ms?, report, test)));
    foremost(tests, SLOWEST, |(ms, _, _)| std::cmp::Reverse(*ms))
}

fn slow_row((ms, report, test): (u64, &Report, &TestCase)) -> String {
    format!(
        "| {} | {} / {} |\n",
        lasted(ms),
        inline(&report.target, MAX_NAME),
        inline(&title(test), MAX_NAME)
    )
}

#[cfg(test)]
mod tests;
