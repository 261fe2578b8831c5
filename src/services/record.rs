//! From what happened to a report.

use std::time::Duration;

use super::{Found, Judged};
use crate::error::{Code, Problem, spoken};
use crate::model::{Counts, Handle, Report, Target, TestCase, Verdict};
use crate::ports::Ports;
use crate::verdict::verdict_of;

/// A report in the making.
pub struct Record {
    started_at_ms: u64,
    started: crate::ports::Instant,
    pub found: Found,
    pub warnings: Vec<String>,
    pub queued: Option<Duration>,
    /// Set while the remote run may be going on.
    pub handle: Option<Handle>,
    /// The places of the triggers that an earlier process has brought so far that this one goes on with their runs.
    pub begun: Vec<usize>,
}

impl Record {
    #[must_use]
    pub fn begin(ports: &dyn Ports) -> Self {
        Self {
            started_at_ms: ports.unix_ms(),
            started: ports.now(),
            found: Found::default(),
            warnings: Vec::new(),
            queued: None,
            handle: None,
            begun: Vec::new(),
        }
    }

    /// The report. `outcome` is the judgement, or why there is none with the verdict it amounts to.
    #[must_use]
    pub fn finish(
        self,
        target: &Target,
        ports: &dyn Ports,
        outcome: Result<Judged, Problem>,
    ) -> Report {
        let (verdict, reason, problem) = match outcome {
            Ok(Judged { verdict, reason }) => {
                let problem = problem_of(verdict, reason.as_deref(), &self.found.tests);
                (verdict, reason, problem)
            }
            Err(problem) => (
                verdict_of(problem.code),
                Some(problem.message.clone()),
                Some(problem),
            ),
        };
        let Found { tests, run } = self.found;
        Report {
            target: target.name.clone(),
            provider: target.provider.clone(),
            verdict,
            reason,
            problem,
            run,
            handle: self.handle,
            tests,
            warnings: self.warnings,
            started_at_ms: self.started_at_ms,
            duration_ms: ms(ports.now().since(self.started)),
            queued_ms: self.queued.map(ms),
            location: target.location.clone(),
            set_aside: None,
        }
    }
}

/// The problem that a verdict amounts to; none for `passed`.
#[must_use]
pub fn problem_of(verdict: Verdict, reason: Option<&str>, tests: &[TestCase]) -> Option<Problem> {
    let counts = Counts::of(tests);
    let told = |fallback: String| reason.map_or(fallback, str::to_owned);
    let of_all = |verdict| {
        format!(
            "{} of {} tests {verdict}",
            counts.get(verdict),
            counts.total()
        )
    };
    let problem = match verdict {
        Verdict::Passed => return None,
        Verdict::Failed => Problem::new(Code::Failed, told(of_all(Verdict::Failed))),
        Verdict::Errored => Problem::new(Code::ServiceErrored, told(of_all(Verdict::Errored))),
        Verdict::Unknown => Problem::new(Code::ServiceErrored, told(of_all(Verdict::Unknown))),
        Verdict::Cancelled => Problem::new(
            Code::ServiceErrored,
            told("the run was cancelled at the service".to_owned()),
        ),
        Verdict::TimedOut => Problem::new(
            Code::TimedOut,
            told("the run did not end in time".to_owned()),
        ),
        Verdict::Skipped => Problem::new(Code::NoTests, told("no test ran".to_owned())),
    };
    Some(problem)
}

/// The problem of a run that outlived its time.
#[must_use]
pub fn timed_out(timeout: Duration, last: Option<&str>, stopped: bool) -> Problem {
    let last = last.map_or_else(String::new, |word| format!("; its last state was {word}"));
    let (then, next) = if stopped {
        ("it was stopped", "allow more time with --timeout")
    } else {
        ("it may be going on", Code::TimedOut.next())
    };
    Problem::new(
        Code::TimedOut,
        format!(
            "the run did not end within {}{last}; {then}",
            spoken(timeout)
        ),
    )
    .next(next)
}

/// The problem of a run that was not begun in the time that it had for that.
#[must_use]
pub fn not_begun(target: &Target, title: &str, stopped: bool) -> Problem {
    let queued = target.queue_timeout().map(spoken).unwrap_or_default();
    let (then, next) = match stopped {
        true => (
            "it was stopped",
            "look at the service what keeps runs waiting, or allow more time with --queue-timeout",
        ),
        false => (
            "it may still begin",
            "follow the run with `proctor wait`, or allow more time with --queue-timeout",
        ),
    };
    Problem::new(
        Code::TimedOut,
        format!(
            "the run of {title} was queued for {queued} and has not begun (--queue-timeout); {then}"
        ),
    )
    .next(next)
}

/// The problem of a run whose test rests in a state that may be that of an earlier run.
#[must_use]
pub fn unproven(word: &str) -> Problem {
    Problem::new(
        Code::ServiceErrored,
        format!(
            "nothing shows that the new run has ended: the state {word} may be that of an earlier run"
        ),
    )
    .next("look at the service; a test that is used as a gate should be one that nobody and no schedule runs")
}

/// The problem of a run that the host was told to leave.
#[must_use]
pub fn interrupted(by: &str, remote: Remote) -> Problem {
    let (then, next) = match remote {
        Remote::NotStarted => ("nothing had been triggered", Code::Interrupted.next()),
        Remote::Unclear => (
            "the trigger was not answered, so a run may have been started",
            "let `proctor cancel` look for it and stop it, or look at the service",
        ),
        Remote::Stopped => ("the remote run was stopped", Code::Interrupted.next()),
        Remote::GoesOn => (
            "the remote run may be going on",
            "pick it up with `proctor wait`, or stop it with `proctor cancel`",
        ),
        Remote::Unstoppable => (
            "the remote run goes on, as the service cannot stop one",
            "pick it up with `proctor wait`",
        ),
    };
    Problem::new(Code::Interrupted, format!("interrupted by {by}; {then}")).next(next)
}

/// What is known of the remote run when it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    NotStarted,
    /// A run may have been started.
    Unclear,
    Stopped,
    GoesOn,
    /// It goes on, and the service has nothing that stops it.
    Unstoppable,
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
