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
    let masked = url::masked(&source.text);
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

/// `text` is the source's with nothing secret in it, each byte in its place.
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
