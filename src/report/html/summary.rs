//! What came of it all, and of each target.

use super::label;
use super::markup::Markup;
use crate::error::Code;
use crate::model::{Conclusion, Report, Results, Verdict};
use crate::report::class::Census;
use crate::report::view::{
    has_begun, lasted, plural, remedy, targets as each_target, timestamp, trouble,
};
use crate::verdict::{effective, meaning};

/// How long a name may be, in characters.
pub(super) const MAX_NAME: usize = 300;
/// How long a line of text may be, in characters.
pub(super) const MAX_LINE: usize = 1_000;

/// Adds the verdict with its exit code, what that means, and who acts.
pub(super) fn banner(page: &mut Markup, results: &Results) {
    let conclusion = &results.conclusion;
    let moment = timestamp(results.started_at_ms);
    page.raw("<header class=\"")
        .raw(conclusion.verdict.word())
        .raw("\"><div class=\"wide\"><h1><i class=\"v\"></i>")
        .raw(label(conclusion.verdict))
        .raw("</h1><div><p class=\"why\"><strong>Exit code ")
        .number(conclusion.exit_code.into())
        .raw("</strong>: ")
        .raw(meaning(conclusion))
        .raw(".</p>");
    advice(page, conclusion);
    page.raw("<p class=\"note\">")
        .clean(&plural(results.targets.len(), "target"))
        .raw(" in ")
        .clean(&lasted(results.duration_ms))
        .raw(", begun <time datetime=\"")
        .clean(&moment)
        .raw("\">")
        .clean(moment.get(..10).unwrap_or_default())
        .raw(" ")
        .clean(moment.get(11..19).unwrap_or_default())
        .raw(" UTC</time></p></div><div class=\"sum\">");
    let counts = Census::of(&results.targets);
    page.raw("<p><strong>")
        .number(counts.total())
        .raw("</strong> ")
        .raw(if counts.total() == 1 { "test" } else { "tests" })
        .raw("</p>");
    bar(page, &counts);
    tally(page, &counts);
    page.raw("</div></div></header>\n");
}

/// Who has to do something, and what; nothing if all is well.
fn advice(page: &mut Markup, conclusion: &Conclusion) {
    let code = match conclusion.exit_code {
        129 | 130 | 143 => Some(Code::Interrupted),
        code => Code::ALL.into_iter().find(|each| each.exit_code() == code),
    };
    if let Some(code) = code {
        page.raw("<p>Who acts: <strong>")
            .clean(code.who())
            .raw("</strong>. Next: ")
            .clean(code.next())
            .raw(".</p>");
    }
}

/// How the tests divide, as a bar.
fn bar(page: &mut Markup, counts: &Census) {
    let total = counts.total();
    if total == 0 {
        return;
    }
    page.raw("<svg class=\"bar\" width=\"100%\" height=\"6\" aria-hidden=\"true\">");
    let mut before: usize = 0;
    for verdict in Verdict::ALL {
        let number = counts.get(verdict);
        if number > 0 {
            page.raw("<rect class=\"")
                .raw(verdict.word())
                .raw("\" height=\"6\" x=\"")
                .percent(before.saturating_mul(10_000) / total)
                .raw("\" width=\"")
                .percent(number.saturating_mul(10_000) / total)
                .raw("\"/>");
            before += number;
        }
    }
    page.raw("</svg>");
}

/// How many tests have each verdict, as a list.
fn tally(page: &mut Markup, counts: &Census) {
    page.raw("<ul class=\"tally\">");
    for verdict in Verdict::ALL {
        if counts.get(verdict) > 0 {
            page.raw("<li class=\"")
                .raw(verdict.word())
                .raw("\"><i class=\"v\"></i>")
                .number(counts.get(verdict))
                .raw(" ")
                .raw(verdict.word());
            let remarks = counts.remarks(verdict);
            if !remarks.is_empty() {
                page.raw(" (").clean(&remarks).raw(")");
            }
            page.raw("</li> ");
        }
    }
    if counts.total() == 0 {
        page.raw("<li>no tests</li>");
    }
    page.raw("</ul>");
}

