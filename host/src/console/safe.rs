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
/// Source: actions/runner, `ActionCommand.cs` (`TryParseV2` trims, `TryParse` searches the whole line). It compares texts
/// by the rules of a language, where characters without weight count for nothing.
fn defuse(line: &str) -> String {
    let seen: Vec<(usize, char)> = line
        .char_indices()
        .filter(|(_, character)| !is_weightless(*character))
        .collect();
    let mut safe = line.to_owned();
    for found in seen.windows(3).rev() {
        if let [(_, '#'), (second, '#'), (_, '[')] = found {
            safe.insert(*second, ' ');
        }
    }
    let blanks = seen.iter().take_while(|(_, c)| c.is_whitespace()).count();
    match seen[blanks..] {
        [(first, ':'), (second, ':'), ..] => {
            safe.insert(second, ' ');
            safe.split_off(first)
        }
        _ => safe,
    }
}

/// Whether a character counts for nothing when texts are compared by the rules of a language.
///
/// Source: those without any weight in the collation of Unicode (UTS 10, allkeys.txt) that [`is_dangerous`] leaves.
const fn is_weightless(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e01ef}')
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
    fn what_counts_for_nothing_hides_no_command() {
        for (text, expected) in [
            ("\u{200b}::error::x", ": :error::x"),
            (" \u{ad}:\u{200d}:error::x", ":\u{200d} :error::x"),
            (
                "x #\u{2060}#\u{e0100}[error]y",
                "x #\u{2060} #\u{e0100}[error]y",
            ),
            ("###[error]::x", "## #[error]::x"),
            (":\u{fe0f}a::b", ":\u{fe0f}a::b"),
        ] {
            assert_eq!(line(text), expected, "{text:?}");
            assert_eq!(block(text), expected, "{text:?}");
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
