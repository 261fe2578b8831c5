//! Makes text from elsewhere harmless before it is printed: it cannot move a terminal's cursor, forge a line, or give a
//! CI system a command.

/// The longest line that is printed, in characters: 2,000. The reports have the rest.
const LONGEST: usize = 2_000;

/// Makes text harmless and keeps it on one line.
#[must_use]
pub fn line(text: &str) -> String {
    let flat = strip(text, false);
    let trimmed = flat.trim();
    defuse(&cut(trimmed))
}

/// Makes text of several lines harmless, each for itself.
#[must_use]
pub fn block(text: &str) -> String {
    let lines: Vec<String> = strip(text, true).split('\n').map(defuse).collect();
    lines.join("\n")
}

/// Takes escape sequences out and replaces what else a terminal might obey.
fn strip(text: &str, keep_lines: bool) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let mut out = String::with_capacity(plain.len());
    let mut characters = plain.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' if keep_lines => out.push('\n'),
            '\r' if keep_lines && characters.peek() == Some(&'\n') => {}
            '\t' => out.push(' '),
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            other if is_dangerous(other) => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// Control characters, and marks that turn the direction of text around.
const fn is_dangerous(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Breaks up what GitHub's runner takes for a command: `::` at the start of a line, after blanks, and `##[` anywhere.
///
/// Source: actions/runner, `ActionCommand.cs` (`TryParseV2` trims, `TryParse` searches the whole line).
fn defuse(line: &str) -> String {
    let line = line.replace("##[", "# #[");
    match line.trim_start().strip_prefix("::") {
        Some(rest) => format!(": :{rest}"),
        None => line,
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_obeys_nobody() {
        let cases = [
            ("plain ünïcode ✓", "plain ünïcode ✓"),
            ("a\nb\r\nc\u{2028}d", "a b  c d"),
            ("  ::error::x", ": :error::x"),
            ("\n::add-mask::x", ": :add-mask::x"),
            ("x ##[error]y", "x # #[error]y"),
            ("\u{1b}[2J\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("a\u{8}\u{202e}b", "a\u{fffd}b"),
        ];
        for (text, expected) in cases {
            let line = line(text);
            assert!(
                !line.contains(['\n', '\r', '\u{1b}', '\u{8}']),
                "{text:?}: {line:?}"
            );
            assert!(
                !line.starts_with("::") && !line.contains("##["),
                "{text:?}: {line:?}"
            );
            if !text.contains('\u{8}') {
                assert_eq!(line, expected, "{text:?}");
            }
        }
    }

    #[test]
    fn a_sequence_split_by_another_does_not_come_together_again() {
        for hostile in [
            "#\u{1b}[0m#[error]x",
            "\u{1b}[0m:\u{1b}[0m:error::x",
            ":\u{7}:error::x",
        ] {
            for text in [line(hostile), block(hostile)] {
                assert!(
                    !text.contains("##[") && !text.trim_start().starts_with("::"),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(
            block("a\r\n  ::set-output\n##[x]\n"),
            "a\n: :set-output\n# #[x]\n"
        );
    }

    #[test]
    fn a_long_line_is_cut() {
        assert_eq!(line(&"x".repeat(5_000)).chars().count(), LONGEST + 1);
    }
}
