//! Plain text for terminals and logs: no colours, no control characters, no line that a runner takes for a command.

use super::class::{Census, Class};
use super::clean::{cut_middle, link, log_line, log_text, one_line};
use super::view::{
    Trouble, earlier, excuse, has_begun, lasted, plural, remedy, targets, title, trouble, untold,
};
use crate::model::{Report, Results, TestCase};
use crate::verdict::{effective, meaning};

/// How many tests of one target are told in full: of those that did not go well, and of those that passed too late.
const MAX_TESTS: usize = 100;
/// How many earlier attempts of a test are told.
const MAX_ATTEMPTS: usize = 5;
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
    let census = Census::of(&results.targets);
    let conclusion = &results.conclusion;
    page.line(
        0,
        &format!(
            "{}, {}: {} in {}: {}, exit code {} ({})",
            plural(results.targets.len(), "target"),
            plural(census.total(), "test"),
            census.words(),
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
            Census::of(std::slice::from_ref(report)).words(),
            lasted(report.duration_ms),
            run.map(|url| format!("  {url}")).unwrap_or_default(),
        ),
    );
    let failed = [
        Class::New,
        Class::Failed,
        Class::Known,
        Class::Quarantined,
        Class::LeftOut,
    ];
    tests(page, report, &failed);
    tests(page, report, &[Class::Flaky]);
    outcome(page, report, exit_code);
    for warning in &report.warnings {
        page.labelled(2, "warning: ", warning);
    }
}

/// The tests of these classes, one class after the other, up to a limit.
fn tests(page: &mut Page, report: &Report, classes: &[Class]) {
    let mut told = 0;
    let mut more = 0;
    for class in classes {
        for test in &report.tests {
            if Class::of(report, test) != *class {
                continue;
            }
            if told < MAX_TESTS {
                told += 1;
                self::test(page, test, *class);
            } else {
                more += 1;
            }
        }
    }
    if more > 0 {
        page.line(2, &format!("… and {more} more, which are in the results"));
    }
}

/// What the target itself has to say.
fn outcome(page: &mut Page, report: &Report, exit_code: u8) {
    let own = trouble(report, exit_code);
    if let (
        Some(_),
        Some(Trouble {
            problem: None,
            message,
            ..
        }),
    ) = (report.set_aside, &own)
    {
        let label = match has_begun(report) {
            true => "cancelled: ",
            false => "left out: ",
        };
        page.labelled(2, label, message);
        return;
    }
    if let Some(problem) = &report.problem {
        page.labelled(2, &format!("{}: ", problem.code.name()), &problem.message);
        if let Some((who, next)) = remedy(report, exit_code) {
            page.labelled(4, "who: ", who);
            page.labelled(4, "next: ", next);
        }
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

fn test(page: &mut Page, test: &TestCase, class: Class) {
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
    let (word, mark) = match class {
        Class::Flaky => ("flaky", String::new()),
        _ => {
            let mark = class.remark().map(|remark| format!(" [{remark}]"));
            (test.verdict.word(), mark.unwrap_or_default())
        }
    };
    page.line(2, &format!("{word:<9}  {name}{duration}{attempts}{mark}"));
    if let Some(quarantine) = test
        .quarantine
        .as_ref()
        .filter(|_| class == Class::Quarantined)
    {
        page.line(4, &one_line(&excuse(quarantine), MAX_LINE));
    }
    for (label, text) in [
        ("", &test.message),
        ("expected: ", &test.expected),
        ("actual:   ", &test.actual),
    ] {
        if let Some(text) = text {
            page.labelled(4, label, text);
        }
    }
    attempts_of(page, test);
    if let Some(url) = test.url.as_deref().and_then(link) {
        page.line(4, &url);
    }
}

/// What came of a test before it was run again.
fn attempts_of(page: &mut Page, test: &TestCase) {
    let earlier = earlier(test);
    for (attempt, came) in earlier.iter().take(MAX_ATTEMPTS) {
        page.labelled(4, &format!("{attempt}: "), came);
    }
    if earlier.len() > MAX_ATTEMPTS {
        let more = plural(earlier.len() - MAX_ATTEMPTS, "more attempt");
        page.line(4, &format!("… and {more}, which are in the results"));
    }
    if let Some(untold) = untold(test) {
        page.line(4, &untold);
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
