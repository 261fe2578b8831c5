//! What is shown of a test when its row is opened.

use super::diff;
use super::markup::Markup;
use super::summary::{MAX_LINE, MAX_NAME};
use crate::model::TestCase;
use crate::report::class::Class;
use crate::report::clean::{cut_middle, link, visible};
use crate::report::view::{earlier, excuse, lasted, plural, untold};
use crate::verdict::is_trouble;

/// How long each text may be, in bytes.
const MAX_TEXT: usize = 16 * 1024;
/// How many earlier attempts a row tells of at most.
pub(super) const MAX_ATTEMPTS: usize = 20;
/// How many links a row has at most.
const MAX_LINKS: usize = 50;
/// How much there may be beside the rows' first lines, in bytes. What goes beyond it is left out from the last row on.
const MAX_DETAILS: usize = 24 << 20;
/// How many steps all comparisons of texts take at most: a second or two.
const MAX_STEPS: usize = 100_000_000;

/// What all tests together may still take.
pub(super) struct Budget {
    bytes: usize,
    steps: usize,
}

impl Budget {
    /// What one page may take.
    pub(super) const PAGE: Self = Self {
        bytes: MAX_DETAILS,
        steps: MAX_STEPS,
    };

    /// Adds what there is to say of a test, as long as there is room.
    pub(super) fn details(&mut self, page: &mut Markup, test: &TestCase, class: Class) {
        let before = page.len();
        if self.bytes > 0 {
            message(page, test);
            if let Some(quarantine) = test
                .quarantine
                .as_ref()
                .filter(|_| class == Class::Quarantined)
            {
                page.raw("<p class=\"excuse\">It is ")
                    .line(&excuse(quarantine), MAX_LINE)
                    .raw("</p>");
            }
            self.values(page, test);
            if let Some(details) = &test.details {
                block(page, "Details", details);
            }
            if !test.earlier.is_empty() || test.is_flaky() {
                page.raw("<h4>Before</h4>");
                attempts(page, test);
            }
            times(page, test);
            attachments(page, test);
        }
        match self.bytes.checked_sub(page.len() - before) {
            Some(left) if left > 0 => self.bytes = left,
            _ => {
                self.bytes = 0;
                page.truncate(before);
                page.raw("<p class=\"note\">Too much for one page: the details of this test are left out here and stand in the JSON report.</p>");
            }
        }
    }

    /// What was expected and what came: compared, if both are there and that does not take too long.
    fn values(&mut self, page: &mut Markup, test: &TestCase) {
        let clean = |text: &Option<String>| {
            text.as_ref()
                .map(|text| visible(&cut_middle(text, MAX_TEXT)))
        };
        match (clean(&test.expected), clean(&test.actual)) {
            (Some(expected), Some(actual)) => {
                let steps = diff::cost(&expected, &actual);
                if let Some(left) = self.steps.checked_sub(steps) {
                    self.steps = left;
                    diff::compare(page, &expected, &actual);
                } else {
                    block(page, "Expected", &expected);
                    block(page, "Actual", &actual);
                }
            }
            (expected, actual) => {
                for (name, text) in [("Expected", expected), ("Actual", actual)] {
                    if let Some(text) = text {
                        block(page, name, &text);
                    }
                }
            }
        }
    }
}

/// Whether there is more to say of a test than its first line holds.
pub(super) fn has_more(test: &TestCase) -> bool {
    is_trouble(test.verdict)
        || test.message.is_some()
        || test.details.is_some()
        || test.expected.is_some()
        || test.actual.is_some()
        || test.queued_ms.is_some()
        || test.is_flaky()
        || !test.earlier.is_empty()
        || test.url.is_some()
        || !test.attachments.is_empty()
}

fn message(page: &mut Markup, test: &TestCase) {
    match &test.message {
        Some(message) => page
            .raw("<p class=\"message\">")
            .text(message, MAX_TEXT)
            .raw("</p>"),
        None if is_trouble(test.verdict) => {
            page.raw("<p class=\"note\">The service gives no reason.</p>")
        }
        None => page,
    };
}

fn block(page: &mut Markup, name: &'static str, text: &str) {
    page.raw("<h4>")
        .raw(name)
        .raw("</h4><pre>\n")
        .text(text.trim_end_matches('\n'), MAX_TEXT)
        .raw("</pre>");
}

/// What came of a test before it was run again, as a list.
pub(super) fn attempts(page: &mut Markup, test: &TestCase) {
    page.raw("<ul class=\"attempts\">");
    let earlier = earlier(test);
    for (attempt, came) in earlier.iter().take(MAX_ATTEMPTS) {
        page.raw("<li><span class=\"note\">")
            .clean(attempt)
            .raw("</span> ")
            .line(came, MAX_LINE)
            .raw("</li>");
    }
    let left_out = earlier.len().saturating_sub(MAX_ATTEMPTS);
    if left_out > 0 {
        page.raw("<li>")
            .clean(&plural(left_out, "more attempt"))
            .raw(" not shown here</li>");
    }
    if let Some(untold) = untold(test) {
        page.raw("<li>").clean(&untold).raw("</li>");
    }
    page.raw("</ul>");
}

fn times(page: &mut Markup, test: &TestCase) {
    if let Some(ms) = test.queued_ms {
        page.raw("<p class=\"note\">Began ")
            .clean(&lasted(ms))
            .raw(" after the trigger.</p>");
    }
}

/// What the service keeps of the test. What is no address of the web stands there as text.
fn attachments(page: &mut Markup, test: &TestCase) {
    if test.attachments.is_empty() {
        return;
    }
    page.raw("<h4>Attachments</h4><ul class=\"links\">");
    for attachment in test.attachments.iter().take(MAX_LINKS) {
        let name = if attachment.name.trim().is_empty() {
            &attachment.url
        } else {
            &attachment.name
        };
        page.raw("<li>").link(&attachment.url, name, MAX_NAME);
        if link(&attachment.url).is_none() && name != &attachment.url {
            page.raw(" <code>")
                .line(&attachment.url, MAX_NAME)
                .raw("</code>");
        }
        page.raw("</li>");
    }
    let left_out = test.attachments.len().saturating_sub(MAX_LINKS);
    if left_out > 0 {
        page.raw("<li>")
            .clean(&plural(left_out, "more attachment"))
            .raw(" not shown here</li>");
    }
    page.raw("</ul>");
}

/// Adds the ways to a test: at the service, and here by its number.
pub(super) fn ways(page: &mut Markup, number: usize, url: Option<&str>) {
    page.raw("<p class=\"links\">");
    if let Some(url) = url.filter(|url| link(url).is_some()) {
        page.link(url, "Open at the service", MAX_LINE).raw(" ");
    }
    page.raw("<a href=\"#t")
        .number(number)
        .raw("\">Link to this test</a></p>");
}
