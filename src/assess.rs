//! What is known of tests beside what their services say: whether a test is in quarantine, and whether its trouble was there
//! before.

mod baseline;
mod quarantine;
#[cfg(test)]
mod tests;

pub use self::quarantine::Rule;

use self::{baseline::Baseline, quarantine::Rules};
use crate::model::{Report, TestCase};
use crate::verdict::is_trouble;

/// What tests are looked at by.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// In the order in which they count: the first that holds for a test is the one.
    pub rules: Vec<Rule>,
    /// The day, in UTC: `2026-12-31`.
    pub today: String,
    /// All targets that the rules may be about. What a rule has to do with is known only where all of these have run.
    pub targets: Vec<String>,
    /// Earlier results to compare with, if there are to be any.
    pub baseline: Option<Vec<Report>>,
    /// Whether a test that passed only when it was run again counts as one in trouble.
    pub flaky: bool,
}

/// What somebody should know of the circumstances themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Rules that hold no longer.
    pub warnings: Vec<String>,
    /// Rules that may be taken away.
    pub notes: Vec<String>,
}

/// Remarks of each test in trouble whether it is in quarantine, and whether that is new.
///
/// Without rules the quarantine stays that was remarked before, as long as it lasts. Without a baseline, so does the
/// standing.
pub fn assess(reports: &mut [Report], circumstances: &Circumstances) -> Told {
    let Circumstances {
        rules,
        today,
        targets,
        baseline,
        flaky,
    } = circumstances;
    let rules = Rules::new(rules, today);
    let baseline = baseline
        .as_ref()
        .map(|earlier| Baseline::new(earlier, *flaky));
    for report in reports.iter_mut() {
        let standings = baseline
            .as_ref()
            .map(|baseline| baseline.standings(report, *flaky));
        for (at, test) in report.tests.iter_mut().enumerate() {
            let is_troubled = is_troubled(test, *flaky);
            if let Some(standings) = &standings {
                test.standing = standings[at].filter(|_| is_troubled);
            }
            let quarantine = rules.quarantine(&report.target, test);
            test.quarantine = quarantine.filter(|_| is_troubled);
        }
    }
    Told {
        warnings: rules.expired(),
        notes: rules.unmet(reports, targets),
    }
}

/// Whether a test is one whose trouble may be excused.
fn is_troubled(test: &TestCase, flaky: bool) -> bool {
    is_trouble(test.verdict) || flaky && test.is_flaky()
}
