//! The tests that passed only when they were run again, with what came of them before.

use super::details::attempts;
use super::markup::Markup;
use super::summary::MAX_NAME;
use crate::model::Results;
use crate::report::class::Class;
use crate::report::view::{plural, title};

/// How many are told of here. All of them are among the tests.
const MOST: usize = 50;

/// Adds the tests that passed too late; nothing if there are none.
pub(super) fn flaky(page: &mut Markup, results: &Results) {
    let tests = results.targets.iter();
    let tests = tests.flat_map(|report| report.tests.iter().map(move |test| (report, test)));
    let late = (1..).zip(tests);
    let late = late.filter(|(_, (report, test))| Class::of(report, test) == Class::Flaky);
    let all: Vec<_> = late.collect();
    if all.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"h-flaky\"><h2 id=\"h-flaky\">Flaky tests</h2>\n<ul class=\"panel flaky\">");
    for (number, (report, test)) in all.iter().take(MOST) {
        page.raw("<li><p><a href=\"#t")
            .number(*number)
            .raw("\">")
            .line(&title(test), MAX_NAME)
            .raw("</a> <span class=\"note\">")
            .line(&report.target, MAX_NAME)
            .raw(" · passed after ")
            .clean(&plural(test.attempts as usize, "attempt"))
            .raw("</span></p>");
        attempts(page, test);
        page.raw("</li>\n");
    }
    let left_out = all.len().saturating_sub(MOST);
    if left_out > 0 {
        page.raw("<li class=\"note\">")
            .number(left_out)
            .raw(" more below, among the tests</li>");
    }
    page.raw("</ul></section>\n");
}
