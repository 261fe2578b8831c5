//! GitHub's runner: annotations as commands in the log, held against GitHub's own package; outputs as a file.

use proctor_test_support::consumers;
use serde_json::json;

use super::{Wanted, logged, logged_first, piped, reader};
use crate::runner::{Command, commands, pairs};

/// How many annotations of each kind a step may have (`ExecutionContext.cs` of actions/runner).
const MOST: usize = 10;

pub fn annotations(report: &str, wanted: &Wanted) {
    let found = commands(report);
    assert_eq!(
        found.len(),
        report.lines().count(),
        "every line is a command"
    );
    let errors: Vec<&Command> = found
        .iter()
        .filter(|command| command.name == "error")
        .collect();
    assert_eq!(
        errors.len(),
        MOST.min(wanted.failed.len() + wanted.troubles)
    );
    let of_tests = errors
        .iter()
        .filter(|error| tells_of_a_test(error, wanted))
        .count();
    let more = usize::from(wanted.failed.len() + wanted.troubles > MOST);
    assert_eq!(
        of_tests,
        errors.len() - more - wanted.troubles.min(MOST - more)
    );
    for command in &found {
        assert!(["error", "warning"].contains(&command.name.as_str()));
        assert!(command.data.encode_utf16().count() <= 4096);
        assert_eq!(commands(&command.data), [], "the runner prints the data");
        assert_eq!(commands(&command.properties["title"]), []);
    }
    compare(report, &found);
}

/// Whether an annotation is that of a failed test: its title names it, its first line says why.
fn tells_of_a_test(error: &Command, wanted: &Wanted) -> bool {
    let first = error.data.lines().next().unwrap_or_default();
    wanted.failed.iter().any(|(name, message)| {
        let start: Vec<&str> = message.split(' ').take(1).collect();
        error.properties["title"].contains(&logged(name))
            && first
                .trim_start()
                .starts_with(&logged_first(&start.concat()))
    })
}

/// The same messages and properties given to `@actions/core`: what it writes is what was written here.
fn compare(report: &str, found: &[Command]) {
    let Some(mut node) = consumers::node(&["@actions/core"]) else {
        return;
    };
    let input: Vec<_> = found
        .iter()
        .map(|command| json!({"name": command.name, "properties": command.properties, "data": command.data}))
        .collect();
    let written = piped(node.arg(reader("core.mjs")), &json!(input).to_string());
    let sorted = |line: &str| {
        let (head, data) = line
            .trim_start_matches(':')
            .split_once("::")
            .expect("a command");
        let (name, properties) = head.split_once(' ').expect("properties");
        let mut properties: Vec<&str> = properties.split(',').collect();
        properties.sort_unstable();
        (name.to_owned(), properties.join(","), data.to_owned())
    };
    let theirs: Vec<_> = written.lines().map(sorted).collect();
    let ours: Vec<_> = report.lines().map(sorted).collect();
    assert_eq!(ours, theirs);
}

pub fn outputs(report: &str, wanted: &Wanted) {
    let pairs = pairs(report);
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "verdict",
            "exit-code",
            "passed",
            "failed",
            "errored",
            "skipped",
            "run-url",
            "flaky",
            "new",
            "quarantined"
        ]
    );
    assert_eq!(pairs[1].1, wanted.exit_code.to_string());
    assert_eq!(pairs[3].1, wanted.failed.len().to_string());
    assert!(
        pairs[6].1.is_empty() || pairs[6].1.starts_with("https://"),
        "{}",
        pairs[6].1
    );
}
