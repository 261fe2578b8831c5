//! A journey, API monitor or monitor as a scenario describes it: what is left out is read from words in its id and name.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::outcome::Outcome;

/// The collections. Source: the endpoints page, as are their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    Journeys,
    ApiMonitors,
    Monitors,
}

impl Collection {
    pub fn of_path(segment: &str) -> Option<Self> {
        match segment {
            "journeys" => Some(Self::Journeys),
            "api-monitors" => Some(Self::ApiMonitors),
            "monitors" => Some(Self::Monitors),
            _ => None,
        }
    }

    /// The last segment of the path that starts a run.
    pub const fn trigger(self) -> &'static str {
        match self {
            Self::Journeys => "run-now",
            Self::ApiMonitors => "trigger",
            Self::Monitors => "check",
        }
    }

    /// The last segment of the path that lists the runs.
    pub const fn results(self) -> &'static str {
        match self {
            Self::Journeys | Self::ApiMonitors => "runs",
            Self::Monitors => "results",
        }
    }

    pub const fn has_stats(self) -> bool {
        !matches!(self, Self::ApiMonitors)
    }

    /// The steps of a thing that says nothing of them. Monitors have none.
    const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Journeys => &["open the page", "sign in", "sign out"],
            Self::ApiMonitors => &["request a token", "list orders", "one order"],
            Self::Monitors => &[],
        }
    }
}

/// What a monitor looks at. Source: the old pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MonitorType {
    #[default]
    Url,
    Api,
    Tcp,
    Dns,
    Heartbeat,
}

impl MonitorType {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Api => "api",
            Self::Tcp => "tcp",
            Self::Dns => "dns",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// A journey, API monitor or monitor.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// Monitors only.
    #[serde(default, rename = "type")]
    pub kind: MonitorType,
    /// What becomes of its runs.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// The same for single locations.
    #[serde(default)]
    pub outcomes: BTreeMap<String, Outcome>,
    /// Where it is run: a result for each.
    #[serde(default = "one_location")]
    pub locations: Vec<String>,
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// How many attempts fail before the one with the outcome.
    #[serde(default)]
    pub failed_attempts: Option<u32>,
    /// How many of the first runs that are asked for fail, at each location, before those with the outcome.
    #[serde(default)]
    pub fails_first: usize,
    /// Journeys only; as many as fail if left out.
    #[serde(default)]
    pub max_retries: Option<u32>,
    /// How often it is run by itself, in milliseconds; 0 is never.
    #[serde(default)]
    pub interval_ms: u64,
    /// What becomes of the runs that it makes by itself.
    #[serde(default = "success")]
    pub scheduled: Outcome,
    #[serde(default)]
    pub paused: Option<bool>,
    #[serde(default)]
    pub steps: Option<Vec<String>>,
}

fn one_location() -> Vec<String> {
    vec!["eu-west".to_owned()]
}

const fn success() -> Outcome {
    Outcome::Success
}

impl Thing {
    pub fn named(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: MonitorType::default(),
            outcome: None,
            outcomes: BTreeMap::new(),
            locations: one_location(),
            duration_ms: None,
            failed_attempts: None,
            fails_first: 0,
            max_retries: None,
            interval_ms: 0,
            scheduled: Outcome::Success,
            paused: None,
            steps: None,
        }
    }

    pub fn title(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }

    /// Id and name as words are looked for in them: in lower case, with hyphens.
    fn words(&self) -> String {
        let text = format!("{} {}", self.id, self.name).to_lowercase();
        text.replace(['_', ' '], "-")
    }

    fn says(&self, word: &str) -> bool {
        self.words().contains(word)
    }

    /// What becomes of a run at a location. Something paused that is run all the same is skipped.
    pub fn outcome_at(&self, location: &str) -> Outcome {
        if self.is_paused() {
            return Outcome::Skipped;
        }
        let own = self.outcomes.get(location).copied();
        own.or(self.outcome)
            .or_else(|| Outcome::told(&self.words()))
            .unwrap_or(Outcome::Success)
    }

    pub fn duration_ms(&self) -> u64 {
        self.duration_ms
            .unwrap_or_else(|| if self.says("slow") { 60_000 } else { 40 })
    }

    pub fn failed_attempts(&self) -> u32 {
        self.failed_attempts
            .unwrap_or_else(|| u32::from(self.says("flaky")))
    }

    pub fn max_retries(&self) -> u32 {
        self.max_retries.unwrap_or_else(|| self.failed_attempts())
    }

    pub fn is_paused(&self) -> bool {
        self.paused.unwrap_or_else(|| self.says("paused"))
    }

    pub fn steps(&self, collection: Collection) -> Vec<String> {
        let usual = || {
            let names = collection.steps().iter();
            names.map(|&name| name.to_owned()).collect()
        };
        self.steps.clone().unwrap_or_else(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_words_in_id_and_name() {
        let thing = Thing::named("mon_1", "Failing Home");
        assert_eq!(thing.outcome_at("eu-west"), Outcome::Failed);
        let thing = Thing {
            outcome: Some(Outcome::Timeout),
            outcomes: BTreeMap::from([("us-east".to_owned(), Outcome::Success)]),
            ..thing
        };
        assert_eq!(thing.outcome_at("eu-west"), Outcome::Timeout);
        assert_eq!(thing.outcome_at("us-east"), Outcome::Success);
        let slow = Thing::named("jrn_SLOW", "");
        assert_eq!(slow.duration_ms(), 60_000);
        let flaky = Thing::named("jrn_1", "Flaky one");
        assert_eq!((flaky.failed_attempts(), flaky.max_retries()), (1, 1));
        assert!(Thing::named("mon_paused", "").is_paused());
        assert_eq!(
            Thing::named("mon_completed_failed", "").outcome_at("x"),
            Outcome::CompletedFailed
        );
    }
}
