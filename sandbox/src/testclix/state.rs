//! The states of a test and how they are spelled.

use serde::Deserialize;

/// The state of a test. Source: the pages on statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum State {
    #[serde(rename = "not recorded")]
    NotRecorded,
    #[serde(rename = "recorded")]
    Recorded,
    #[serde(rename = "not executed")]
    NotExecuted,
    #[serde(rename = "valid")]
    Valid,
    #[serde(rename = "queued")]
    Queued,
    #[serde(rename = "processing")]
    Processing,
    #[serde(rename = "pass")]
    Pass,
    #[serde(rename = "error")]
    Error,
    #[serde(rename = "acknowledged")]
    Acknowledged,
    /// A word that no page knows.
    #[serde(rename = "unknown")]
    Unknown,
}

/// How the API spells states of two words. Only `not recorded` was ever seen there, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// `not recorded`
    Blank,
    /// `not_recorded`
    Underscore,
    /// `not-recorded`
    Hyphen,
    /// `NOT RECORDED`
    Upper,
    /// `Not recorded`, as in the app.
    App,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::NotRecorded => "not recorded",
            Self::Recorded => "recorded",
            Self::NotExecuted => "not executed",
            Self::Valid => "valid",
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Pass => "pass",
            Self::Error => "error",
            Self::Acknowledged => "acknowledged",
            Self::Unknown => "marinating",
        }
    }

    pub fn spelled(self, spelling: Spelling) -> String {
        let word = self.word();
        match spelling {
            Spelling::Blank => word.to_owned(),
            Spelling::Underscore => word.replace(' ', "_"),
            Spelling::Hyphen => word.replace(' ', "-"),
            Spelling::Upper => word.to_uppercase(),
            Spelling::App => {
                let (first, rest) = word.split_at(1);
                first.to_uppercase() + rest
            }
        }
    }
}
