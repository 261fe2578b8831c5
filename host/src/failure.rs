//! What ends a command before it has a result, and the host's names and exit codes for it.

use crate::bindings::proctor::ci::types::{Code, Location, Problem};

/// Why a command has no result: a problem, and what a person needs to see to solve it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", problem.message)]
pub struct Failure {
    /// What happened, in one sentence.
    pub problem: Box<Problem>,
    /// More about it, several lines: for example each finding in a file with its line.
    pub details: Option<Details>,
    /// The place in a file that it is about.
    pub location: Option<Location>,
}

/// More about a failure, several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Details {
    /// Text from anywhere, a service's words included.
    Plain(String),
    /// What the renderer of diagnostics made: its escape sequences are our own.
    Rendered(String),
}

impl Details {
    /// The text, with escape sequences if it has any.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Rendered(text) => text,
        }
    }

    /// The text without escape sequences.
    #[must_use]
    pub fn plain(&self) -> String {
        anstream::adapter::strip_str(self.text()).to_string()
    }
}

impl Failure {
    /// Wrong usage: nothing was triggered.
    pub fn usage(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Code::Usage, message, next)
    }

    /// A defect, or a machine that does not let the host do its work.
    pub fn internal(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Code::Internal, message, next)
    }

    fn new(code: Code, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem {
                code,
                message: message.into(),
                who: who(code).to_owned(),
                retriable: code == Code::Interrupted,
                next: next.into(),
                request_id: None,
            }),
            details: None,
            location: None,
        }
    }

    /// The run was stopped before it began.
    #[must_use]
    pub fn interrupted(signal: &str) -> Self {
        Self::new(
            Code::Interrupted,
            format!("interrupted by {signal}; nothing was triggered"),
            "run again when ready",
        )
    }

    /// The same with more to read.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(Details::Plain(details.into()));
        self
    }

    /// The same with what the renderer of diagnostics made of it, and the place it is about.
    #[must_use]
    pub fn rendered(mut self, details: String, location: Location) -> Self {
        self.details = Some(Details::Rendered(details));
        self.location = Some(location);
        self
    }

    /// The problem alone.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        *self.problem
    }

    /// The exit code for it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        exit_code(self.problem.code)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            details: None,
            location: None,
        }
    }
}

/// Who acts on the codes that the host itself gives.
const fn who(code: Code) -> &'static str {
    match code {
        Code::Internal => "the maintainers of Proctor",
        Code::Interrupted => "whoever stopped the job",
        _ => "the author of the pipeline",
    }
}

/// The name of a code in logs and results.
#[must_use]
pub const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Failed => "failed",
        Code::Usage => "usage",
        Code::ServiceErrored => "service_errored",
        Code::TimedOut => "timed_out",
        Code::Authentication => "authentication",
        Code::Quota => "quota",
        Code::Unavailable => "unavailable",
        Code::Protocol => "protocol",
        Code::NoTests => "no_tests",
        Code::Internal => "internal",
        Code::Interrupted => "interrupted",
    }
}

/// The exit code of a command that has nothing but this problem. A signal's own number is added by whoever caught it.
#[must_use]
pub const fn exit_code(code: Code) -> u8 {
    match code {
        Code::Failed => 1,
        Code::Usage => 2,
        Code::ServiceErrored => 3,
        Code::TimedOut => 4,
        Code::Authentication => 5,
        Code::Quota => 6,
        Code::Unavailable => 7,
        Code::Protocol => 8,
        Code::NoTests => 9,
        Code::Internal => 70,
        Code::Interrupted => 130,
    }
}
