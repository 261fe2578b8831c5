//! Lines for a log. GitHub's runner reads a line that starts with `::` after blanks as a command, and `##[command]`
//! anywhere in a line; both on standard output and on standard error.

use super::{is_blank, visible};

/// The text with every line neutralised; several lines stay several.
pub(crate) fn log_text(text: &str) -> String {
    let clean = visible(text);
    let lines: Vec<String> = clean.split('\n').map(neutralise).collect();
    lines.join("\n")
}

/// The text as one line of a log.
pub(crate) fn log_line(text: &str) -> String {
    neutralise(&visible(text).replace('\n', " "))
}

/// Breaks up what the runner would read as a command. Characters that take no room count as absent, because the
/// runner compares texts by the rules of a language, where they do not count either.
fn neutralise(line: &str) -> String {
    let mut safe = String::with_capacity(line.len() + 2);
    let (mut colons, mut at_start, mut hashes) = (0, true, 0);
    for c in line.chars() {
        match c {
            ':' if at_start => colons += 1,
            '[' if hashes >= 2 => safe.push(' '),
            _ => {}
        }
        if colons == 2 && at_start {
            safe.push(' ');
        }
        safe.push(c);
        if !is_blank(c) || c == ' ' {
            hashes = if c == '#' { hashes + 1 } else { 0 };
        }
        // A blank between two colons keeps them apart, unless it has no width.
        at_start &= c == ':' && colons < 2 || is_blank(c) && (colons == 0 || !c.is_whitespace());
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{log_line, log_text};

    #[test]
    fn commands_are_broken_up() {
        for (text, safe) in [
            ("::error::x", ": :error::x"),
            (" \u{a0}\t::error::x", " \u{a0}\t: :error::x"),
            ("\u{200b}:\u{ad}:error::x", "\u{200b}:\u{ad} :error::x"),
            (":::x", ": ::x"),
            ("a ##[error]b", "a ## [error]b"),
            ("###[error]", "### [error]"),
            ("#\u{200d}#[error]", "#\u{200d}# [error]"),
            ("\u{e0100}::error::x", "\u{e0100}: :error::x"),
            ("#\u{1d173}#[error]", "#\u{1d173}# [error]"),
            ("\u{1b}[31m::error::x", ": :error::x"),
            ("a::b ##x # #[y] :", "a::b ##x # #[y] :"),
            (": not one", ": not one"),
            (": :error::x", ": :error::x"),
        ] {
            assert_eq!(log_line(text), safe, "{text:?}");
        }
    }

    #[test]
    fn every_line_counts() {
        assert_eq!(log_text("a\r::b::\n##[c]"), "a\n: :b::\n## [c]");
        assert_eq!(log_line("a\n::b::"), "a ::b::");
    }
}
