//! What holds for every kind of report.

use proptest::prelude::*;

use super::sample::{HOSTILE, any_results, hostile, remarked, usual};
use super::{kinds, render};
use crate::model::{Results, Verdict};
use crate::report::clean::is_dangerous;

/// Reads a line as GitHub's runner does and returns the command in it, un-escaped.
///
/// Written after `ActionCommand.cs` of actions/runner: `::name properties::data` at the start of a line, else
/// `##[name properties]data` anywhere in it. Characters without width are left out, as in a comparison of texts there.
pub(super) fn command(line: &str) -> Option<Command> {
    let line: String = line
        .chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}'))
        .collect();
    if let Some((head, data)) = line
        .trim()
        .strip_prefix("::")
        .and_then(|rest| rest.split_once("::"))
    {
        return Some(Command::of(head, data, ','));
    }
    let (head, data) = line.split_once("##[")?.1.split_once(']')?;
    Some(Command::of(head, data, ';'))
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub name: String,
    pub properties: Vec<(String, String)>,
    pub data: String,
}

impl Command {
    fn of(head: &str, data: &str, separator: char) -> Self {
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let decode = |text: &str| {
            text.replace("%0D", "\r")
                .replace("%0A", "\n")
                .replace("%25", "%")
        };
        let properties = properties
            .split(separator)
            .filter_map(|each| each.split_once('='));
        Self {
            name: name.to_owned(),
            properties: properties
                .map(|(key, value)| {
                    (
                        key.to_owned(),
                        decode(&value.replace("%3A", ":").replace("%2C", ",")),
                    )
                })
                .collect(),
            data: decode(data),
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

#[test]
fn what_does_not_count_is_nobodys_task_at_once() {
    let shown = |excused: bool| {
        let mut results = remarked();
        let shop = &mut results.targets[0];
        shop.tests
            .retain(|test| test.quarantine.is_some() || test.verdict == Verdict::Passed);
        if !excused {
            shop.tests
                .iter_mut()
                .for_each(|test| test.quarantine = None);
        }
        results.conclusion.exit_codes[0] = u8::from(!excused);
        ["text", "markdown", "html"].map(|kind| render(kind, &results, "nonce").expect("a kind"))
    };
    let (task, none) = ("look at the failed tests", "none of it counts");
    for page in shown(true) {
        assert!(page.contains(none), "{page}");
    }
    for page in shown(false) {
        assert!(page.contains(task) && !page.contains(none), "{page}");
    }
}

#[test]
fn the_reader_of_commands_finds_what_is_hidden() {
    assert_eq!(
        lines(HOSTILE)
            .filter(|line| command(line).is_some())
            .count(),
        4
    );
    let found = command(" ::error file=a%3Ab,line=3::c%0Ad%2525").unwrap();
    assert_eq!(
        found.properties,
        [("file".into(), "a:b".into()), ("line".into(), "3".into())]
    );
    assert_eq!(
        (found.name.as_str(), found.data.as_str()),
        ("error", "c\nd%25")
    );
}

/// The report; a page without its style and script, which are files of their own, and without their digests.
fn reviewed(kind: &str, results: &Results) -> String {
    let mut text = render(kind, results, "n0nce").unwrap();
    if kind != "html" {
        return text;
    }
    for (start, end) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("style-src '", "'"),
        ("script-src '", "'"),
    ] {
        if let Some((before, rest)) = text.split_once(start) {
            let (_, after) = rest.split_once(end).expect("what begins ends");
            text = format!("{before}{start}{end}{after}");
        }
    }
    text
}

#[test]
fn reports_look_as_reviewed() {
    for kind in kinds() {
        insta::assert_snapshot!(
            format!("usual_{}", kind.name),
            reviewed(kind.name, &usual())
        );
    }
}

#[test]
fn what_is_told_apart_looks_as_reviewed() {
    for kind in kinds().iter().filter(|kind| kind.name != "json") {
        insta::assert_snapshot!(
            format!("remarked_{}", kind.name),
            reviewed(kind.name, &remarked())
        );
    }
}

#[test]
fn hostile_text_looks_as_reviewed() {
    let mut results = hostile();
    // The long text is for the tests that measure.
    for test in &mut results.targets[0].tests {
        if let Some(details) = &mut test.details {
            details.truncate(HOSTILE.len());
        }
    }
    for kind in kinds() {
        insta::assert_snapshot!(
            format!("hostile_{}", kind.name),
            reviewed(kind.name, &results)
        );
    }
}

#[test]
fn an_unknown_kind_is_told_with_those_that_exist() {
    let error = render("junut\n::x", &usual(), "").unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no report of the kind `junut ::x`: choose one of junit, json, markdown, html, \
         gitlab-codequality, gitlab-annotations, dotenv, warnings-ng, sarif, ctrf, github-annotations, github-outputs, text"
    );
}

#[test]
fn a_megabyte_of_text_is_cut() {
    for kind in kinds().iter().filter(|kind| kind.name != "json") {
        let text = render(kind.name, &hostile(), "n0nce").unwrap();
        assert!(text.len() < 300_000, "{}: {}", kind.name, text.len());
    }
}

proptest! {
    #[test]
    fn no_line_is_a_command(results in any_results()) {
        for kind in kinds().iter().filter(|kind| kind.name != "github-annotations") {
            let text = render(kind.name, &results, "n0nce").unwrap();
            let found = lines(&text).find(|line| command(line).is_some());
            prop_assert_eq!(found, None, "{}", kind.name);
        }
    }

    #[test]
    fn nothing_moves_the_cursor_or_reorders_text(results in any_results()) {
        for kind in kinds() {
            let text = render(kind.name, &results, "n0nce").unwrap();
            let found = text.chars().find(|c| !matches!(c, '\n' | '\t') && is_dangerous(*c));
            prop_assert_eq!(found, None, "{}", kind.name);
        }
    }

    #[test]
    fn annotations_are_errors_and_warnings_within_the_limits(results in any_results()) {
        let text = render("github-annotations", &results, "").unwrap();
        let commands: Vec<_> = text.lines().map(|line| command(line).expect("every line is a command")).collect();
        for kind in ["error", "warning", "notice"] {
            prop_assert!(commands.iter().filter(|command| command.name == kind).count() <= 10);
        }
        for command in &commands {
            prop_assert!(["error", "warning", "notice"].contains(&command.name.as_str()));
            prop_assert!(command.data.encode_utf16().count() <= 4096);
            let keys: Vec<&str> = command.properties.iter().map(|(key, _)| key.as_str()).collect();
            prop_assert!(keys == ["title"] || keys == ["file", "line", "title"], "{:?}", keys);
            // What the runner prints of a command is read by nobody as another one.
            prop_assert_eq!(lines(&command.data).find(|line| self::command(line).is_some()), None);
        }
        let errors = commands.iter().any(|command| command.name == "error");
        prop_assert!(errors || results.conclusion.exit_code == 0, "a failure is always shown");
    }

    #[test]
    fn outputs_are_read_back_as_written(results in any_results()) {
        let text = render("github-outputs", &results, "n0nce").unwrap();
        let mut lines = text.lines();
        let mut found = Vec::new();
        while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            found.push((name, value.join("\n")));
        }
        prop_assert_eq!(found.len(), 10);
        prop_assert_eq!(&found[0], &("verdict", results.conclusion.verdict.word().to_owned()));
        prop_assert_eq!(&found[1], &("exit-code", results.conclusion.exit_code.to_string()));
        let counted: usize = found[2..6].iter().map(|(_, value)| value.parse::<usize>().unwrap()).sum();
        prop_assert_eq!(counted, super::sample::total(&results));
        let part = |at: usize| found[at].1.parse::<usize>().unwrap();
        prop_assert!(part(7) <= part(2) && part(8) + part(9) <= part(3) + part(4));
        prop_assert!(found[6].1.is_empty() || found[6].1.to_lowercase().starts_with("http"));
    }
}
