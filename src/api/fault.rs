//! Why a call brought no answer, and who must act on it.

use std::time::Duration;

use crate::error::{Code, Problem};
use crate::ports::Bar;

/// An answer other than success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// The service's own name for the error.
    pub code: Option<String>,
    pub message: Option<String>,
    pub request_id: Option<String>,
    pub retry_after: Option<Duration>,
    /// Where a redirect points.
    pub location: Option<String>,
    /// Whether the body was something else than the API's JSON, as gateways send.
    pub foreign: bool,
    /// Whether the service speaks of a plan's limit.
    pub quota: bool,
}

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request certainly did not reach the service.
    NotSent(String),
    /// The request may have been carried out; the answer was lost.
    Lost(String),
    /// The host does not allow the request.
    Denied(String),
    /// The answer is larger than is accepted.
    TooLarge(String),
    /// The way stays closed until somebody opens it.
    Barred(Bar, String),
    /// The service answered with an error.
    Refused(Box<Refusal>),
    /// The service answered with success, but not in its own terms.
    Malformed {
        why: String,
        request_id: Option<String>,
    },
    /// The host was told to stop, and by what.
    Interrupted(String),
    /// There was no time left to send the request, or to wait for what it reads.
    OutOfTime,
}

/// A call that brought no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Method and path.
    pub call: String,
    pub fault: Fault,
}

/// Whether a run of ours exists yet. The same answer means something else before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    BeforeTrigger,
    AfterTrigger,
}

impl Fault {
    /// Whether the same request may succeed a little later. Says nothing about whether repeating it is harmless.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::Lost(_) => true,
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Denied(_)
            | Self::TooLarge(_)
            | Self::Barred(..)
            | Self::Malformed { .. }
            | Self::Interrupted(_)
            | Self::OutOfTime => false,
        }
    }

    /// Whether the request certainly had no effect, so that it may be sent again whatever it does.
    ///
    /// A 503 counts only with `Retry-After`: that is the service turning the request away, not failing in its middle. What
    /// is barred was not sent either, and is not sent again: the next attempt would fail as well.
    #[must_use]
    pub fn had_no_effect(&self) -> bool {
        match self {
            Self::NotSent(_) => true,
            Self::Refused(refusal) => {
                !refusal.quota
                    && (refusal.status == 429
                        || (refusal.status == 503 && refusal.retry_after.is_some()))
            }
            _ => false,
        }
    }

    /// Whether the same request, sent again with the same idempotency key, may bring the answer.
    ///
    /// 409 is the service still at work on the first one. ASSUMED, as no service documents it.
    #[must_use]
    pub fn may_pass_with_key(&self) -> bool {
        self.is_passing() || matches!(self, Self::Refused(refusal) if refusal.status == 409)
    }

    /// Whether the request may have been carried out although no success was answered.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Lost(_)
            | Self::TooLarge(_)
            | Self::Malformed { .. }
            | Self::Barred(Bar::CertificateRefusedLate, _) => true,
            Self::Refused(refusal) => refusal.status >= 500 && !self.had_no_effect(),
            _ => false,
        }
    }

    /// Whether it is this side that did not ask, or did not wait for the answer: it says nothing of the service.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::Interrupted(_) | Self::OutOfTime)
    }

    /// How long the service asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    /// What happened, without the call.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Barred(Bar::CertificateRefusedLate, why) => format!("no answer came ({why})"),
            Self::NotSent(why) | Self::Barred(_, why) => {
                format!("the request could not be sent ({why})")
            }
            Self::Lost(why) => format!("no answer came ({why})"),
            Self::Denied(why) => format!("the request is not allowed ({why})"),
            Self::TooLarge(why) => format!("the answer is too large ({why})"),
            Self::Refused(refusal) => refusal.told(),
            Self::Malformed { why, .. } => format!("the answer cannot be understood: {why}"),
            Self::Interrupted(by) => format!("interrupted by {by}"),
            Self::OutOfTime => "no time was left".to_owned(),
        }
    }
}

