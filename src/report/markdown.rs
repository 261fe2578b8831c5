//! A summary for people, as GitHub and GitLab show Markdown.
//!
//! GitHub drops a step summary of more than 1,048,576 bytes as a whole (`FileCommandManager.cs` of actions/runner), and
//! other commands of the step may have written to it before. So it keeps to the room that it is given. No list takes more
//! than its share: targets four tenths, problems two, warnings one, targets that were set aside one. What room is left after
//! them goes to the rest, and where it is not enough, this is left out, in this order:
//!
//! 1. the details of failures, from the last one on;
//! 2. the timeline;
//! 3. the slowest tests;
//! 4. the rows of tests that passed too late, and of those in quarantine, from the last one on;
//! 5. the rows of failures, from the last one on: those that were known, then those that are new.
//!
//! A part is there as a whole or not at all, and what is left out is told and counted at the end. Without room for the
//! verdict and that note there is no summary.

mod budget;
mod failures;
mod late;
mod timeline;

use self::budget::Budget;
use super::class::{Census, Class};
use super::clean::{inline, link};
use super::view::{foremost, has_begun, lasted, plural, remedy, targets, tests_of, title, trouble};
use crate::model::{Report, Results, TestCase, Verdict};
use crate::verdict::{effective, meaning};

/// How long the summary may be where nobody says how much room there is, in bytes: GitHub's limit with some to spare.
const LIMIT: usize = 1_000_000;
/// How long a name may be, in characters.
const MAX_NAME: usize = 200;
/// How long a line of text may be, in characters.
const MAX_LINE: usize = 500;
/// How many of the slowest tests are listed.
const SLOWEST: usize = 5;

/// Renders results as Markdown.
pub(super) fn render(results: &Results) -> String {
    within(results, LIMIT)
}

/// The summary in at most so many bytes; empty if they are too few for any.
pub(super) fn within(results: &Results, room: usize) -> String {
    let mut budget = Budget::new(room.min(LIMIT));
    let heading = budget.whole("the verdict", heading(results));
    if heading.is_empty() {
        return heading;
    }
    let all = budget.left();
    let lists = lists(results);
    // In the order of importance, so that what comes later has what room is left.
    let targets = budget.share(all * 4 / 10, TARGETS, &lists.rows, "target");
    let problems = budget.share(all * 2 / 10, PROBLEMS, &lists.problems, "problem");
    let warnings = budget.share(all / 10, WARNINGS, &lists.warnings, "warning");
    let set_aside = budget.share(
        all / 10,
        lists.aside.heading(),
        &lists.set_aside,
        "target set aside",
    );
    let tests = [
        (Class::New, failures::NEW, "new failure"),
        (Class::Failed, failures::HEADING, "failure"),
        (Class::Known, failures::KNOWN, "known failure"),
        (Class::Quarantined, late::QUARANTINE, "test in quarantine"),
        (Class::Flaky, late::FLAKY, "flaky test"),
    ];
    let tests =
        tests.map(|(class, heading, noun)| rows(&mut budget, results, class, heading, noun));
    let slowest = budget.whole("the slowest tests", slow(results));
    let timeline = budget.whole("the timeline", timeline::section(results));
    let failed: Vec<_> = super::view::failures(results).collect();
    let block = |number: usize| failures::block(failed[number].0, failed[number].1);
    let details = budget.first(failed.len(), &block, "details of ", "failure");
    let [new, other, known, quarantined, flaky] = tests;
    let parts = [
        heading,
        targets,
        problems,
        new,
        other,
        known,
        quarantined,
        flaky,
        set_aside,
        details,
        timeline,
        slowest,
        warnings,
        budget.note(),
    ];
    parts.concat().trim_end().to_owned() + "\n"
}

/// The tests of a class as a table.
fn rows(budget: &mut Budget, results: &Results, class: Class, heading: &str, noun: &str) -> String {
    let tests: Vec<_> = tests_of(results, class).collect();
    let make = match class {
        Class::Quarantined => late::quarantined,
        Class::Flaky => late::flaky,
        _ => failures::row,
    };
    budget.list(
        heading,
        tests.len(),
        &|number| make(tests[number].0, tests[number].1),
        noun,
    )
}

