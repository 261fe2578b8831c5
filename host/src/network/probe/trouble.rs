//! What can go wrong on the way, and what to do about it.

use crate::{
    bindings::proctor::ci::types::{Code, Problem},
    network::proxy::ProxyError,
};

/// Why a step failed, who can do something about it, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub code: Code,
    pub message: String,
    pub who: &'static str,
    pub next: String,
    /// Whether the same may succeed later without anything being changed.
    pub retriable: bool,
}

/// Who acts.
pub const AUTHOR: &str = "the author of the pipeline";
pub const NETWORK: &str = "whoever runs this network";
pub const PROXY: &str = "whoever runs the proxy";
pub const SERVICE: &str = "whoever runs what was called";
pub const KEY: &str = "whoever holds the client certificate";

impl Trouble {
    pub fn new(
        code: Code,
        who: &'static str,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            who,
            next: next.into(),
            retriable: code == Code::Unavailable,
        }
    }

    /// The same, but not to be tried again unchanged.
    pub fn lasting(self) -> Self {
        Self {
            retriable: false,
            ..self
        }
    }

    /// It cannot be reached.
    pub fn unavailable(
        who: &'static str,
        message: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self::new(Code::Unavailable, who, message, next)
    }

    /// The pipeline is set up wrongly.
    pub fn usage(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Code::Usage, AUTHOR, message, next)
    }

    /// The variable holds no proxy that can be used.
    pub fn proxy_setting(error: &ProxyError) -> Self {
        Self::usage(
            error.to_string(),
            format!(
                "correct {}, or except the address with NO_PROXY",
                error.variable
            ),
        )
    }

    /// The same as the problem of whoever needs this way.
    #[must_use]
    pub fn problem(self, step: &str, url: &str) -> Problem {
        Problem {
            code: self.code,
            message: format!("{url} cannot be reached, {step}: {}", self.message),
            who: self.who.to_owned(),
            retriable: self.retriable,
            next: self.next,
            request_id: None,
        }
    }
}
