//! Earlier results that tests are compared with.

use std::collections::HashMap;

use super::is_troubled;
use crate::model::{Report, Standing, TestCase, Verdict};

/// By what a test is known again: its target, suite and name.
type Key<'a> = (&'a str, &'a str, &'a str);

/// How often a test is in results, and how often it went wrong there.
#[derive(Default)]
struct Times {
    all: usize,
    /// How often it failed or errored.
    failed: usize,
    /// How often it passed, but not at once, where that counts.
    flaky: usize,
}

/// What became of each test in earlier results.
pub(super) struct Baseline<'a>(HashMap<Key<'a>, Times>);

impl<'a> Baseline<'a> {
    pub(super) fn new(earlier: &'a [Report], flaky: bool) -> Self {
        Self(times(earlier, flaky))
    }

    /// The standing that the trouble of each test of a report has; none for those that are in none.
    ///
    /// Fails closed. Known is only what failed or errored, then as now: that a test was cancelled or had no time left, or that
    /// nothing is known of it, says nothing of what is wrong with it. Of tests with the same key all must have been in trouble, and as many of
    /// them as are now.
    pub(super) fn standings(&self, report: &Report, flaky: bool) -> Vec<Option<Standing>> {
        let now = times(std::slice::from_ref(report), flaky);
        let of_test = |test: &TestCase| {
            let key = key(&report.target, test);
            let is_known = match (self.0.get(&key), now.get(&key)) {
                (Some(then), Some(now)) if has_gone_wrong(test) => {
                    then.failed == then.all && now.failed <= then.failed
                }
                (Some(then), Some(now)) if test.is_flaky() => {
                    then.failed + then.flaky == then.all
                        && now.failed + now.flaky <= then.failed + then.flaky
                }
                _ => false,
            };
            is_troubled(test, flaky).then_some(match is_known {
                true => Standing::Known,
                false => Standing::New,
            })
        };
        report.tests.iter().map(of_test).collect()
    }
}

fn times(reports: &[Report], flaky: bool) -> HashMap<Key<'_>, Times> {
    let mut times: HashMap<Key<'_>, Times> = HashMap::new();
    for report in reports {
        for test in &report.tests {
            let of_key = times.entry(key(&report.target, test)).or_default();
            of_key.all += 1;
            of_key.failed += usize::from(has_gone_wrong(test));
            of_key.flaky += usize::from(flaky && test.is_flaky());
        }
    }
    times
}

/// Whether a test's own outcome was a bad one.
const fn has_gone_wrong(test: &TestCase) -> bool {
    matches!(test.verdict, Verdict::Failed | Verdict::Errored)
}

fn key<'a>(target: &'a str, test: &'a TestCase) -> Key<'a> {
    (target, &test.suite, &test.name)
}