const TARGETS: &str = "| | Target | Tests | Duration | Run |\n| --- | --- | --- | --- | --- |\n";
const PROBLEMS: &str = "### Problems\n\n";
const WARNINGS: &str = "### Warnings\n\n";
const SLOW: &str = "### Slowest tests\n\n| Duration | Test |\n| --- | --- |\n";

/// What is told of targets, as items of lists.
#[derive(Default)]
struct Lists {
    rows: Vec<String>,
    problems: Vec<String>,
    set_aside: Vec<String>,
    aside: Aside,
    warnings: Vec<String>,
}

/// What became of the targets that were set aside.
#[derive(Default)]
struct Aside {
    left_out: bool,
    stopped: bool,
}

impl Aside {
    fn add(&mut self, report: &Report) {
        match has_begun(report) {
            true => self.stopped = true,
            false => self.left_out = true,
        }
    }

    const fn heading(&self) -> &'static str {
        match (self.left_out, self.stopped) {
            (true, true) => "### Left out or stopped\n\n",
            (false, true) => "### Stopped\n\n",
            (_, false) => "### Left out\n\n",
        }
    }
}

fn lists(results: &Results) -> Lists {
    let mut lists = Lists::default();
    for (report, exit_code) in targets(results) {
        lists.rows.push(row(report));
        let name = inline(&report.target, MAX_NAME);
        match (report.set_aside, trouble(report, exit_code)) {
            (Some(_), Some(trouble)) if trouble.verdict == Verdict::Skipped => {
                let message = inline(trouble.message, MAX_LINE);
                lists.set_aside.push(format!("- **{name}**: {message}\n"));
                lists.aside.add(report);
            }
            _ => lists.problems.extend(problem(report, exit_code)),
        }
        for warning in &report.warnings {
            let warning = inline(warning, MAX_LINE);
            lists.warnings.push(format!("- **{name}**: {warning}\n"));
        }
    }
    lists
}

fn heading(results: &Results) -> String {
    let conclusion = &results.conclusion;
    let census = Census::of(&results.targets);
    format!(
        "## {} Proctor: {}\n\nExit code {}: {}. {} in {}: {}, in {}.\n\n",
        mark(conclusion.verdict),
        conclusion.verdict,
        conclusion.exit_code,
        meaning(conclusion),
        plural(census.total(), "test"),
        plural(results.targets.len(), "target"),
        census.words(),
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

fn row(report: &Report) -> String {
    let verdict = effective(report);
    format!(
        "| {} {} | {} ({}) | {} | {} | {} |\n",
        mark(verdict),
        verdict,
        inline(&report.target, MAX_NAME),
        inline(&report.provider, MAX_NAME),
        Census::of(std::slice::from_ref(report)).words(),
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

/// What a target has to say beside its tests, as items of a list.
fn problem(report: &Report, exit_code: u8) -> Option<String> {
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
    for (label, text) in details(report, exit_code, message) {
        item.push_str(&format!("  - {label}: {}\n", inline(text, MAX_LINE)));
    }
    Some(item)
}

fn details<'a>(report: &'a Report, exit_code: u8, message: &str) -> Vec<(&'static str, &'a str)> {
    let reason = report.reason.as_deref().filter(|reason| *reason != message);
    let problem = report.problem.as_ref();
    let (who, next) = remedy(report, exit_code).unzip();
    let details = [
        ("Reason", reason),
        ("Who", who),
        ("Next", next),
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

/// The tests that took longest, the longest first; among equals the first one.
fn slow(results: &Results) -> String {
    let tests = results
        .targets
        .iter()
        .flat_map(|report| report.tests.iter().map(move |test| (report, test)))
        .filter_map(|(report, test)| Some((test.duration_ms?, report, test)));
    let slowest = foremost(tests, SLOWEST, |(ms, _, _)| std::cmp::Reverse(*ms));
    if slowest.is_empty() {
        return String::new();
    }
    let rows: String = slowest.into_iter().map(slow_row).collect();
    format!("{SLOW}{rows}\n")
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
