//! Colours, added by the host alone: a component's text never brings its own.

use anstyle::{AnsiColor, Style};

pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub const BOLD: Style = Style::new().bold();

/// The text in a style, if colours are wanted.
pub fn paint(text: &str, style: Style, colour: bool) -> String {
    if colour {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

/// A text report with the verdict at the start of its lines coloured, and its last line bold.
pub fn report(text: &str, colour: bool) -> String {
    if !colour {
        return text.to_owned();
    }
    let text = text.trim_end();
    let (above, last) = text.rsplit_once('\n').unwrap_or(("", text));
    lines(above, true) + &paint(last, BOLD, true) + "\n"
}

/// Lines with the verdict at the start of each coloured.
pub fn lines(text: &str, colour: bool) -> String {
    if !colour {
        return text.to_owned();
    }
    text.lines().map(|line| lead(line) + "\n").collect()
}

/// Colours the first word of a line if it is one that is known.
fn lead(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let (blank, rest) = line.split_at(indent);
    let end = rest.find(' ').unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    match style_of(word) {
        Some(style) => format!("{blank}{}{rest}", paint(word, style, true)),
        None => line.to_owned(),
    }
}

fn style_of(word: &str) -> Option<Style> {
    match word {
        "passed" => Some(AnsiColor::Green.on_default()),
        "failed" | "failed:" => Some(AnsiColor::Red.on_default().bold()),
        "errored" | "timed-out" | "cancelled" | "unknown" => Some(AnsiColor::Magenta.on_default()),
        "skipped" | "warning:" => Some(AnsiColor::Yellow.on_default()),
        "expected:" | "actual:" | "next:" | "who:" | "reason:" => Some(BOLD),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_leading_word_is_coloured_and_the_text_stays() {
        let text = "passed  a failed name\n  failed  b\n1 target: failed\n";
        assert_eq!(report(text, false), text);
        let coloured = report(text, true);
        assert!(coloured.contains("a failed name\n"), "{coloured:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text);
        assert_eq!(report("one\n", true), paint("one", BOLD, true) + "\n");
    }

    #[test]
    fn no_line_stands_out_where_none_is_the_sum() {
        let text = "api (exam): ready\n  1 suite would be run\n";
        assert_eq!(lines(text, true), text);
        assert_eq!(lines("passed  a\n", false), "passed  a\n");
        assert_ne!(lines("passed  a\n", true), "passed  a\n");
    }
}
