//! When the targets ran, and what their tests took of that time: one SVG without a view box, so that it takes the width
//! there is while its text keeps its size.

mod parts;

use super::label;
use super::markup::Markup;
use crate::model::{Report, Results};
use crate::report::view::{lasted, plural, title};
use crate::verdict::effective;
use parts::{Part, parts};

/// How many targets are drawn at most.
const MAX_TARGETS: usize = 100;
/// How many rows the tests of one target take at most, if they ran side by side.
const MAX_LANES: usize = 8;
/// How wide a part must be to be drawn alone, as a share of the whole in percent. Narrower ones are drawn as one.
const NARROWEST: f64 = 0.3;
/// How many parts are drawn of one target at most. Parts one behind the other are fewer.
const MAX_PARTS: usize = 700;
/// How long a name may be, in characters.
const MAX_NAME: usize = 80;

const AXIS: usize = 22;
const LABEL: usize = 19;
const BAR: usize = 10;
const LANE: usize = 7;
const GAP: usize = 13;

/// Steps between marks on the axis, in milliseconds.
const STEPS: [u64; 20] = [
    10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000,
    600_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000,
];
/// How many marks the axis has at most.
const MAX_MARKS: u64 = 5;

/// Adds the timeline; nothing if there is no time to show.
pub(super) fn timeline(page: &mut Markup, results: &Results) {
    let shown = &results.targets[..results.targets.len().min(MAX_TARGETS)];
    let Some(span) = Span::of(shown) else {
        return;
    };
    let mut drawing = Markup::default();
    let mut top = AXIS;
    for report in shown {
        top = target(&mut drawing, report, &span, top);
    }
    page.raw("<section aria-labelledby=\"h-time\"><h2 id=\"h-time\">Timeline</h2><div class=\"panel time\">")
        .raw("<svg role=\"img\" aria-label=\"When each target ran, and how its tests share that time\" width=\"100%\" height=\"")
        .number(top)
        .raw("\"><defs><pattern id=\"wait\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">")
        .raw("<path d=\"M0 0V6\" class=\"stripe\"/></pattern></defs>");
    axis(page, &span, top);
    page.append(&drawing)
        .raw("</svg><p class=\"note\">Striped: waiting at the service. The thin row shares a target’s time among its tests in the order reported, ")
        .raw("unless the service tells when each began.");
    let left_out = results.targets.len() - shown.len();
    if left_out > 0 {
        page.raw(" Not drawn: ")
            .clean(&plural(left_out, "more target"))
            .raw(".");
    }
    page.raw("</p></div></section>");
}

/// The time that is drawn, in milliseconds since the Unix epoch.
struct Span {
    start: u64,
    length: u64,
}

impl Span {
    fn of(reports: &[Report]) -> Option<Self> {
        let start = reports.iter().map(|report| report.started_at_ms).min()?;
        let end = reports.iter().map(end).max()?;
        let length = end - start;
        (length > 0).then_some(Self { start, length })
    }

    /// A moment as a place, in percent of the width.
    fn place(&self, ms: u64) -> f64 {
        self.width(ms.saturating_sub(self.start)).min(100.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture needs three digits")]
    fn width(&self, ms: u64) -> f64 {
        ms as f64 / self.length as f64 * 100.0
    }
}

fn end(report: &Report) -> u64 {
    report.started_at_ms.saturating_add(report.duration_ms)
}

fn axis(page: &mut Markup, span: &Span, height: usize) {
    let fits = |step: &u64| span.length / step < MAX_MARKS;
    let step = STEPS.into_iter().find(fits).unwrap_or(span.length);
    for number in 0..=(span.length / step).min(MAX_MARKS) {
        let ms = number.saturating_mul(step);
        let place = span.width(ms);
        // A word at the very end would be cut off.
        let anchor = if number == 0 {
            "start"
        } else if place > 94.0 {
            "end"
        } else {
            "middle"
        };
        page.raw("<line class=\"mark\" y1=\"16\"");
        percent(page, " x1", place);
        percent(page, " x2", place);
        page.raw(" y2=\"")
            .number(height)
            .raw("\"/><text class=\"tick\" y=\"11\" text-anchor=\"")
            .raw(anchor)
            .raw("\"");
        percent(page, " x", place);
        let said = if ms == 0 { "0".to_owned() } else { lasted(ms) };
        page.raw(">").clean(&said).raw("</text>");
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place lies between 0 and 100"
)]
fn percent(page: &mut Markup, attribute: &'static str, value: f64) {
    page.raw(attribute)
        .raw("=\"")
        .percent((value * 100.0) as usize)
        .raw("\"");
}

/// Draws one target below a line, and returns where the next one goes.
fn target(page: &mut Markup, report: &Report, span: &Span, top: usize) -> usize {
    let verdict = effective(report);
    let waited = report.queued_ms.unwrap_or(0).min(report.duration_ms);
    page.raw("<text class=\"name\" x=\"0\" y=\"")
        .number(top + 13)
        .raw("\">")
        .line(&report.target, MAX_NAME)
        .raw("<tspan> · ")
        .raw(label(verdict))
        .raw(" · ")
        .clean(&lasted(report.duration_ms));
    if waited > 0 {
        page.raw(", waited ").clean(&lasted(waited));
    }
    page.raw("</tspan></text>");
    let bar = top + LABEL;
    let began = report.started_at_ms.saturating_add(waited);
    if waited > 0 {
        rect(
            page,
            Shape {
                class: "wait",
                from: span.place(report.started_at_ms),
                to: span.place(began),
                top: bar,
                height: BAR,
            },
        );
        page.raw("</rect>");
    }
    rect(
        page,
        Shape {
            class: verdict.word(),
            from: span.place(began),
            to: span.place(end(report)),
            top: bar,
            height: BAR,
        },
    );
    page.raw("<title>")
        .line(&report.target, MAX_NAME)
        .raw("</title></rect>");
    let lanes = tests(page, report, span, bar + BAR + 2, began);
    bar + BAR + 2 + lanes * LANE + GAP
}

struct Shape {
    class: &'static str,
    from: f64,
    to: f64,
    top: usize,
    height: usize,
}

/// Opens a rectangle; what it is about may follow as its title.
fn rect(page: &mut Markup, shape: Shape) {
    page.raw("<rect class=\"").raw(shape.class).raw("\"");
    percent(page, " x", shape.from);
    percent(page, " width", (shape.to - shape.from).max(0.0));
    page.raw(" y=\"")
        .number(shape.top)
        .raw("\" height=\"")
        .number(shape.height)
        .raw("\">");
}

/// Draws the tests that have times, and returns how many rows they take.
fn tests(page: &mut Markup, report: &Report, span: &Span, top: usize, began: u64) -> usize {
    let narrow = |from, to: u64| span.width(to.saturating_sub(from)) < NARROWEST;
    let mut ends: Vec<f64> = Vec::new();
    for part in parts(report, (began, end(report)), narrow)
        .iter()
        .take(MAX_PARTS)
    {
        draw(page, part, span, top, &mut ends);
    }
    ends.len()
}

/// Draws a part in the first row that is free there; nothing if none is.
fn draw(page: &mut Markup, part: &Part<'_>, span: &Span, top: usize, ends: &mut Vec<f64>) {
    let (from, to) = (span.place(part.from), span.place(part.to));
    let lane = match ends.iter().position(|end| *end <= from) {
        Some(lane) => lane,
        None if ends.len() < MAX_LANES => {
            ends.push(0.0);
            ends.len() - 1
        }
        None => return,
    };
    ends[lane] = to;
    rect(
        page,
        Shape {
            class: part.verdict.word(),
            from,
            to,
            top: top + lane * LANE,
            height: LANE - 2,
        },
    );
    page.raw("<title>");
    if part.tests == 1 {
        page.line(&title(part.test), MAX_NAME);
    } else {
        page.clean(&plural(part.tests, "test"));
    }
    let took = part.test.duration_ms.filter(|_| part.tests == 1);
    page.raw(": ").raw(label(part.verdict));
    if let Some(ms) = took {
        page.raw(", ").clean(&lasted(ms));
    }
    page.raw("</title></rect>");
}
