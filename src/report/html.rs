//! One page for people, which needs nothing but itself.
//!
//! It says what happened without a script or a style sheet, as Jenkins shows it by default; the script only filters,
//! sorts and opens. Each test is a row of the document and nothing else, so that script and document cannot disagree.
//! Rows that are too many to be shown at once wait in templates, which a browser reads without laying them out.
//!
//! The policy in its head lets nothing in but the page's own style and script, named by their digests: should a text
//! ever get through as markup, it could neither run nor send anything.

mod controls;
mod details;
mod diff;
mod flaky;
mod markup;
mod rows;
mod summary;
mod timeline;

#[cfg(test)]
mod tests;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::model::{Results, Verdict};
use markup::Markup;

/// How the page looks.
const STYLE: &str = include_str!("html/page.css");
/// What the page can do beside being read.
const SCRIPT: &str = include_str!("html/page.js");

/// Renders results as a page.
pub(super) fn render(results: &Results) -> String {
    let mut page = Markup::default();
    head(&mut page, results);
    page.raw("<body>\n");
    summary::banner(&mut page, results);
    page.raw("<main>\n");
    summary::targets(&mut page, results);
    timeline::timeline(&mut page, results);
    flaky::flaky(&mut page, results);
    rows::tests(&mut page, results);
    page.raw("</main>\n<footer><p>Made by Proctor ")
        .line(&results.version, 40)
        .raw("</p></footer>\n<script>")
        .raw(SCRIPT)
        .raw("</script>\n</body>\n</html>\n");
    page.into_string()
}

fn head(page: &mut Markup, results: &Results) {
    let verdict = results.conclusion.verdict;
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" ")
        .raw("content=\"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-")
        .clean(&digest(STYLE))
        .raw("'; script-src 'sha256-")
        .clean(&digest(SCRIPT))
        .raw("'; require-trusted-types-for 'script'; trusted-types 'none'\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
        .raw("<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"")
        .raw(icon(verdict))
        .raw("\">\n<title>")
        .raw(label(verdict))
        .raw(" – Proctor</title>\n<style>")
        .raw(STYLE)
        .raw("</style>\n</head>\n");
}

/// The digest of an element's content, as the policy names it.
///
/// A browser takes a line break to be LF before it looks at the content, so the files must have no other.
fn digest(content: &str) -> String {
    STANDARD.encode(Sha256::digest(content))
}

/// The word for a verdict, as the page shows it.
const fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "Passed",
        Verdict::Failed => "Failed",
        Verdict::Errored => "Errored",
        Verdict::Cancelled => "Cancelled",
        Verdict::TimedOut => "Timed out",
        Verdict::Skipped => "Skipped",
        Verdict::Unknown => "Unknown",
    }
}

/// The sign of the page among a browser's tabs. One that is not in the page would be asked for at the server.
const fn icon(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => {
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='8' fill='%231a7f37'/%3E%3Cpath d='M4 8.5l3 3L12 5' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E"
        }
        Verdict::Skipped => {
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='8' fill='%23636c76'/%3E%3Cpath d='M4 8h8' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E"
        }
        _ => {
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='8' fill='%23c4232f'/%3E%3Cpath d='M5 5l6 6m0-6l-6 6' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E"
        }
    }
}
