//! The `[izli]` part of a scenario.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::spelling::Spelling;

use super::defaults;
pub use super::thing::Thing;

/// What izli.io holds and how it behaves.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub journeys: Vec<Thing>,
    pub api_monitors: Vec<Thing>,
    pub monitors: Vec<Thing>,
    /// More keys than the one that is always there.
    pub keys: Vec<Key>,
    /// How many requests a key may make at once, and a minute.
    pub requests_per_minute: u32,
    /// Whether an answer 429 says when to come again.
    pub retry_after: bool,
    pub lists: Lists,
    pub trigger: Trigger,
    /// Where the trigger's answer has the run's id; a dot goes into an object.
    pub run_id_name: String,
    /// The status of a trigger's answer with a body: 200, 201 or 202.
    pub trigger_status: u16,
    /// What starting something paused answers; below 300 it is started and skipped. ASSUMED: 409.
    pub paused_status: u16,
    /// How long a run is pending, in milliseconds.
    pub queue_ms: u64,
    /// How much later each further location begins, in milliseconds.
    pub stagger_ms: u64,
    pub appears: Appears,
    pub order: Order,
    pub identity: Identity,
    /// The name of the field that says how a run was started, such as `trigger` or `source`; none if empty.
    pub origin_name: String,
    /// The name of the time at which a run began.
    pub time_name: String,
    /// Whether attempts that failed are runs of their own.
    pub retries_shown: bool,
    /// How many runs from before the sandbox was started each thing has.
    pub past_runs: u32,
    /// Whether a single entry has `last_run`, as in the old pages.
    pub last_run: bool,
    pub spelling: Spelling,
    pub verdict: Verdict,
    /// Other words for states of runs: the usual one, then the one to say.
    pub words: BTreeMap<String, String>,
    /// The form of the error of a run.
    pub run_error: ErrorForm,
    /// The form of the error of an answer. Documented is the object.
    pub error_form: ErrorForm,
    pub after_failure: AfterFailure,
}

/// A key and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub key: String,
    #[serde(default = "agent")]
    pub scopes: Vec<Scope>,
}

fn agent() -> Vec<Scope> {
    vec![Scope::Agent]
}

/// What a key may do. Source: `agent` from the authentication page, the others from the old pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Scope {
    #[serde(rename = "agent")]
    Agent,
    #[serde(rename = "monitors:read")]
    MonitorsRead,
    #[serde(rename = "monitors:write")]
    MonitorsWrite,
    #[serde(rename = "monitors:run")]
    MonitorsRun,
    #[serde(rename = "journeys:read")]
    JourneysRead,
    #[serde(rename = "journeys:write")]
    JourneysWrite,
    #[serde(rename = "journeys:run")]
    JourneysRun,
}

impl Scope {
    /// ASSUMED: `agent` may do everything here.
    pub fn allows(self, wanted: Self) -> bool {
        self == Self::Agent || self == wanted
    }
}

/// What a list is in. The current pages have no paging, the old ones have `meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lists {
    /// Pages, with `meta`.
    Meta,
    /// Everything at once in the envelope, unless a page is asked for.
    Data,
    /// The same without the envelope.
    Bare,
}

/// What a trigger answers. Not documented, so every way that is thinkable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The id of the run, by `run_id_name`; of the first location if there are several.
    RunId,
    /// 204 without a body.
    Nothing,
    /// The envelope without data.
    Accepted,
    /// The id of what was started.
    OwnId,
    /// A list of ids, one for each location.
    Ids,
    /// A list of objects, each with the id by `run_id_name` and the location.
    Runs,
    /// The result itself, at once; a list if there are several locations.
    Result,
    /// 200 with `success: false`, and nothing is started.
    Refused,
}

/// When a run is in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Appears {
    AtOnce,
    Ended,
}

/// The order of runs. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    NewestFirst,
    OldestFirst,
}

/// By what runs can be told apart. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Identity {
    Id,
    /// No id, but times and location.
    Time,
    /// Neither id nor times.
    Nothing,
}

/// The field of a run that has its state, or in the last two cases a boolean and no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Status,
    Result,
    State,
    Outcome,
    Success,
    Passed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorForm {
    Text,
    /// With `code` and `message`.
    Object,
}

/// What becomes of the steps behind one that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterFailure {
    Missing,
    Skipped,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            journeys: defaults::journeys(),
            api_monitors: defaults::api_monitors(),
            monitors: defaults::monitors(),
            keys: Vec::new(),
            requests_per_minute: 100,
            retry_after: true,
            lists: Lists::Meta,
            trigger: Trigger::RunId,
            run_id_name: "run_id".to_owned(),
            trigger_status: 202,
            paused_status: 409,
            queue_ms: 30,
            stagger_ms: 0,
            appears: Appears::AtOnce,
            order: Order::NewestFirst,
            identity: Identity::Id,
            origin_name: "trigger".to_owned(),
            time_name: "started_at".to_owned(),
            retries_shown: true,
            past_runs: 2,
            last_run: true,
            spelling: Spelling::Snake,
            verdict: Verdict::Status,
            words: BTreeMap::new(),
            run_error: ErrorForm::Text,
            error_form: ErrorForm::Object,
            after_failure: AfterFailure::Missing,
        }
    }
}

impl Settings {
    /// What `proctor demo` shows: a shop whose checkout has broken.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            journeys: defaults::demo_journeys(),
            api_monitors: defaults::demo_api_monitors(),
            monitors: defaults::demo_monitors(),
            queue_ms: 300,
            ..Self::default()
        }
    }
}
