//! Annotations on GitHub, as workflow commands: `::error file=…,line=…,title=…::MESSAGE`.
//!
//! A step may have 10 errors and 10 warnings; what comes after is dropped without a word, and a message is cut at 4,096
//! characters (both in `ExecutionContext.cs` of actions/runner). So the worst come first, and if there are more, the
//! tenth says how many.

use super::clean::{cut_middle, link, log_text, one_line};
use super::view::{Trouble, failures, foremost, lasted, targets, title, trouble};
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

struct Note<'a> {
    /// The smaller, the worse. What ended a whole target comes before its tests.
    order: (bool, usize),
    location: Option<&'a Location>,
    title: String,
    message: String,
}

/// Renders the annotations.
pub(super) fn render(results: &Results) -> String {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for (report, exit_code) in targets(results) {
        if let Some(trouble) = trouble(report, exit_code) {
            let notes = if trouble.verdict == Verdict::Skipped {
                &mut warnings
            } else {
                &mut errors
            };
            notes.push(of_target(report, &trouble, exit_code));
        }
        for warning in &report.warnings {
            warnings.push(of_warning(report, warning));
        }
    }
    for (report, test) in failures(results) {
        errors.push(of_test(report, test));
    }
    if errors.is_empty() && results.conclusion.exit_code != 0 {
        errors.push(of_nothing(results));
    }
    commands("error", errors) + &commands("warning", warnings)
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
        order: (false, rank(exit_code)),
        location: report.location.as_ref(),
        title: format!("{}: {}", report.target, trouble.word.replace('_', " ")),
        message: joined(lines),
    }
}

fn of_test<'a>(report: &'a Report, test: &TestCase) -> Note<'a> {
    let mut lines = vec![match &test.message {
        Some(message) => message.clone(),
        None => format!("{} without a reason", test.verdict),
    }];
    lines.extend(
        test.expected
            .as_ref()
            .map(|text| format!("Expected: {text}")),
    );
    lines.extend(test.actual.as_ref().map(|text| format!("Actual: {text}")));
    lines.extend(test.duration_ms.map(|ms| format!("Took {}", lasted(ms))));
    lines.extend(test.url.as_deref().and_then(link));
    Note {
        order: (true, seriousness(test.verdict)),
        location: report.location.as_ref(),
        title: format!("{}: {} {}", report.target, title(test), test.verdict),
        message: joined(lines),
    }
}

fn of_warning<'a>(report: &'a Report, warning: &str) -> Note<'a> {
    Note {
        order: (true, 0),
        location: report.location.as_ref(),
        title: report.target.clone(),
        message: joined(vec![warning.to_owned()]),
    }
}

/// For a run that has nothing to show and still does not pass.
fn of_nothing(results: &Results) -> Note<'_> {
    Note {
        order: (false, 0),
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
                order: (true, 0),
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
    use crate::model::{TestCase, Verdict};
    use crate::report::sample::{many, report, results};
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
