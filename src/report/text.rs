//! Plain text for terminals and logs: no colours, no control characters, no line that a runner takes for a command.

use super::clean::{cut_middle, link, log_line, log_text, one_line};
use super::view::{counted, lasted, plural, targets, title, totals, trouble};
use crate::model::{Counts, Report, Results, TestCase};
use crate::verdict::{effective, is_trouble, meaning};

/// How many tests of one target are told in full.
const MAX_TESTS: usize = 100;
/// How long a text may be, in bytes.
const MAX_TEXT: usize = 4096;
/// How long a name or a line may be, in characters.
const MAX_LINE: usize = 300;

/// Renders results as text.
pub(super) fn render(results: &Results) -> String {
    let mut page = Page::default();
    for (report, exit_code) in targets(results) {
        target(&mut page, report, exit_code);
    }
    let counts = totals(results);
    let conclusion = &results.conclusion;
    page.line(
        0,
        &format!(
            "{}, {}: {} in {}: {}, exit code {} ({})",
            plural(results.targets.len(), "target"),
            plural(counts.total(), "test"),
            counted(&counts),
            lasted(results.duration_ms),
            conclusion.verdict,
            conclusion.exit_code,
            meaning(conclusion),
        ),
    );
    page.0
}

fn target(page: &mut Page, report: &Report, exit_code: u8) {
    let run = report
        .run
        .as_ref()
        .and_then(|run| link(run.url.as_deref()?));
    page.line(
        0,
        &format!(
            "{:<9}  {} ({}): {} in {}{}",
            effective(report),
            one_line(&report.target, MAX_LINE),
            one_line(&report.provider, MAX_LINE),
            counted(&Counts::of(&report.tests)),
            lasted(report.duration_ms),
            run.map(|url| format!("  {url}")).unwrap_or_default(),
        ),
    );
    let failed: Vec<&TestCase> = report
        .tests
        .iter()
        .filter(|test| is_trouble(test.verdict))
        .collect();
    for each in failed.iter().take(MAX_TESTS) {
        test(page, each);
    }
    if failed.len() > MAX_TESTS {
        page.line(
            2,
            &format!(
                "… and {} more, which are in the results",
                failed.len() - MAX_TESTS
            ),
        );
    }
    outcome(page, report, exit_code);
    for warning in &report.warnings {
        page.labelled(2, "warning: ", warning);
    }
}

/// What the target itself has to say.
fn outcome(page: &mut Page, report: &Report, exit_code: u8) {
    let own = trouble(report, exit_code);
    if let Some(problem) = &report.problem {
        page.labelled(2, &format!("{}: ", problem.code.name()), &problem.message);
        page.labelled(4, "who: ", &problem.who);
        page.labelled(4, "next: ", &problem.next);
        if let Some(id) = &problem.request_id {
            page.labelled(4, "request id: ", id);
        }
    } else if let Some(trouble) = &own {
        page.labelled(2, &format!("{}: ", trouble.word), trouble.message);
    }
    let said = report
        .problem
        .as_ref()
        .map(|problem| problem.message.as_str());
    let said = said.or(own.as_ref().map(|trouble| trouble.message));
    if let Some(reason) = report
        .reason
        .as_deref()
        .filter(|reason| Some(*reason) != said)
    {
        page.labelled(2, "reason: ", reason);
    }
}

fn test(page: &mut Page, test: &TestCase) {
    let duration = test
        .duration_ms
        .map(|ms| format!(" ({})", lasted(ms)))
        .unwrap_or_default();
    let attempts = if test.attempts > 1 {
        format!(" after {} attempts", test.attempts)
    } else {
        String::new()
    };
    let name = one_line(&title(test), MAX_LINE);
    page.line(
        2,
        &format!("{:<9}  {name}{duration}{attempts}", test.verdict),
    );
    for (label, text) in [
        ("", &test.message),
        ("expected: ", &test.expected),
        ("actual:   ", &test.actual),
    ] {
        if let Some(text) = text {
            page.labelled(4, label, text);
        }
    }
    if let Some(url) = test.url.as_deref().and_then(link) {
        page.line(4, &url);
    }
}

/// Lines, each neutralised when it is added.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let line = log_line(&format!("{:indent$}{text}", ""));
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    /// A text behind a label; its further lines stand below its first one.
    fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        let text = log_text(&cut_middle(text, MAX_TEXT));
        for (number, line) in text.trim_end().split('\n').enumerate() {
            if number == 0 {
                self.line(indent, &format!("{label}{line}"));
            } else {
                self.line(indent + label.chars().count(), line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TESTS, render};
    use crate::report::sample::many;

    #[test]
    fn a_log_is_not_flooded() {
        let text = render(&many(MAX_TESTS + 5, "x"));
        assert_eq!(text.matches("it broke").count(), MAX_TESTS);
        assert!(text.contains("\n  … and 5 more, which are in the results\n"));
        assert!(text.ends_with(
            "1 target, 105 tests: 105 failed in 4m 05s: failed, exit code 1 (a test failed)\n"
        ));
    }
}
