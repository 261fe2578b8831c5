//! Annotations on GitHub, as workflow commands: `::error file=…,line=…,title=…::MESSAGE`.
//!
//! What fails the step, or would, is an error. What was known before, and what passed too late, is a warning; what does
//! not count is a notice.
//!
//! A step may have 10 errors, 10 warnings and 10 notices; what comes after is dropped without a word, and a message is cut
//! at 4,096 characters (both in `ExecutionContext.cs` of actions/runner). So what is new comes first, then the worst, and
//! if there are more, the tenth says how many.

use super::class::Class;
use super::clean::{cut_middle, link, log_text, one_line};
use super::view::{
    Trouble, earlier, excuse, foremost, lasted, plural, targets, title, trouble, untold,
};
use crate::model::{Location, Report, Results, TestCase, Verdict};
use crate::verdict::{meaning, rank, seriousness};

/// How many annotations of a kind a step may have.
const MAX_NOTES: usize = 10;
/// How long a message may be, in UTF-16 code units, as the runner counts.
const MAX_MESSAGE: usize = 4096;
/// How long each text of a message may be, in bytes.
const MAX_TEXT: usize = 1024;
/// How long a title may be, in characters.
const MAX_TITLE: usize = 200;
/// How many earlier attempts of a test are told.
const MAX_ATTEMPTS: usize = 3;

struct Note<'a> {
    /// The smaller, the worse. What ended a whole target comes before its tests.
    order: (bool, Class, usize),
    location: Option<&'a Location>,
    title: String,
    message: String,
}

/// Renders the annotations.
pub(super) fn render(results: &Results) -> String {
    let mut notes = Notes::default();
    for (report, exit_code) in targets(results) {
        notes.target(report, exit_code);
        for test in &report.tests {
            notes.test(report, test);
        }
    }
    if notes.errors.is_empty() && results.conclusion.exit_code != 0 {
        notes.errors.push(of_nothing(results));
    }
    let kinds = [
        ("error", notes.errors),
        ("warning", notes.warnings),
        ("notice", notes.notices),
    ];
    let commands = kinds.map(|(kind, notes)| commands(kind, notes));
    commands.concat()
}

/// Annotations of each kind.
#[derive(Default)]
struct Notes<'a> {
    errors: Vec<Note<'a>>,
    warnings: Vec<Note<'a>>,
    notices: Vec<Note<'a>>,
}

impl<'a> Notes<'a> {
    /// What a target itself has to say.
    fn target(&mut self, report: &'a Report, exit_code: u8) {
        if let Some(trouble) = trouble(report, exit_code) {
            let notes = match trouble.verdict {
                Verdict::Skipped if report.set_aside.is_some() => &mut self.notices,
                Verdict::Skipped => &mut self.warnings,
                _ => &mut self.errors,
            };
            notes.push(of_target(report, &trouble, exit_code));
        }
        for warning in &report.warnings {
            self.warnings.push(of_warning(report, warning));
        }
    }

    fn test(&mut self, report: &'a Report, test: &TestCase) {
        let class = Class::of(report, test);
        let notes = match class {
            Class::New | Class::Failed => &mut self.errors,
            Class::Known | Class::Flaky => &mut self.warnings,
            Class::Quarantined => &mut self.notices,
            // The target's own notice says why.
            Class::LeftOut | Class::Quiet => return,
        };
        notes.push(of_test(report, test, class));
    }
}

fn of_target<'a>(report: &'a Report, trouble: &Trouble<'_>, exit_code: u8) -> Note<'a> {
    let mut lines = vec![trouble.message.to_owned()];
    if let Some(problem) = trouble.problem {
        lines.push(format!("Who: {}", problem.who));
        lines.push(format!("Next: {}", problem.next));
        lines.extend(
            problem
                .request_id
                .as_ref()
                .map(|id| format!("Request id: {id}")),
        );
    }
    let run = report.run.as_ref();
    lines.extend(run.and_then(|run| link(run.url.as_deref()?)));
    Note {
        order: (false, Class::Failed, rank(exit_code)),
        location: report.location.as_ref(),
        title: format!("{}: {}", report.target, trouble.word.replace('_', " ")),
        message: joined(lines),
    }
}