impl Refusal {
    fn is_passing(&self) -> bool {
        !self.quota && (matches!(self.status, 408 | 425 | 429) || self.status >= 500)
    }

    fn told(&self) -> String {
        let mut told = format!("the service answered {}", self.status);
        if let Some(code) = &self.code {
            told.push_str(&format!(" {code}"));
        }
        if let Some(message) = &self.message {
            told.push_str(&format!(": {message}"));
        } else if self.foreign {
            told.push_str(" with a page that is not the API's, perhaps a gateway's");
        }
        if let Some(location) = &self.location {
            told.push_str(&format!(", redirecting to {location}"));
        }
        told
    }

    fn is_about_the_key(&self) -> bool {
        self.code.as_ref().is_some_and(|code| {
            code.eq_ignore_ascii_case("unauthorized") || code.eq_ignore_ascii_case("forbidden")
        })
    }

    fn code(&self, phase: Phase) -> Code {
        if self.quota {
            return Code::Quota;
        }
        match (self.status, phase) {
            // An error in an answer of success.
            (200..=299, _) if self.is_about_the_key() => Code::Authentication,
            (200..=299, Phase::BeforeTrigger) => Code::Usage,
            (401 | 403, _) => Code::Authentication,
            (402, _) => Code::Quota,
            (408 | 425 | 429 | 500.., _) => Code::Unavailable,
            (400 | 404 | 409 | 413 | 422, Phase::BeforeTrigger) => Code::Usage,
            (404 | 409 | 410, Phase::AfterTrigger) => Code::ServiceErrored,
            _ => Code::Protocol,
        }
    }
}

/// What tells more than a run can.
const EXPLAIN: &str = "`proctor check --network` explains the way";

impl Bar {
    /// Who opens the way, and how.
    fn problem(self, phase: Phase, message: String) -> Problem {
        let (code, who, next) = match self {
            Self::Proxy => (
                Code::Usage,
                Code::Usage.who(),
                "put a user name and password that it accepts into the variable that names the proxy, as \
                 http://USER:PASSWORD@HOST:PORT",
            ),
            Self::CertificateMissing => (
                Code::Usage,
                Code::Usage.who(),
                "give one with --client-cert FILE and --client-key FILE",
            ),
            Self::CertificateRefused | Self::CertificateRefusedLate => (
                Code::Authentication,
                "whoever holds the client certificate",
                "look until when it is valid, and whether its authority is the one that the service asks for",
            ),
            Self::NotTrusted => (
                Code::Unavailable,
                "the author of the pipeline, or whoever runs what was called",
                "if the authority is a company's own, name its certificate with --ca-file FILE",
            ),
        };
        // Where a run was started, the pipeline was set up well enough for that: 2 says that nothing was.
        let code = match (code, phase) {
            (Code::Usage, Phase::AfterTrigger) => Code::Unavailable,
            (code, _) => code,
        };
        let problem = Problem {
            who: who.to_owned(),
            ..Problem::new(code, message)
        };
        problem.lasting().next(format!("{next}; {EXPLAIN}"))
    }
}

