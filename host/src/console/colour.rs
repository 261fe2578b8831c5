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
    let last = text.trim_end().lines().count();
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(number, line)| {
            if number + 1 == last {
                paint(line, BOLD, true)
            } else {
                lead(line)
            }
        })
        .collect();
    lines.join("\n") + "\n"
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
    }
}
