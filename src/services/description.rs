use serde_json::Value;

use crate::api::headers::Reset;
use crate::api::json;
use crate::model::{Parameter, ParameterKind, Provider, Setting, Value as Given};
use crate::watch::Cadence;

/// Something about an API that is not documented, or not surely: a list of places or words, tried in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    pub name: &'static str,
    pub help: &'static str,
    pub values: Vec<String>,
}

impl Assumed {
    #[must_use]
    pub fn new(name: &'static str, help: &'static str, values: &[&str]) -> Self {
        Self {
            name,
            help,
            values: values.iter().map(|&value| value.to_owned()).collect(),
        }
    }
}

/// A service as data: what the engine needs to know, and what a user may correct.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub provider: Provider,
    pub reset: Reset,
    pub cadence: Cadence,
    assumed: Vec<Assumed>,
}

/// The state of a remote run, from one look or one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waiting to be run.
    Queued(String),
    Running(String),
    /// A word that is not known: not taken for an end.
    Unknown(String),
    Completed(String),
    Failed(String),
    Cancelled(String),
    /// The answer holds no state.
    Absent,
}

impl State {
    /// The service's word.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Queued(word)
            | Self::Running(word)
            | Self::Unknown(word)
            | Self::Completed(word)
            | Self::Failed(word)
            | Self::Cancelled(word) => Some(word),
            Self::Absent => None,
        }
    }

    /// Whether the run is at its end.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(
            self,
            Self::Completed(_) | Self::Failed(_) | Self::Cancelled(_)
        )
    }
}

impl Description {
    /// Describes a service. Whatever is assumed becomes an override that a user may set.
    #[must_use]
    pub fn new(
        mut provider: Provider,
        reset: Reset,
        cadence: Cadence,
        assumed: Vec<Assumed>,
    ) -> Self {
        provider.overrides = assumed
            .iter()
            .map(|assumed| Parameter {
                name: assumed.name.to_owned(),
                kind: ParameterKind::Texts,
                required: false,
                choices: Vec::new(),
                help: format!("{} (assumed: {})", assumed.help, assumed.values.join(", ")),
            })
            .collect();
        Self {
            provider,
            reset,
            cadence,
            assumed,
        }
    }

    /// The same with a user's corrections.
    #[must_use]
    pub fn corrected(mut self, overrides: &[Setting]) -> Self {
        for setting in overrides {
            let Some(assumed) = self
                .assumed
                .iter_mut()
                .find(|assumed| assumed.name == setting.name)
            else {
                continue;
            };
            match &setting.value {
                Given::Texts(values) => assumed.values.clone_from(values),
                Given::Text(value) => assumed.values = vec![value.clone()],
                Given::Integer(_) | Given::Boolean(_) => {}
            }
        }
        self
    }

    /// The places or words assumed under a name; none if the service assumes nothing of that name.
    #[must_use]
    pub fn assumed(&self, name: &str) -> &[String] {
        self.assumed
            .iter()
            .find(|assumed| assumed.name == name)
            .map_or(&[], |assumed| &assumed.values)
    }

    /// Whether a word is one of those under a name, whatever its case and its separators.
    #[must_use]
    pub fn knows(&self, name: &str, word: &str) -> bool {
        let word = normal(word);
        self.assumed(name).iter().any(|known| normal(known) == word)
    }

    /// The state that an answer or event tells of, read at the places under `places`.
    #[must_use]
    pub fn state(&self, value: &Value, places: &str) -> State {
        let Some(word) = json::text(value, self.assumed(places)) else {
            return State::Absent;
        };
        match word {
            _ if self.knows("states_completed", &word) => State::Completed(word),
            _ if self.knows("states_failed", &word) => State::Failed(word),
            _ if self.knows("states_cancelled", &word) => State::Cancelled(word),
            _ if self.knows("states_queued", &word) => State::Queued(word),
            _ if self.knows("states_running", &word) => State::Running(word),
            _ => State::Unknown(word),
        }
    }
}

/// Upper case, with `_` for blanks and hyphens.
fn normal(word: &str) -> String {
    word.trim()
        .chars()
        .map(|c| match c {
            '-' | ' ' => '_',
            other => other.to_ascii_uppercase(),
        })
        .collect()
}