fn of_test<'a>(report: &'a Report, test: &TestCase, class: Class) -> Note<'a> {
    let mut lines = Vec::new();
    if class == Class::Flaky {
        lines.push(format!(
            "Passed after {}",
            plural(test.attempts as usize, "attempt")
        ));
    } else {
        lines.push(match &test.message {
            Some(message) => message.clone(),
            None => format!("{} without a reason", test.verdict),
        });
    }
    if let Some(quarantine) = test
        .quarantine
        .as_ref()
        .filter(|_| class == Class::Quarantined)
    {
        lines.push(format!("It is {}", excuse(quarantine)));
    }
    lines.extend(
        test.expected
            .as_ref()
            .map(|text| format!("Expected: {text}")),
    );
    lines.extend(test.actual.as_ref().map(|text| format!("Actual: {text}")));
    let before = earlier(test).into_iter().take(MAX_ATTEMPTS);
    lines.extend(before.map(|(attempt, came)| format!("Before, in {attempt}: {came}")));
    lines.extend(untold(test));
    lines.extend(test.duration_ms.map(|ms| format!("Took {}", lasted(ms))));
    lines.extend(test.url.as_deref().and_then(link));
    let word = match (class, class.remark()) {
        (Class::Flaky, _) => "flaky".to_owned(),
        (_, Some(remark)) => format!("{} ({remark})", test.verdict),
        (_, None) => test.verdict.to_string(),
    };
    Note {
        order: (true, class, seriousness(test.verdict)),
        location: report.location.as_ref(),
        title: format!("{}: {} {word}", report.target, title(test)),
        message: joined(lines),
    }
}

fn of_warning<'a>(report: &'a Report, warning: &str) -> Note<'a> {
    Note {
        order: (true, Class::New, 0),
        location: report.location.as_ref(),
        title: report.target.clone(),
        message: joined(vec![warning.to_owned()]),
    }
}

/// For a run that has nothing to show and still does not pass.
fn of_nothing(results: &Results) -> Note<'_> {
    Note {
        order: (false, Class::New, 0),
        location: None,
        title: format!("Proctor: {}", results.conclusion.verdict),
        message: meaning(&results.conclusion).to_owned(),
    }
}

fn joined(lines: Vec<String>) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| cut_middle(line, MAX_TEXT).into_owned())
        .collect();
    lines.join("\n")
}

/// The commands of one kind, the worst first, not more than may be.
fn commands(kind: &str, notes: Vec<Note<'_>>) -> String {
    let all = notes.len();
    let notes = foremost(notes, MAX_NOTES, |note| note.order);
    let shown = if all > MAX_NOTES { MAX_NOTES - 1 } else { all };
    let mut text = String::new();
    for note in &notes[..shown] {
        text.push_str(&command(kind, note));
    }
    if all > shown {
        let more = all - shown;
        text.push_str(&command(
            kind,
            &Note {
                order: (true, Class::Quiet, 0),
                location: notes[shown].location,
                title: format!("Proctor: {more} more"),
                message: format!("{more} more {kind}s are not shown here: read them in the summary and the results"),
            },
        ));
    }
    text
}

fn command(kind: &str, note: &Note<'_>) -> String {
    let mut properties = Vec::new();
    if let Some(location) = note.location {
        properties.push(format!("file={}", property(&location.file)));
        properties.push(format!("line={}", location.line));
    }
    properties.push(format!("title={}", property(&note.title)));
    let message = data(&limited(&log_text(&note.message)));
    format!("::{kind} {}::{message}\n", properties.join(","))
}

/// The text up to the length at which the runner cuts it.
fn limited(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= MAX_MESSAGE
        })
        .collect()
}

