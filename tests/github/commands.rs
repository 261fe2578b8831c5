//! What the runner understands of a step's log and of the files that it gives to a step.

use std::collections::BTreeMap;

/// A workflow command, unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    pub properties: BTreeMap<String, String>,
    pub data: String,
}

impl Command {
    pub fn property(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", String::as_str)
    }
}

/// The commands in a log. Source: actions/runner, `ActionCommand.cs`: a line that begins, after blanks, with `::`.
pub fn commands(log: &str) -> Vec<Command> {
    log.lines()
        .filter_map(|line| command(line.trim_start()))
        .collect()
}

fn command(line: &str) -> Option<Command> {
    let (head, data) = line.strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties
        .split(',')
        .filter_map(|property| property.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), unescape(value, true)))
        .collect();
    Some(Command {
        name: name.to_owned(),
        properties,
        data: unescape(data, false),
    })
}

/// Source: actions/runner, `ActionCommand.cs`, the tables of escapes; `%25` is the last.
fn unescape(text: &str, is_property: bool) -> String {
    let text = text.replace("%0D", "\r").replace("%0A", "\n");
    let text = match is_property {
        true => text.replace("%3A", ":").replace("%2C", ","),
        false => text,
    };
    text.replace("%25", "%")
}

/// The entries of a file of outputs or variables.
///
/// Source: actions/runner, `FileCommandManager.cs`: `name=value`, or `name<<DELIMITER`, lines, and the delimiter, whichever
/// sign comes first; the last of one name wins; anything else fails the step.
#[track_caller]
pub fn entries(text: &str) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (name, value) = match (line.find('='), line.find("<<")) {
            (equals, Some(at)) if equals.is_none_or(|equals| at < equals) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                assert!(!delimiter.is_empty(), "{line:?} has no delimiter");
                (name, block(&mut lines, delimiter))
            }
            (Some(at), _) => (&line[..at], line[at + 1..].to_owned()),
            _ => panic!("the runner would fail the step for {line:?}"),
        };
        assert!(!name.is_empty(), "{line:?} has no name");
        entries.insert(name.to_owned(), value);
    }
    entries
}

#[track_caller]
fn block<'a>(lines: &mut impl Iterator<Item = &'a str>, delimiter: &str) -> String {
    let mut value = Vec::new();
    loop {
        match lines.next() {
            Some(line) if line == delimiter => return value.join("\n"),
            Some(line) => value.push(line),
            None => panic!("{delimiter} does not come"),
        }
    }
}

#[test]
fn a_log_is_read_as_the_runner_reads_it() {
    let log = "x ::error::no\n  ::error file=a%2Cb,line=3::50%25%0Ax %253A\n::group::g\n::bad\n";
    let read = commands(log);
    assert_eq!(read.len(), 2);
    assert_eq!(
        (read[0].name.as_str(), read[0].property("file")),
        ("error", "a,b")
    );
    assert_eq!(read[0].data, "50%\nx %3A");
    assert_eq!(
        (read[1].name.as_str(), read[1].data.as_str()),
        ("group", "g")
    );
}

#[test]
fn a_file_is_read_as_the_runner_reads_it() {
    let read = entries("a=1\nb<<E\nx=1\n\nE\na=2<<3\n");
    let expected = [("a", "2<<3"), ("b", "x=1\n")];
    assert_eq!(
        read,
        expected.map(|(n, v)| (n.to_owned(), v.to_owned())).into()
    );
    assert!(std::panic::catch_unwind(|| entries("nothing")).is_err());
    assert!(std::panic::catch_unwind(|| entries("a<<E\nb")).is_err());
}
