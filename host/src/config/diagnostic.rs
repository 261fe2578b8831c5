//! What is wrong with a configuration file, shown with its place and the line itself.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::url;
use crate::console::safe;

/// A configuration file as it was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the user named it.
    pub path: String,
    pub text: String,
}

impl Source {
    /// The line, from 1, in which a byte of the text lies.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let breaks = before.iter().filter(|byte| **byte == b'\n').count();
        u32::try_from(breaks).unwrap_or(u32::MAX - 1) + 1
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// What, in one sentence.
    pub message: String,
    /// What to do, in one sentence.
    pub help: Option<String>,
}

impl Finding {
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Shows findings in the order of their places.
#[must_use]
pub fn render(source: &Source, findings: &[Finding], colour: bool) -> String {
    let masked = harmless(&url::masked(&source.text));
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.span.start);
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let shown: Vec<String> = sorted
        .into_iter()
        .map(|finding| {
            renderer
                .render(&[group(source, &masked, finding)])
                .to_string()
        })
        .collect();
    shown.join("\n\n")
}

/// The text without what the renderer lets through though a terminal or a CI system may obey it: the controls of C1, and
/// `##[`. Each byte stays in its place.
fn harmless(text: &str) -> String {
    let shown = |c: char| match c {
        '\u{80}'..='\u{9f}' => '\u{b7}',
        c => c,
    };
    let shown: String = text.chars().map(shown).collect();
    shown.replace("##[", "# [")
}

/// `text` is the source's with nothing secret or dangerous in it, each byte in its place.
fn group<'a>(source: &'a Source, text: &'a str, finding: &'a Finding) -> Group<'a> {
    let end = text.len();
    let span = finding.span.start.min(end)..finding.span.end.min(end);
    let snippet = Snippet::source(text)
        .path(source.path.as_str())
        .annotation(AnnotationKind::Primary.span(span));
    let group = Level::ERROR
        .primary_title(safe::line(&finding.message))
        .element(snippet);
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(safe::line(help))),
        None => group,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_shown_obeys_nobody_and_keeps_its_place() {
        let text = "a = \"\u{9b}2J\u{85}ü ##[error]x\"\n";
        let source = Source {
            path: "proctor.toml".to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(harmless(text).len(), text.len());
        let at = text.find("error").expect("it is there");
        for colour in [false, true] {
            let findings = [Finding::new(at..at + 5, "no")];
            let shown = render(&source, &findings, colour);
            assert!(shown.contains("\u{b7}2J\u{b7}ü # [error]x"), "{shown}");
        }
    }
}
