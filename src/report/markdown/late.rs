//! The tests whose trouble does not count, and those that passed too late: each as a row of a table.

use super::failures::MAX_ATTEMPTS;
use super::{MAX_NAME, mark};
use crate::model::{Report, TestCase};
use crate::report::clean::inline;
use crate::report::view::{self, earlier, untold};

/// How long a text in a row may be, in characters.
const MAX_CELL: usize = 160;

/// What stands above the rows of tests in quarantine.
pub(super) const QUARANTINE: &str = "### In quarantine\n\nThese went wrong, and are set not to count.\n\n| Target | Test | Message | Until | Reason |\n| --- | --- | --- | --- | --- |\n";

/// What stands above the rows of tests that passed too late.
pub(super) const FLAKY: &str = "### Flaky tests\n\nThese passed, but only when they were run again.\n\n| Target | Test | Attempts | Before |\n| --- | --- | --- | --- |\n";

/// A test in quarantine as a row.
pub(super) fn quarantined(report: &Report, test: &TestCase) -> String {
    let (until, reason) = test
        .quarantine
        .as_ref()
        .map(|quarantine| (quarantine.until.as_str(), quarantine.reason.as_str()))
        .unwrap_or_default();
    format!(
        "| {} | {} {} | {} | {} | {} |\n",
        inline(&report.target, MAX_NAME),
        mark(test.verdict),
        inline(&view::title(test), MAX_NAME),
        inline(
            test.message.as_deref().unwrap_or(test.verdict.word()),
            MAX_CELL
        ),
        inline(until, MAX_NAME),
        inline(reason, MAX_CELL),
    )
}

/// A test that passed too late as a row.
pub(super) fn flaky(report: &Report, test: &TestCase) -> String {
    let earlier = earlier(test);
    let before: Vec<String> = earlier
        .iter()
        .take(MAX_ATTEMPTS)
        .map(|(attempt, came)| format!("{attempt}: {}", inline(came, MAX_CELL)))
        .chain(untold(test))
        .collect();
    format!(
        "| {} | {} {} | {} | {} |\n",
        inline(&report.target, MAX_NAME),
        mark(test.verdict),
        inline(&view::title(test), MAX_NAME),
        test.attempts,
        before.join("; "),
    )
}
