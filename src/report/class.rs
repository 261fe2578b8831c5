//! What readers of a report want told apart: what is new, what is known, what does not count, and what passed too late.

use crate::model::{Report, Standing, TestCase, Verdict};
use crate::verdict::{effective, is_trouble};

/// How much a test matters to whoever reads of it, what matters most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// In trouble, and was not at the baseline.
    New,
    /// In trouble, and without a baseline nobody knows since when.
    Failed,
    /// In trouble, and was at the baseline.
    Known,
    /// In trouble, which is set not to count.
    Quarantined,
    /// Stopped with its target on purpose.
    LeftOut,
    /// Passed, but not at once.
    Flaky,
    /// Passed at once, or skipped.
    Quiet,
}

impl Class {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::New,
        Self::Failed,
        Self::Known,
        Self::Quarantined,
        Self::LeftOut,
        Self::Flaky,
        Self::Quiet,
    ];

    /// What a test of a report is.
    pub(super) fn of(report: &Report, test: &TestCase) -> Self {
        if !is_trouble(test.verdict) {
            return if test.is_flaky() {
                Self::Flaky
            } else {
                Self::Quiet
            };
        }
        if test.quarantine.is_some() {
            return Self::Quarantined;
        }
        if report.set_aside.is_some() && test.verdict == Verdict::Cancelled {
            return Self::LeftOut;
        }
        match test.standing {
            Some(Standing::New) => Self::New,
            Some(Standing::Known) => Self::Known,
            None => Self::Failed,
        }
    }

    /// Whether a test of this class counts as a failure of its target, which alone ends with this exit code.
    ///
    /// The policy is not among the results. What was known before counts where its target is a failure; what is flaky,
    /// where nothing else tells why it is.
    pub(super) fn counts(self, report: &Report, exit_code: u8) -> bool {
        match self {
            Self::New | Self::Failed => true,
            Self::Known => exit_code != 0,
            Self::Flaky => exit_code != 0 && effective(report) == Verdict::Passed,
            Self::Quarantined | Self::LeftOut | Self::Quiet => false,
        }
    }

    /// Whether it is shown as a failure.
    pub(super) const fn is_failure(self) -> bool {
        matches!(self, Self::New | Self::Failed | Self::Known)
    }

    /// What is said of it beside its verdict, if anything.
    pub(super) const fn remark(self) -> Option<&'static str> {
        match self {
            Self::New => Some("new"),
            Self::Known => Some("known"),
            Self::Quarantined => Some("in quarantine"),
            Self::Flaky => Some("flaky"),
            Self::LeftOut => Some("stopped"),
            Self::Failed | Self::Quiet => None,
        }
    }

    /// The same as one word of letters.
    pub(super) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Quarantined => Some("quarantined"),
            Self::LeftOut => Some("left-out"),
            other => other.remark(),
        }
    }
}

/// How many tests there are of each verdict and class.
#[derive(Debug, Clone, Default)]
pub(super) struct Census([[usize; Class::ALL.len()]; Verdict::ALL.len()]);

impl Census {
    /// Counts the tests of reports.
    pub(super) fn of(reports: &[Report]) -> Self {
        let mut census = Self::default();
        for report in reports {
            for test in &report.tests {
                census.0[test.verdict as usize][Class::of(report, test) as usize] += 1;
            }
        }
        census
    }

    /// How many have this verdict.
    pub(super) fn get(&self, verdict: Verdict) -> usize {
        self.0[verdict as usize].iter().sum()
    }

    /// How many are of this class.
    pub(super) fn class(&self, class: Class) -> usize {
        self.0.iter().map(|classes| classes[class as usize]).sum()
    }

    /// How many there are in all.
    pub(super) fn total(&self) -> usize {
        self.0.iter().flatten().sum()
    }

    /// What there is to remark of those with a verdict: `1 new, 3 in quarantine`; empty if nothing.
    pub(super) fn remarks(&self, verdict: Verdict) -> String {
        let parts: Vec<String> = Class::ALL
            .into_iter()
            .filter_map(|class| Some((self.0[verdict as usize][class as usize], class.remark()?)))
            .filter(|(number, _)| *number > 0)
            .map(|(number, remark)| format!("{number} {remark}"))
            .collect();
        parts.join(", ")
    }

    /// All of it in words: `10 passed (1 flaky), 2 failed (1 new)`.
    pub(super) fn words(&self) -> String {
        let mut parts = Vec::new();
        for verdict in Verdict::ALL {
            let number = self.get(verdict);
            if number == 0 {
                continue;
            }
            parts.push(match self.remarks(verdict) {
                remarks if remarks.is_empty() => format!("{number} {verdict}"),
                remarks => format!("{number} {verdict} ({remarks})"),
            });
        }
        if parts.is_empty() {
            "no tests".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Quarantine, SetAside};
    use crate::report::sample::{remarked, report};

    #[test]
    fn every_remark_is_counted_with_its_verdict() {
        let census = Census::of(&remarked().targets);
        assert_eq!(
            census.words(),
            "4 passed (2 flaky), 3 failed (1 new, 1 known, 1 in quarantine), 1 cancelled (1 stopped), 1 timed-out"
        );
        assert_eq!(census.total(), 9);
        assert_eq!(census.class(Class::Flaky), 2);
        let skipped = TestCase::new("", "t", Verdict::Skipped);
        let passed = TestCase::new("", "t", Verdict::Passed);
        let tests = vec![skipped.clone(), passed, skipped];
        let quiet = Census::of(&[report("api", Verdict::Passed, tests)]);
        assert_eq!(quiet.words(), "1 passed, 2 skipped");
        assert_eq!(Census::default().words(), "no tests");
    }

    #[test]
    fn what_does_not_count_goes_before_what_is_new() {
        let mut test = TestCase::new("", "t", Verdict::Cancelled);
        test.standing = Some(Standing::New);
        let mut report = report("api", Verdict::Failed, Vec::new());
        assert_eq!(Class::of(&report, &test), Class::New);
        report.set_aside = Some(SetAside::FailFast);
        assert_eq!(Class::of(&report, &test), Class::LeftOut);
        test.quarantine = Some(Quarantine {
            reason: "r".to_owned(),
            until: "2026-12-31".to_owned(),
        });
        assert_eq!(Class::of(&report, &test), Class::Quarantined);
        test.verdict = Verdict::Passed;
        assert_eq!(
            Class::of(&report, &test),
            Class::Quiet,
            "a remark does not make a trouble"
        );
    }

    #[test]
    fn what_is_known_or_flaky_counts_where_its_target_does_for_no_other_reason() {
        let mut flaky = TestCase::new("", "f", Verdict::Passed);
        flaky.attempts = 2;
        let passed = report("api", Verdict::Passed, vec![flaky.clone()]);
        let failed = TestCase::new("", "t", Verdict::Failed);
        let failed = report("api", Verdict::Failed, vec![flaky, failed]);
        for (class, report, exit_code, counts) in [
            (Class::New, &failed, 0, true),
            (Class::Known, &failed, 0, false),
            (Class::Known, &failed, 1, true),
            (Class::Quarantined, &failed, 1, false),
            (Class::Flaky, &passed, 0, false),
            (Class::Flaky, &passed, 1, true),
            (Class::Flaky, &failed, 1, false),
        ] {
            assert_eq!(
                class.counts(report, exit_code),
                counts,
                "{class:?} {exit_code}"
            );
        }
    }

    #[test]
    fn places_are_those_of_the_list() {
        for (place, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, place);
        }
    }
}
