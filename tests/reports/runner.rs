//! What GitHub's runner reads, by its own rules: commands in the lines of a log (`ActionCommand.cs` and
//! `ActionCommandManager.cs` of actions/runner), and the files that a step writes to (`FileCommandManager.cs`).

use std::collections::BTreeMap;

/// The commands that a runner knows.
const COMMANDS: [&str; 15] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// The largest summary, in bytes.
pub const SUMMARY_LIMIT: usize = 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    pub properties: BTreeMap<String, String>,
    pub data: String,
}

/// The commands in a log, in their order.
pub fn commands(log: &str) -> Vec<Command> {
    let lines = log.split(['\n', '\r']);
    lines
        .filter_map(|line| modern(line).or_else(|| old(line)))
        .collect()
}

/// The runner compares texts by the rules of a culture, for which characters without width are not there.
fn seen(line: &str) -> String {
    let without_width = |c: &char| matches!(c, '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    line.chars().filter(|c| !without_width(c)).collect()
}

/// `::NAME KEY=VALUE,KEY=VALUE::DATA`, with nothing but blanks before it.
fn modern(line: &str) -> Option<Command> {
    let line = seen(line);
    let rest = line.trim_start().strip_prefix("::")?;
    let (head, data) = rest.split_once("::")?;
    let unescape = |text: &str| {
        unescaped(
            text,
            &[
                ("%0D", "\r"),
                ("%0A", "\n"),
                ("%3A", ":"),
                ("%2C", ","),
                ("%25", "%"),
            ],
        )
    };
    let data = unescaped(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]);
    command(head, ',', unescape, data)
}

/// `##[NAME KEY=VALUE;KEY=VALUE]DATA`, anywhere in a line.
fn old(line: &str) -> Option<Command> {
    let line = seen(line);
    let (_, rest) = line.split_once("##[")?;
    let (head, data) = rest.split_once(']')?;
    let table = [
        ("%3B", ";"),
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%5D", "]"),
        ("%25", "%"),
    ];
    command(
        head,
        ';',
        |text| unescaped(text, &table),
        unescaped(data, &table),
    )
}

fn unescaped(text: &str, table: &[(&str, &str)]) -> String {
    let text = text.to_owned();
    table
        .iter()
        .fold(text, |text, (escape, plain)| text.replace(escape, plain))
}

fn command(
    head: &str,
    separator: char,
    unescape: impl Fn(&str) -> String,
    data: String,
) -> Option<Command> {
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    if !COMMANDS.contains(&name) {
        return None;
    }
    let properties = properties.trim().split(separator).filter_map(|each| {
        let (key, value) = each.split_once('=')?;
        (!key.is_empty() && !value.is_empty()).then(|| (key.to_lowercase(), unescape(value)))
    });
    Some(Command {
        name: name.to_owned(),
        properties: properties.collect(),
        data,
    })
}

/// The pairs in a file such as the one that `GITHUB_OUTPUT` names.
///
/// # Panics
/// Where the runner ends the step with an error.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let pair = match (line.find('='), line.find("<<")) {
            (Some(equals), heredoc) if heredoc.is_none_or(|at| equals < at) => {
                (line[..equals].to_owned(), line[equals + 1..].to_owned())
            }
            (_, Some(at)) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                assert!(!name.is_empty() && !delimiter.is_empty(), "{line:?}");
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some(line) if line == delimiter => break,
                        Some(line) => value.push(line),
                        None => panic!("no delimiter {delimiter:?} follows"),
                    }
                }
                (name.to_owned(), value.join("\n"))
            }
            _ => panic!("{line:?} is no pair"),
        };
        pairs.push(pair);
    }
    pairs
}

#[test]
fn the_reader_reads_as_the_runner_does() {
    let found = commands(
        "a\n ::error file=a%3Ab,line=3,x=,=y::c%0Ad%250A\n##[warning a=b;c=d%3B]e]f\nx ::error::\n::nothing::x",
    );
    let of = |command: &Command| {
        (
            command.name.clone(),
            command.properties.clone().into_iter().collect::<Vec<_>>(),
            command.data.clone(),
        )
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        found.iter().map(of).collect::<Vec<_>>(),
        [
            (
                "error".to_owned(),
                vec![pair("file", "a:b"), pair("line", "3")],
                "c\nd%0A".to_owned()
            ),
            (
                "warning".to_owned(),
                vec![pair("a", "b"), pair("c", "d;")],
                "e]f".to_owned()
            ),
        ]
    );
    assert_eq!(commands("\u{200b}:\u{ad}:error::x").len(), 1);
    assert_eq!(
        pairs("a=b<<c\nd<<E=\nf\n\ng\nE=\nh="),
        [pair("a", "b<<c"), pair("d", "f\n\ng"), pair("h", "")]
    );
}
