//! Why a call brought no answer, and who must act on it.

use std::time::Duration;

use crate::error::{Code, Problem};

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
    /// The service answered with an error.
    Refused(Box<Refusal>),
    /// The service answered with success, but not in its own terms.
    Malformed {
        why: String,
        request_id: Option<String>,
    },
    /// The host was told to stop, and by what.
    Interrupted(String),
    /// There was no time left to send the request.
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
            | Self::Malformed { .. }
            | Self::Interrupted(_)
            | Self::OutOfTime => false,
        }
    }

    /// Whether the request certainly had no effect, so that it may be sent again whatever it does.
    ///
    /// A 503 counts only with `Retry-After`: that is the service turning the request away, not failing in its middle.
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
            Self::Lost(_) | Self::TooLarge(_) | Self::Malformed { .. } => true,
            Self::Refused(refusal) => refusal.status >= 500 && !self.had_no_effect(),
            _ => false,
        }
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
            Self::NotSent(why) => format!("the request could not be sent ({why})"),
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

impl Failure {
    /// The failure as a problem.
    #[must_use]
    pub fn problem(&self, phase: Phase) -> Problem {
        let message = format!("{}: {}", self.call, self.fault.told());
        match &self.fault {
            Fault::NotSent(_) | Fault::Lost(_) => Problem::new(Code::Unavailable, message),
            Fault::Denied(_) => Problem::new(Code::Internal, message),
            Fault::TooLarge(_) => Problem::new(Code::Protocol, message),
            Fault::Malformed { request_id, .. } => {
                Problem::new(Code::Protocol, message).request(request_id.clone())
            }
            Fault::Interrupted(_) => Problem::new(Code::Interrupted, message),
            Fault::OutOfTime => Problem::new(Code::TimedOut, message),
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
