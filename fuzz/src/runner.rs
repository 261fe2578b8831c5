//! How GitHub's runner reads a line of a step's output, written after its own rules (`ActionCommand.cs` and
//! `ActionCommandManager.cs` of actions/runner) and without a look at how Proctor escapes anything.
//!
//! The runner compares texts by the rules of a language, where some characters count for nothing, so the lines are read
//! without those.

/// A command, as the runner carries it out.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    pub properties: Vec<(String, String)>,
    pub data: String,
}

/// Characters that count for nothing in a comparison by the rules of a language: they are ignorable in the root
/// collation of Unicode (allkeys.txt, those without weights).
const fn counts_for_nothing(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{ad}' | '\u{34f}'
        | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e01ef}')
}

/// The command in a line, in the new form at its start or in the old one anywhere.
pub fn command(line: &str) -> Option<Command> {
    let seen: String = line.chars().filter(|c| !counts_for_nothing(*c)).collect();
    let start = seen.trim_start();
    if let Some((head, data)) = start
        .strip_prefix("::")
        .and_then(|rest| rest.split_once("::"))
    {
        return Some(read(head, data, ',', &[("%3A", ":"), ("%2C", ",")]));
    }
    let (head, data) = seen.split_once("##[")?.1.split_once(']')?;
    Some(read(head, data, ';', &[("%3B", ";"), ("%5D", "]")]))
}

fn read(head: &str, data: &str, separator: char, more: &[(&str, &str)]) -> Command {
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties.split(separator).filter_map(|property| {
        let (key, value) = property.split_once('=')?;
        Some((key.trim().to_owned(), plain(value, more)))
    });
    Command {
        name: name.to_owned(),
        properties: properties.collect(),
        data: plain(data, &[]),
    }
}

fn plain(text: &str, more: &[(&str, &str)]) -> String {
    let mut plain = text.replace("%0D", "\r").replace("%0A", "\n");
    for (escape, character) in more {
        plain = plain.replace(escape, character);
    }
    plain.replace("%25", "%")
}

/// The lines of an output, as one reader or another ends them.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

/// Panics if a line of the output is a command.
pub fn obeys_nothing(text: &str) {
    for line in lines(text) {
        if let Some(command) = command(line) {
            panic!("{line:?} is {command:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_wherever_they_hide() {
        for line in [
            "::error::x",
            "  ::add-mask::x",
            "\u{200b}:\u{ad}:error file=a::x",
            "a #\u{200d}#[error]x",
            "\u{1f}::debug::",
        ] {
            assert!(command(line).is_some(), "{line:?}");
        }
        for line in [
            "a ::error::x",
            ": :error::x",
            "## [error]x",
            "##[error",
            "::error",
        ] {
            assert_eq!(command(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_command_is_read_as_it_was_meant() {
        let read = command("::error file=a%2Cb,line=3::c%0Ad%250A").expect("a command");
        assert_eq!(read.name, "error");
        let properties = [("file", "a,b"), ("line", "3")];
        assert_eq!(
            read.properties,
            properties.map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        assert_eq!(read.data, "c\nd%0A");
    }
}
