use super::{Handle, Location, Verdict};
use crate::error::Problem;

/// A file that the service keeps about a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub url: String,
}

/// One test: the finest grain at which the service reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    /// The group the service reports it under; empty if there is none.
    pub suite: String,
    pub name: String,
    pub verdict: Verdict,
    pub queued_ms: Option<u64>,
    pub duration_ms: Option<u64>,
    /// How often it ran, 1 or more.
    pub attempts: u32,
    /// Why it did not pass, in one line.
    pub message: Option<String>,
    /// More about it, several lines.
    pub details: Option<String>,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub url: Option<String>,
    pub attachments: Vec<Attachment>,
    /// What came of it before it was run again, the oldest first. `attempts` counts them too.
    pub earlier: Vec<TestCase>,
    /// Only of a test in trouble, and only with a baseline.
    pub standing: Option<Standing>,
    /// Only of a test in trouble.
    pub quarantine: Option<Quarantine>,
}

/// Whether a test's trouble was there at the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It passed there, or was not there at all.
    New,
    Known,
}

impl Standing {
    /// Both.
    pub const ALL: [Self; 2] = [Self::New, Self::Known];

    /// The word for it in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
        }
    }
}

/// Why a test's trouble does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// As the configuration says.
    pub reason: String,
    /// The last day on which it does not count, in UTC: `2026-12-31`.
    pub until: String,
}

/// Why a target has not been run, or not to its end, on purpose. It does not count for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAside {
    /// There is no key for it, and that was allowed.
    MissingKey,
    /// Another target had failed before.
    FailFast,
}

impl SetAside {
    /// All reasons.
    pub const ALL: [Self; 2] = [Self::MissingKey, Self::FailFast];

    /// The word for it in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MissingKey => "missing-key",
            Self::FailFast => "fail-fast",
        }
    }
}

impl TestCase {
    /// A test of which only the verdict is known.
    #[must_use]
    pub fn new(suite: impl Into<String>, name: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            suite: suite.into(),
            name: name.into(),
            verdict,
            queued_ms: None,
            duration_ms: None,
            attempts: 1,
            message: None,
            details: None,
            expected: None,
            actual: None,
            url: None,
            attachments: Vec::new(),
            earlier: Vec::new(),
            standing: None,
            quarantine: None,
        }
    }

    /// Whether it passed, but not at once: whoever ran it again, Proctor or the service.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        self.verdict == Verdict::Passed && self.attempts > 1
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }
}

/// The run on the service's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    pub url: Option<String>,
}

/// What became of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub target: String,
    pub provider: String,
    pub verdict: Verdict,
    /// Why the verdict is what it is, where the tests alone do not tell.
    pub reason: Option<String>,
    /// Set whenever the verdict is not `passed`.
    pub problem: Option<Problem>,
    pub run: Option<Run>,
    /// Set while the run may be going on at the service, or its results could not be read.
    pub handle: Option<Handle>,
    pub tests: Vec<TestCase>,
    pub warnings: Vec<String>,
    /// Milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    pub duration_ms: u64,
    pub queued_ms: Option<u64>,
    pub location: Option<Location>,
    /// Set if it was not run, or not to its end, on purpose.
    pub set_aside: Option<SetAside>,
}

/// What came of triggering alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What was, or may have been, triggered; none if nothing was.
    pub handle: Option<Handle>,
    /// Why not everything was triggered.
    pub problem: Option<Problem>,
}

/// How many tests of each outcome were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub errored: u64,
    pub skipped: u64,
}

/// What became of results that were to be published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The record of them at the service.
    pub run: Option<Run>,
    pub read: Tally,
    /// How many tests the service has surely taken.
    pub sent: u64,
    /// How many were kept to be sent later.
    pub kept: u64,
    /// Why not everything was sent.
    pub problem: Option<Problem>,
    pub warnings: Vec<String>,
}

/// How many tests have each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([usize; Verdict::ALL.len()]);

impl Counts {
    /// Counts the verdicts of tests.
    pub fn of<'a>(tests: impl IntoIterator<Item = &'a TestCase>) -> Self {
        let mut counts = Self::default();
        for test in tests {
            counts.0[test.verdict as usize] += 1;
        }
        counts
    }

    /// How many have this verdict.
    #[must_use]
    pub const fn get(&self, verdict: Verdict) -> usize {
        self.0[verdict as usize]
    }

    /// How many there are in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

/// What counts as a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub fail_on: Vec<Verdict>,
    /// Whether a test that passed only when it was run again counts as a failure.
    pub flaky: bool,
    /// Whether a test's trouble counts only if it was not there at the baseline.
    pub new_only: bool,
    pub allow_empty: bool,
    pub exit_zero: bool,
    /// The number of the signal that told the host to stop, if any.
    pub signal: Option<u8>,
}

/// What all targets amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    pub verdict: Verdict,
    pub exit_code: u8,
    /// The exit code each target alone would have given, in the order of the reports.
    pub exit_codes: Vec<u8>,
}

/// Everything about one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Version of the program that made them.
    pub version: String,
    /// Milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    pub duration_ms: u64,
    pub conclusion: Conclusion,
    pub targets: Vec<Report>,
}
