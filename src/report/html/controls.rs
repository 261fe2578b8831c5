//! What is there to choose among the tests. It is of use with the script alone, and hidden without it.

use super::label;
use super::markup::Markup;
use crate::model::{Results, Verdict};
use crate::report::class::{Census, Class};
use crate::report::view::plural;

/// Adds the controls.
pub(super) fn controls(page: &mut Markup, results: &Results) {
    let census = Census::of(&results.targets);
    page.raw("<form id=\"tools\" role=\"search\" aria-label=\"Tests\" hidden><p class=\"search\"><label for=\"words\">Search</label>")
        .raw("<input id=\"words\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"Name, message, details\" aria-keyshortcuts=\"/\"><kbd aria-hidden=\"true\">/</kbd></p>");
    verdicts(page, &census);
    remarks(page, &census);
    page.raw("<p class=\"selects\">");
    if results.targets.len() > 1 {
        page.raw("<label>Target <select id=\"target\"><option value=\"\">All</option>");
        for (at, report) in results.targets.iter().enumerate() {
            page.raw("<option value=\"")
                .number(at)
                .raw("\">")
                .line(&report.target, 60)
                .raw("</option>");
        }
        page.raw("</select></label> ");
    }
    page.raw("<label>Order <select id=\"order\"><option value=\"first\">Failures first</option><option value=\"slow\">Slowest first</option>")
        .raw("<option value=\"reported\">As reported</option></select></label> <button type=\"button\" id=\"all\" aria-pressed=\"false\">Open all</button></p>")
        .raw("<p id=\"count\" role=\"status\">")
        .clean(&plural(census.total(), "test"))
        .raw("</p></form>\n");
}

fn verdicts(page: &mut Markup, counts: &Census) {
    page.raw("<div id=\"verdicts\" class=\"choices\" role=\"group\" aria-label=\"Verdict\"><button type=\"button\" value=\"\" aria-pressed=\"true\">All <b>")
        .number(counts.total())
        .raw("</b></button>");
    for verdict in Verdict::ALL {
        if counts.get(verdict) > 0 {
            page.raw(" <button type=\"button\" aria-pressed=\"false\" class=\"")
                .raw(verdict.word())
                .raw("\" value=\"")
                .raw(verdict.word())
                .raw("\"><i class=\"v\"></i>")
                .raw(label(verdict))
                .raw(" <b>")
                .number(counts.get(verdict))
                .raw("</b></button>");
        }
    }
    page.raw("</div>");
}

/// What is remarked of tests, each of which can be asked for; nothing if nothing is.
fn remarks(page: &mut Markup, census: &Census) {
    let there = |class: &Class| class.word().is_some() && census.class(*class) > 0;
    if !Class::ALL.iter().any(there) {
        return;
    }
    page.raw("<div id=\"remarks\" class=\"choices\" role=\"group\" aria-label=\"Remark\">");
    for class in Class::ALL.into_iter().filter(there) {
        if let (Some(word), Some(remark)) = (class.word(), class.remark()) {
            page.raw("<button type=\"button\" aria-pressed=\"false\" value=\"")
                .raw(word)
                .raw("\">")
                .raw(remark)
                .raw(" <b>")
                .number(census.class(class))
                .raw("</b></button> ");
        }
    }
    page.raw("</div>");
}
