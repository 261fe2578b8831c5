//! What the host writes to a log: whatever was put in, no line of it is a command but those that are meant.

use proctor_host::bindings::proctor::ci::types::Location;
use proctor_host::ci::github;
use proctor_host::console::safe;
use proctor_host::secret::Secret;

use crate::runner::{self, Command};

/// The bytes are the text; its lines are taken for several texts where several are needed.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    line(&text);
    block(&text);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    failure(first, rest);
    group(&text);
    mask(&text);
}

fn line(text: &str) {
    let line = safe::line(text);
    assert!(!line.contains(['\n', '\r']), "{line:?}");
    assert!(line.chars().count() <= 2_100, "{line:?}");
    runner::obeys_nothing(&line);
    is_visible(&line);
    // It is printed behind a name or an indentation as well.
    runner::obeys_nothing(&format!("  {line}"));
}

fn block(text: &str) {
    let block = safe::block(text);
    runner::obeys_nothing(&block);
    is_visible(&block);
}

/// Nothing moves a terminal's cursor or turns its text around.
fn is_visible(text: &str) {
    let hostile = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(hostile), "{text:?}");
}

/// The only command of a text that has to be one.
fn only(text: &str) -> Command {
    let line = text.strip_suffix('\n').expect("a line");
    assert!(!line.contains(['\n', '\r']), "one line: {text:?}");
    runner::command(line).unwrap_or_else(|| panic!("{line:?} is no command"))
}

fn failure(first: &str, rest: &str) {
    let location = Location {
        file: first.to_owned(),
        line: 3,
    };
    for place in [None, Some(&location)] {
        let command = only(&github::failure(first, rest, place));
        assert_eq!(command.name, "error");
        let mut names: Vec<&str> = command
            .properties
            .iter()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(names.pop(), Some("title"), "{command:?}");
        assert_eq!(
            names.len(),
            if place.is_some() { 2 } else { 0 },
            "{command:?}"
        );
        runner::obeys_nothing(&command.data);
    }
}

fn group(text: &str) {
    let (begin, end) = github::group(text);
    let command = only(&begin);
    assert_eq!(
        (command.name.as_str(), command.properties.len()),
        ("group", 0)
    );
    assert_eq!(only(&end).name, "endgroup");
}

/// Each form of a key is one command, and the key itself is among what is masked.
fn mask(text: &str) {
    let commands = github::mask(&Secret::new(text));
    let mut masked = Vec::new();
    for line in commands.split_terminator('\n') {
        assert!(
            line.starts_with("::add-mask::") && !line.contains('\r'),
            "{line:?}"
        );
        masked.push(only(&format!("{line}\n")).data);
    }
    let first = text.lines().find(|line| !line.trim().is_empty());
    if let Some(line) = first.filter(|line| line.chars().all(|c| c.is_ascii_graphic())) {
        assert!(
            masked.iter().any(|masked| masked == line),
            "{line:?} is not in {masked:?}"
        );
    }
}
