//! What is drawn of a target's tests: where each stands, and which are too short to stand alone.

use crate::model::{Report, TestCase, Verdict};
use crate::verdict::worst;

/// One test, or several that are too short to be drawn alone.
pub(super) struct Part<'a> {
    pub from: u64,
    pub to: u64,
    pub verdict: Verdict,
    /// The first one.
    pub test: &'a TestCase,
    pub tests: usize,
}

impl Part<'_> {
    fn join(&mut self, other: &Self) {
        self.to = self.to.max(other.to);
        self.verdict = worst([self.verdict, other.verdict]);
        self.tests += other.tests;
    }
}

/// The tests of a target that have times, within the time from when it began to its end. Neighbours that are too short,
/// by what is told to be so, are one part.
pub(super) fn parts(
    report: &Report,
    (began, end): (u64, u64),
    narrow: impl Fn(u64, u64) -> bool,
) -> Vec<Part<'_>> {
    let timed = report.tests.iter();
    let timed: Vec<(u64, &TestCase)> = timed
        .filter_map(|test| Some((test.duration_ms?, test)))
        .collect();
    let all = placed(&timed, report).unwrap_or_else(|| in_turn(&timed, began, end));
    let mut parts: Vec<Part<'_>> = Vec::new();
    for part in all {
        match parts.last_mut() {
            Some(last)
                if narrow(last.from, last.to)
                    && narrow(last.to, part.from)
                    && narrow(part.from, part.to) =>
            {
                last.join(&part);
            }
            _ => parts.push(part),
        }
    }
    parts
}

/// The tests where the service says they were; nothing if it does not say it of all.
fn placed<'a>(timed: &[(u64, &'a TestCase)], report: &Report) -> Option<Vec<Part<'a>>> {
    let place = |(ms, test): &(u64, &'a TestCase)| {
        let from = report.started_at_ms.saturating_add(test.queued_ms?);
        Some(Part {
            from,
            to: from.saturating_add(*ms),
            verdict: test.verdict,
            test,
            tests: 1,
        })
    };
    timed.iter().map(place).collect()
}

/// The tests one behind the other; narrower than they were if their target's time is too short for all of them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture needs three digits"
)]
fn in_turn<'a>(timed: &[(u64, &'a TestCase)], began: u64, end: u64) -> Vec<Part<'a>> {
    let total: f64 = timed.iter().map(|(ms, _)| *ms as f64).sum();
    let room = end.saturating_sub(began) as f64;
    let scale = if total > room { room / total } else { 1.0 };
    let at = |ms: f64| began.saturating_add((ms * scale) as u64);
    let mut before = 0.0;
    let mut parts = Vec::with_capacity(timed.len());
    for (ms, test) in timed {
        let after = before + *ms as f64;
        parts.push(Part {
            from: at(before),
            to: at(after),
            verdict: test.verdict,
            test,
            tests: 1,
        });
        before = after;
    }
    parts
}
