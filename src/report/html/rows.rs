//! The tests, one row each: those that did not go well first, and among them what is new.

use std::collections::BTreeMap;

use super::controls::controls;
use super::details::{Budget, has_more, ways};
use super::label;
use super::markup::Markup;
use super::summary::MAX_NAME;
use crate::model::{Results, TestCase};
use crate::report::class::Class;
use crate::report::clean::one_line;
use crate::report::view::{lasted, plural, totals};
use crate::verdict::is_trouble;

/// How many rows the document shows at least, and at most, before its script shows more. Between them, as many as did
/// not go well.
const SHOWN: (usize, usize) = (200, 1_000);
/// How many rows wait together.
const WAITING: usize = 500;
/// Up to how many rows of what did not go well are open from the start.
const OPEN: usize = 5;

/// A test with its place among all.
#[derive(Clone, Copy)]
struct Row<'a> {
    /// From 1, in the order reported.
    number: usize,
    /// The place of its target.
    target: usize,
    test: &'a TestCase,
    class: Class,
    /// Which one of those with the same name it is, and how many there are.
    namesake: (usize, usize),
}

/// Adds all tests, with what is needed to choose among them.
pub(super) fn tests(page: &mut Markup, results: &Results) {
    let rows = rows(results);
    page.raw("<section aria-labelledby=\"h-tests\"><h2 id=\"h-tests\">Tests</h2>\n");
    if rows.is_empty() {
        page.raw(
            "<div class=\"panel\"><p class=\"empty\">No tests were reported.</p></div></section>\n",
        );
        return;
    }
    controls(page, results);
    let troubled = rows
        .iter()
        .filter(|row| is_trouble(row.test.verdict))
        .count();
    let failures = rows.iter().filter(|row| row.class.is_failure()).count();
    let shown = rows.len().min(troubled.clamp(SHOWN.0, SHOWN.1));
    let mut writer = Writer {
        results,
        open: failures <= OPEN,
        budget: Budget::PAGE,
    };
    page.raw("<ol id=\"list\" class=\"panel\">\n");
    for row in &rows[..shown] {
        writer.row(page, row);
    }
    page.raw("</ol>\n<p id=\"none\" class=\"panel empty\" hidden>No test matches. <button type=\"button\" id=\"clear\">Show all tests</button></p>\n");
    page.raw("<p class=\"further\"><button type=\"button\" id=\"further\" hidden></button></p>\n");
    if shown < rows.len() {
        page.raw("<p id=\"plain\" class=\"empty\">Without its script this page shows ")
            .number(shown)
            .raw(" of ")
            .clean(&plural(rows.len(), "test"))
            .raw(", those that did not go well first.</p>\n");
    }
    for waiting in rows[shown..].chunks(WAITING) {
        page.raw("<template>");
        for row in waiting {
            writer.row(page, row);
        }
        page.raw("</template>\n");
    }
    page.raw("</section>\n");
}

/// All tests, class by class, each in the order reported.
fn rows(results: &Results) -> Vec<Row<'_>> {
    let tests = results.targets.iter().enumerate();
    let tests =
        tests.flat_map(|(target, report)| report.tests.iter().map(move |test| (target, test)));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = Vec::with_capacity(totals(results).total());
    for (at, (target, test)) in tests.enumerate() {
        let count = seen.entry(key(target, test)).or_insert(0);
        *count += 1;
        rows.push(Row {
            number: at + 1,
            target,
            test,
            class: Class::of(&results.targets[target], test),
            namesake: (*count, 1),
        });
    }
    for row in &mut rows {
        row.namesake.1 = seen[&key(row.target, row.test)];
    }
    let of_class = |class| rows.iter().copied().filter(move |row| row.class == class);
    Class::ALL.into_iter().flat_map(of_class).collect()
}

/// What a reader sees of a test's name and of where it belongs.
fn key(target: usize, test: &TestCase) -> String {
    let (suite, name) = (
        one_line(&test.suite, MAX_NAME),
        one_line(&test.name, MAX_NAME),
    );
    format!("{target}\n{suite}\n{name}")
}

struct Writer<'a> {
    results: &'a Results,
    /// Whether what did not go well is open from the start.
    open: bool,
    budget: Budget,
}

impl Writer<'_> {
    fn row(&mut self, page: &mut Markup, row: &Row<'_>) {
        let test = row.test;
        page.raw("<li id=\"t")
            .number(row.number)
            .raw("\" class=\"")
            .raw(test.verdict.word())
            .raw("\" data-g=\"")
            .number(row.target);
        if let Some(word) = row.class.word() {
            page.raw("\" data-remark=\"").raw(word);
        }
        if let Some(ms) = test.duration_ms {
            page.raw("\" data-ms=\"").clean(&ms.to_string());
        }
        page.raw("\">");
        if has_more(test) {
            let open = self.open && row.class.is_failure();
            page.raw(if open { "<details open>" } else { "<details>" })
                .raw("<summary class=\"r\">");
            self.head(page, row);
            page.raw("</summary><div class=\"x\">");
            self.budget.details(page, test, row.class);
            ways(page, row.number, test.url.as_deref());
            page.raw("</div></details>");
        } else {
            page.raw("<div class=\"r\">");
            self.head(page, row);
            page.raw("</div>");
        }
        page.raw("</li>\n");
    }

    /// What is seen of a test at once.
    fn head(&self, page: &mut Markup, row: &Row<'_>) {
        let test = row.test;
        page.raw("<span class=\"verdict\"><i class=\"v\"></i>")
            .raw(label(test.verdict))
            .raw("</span> <span class=\"n\">");
        if !test.suite.is_empty() {
            page.raw("<span class=\"s\">")
                .line(&test.suite, MAX_NAME)
                .raw(" / </span>");
        }
        page.line(&test.name, MAX_NAME);
        if row.namesake.1 > 1 {
            page.raw(" <small>")
                .number(row.namesake.0)
                .raw(" of ")
                .number(row.namesake.1)
                .raw(" with this name</small>");
        }
        if let (Some(word), Some(remark)) = (row.class.word(), row.class.remark()) {
            page.raw(" <small class=\"k ")
                .raw(word)
                .raw("\">")
                .raw(remark)
                .raw("</small>");
        }
        if test.attempts > 1 {
            page.raw(" <small>")
                .clean(&test.attempts.to_string())
                .raw(" attempts</small>");
        }
        if let Some(message) = &test.message {
            page.raw(" <span class=\"m\">")
                .line(message, 200)
                .raw("</span>");
        }
        page.raw("</span> <span class=\"g\">")
            .line(&self.results.targets[row.target].target, MAX_NAME)
            .raw("</span> <span class=\"d\">");
        if let Some(ms) = test.duration_ms {
            page.clean(&lasted(ms));
        }
        page.raw("</span>");
    }
}
