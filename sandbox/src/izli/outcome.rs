//! What becomes of a run, and the words for it.

use serde::Deserialize;

/// What becomes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Success,
    Failed,
    Error,
    Timeout,
    Degraded,
    Cancelled,
    Skipped,
    /// A word without a verdict, and a boolean that says yes.
    Completed,
    /// A word without a verdict, and a boolean that says no.
    CompletedFailed,
    /// A word without a verdict, and nothing else.
    NoVerdict,
    /// A word that nobody knows.
    Unknown,
    /// The word says yes and the boolean no.
    Disagree,
    /// It is run and never ends.
    Stuck,
    /// No agent fetches it: it stays pending.
    Offline,
    /// It passes, and is in no list.
    Missing,
}

/// Words in ids and names; the first that is found decides.
const WORDS: [(&str, Outcome); 15] = [
    ("completed-failed", Outcome::CompletedFailed),
    ("completed", Outcome::Completed),
    ("no-verdict", Outcome::NoVerdict),
    ("disagree", Outcome::Disagree),
    ("fail", Outcome::Failed),
    ("timeout", Outcome::Timeout),
    ("error", Outcome::Error),
    ("degraded", Outcome::Degraded),
    ("cancel", Outcome::Cancelled),
    ("skip", Outcome::Skipped),
    ("unknown", Outcome::Unknown),
    ("stuck", Outcome::Stuck),
    ("offline", Outcome::Offline),
    ("missing", Outcome::Missing),
    ("success", Outcome::Success),
];

impl Outcome {
    /// The outcome that a text in lower case with hyphens names, if it does.
    pub fn told(text: &str) -> Option<Self> {
        let found = WORDS.iter().find(|(word, _)| text.contains(word));
        found.map(|(_, outcome)| *outcome)
    }

    /// The status of a run that has ended so. Only `success` is documented, by the old pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success | Self::Disagree | Self::Missing => "success",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Degraded => "degraded",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Completed | Self::CompletedFailed | Self::NoVerdict => "completed",
            Self::Unknown => "marinated",
            Self::Stuck => "running",
            Self::Offline => "pending",
        }
    }

    /// The boolean beside the status word, where there is one.
    pub const fn flag(self) -> Option<bool> {
        match self {
            Self::Completed => Some(true),
            Self::CompletedFailed | Self::Disagree => Some(false),
            _ => None,
        }
    }

    /// The boolean in the place of the status word.
    pub const fn verdict(self) -> Option<bool> {
        match self {
            Self::Success | Self::Completed | Self::Missing => Some(true),
            Self::Failed
            | Self::Error
            | Self::Timeout
            | Self::Degraded
            | Self::CompletedFailed
            | Self::Disagree => Some(false),
            _ => None,
        }
    }

    /// Name and text of the error, for an outcome that has one.
    pub const fn error(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Failed | Self::CompletedFailed | Self::Disagree => {
                Some(("ASSERTION_FAILED", "status_code: expected 200, got 500"))
            }
            Self::Error => Some(("AGENT_ERROR", "the browser could not be started")),
            Self::Timeout => Some(("TIMEOUT", "no answer within 30 s")),
            Self::Degraded => Some(("SLOW", "response_time: expected less than 800, got 1912")),
            _ => None,
        }
    }

    /// Whether an assertion failed.
    pub const fn breaks_a_step(self) -> bool {
        self.error().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_word_goes_first() {
        assert_eq!(
            Outcome::told("mon-completed-failed"),
            Some(Outcome::CompletedFailed)
        );
        assert_eq!(Outcome::told("mon-completed"), Some(Outcome::Completed));
        assert_eq!(Outcome::told("mon-home"), None);
    }
}