/// Adds every target with what it has to say.
pub(super) fn targets(page: &mut Markup, results: &Results) {
    page.raw("<section aria-labelledby=\"h-targets\"><h2 id=\"h-targets\">Targets</h2>\n<div class=\"panel\">");
    if results.targets.is_empty() {
        page.raw("<p class=\"empty\">There were no targets.</p>");
    }
    for (report, exit_code) in each_target(results) {
        target(page, report, exit_code);
    }
    page.raw("</div></section>\n");
}

fn target(page: &mut Markup, report: &Report, exit_code: u8) {
    let verdict = effective(report);
    let counts = Census::of(std::slice::from_ref(report));
    page.raw("<article class=\"target ")
        .raw(verdict.word())
        .raw("\"><p class=\"verdict\"><i class=\"v\"></i>")
        .raw(label(verdict))
        .raw("</p><div class=\"who\"><h3>")
        .line(&report.target, MAX_NAME)
        .raw("</h3><p class=\"note\">")
        .line(&report.provider, MAX_NAME)
        .raw(" · exit code ")
        .number(exit_code.into());
    if let Some(location) = &report.location {
        page.raw(" · ")
            .line(&location.file, MAX_NAME)
            .raw(":")
            .clean(&location.line.to_string());
    }
    page.raw("</p></div><div class=\"sum\">");
    bar(page, &counts);
    tally(page, &counts);
    page.raw("</div><p class=\"took\">")
        .clean(&lasted(report.duration_ms));
    if let Some(waited) = report.queued_ms {
        page.raw(" <span class=\"note\">waited ")
            .clean(&lasted(waited))
            .raw("</span>");
    }
    page.raw("</p><p class=\"run\">");
    if let Some(run) = &report.run {
        match &run.url {
            Some(url) => page.raw("Run ").link(url, &run.id, 60),
            None => page.raw("Run ").line(&run.id, 60),
        };
    }
    page.raw("</p>");
    said(page, report, exit_code);
    page.raw("</article>\n");
}

/// The target's problem or reason, and its warnings.
fn said(page: &mut Markup, report: &Report, exit_code: u8) {
    let own = trouble(report, exit_code);
    let left_out = own
        .as_ref()
        .filter(|own| report.set_aside.is_some() && own.verdict == Verdict::Skipped);
    if let Some(left_out) = left_out {
        page.raw("<dl>");
        let label = match has_begun(report) {
            true => "Cancelled",
            false => "Left out",
        };
        item(page, label, Some(left_out.message));
        warnings(page, report);
        page.raw("</dl>");
        return;
    }
    let problem = report.problem.as_ref();
    let message = problem
        .map(|problem| problem.message.as_str())
        .or(own.as_ref().map(|trouble| trouble.message));
    if message.is_none() && report.reason.is_none() && report.warnings.is_empty() {
        return;
    }
    page.raw("<dl>");
    let word = problem
        .map(|problem| problem.code.name())
        .or(own.as_ref().map(|trouble| trouble.word));
    if let (Some(message), Some(word)) = (message, word) {
        page.raw("<div class=\"problem\"><dt>Problem</dt><dd>")
            .line(message, MAX_LINE)
            .raw(" <code>")
            .raw(word)
            .raw("</code></dd></div>");
    }
    let reason = report.reason.as_deref();
    item(
        page,
        "Reason",
        reason.filter(|reason| Some(*reason) != message),
    );
    let (who, next) = remedy(report, exit_code).unzip();
    item(page, "Who acts", who);
    item(page, "Next", next);
    let id = problem.and_then(|problem| problem.request_id.as_deref());
    item(page, "Request id", id);
    warnings(page, report);
    page.raw("</dl>");
}

fn warnings(page: &mut Markup, report: &Report) {
    for warning in &report.warnings {
        page.raw("<div class=\"warning\"><dt>Warning</dt><dd>")
            .line(warning, MAX_LINE)
            .raw("</dd></div>");
    }
}

fn item(page: &mut Markup, term: &'static str, text: Option<&str>) {
    if let Some(text) = text {
        page.raw("<div><dt>")
            .raw(term)
            .raw("</dt><dd>")
            .line(text, MAX_LINE)
            .raw("</dd></div>");
    }
}
