//! The nouns: what is to be run, what came of it, and what crosses the boundary. The same as `wit/types.wit`.

mod generation;
mod handle;
mod provider;
mod report;
mod target;

pub use generation::{Generated, Wishes};
pub use handle::{Baseline, Handle, Stage, Trigger};
pub use provider::{
    Abilities, Authentication, Item, Mistake, Parameter, ParameterKind, Provider, Rate,
};
pub use report::{
    Attachment, Conclusion, Counts, Policy, Publication, Quarantine, Report, Results, Run,
    SetAside, Standing, Started, Tally, TestCase,
};
pub use target::{Location, Setting, Target, Value};

/// What became of a test or of a whole target. Each service's own words are mapped to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Ran, and everything that was checked held.
    Passed,
    /// Ran, and something that was checked did not hold.
    Failed,
    /// Could not be judged, through no fault of the system under test.
    Errored,
    /// Stopped before its end.
    Cancelled,
    /// Did not end within the time limit.
    TimedOut,
    /// Was not run on purpose.
    Skipped,
    /// The service used a word that is not known.
    Unknown,
}

impl Verdict {
    /// All verdicts, in the order in which reports list them.
    pub const ALL: [Self; 7] = [
        Self::Passed,
        Self::Failed,
        Self::Errored,
        Self::Cancelled,
        Self::TimedOut,
        Self::Skipped,
        Self::Unknown,
    ];

    /// The word for it in reports and flags.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed-out",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