/// Escapes the data of a command. Source: `ActionCommand.cs` of actions/runner, as for [`property`].
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property, on one line and without what the runner reads anywhere in a line.
fn property(text: &str) -> String {
    let line = log_text(&one_line(text, MAX_TITLE));
    data(&line).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{MAX_MESSAGE, limited, render};
    use crate::model::{Quarantine, Standing, TestCase, Verdict};
    use crate::report::sample::{many, remarked, report, results};
    use crate::report::tests::{Command, command};

    fn errors(text: &str) -> Vec<Command> {
        let commands = text.lines().map(|line| command(line).unwrap());
        commands.filter(|command| command.name == "error").collect()
    }

    #[test]
    fn the_tenth_counts_the_rest() {
        assert_eq!(errors(&render(&many(10, "x")))[9].data, "it broke");
        let errors = errors(&render(&many(25, "x")));
        assert_eq!(errors.len(), 10);
        assert_eq!(errors[8].data, "it broke");
        assert_eq!(
            errors[9].data,
            "16 more errors are not shown here: read them in the summary and the results"
        );
    }

    #[test]
    fn warnings_are_counted_apart() {
        let mut quiet = report(
            "api",
            Verdict::Passed,
            vec![TestCase::new("", "t", Verdict::Passed)],
        );
        quiet.warnings = (0..12).map(|number| format!("warning {number}")).collect();
        let text = render(&results(vec![quiet]));
        assert_eq!(text.lines().count(), 10);
        assert!(text.lines().all(|line| line.starts_with("::warning ")));
        assert!(text.lines().last().unwrap().contains("3 more warnings"));
    }

    #[test]
    fn the_worst_come_first() {
        let tests = [
            Verdict::Failed,
            Verdict::Cancelled,
            Verdict::Errored,
            Verdict::TimedOut,
        ];
        let tests = tests.map(|verdict| TestCase::new("", "t", verdict).because(verdict.word()));
        let text = render(&results(vec![report(
            "api",
            Verdict::Failed,
            tests.to_vec(),
        )]));
        let order: Vec<String> = errors(&text)
            .into_iter()
            .map(|command| command.data)
            .collect();
        assert_eq!(order, ["errored", "timed-out", "cancelled", "failed"]);
    }

    #[test]
    fn what_is_new_comes_first_and_what_does_not_count_is_no_error() {
        let text = render(&remarked());
        let told: Vec<(String, String)> = text
            .lines()
            .map(|line| {
                let command = command(line).unwrap();
                let title = &command.properties.last().unwrap().1;
                (command.name, title.clone())
            })
            .collect();
        let told: Vec<(&str, &str)> = told
            .iter()
            .map(|(name, title)| (name.as_str(), title.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("error", "shop: cart / adds an item failed (new)"),
                ("error", "shop: warm-up timed-out"),
                ("warning", "shop: cart / removes an item failed (known)"),
                ("warning", "shop: cart / counts items flaky"),
                ("warning", "shop: cart / is empty at first flaky"),
                ("notice", "payments: missing-key"),
                ("notice", "slow: fail-fast"),
                (
                    "notice",
                    "shop: cart / applies a coupon failed (in quarantine)"
                ),
            ]
        );
        assert!(text.contains("::Passed after 3 attempts%0ABefore, in attempt 1: timed-out (30s)"));
        assert!(
            text.contains("%0AIt is in quarantine until 2026-12-31: the coupon service moves\n")
        );
    }

    #[test]
    fn every_kind_has_a_budget_of_its_own() {
        let mut results = many(36, "x");
        for (number, test) in results.targets[0].tests.iter_mut().enumerate() {
            match number % 3 {
                0 => test.standing = Some(Standing::New),
                1 => test.standing = Some(Standing::Known),
                _ => {
                    test.quarantine = Some(Quarantine {
                        reason: "r".to_owned(),
                        until: "2026-12-31".to_owned(),
                    });
                }
            }
        }
        let text = render(&results);
        for kind in ["error", "warning", "notice"] {
            let mut lines = text
                .lines()
                .filter(|line| line.starts_with(&format!("::{kind} ")));
            assert_eq!(lines.clone().count(), 10, "{kind}");
            let last = lines.next_back().unwrap();
            assert!(
                last.contains(&format!("::3 more {kind}s are not shown here")),
                "{last}"
            );
        }
    }

    #[test]
    fn a_message_is_cut_where_the_runner_counts() {
        let long = "𝄞".repeat(MAX_MESSAGE);
        assert_eq!(limited(&long).encode_utf16().count(), MAX_MESSAGE);
        assert_eq!(
            limited(&format!("x{long}")).encode_utf16().count(),
            MAX_MESSAGE - 1
        );
    }

    #[test]
    fn a_run_without_targets_is_not_silent() {
        let text = render(&results(Vec::new()));
        assert_eq!(text, "::error title=Proctor%3A skipped::no tests ran\n");
    }
}
