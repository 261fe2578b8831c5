//! Problems that the host finds itself, and the reports it makes of them.

use std::{sync::Arc, time::Duration};

use wasmtime::component::ResourceTableError;

use super::{
    job::Job,
    journal::Journal,
    limits::{Allowance, Excess},
    state::{Record, Unkept},
};
use crate::{
    bindings::proctor::ci::types::{Code, Problem, Report, Target, Verdict},
    network::Cut,
    secret::Redactor,
};

/// The longest message, in bytes.
const LONGEST: usize = 2000;

/// Whose component it is, and so who acts if it fails.
#[derive(Debug, Clone)]
pub enum Maker {
    /// It ships with this program.
    Proctor,
    /// A plugin, by the path that the user named.
    Plugin(Arc<str>),
}

/// How a call ended that the component did not bring to its end.
#[derive(Debug)]
pub enum Ended {
    /// The component failed, or used too much.
    Broke(Maker, String),
    /// The host cut it off.
    Cut(Cut),
    /// The host could not keep what it was about to send.
    Unkept(Box<Problem>),
}

impl Ended {
    /// From a trap, or an error of the host's own functions, and what the component printed before.
    pub fn of(maker: &Maker, error: &wasmtime::Error, record: &Record) -> Self {
        if let Some(Unkept(problem)) = error.downcast_ref::<Unkept>() {
            return Self::Unkept(problem.clone());
        }
        let printed = record.printed();
        // What the host's functions refuse because the table is full.
        let full = error.downcast_ref::<ResourceTableError>();
        let excess = match full {
            Some(ResourceTableError::Full) => Some(&Excess::Handles),
            _ => error.downcast_ref::<Excess>(),
        };
        let why = match (excess, error.downcast_ref::<wasmtime::Trap>()) {
            (Some(excess), _) => excess.to_string(),
            (None, Some(trap)) => trap.to_string(),
            (None, None) => error
                .chain()
                .map(ToString::to_string)
                .find(|text| !text.starts_with("error while executing"))
                .unwrap_or_else(|| error.to_string()),
        };
        let why = match printed.as_str() {
            "" => why,
            printed => format!("{why}; it printed: {printed}"),
        };
        Self::Broke(maker.clone(), why)
    }

    /// As a problem; `limit` is the call's time limit.
    pub fn problem(&self, limit: Duration, redactor: &Redactor) -> Problem {
        match self {
            Self::Broke(maker, why) => maker.internal(&redactor.redact(why)),
            Self::Unkept(problem) => (**problem).clone(),
            Self::Cut(Cut::Stopped(told)) => problem(
                Code::Interrupted,
                format!("interrupted by {}", told.reason),
                "whoever stopped the job",
                "follow the run with `proctor wait` if it was triggered, or run again",
            ),
            Self::Cut(Cut::TimedOut) => problem(
                Code::TimedOut,
                format!("the time limit of {} s passed", limit.as_secs()),
                "the author of the pipeline",
                "follow the run with `proctor wait`, or allow more time with --timeout",
            ),
        }
    }

    const fn verdict(&self) -> Verdict {
        match self {
            Self::Broke(..) | Self::Unkept(_) => Verdict::Errored,
            Self::Cut(Cut::Stopped(_)) => Verdict::Cancelled,
            Self::Cut(Cut::TimedOut) => Verdict::TimedOut,
        }
    }

    /// The report of a call that the component did not bring to its end: what its events told, and why there is no more.
    pub fn report(
        &self,
        job: &Job,
        journal: Journal,
        started_at_ms: u64,
        took: Duration,
    ) -> Report {
        let Target {
            name,
            provider,
            location,
            timeout_ms,
            ..
        } = job.target.clone();
        let problem = self.problem(Duration::from_millis(timeout_ms), &job.access.redactor());
        Report {
            target: name,
            provider,
            verdict: self.verdict(),
            reason: Some(problem.message.clone()),
            problem: Some(problem),
            run: None,
            handle: journal.handle,
            tests: journal.tests,
            warnings: journal.warnings,
            started_at_ms,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            queued_ms: None,
            location,
        }
    }
}

impl Maker {
    /// What a call may use that needs no network. A plugin makes no reports, and so needs no more for it than for a run.
    pub const fn allowance(&self) -> Allowance {
        match self {
            Self::Proctor => Allowance::PURE,
            Self::Plugin(_) => Allowance::TARGET,
        }
    }

    /// A defect of the component.
    pub fn internal(&self, why: &str) -> Problem {
        let (name, who) = match self {
            Self::Proctor => ("the component".to_owned(), "the maintainers of Proctor"),
            Self::Plugin(shown) => (format!("the plugin `{shown}`"), "the author of the plugin"),
        };
        let end = why.floor_char_boundary(LONGEST);
        problem(
            Code::Internal,
            format!("{name} failed: {}", &why[..end]),
            who,
            "report it with the output of --verbose; if a run was triggered, follow it with `proctor wait`",
        )
    }
}

fn problem(code: Code, message: String, who: &str, next: &str) -> Problem {
    Problem {
        code,
        message,
        who: who.to_owned(),
        retriable: code == Code::Interrupted,
        next: next.to_owned(),
        request_id: None,
    }
}