impl Failure {
    /// The failure as a problem.
    #[must_use]
    pub fn problem(&self, phase: Phase) -> Problem {
        let message = format!("{}: {}", self.call, self.fault.told());
        match &self.fault {
            Fault::NotSent(_) | Fault::Lost(_) => Problem::new(Code::Unavailable, message),
            Fault::Barred(bar, _) => bar.problem(phase, message),
            Fault::Denied(_) => Problem::new(Code::Internal, message),
            Fault::TooLarge(_) => Problem::new(Code::Protocol, message),
            Fault::Malformed { request_id, .. } => {
                Problem::new(Code::Protocol, message).request(request_id.clone())
            }
            Fault::Interrupted(_) => Problem::new(Code::Interrupted, message),
            Fault::OutOfTime => {
                let problem = Problem::new(Code::TimedOut, message);
                match phase {
                    Phase::BeforeTrigger => problem.next("allow more time with --timeout"),
                    Phase::AfterTrigger => problem,
                }
            }
            Fault::Refused(refusal) => {
                let problem =
                    Problem::new(refusal.code(phase), message).request(refusal.request_id.clone());
                if refusal.location.is_some() {
                    problem.next("set api_url to the address the service redirects to, if it is the service's")
                } else {
                    problem
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16) -> Fault {
        Fault::Refused(Box::new(Refusal {
            status,
            ..Refusal::default()
        }))
    }

    #[test]
    fn each_status_has_its_code() {
        let table = [
            (400, Code::Usage, Code::Protocol),
            (401, Code::Authentication, Code::Authentication),
            (402, Code::Quota, Code::Quota),
            (403, Code::Authentication, Code::Authentication),
            (404, Code::Usage, Code::ServiceErrored),
            (302, Code::Protocol, Code::Protocol),
            (418, Code::Protocol, Code::Protocol),
            (429, Code::Unavailable, Code::Unavailable),
            (500, Code::Unavailable, Code::Unavailable),
            (503, Code::Unavailable, Code::Unavailable),
            (599, Code::Unavailable, Code::Unavailable),
        ];
        for (status, before, after) in table {
            let failure = Failure {
                call: "GET /x".into(),
                fault: refused(status),
            };
            assert_eq!(
                failure.problem(Phase::BeforeTrigger).code,
                before,
                "{status}"
            );
            assert_eq!(failure.problem(Phase::AfterTrigger).code, after, "{status}");
        }
    }

    #[test]
    fn a_closed_way_is_told_to_whoever_opens_it_and_not_tried_again() {
        let author = "the author of the pipeline";
        let table = [
            (Bar::Proxy, Code::Usage, Code::Unavailable, author),
            (
                Bar::CertificateMissing,
                Code::Usage,
                Code::Unavailable,
                author,
            ),
            (
                Bar::CertificateRefused,
                Code::Authentication,
                Code::Authentication,
                "whoever holds the client certificate",
            ),
            (
                Bar::CertificateRefusedLate,
                Code::Authentication,
                Code::Authentication,
                "whoever holds the client certificate",
            ),
            (
                Bar::NotTrusted,
                Code::Unavailable,
                Code::Unavailable,
                "the author of the pipeline, or whoever runs what was called",
            ),
        ];
        for (bar, before, after, who) in table {
            let failure = Failure {
                call: "GET /x".into(),
                fault: Fault::Barred(bar, "why".into()),
            };
            assert!(!failure.fault.is_passing() && !failure.fault.had_no_effect());
            let late = bar == Bar::CertificateRefusedLate;
            assert_eq!(failure.fault.is_ambiguous(), late, "{bar:?}");
            for (phase, code) in [(Phase::BeforeTrigger, before), (Phase::AfterTrigger, after)] {
                let problem = failure.problem(phase);
                assert_eq!((problem.code, problem.who.as_str()), (code, who), "{bar:?}");
                assert!(
                    !problem.retriable && problem.next.ends_with(EXPLAIN),
                    "{problem:?}"
                );
            }
        }
    }

    #[test]
    fn only_certain_failures_allow_a_second_trigger() {
        assert!(Fault::NotSent("refused".into()).had_no_effect());
        assert!(refused(429).had_no_effect());
        assert!(!refused(503).had_no_effect());
        assert!(!refused(500).had_no_effect());
        assert!(!Fault::Lost("reset".into()).had_no_effect());
        let turned_away = Fault::Refused(Box::new(Refusal {
            status: 503,
            retry_after: Some(Duration::from_secs(1)),
            ..Refusal::default()
        }));
        assert!(turned_away.had_no_effect() && !turned_away.is_ambiguous());
    }
}
