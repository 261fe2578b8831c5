use std::time::Duration;

use serde_json::Value;

use crate::api::headers::Reset;
use crate::api::json;
use crate::model::{Parameter, ParameterKind, Provider, Setting, Value as Given, Verdict};
use crate::watch::Cadence;

/// How sure it is: the vendor documents it, at least for the first of the values.
pub const DOCUMENTED: bool = true;
/// How sure it is: no vendor's document says so.
pub const ASSUMED: bool = false;

/// What a service is taken to be like: each row with its name, how sure it is, what it is, and the places or words.
pub type Table = &'static [(&'static str, bool, &'static str, &'static [&'static str])];

/// Something about an API that a user may correct: a list of places or words, tried in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    pub name: &'static str,
    /// [`DOCUMENTED`] or [`ASSUMED`].
    pub documented: bool,
    pub help: &'static str,
    pub values: Vec<String>,
}

impl Assumed {
    /// The rows of several tables.
    #[must_use]
    pub fn of(tables: &[Table]) -> Vec<Self> {
        let mut all = Vec::new();
        for table in tables {
            for &(name, documented, help, values) in *table {
                all.push(Self {
                    name,
                    documented,
                    help,
                    values: values.iter().map(|&value| value.to_owned()).collect(),
                });
            }
        }
        all
    }
}

/// A parameter that may be left out and takes any value of its kind.
#[must_use]
pub fn parameter(name: &str, kind: ParameterKind, help: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        kind,
        required: false,
        choices: Vec::new(),
        exclusive: false,
        help: help.to_owned(),
    }
}

impl Parameter {
    /// The same, which must not be left out.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, of which targets with a common value run in turn.
    #[must_use]
    pub fn exclusive(mut self) -> Self {
        self.exclusive = true;
        self
    }

    /// The same, which takes these values only.
    #[must_use]
    pub fn one_of(mut self, choices: &[&str]) -> Self {
        self.choices = choices.iter().map(|&choice| choice.to_owned()).collect();
        self
    }
}

/// How long to wait after a 429 that does not say it: at first, and at most as it doubles with each in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    pub first: Duration,
    pub ceiling: Duration,
}

impl Throttle {
    /// Half a second, doubling to 8 s.
    pub const USUAL: Self = Self::new(Duration::from_millis(500), Duration::from_secs(8));

    /// `first`, doubling to `ceiling`.
    #[must_use]
    pub const fn new(first: Duration, ceiling: Duration) -> Self {
        Self { first, ceiling }
    }

    /// The wait after so many in a row, from 1.
    #[must_use]
    pub fn wait(&self, in_a_row: u32) -> Duration {
        let doubled = self.first * (1 << in_a_row.saturating_sub(1).min(16));
        doubled.min(self.ceiling)
    }
}

/// A service as data: what the engine needs to know, and what a user may correct.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub provider: Provider,
    pub reset: Reset,
    pub cadence: Cadence,
    pub throttle: Throttle,
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
    /// A word for an end, of which it is not proven that it belongs to this run: not taken for an end.
    Unproven(String),
    /// At its end, and the word alone says nothing of a verdict.
    Completed(String),
    Passed(String),
    Failed(String),
    Errored(String),
    Cancelled(String),
    /// At its end, and nothing was tested.
    Skipped(String),
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
            | Self::Unproven(word)
            | Self::Completed(word)
            | Self::Passed(word)
            | Self::Failed(word)
            | Self::Errored(word)
            | Self::Cancelled(word)
            | Self::Skipped(word) => Some(word),
            Self::Absent => None,
        }
    }

    /// Whether the run is at its end.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self, Self::Completed(_)) || self.verdict().is_some()
    }

    /// The verdict that the word alone amounts to; none where it says nothing of one, or is no end.
    #[must_use]
    pub const fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Passed(_) => Some(Verdict::Passed),
            Self::Failed(_) => Some(Verdict::Failed),
            Self::Errored(_) => Some(Verdict::Errored),
            Self::Cancelled(_) => Some(Verdict::Cancelled),
            Self::Skipped(_) => Some(Verdict::Skipped),
            Self::Queued(_)
            | Self::Running(_)
            | Self::Unknown(_)
            | Self::Unproven(_)
            | Self::Completed(_)
            | Self::Absent => None,
        }
    }
}

impl Description {
    /// Describes a service.
    #[must_use]
    pub const fn new(
        provider: Provider,
        reset: Reset,
        cadence: Cadence,
        assumed: Vec<Assumed>,
    ) -> Self {
        Self {
            provider,
            reset,
            cadence,
            throttle: Throttle::USUAL,
            assumed,
        }
    }

    /// The same with another wait after a 429 that does not say how long.
    #[must_use]
    pub const fn throttled(mut self, throttle: Throttle) -> Self {
        self.throttle = throttle;
        self
    }

    /// What users and hosts are told of it: whatever is assumed is an override that a user may set. Written when somebody
    /// asks, as a run needs none of these words.
    #[must_use]
    pub fn published(mut self) -> Provider {
        let told = |assumed: &Assumed| {
            let help = format!("{} (assumed: {})", assumed.help, assumed.values.join(", "));
            parameter(assumed.name, ParameterKind::Texts, &help)
        };
        self.provider.overrides = self.assumed.iter().map(told).collect();
        self.provider
    }

    /// Everything that a user may correct.
    #[must_use]
    pub fn assumptions(&self) -> &[Assumed] {
        &self.assumed
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
        let mut known = self.assumed(name).iter();
        known.any(|known| is_same(known, word))
    }

    /// The state that an answer or event tells of, read at the places under `places`.
    #[must_use]
    pub fn state(&self, value: &Value, places: &str) -> State {
        match json::text(value, self.assumed(places)) {
            Some(word) => self.meaning(word),
            None => State::Absent,
        }
    }

    /// What a word for a run's state means.
    #[must_use]
    pub fn meaning(&self, word: String) -> State {
        type Meaning = (&'static str, fn(String) -> State);
        const MEANINGS: [Meaning; 8] = [
            ("states_completed", State::Completed),
            ("states_passed", State::Passed),
            ("states_failed", State::Failed),
            ("states_errored", State::Errored),
            ("states_cancelled", State::Cancelled),
            ("states_skipped", State::Skipped),
            ("states_queued", State::Queued),
            ("states_running", State::Running),
        ];
        for (name, state) in MEANINGS {
            if self.knows(name, &word) {
                return state(word);
            }
        }
        State::Unknown(word)
    }
}

/// Whether two words are the same, whatever their case and their separators.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (bare(one), bare(other));
    // No letter becomes longer or shorter, and most words differ in length.
    one.len() == other.len() && letters(one).eq(letters(other))
}

/// The word without blanks around it, which few have.
fn bare(word: &str) -> &str {
    match word.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => word,
        _ => word.trim(),
    }
}

/// A word as words are compared: in upper case, with `_` for blanks and hyphens.
#[must_use]
pub fn normal(word: &str) -> String {
    letters(word.trim()).collect()
}

fn letters(word: &str) -> impl Iterator<Item = char> {
    word.chars().map(|c| match c {
        '-' | ' ' => '_',
        other => other.to_ascii_uppercase(),
    })
}
