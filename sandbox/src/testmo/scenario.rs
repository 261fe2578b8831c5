//! The `[testmo]` part of a scenario.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// What Testmo holds and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub projects: Vec<Project>,
    /// Sources beside those that the runs name.
    pub sources: Vec<OldSource>,
    /// The runs from before the sandbox was started.
    pub runs: Vec<OldRun>,
    /// The statuses of the instance, with the aliases that its administrators gave them.
    pub statuses: Vec<Status>,
    /// More keys than the two that are always there.
    pub keys: Vec<Key>,
    /// How many requests a minute a key may make; 0 is any number. Testmo publishes no numbers.
    pub requests_per_minute: u32,
    /// How many requests a key may make at once.
    pub burst: u32,
    /// How long a key is blocked that made too many, in milliseconds; each request in that time begins it anew.
    pub block_ms: u64,
    /// Whether 429 says in `Retry-After` how long to wait.
    pub tell_wait: bool,
    /// How many tests a request may append; 0 is any number. Not documented.
    pub max_tests: usize,
    /// How long tests stay out of counts and lists after they were appended, in milliseconds.
    pub totals_lag_ms: u64,
    /// How long after the first look at it a `finishing` run completes, in milliseconds.
    pub finish_ms: u64,
    pub unknown_status: UnknownStatus,
    pub unknown_members: UnknownMembers,
    pub duplicate_keys: DuplicateKeys,
    /// Whether what the vendor's client cuts or refuses before sending is refused here. ASSUMED: that the service has
    /// the same limits; none are documented but those of keys and notes.
    pub client_limits: bool,
    /// What the two calls that create something answer. Seen, not documented: 201.
    pub created_status: u16,
    /// What appending and completing answer. Seen, not documented: 204.
    pub done_status: u16,
    /// What completing again what is completed answers. ASSUMED: 204; or 422.
    pub complete_again_status: u16,
    pub status_while_running: StatusWhileRunning,
    pub expanded_statuses: ExpandedStatuses,
    pub test_entries: TestEntries,
}

/// A project. Configurations and milestones have the ids 1, 2 and so on, in the order of all projects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    pub id: u64,
    pub name: String,
    #[serde(default)]
    pub configs: Vec<String>,
    #[serde(default)]
    pub milestones: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldSource {
    pub name: String,
    #[serde(default = "first_project")]
    pub project: u64,
    #[serde(default)]
    pub retired: bool,
}

/// A run from before the sandbox was started.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldRun {
    pub id: u64,
    #[serde(default = "first_project")]
    pub project: u64,
    pub name: String,
    pub source: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub state: OldState,
    /// How many of its tests have which outcome.
    #[serde(default)]
    pub passed: usize,
    #[serde(default)]
    pub failed: usize,
    #[serde(default)]
    pub skipped: usize,
}

const fn first_project() -> u64 {
    1
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OldState {
    #[default]
    Completed,
    /// Half of its tests are in a thread that is completed; the others come, and the run completes, a while after
    /// somebody first looked at it.
    Finishing,
    /// Never completes by itself.
    Running,
}

/// A status of the instance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// 1 to 24: the N of `statusN_count`.
    #[serde(deserialize_with = "status_id")]
    pub id: u8,
    pub name: String,
    pub aliases: Vec<String>,
    pub outcome: Outcome,
}

fn status_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let id = u8::deserialize(deserializer)?;
    if (1..=24).contains(&id) {
        Ok(id)
    } else {
        Err(D::Error::custom("the id of a status is from 1 to 24"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Neutral,
    Success,
    Failure,
}

/// A key and what its user may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub key: String,
    pub role: Role,
    /// The projects that the user has access to; all if left out.
    #[serde(default)]
    pub projects: Option<Vec<u64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// No access to the API.
    None,
    Read,
    Write,
}

/// What becomes of a test whose status is no alias of the instance. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownStatus {
    Refuse,
    /// It is stored as untested.
    Neutral,
}

/// What becomes of members that no document has. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownMembers {
    Refuse,
    Ignore,
}

/// What becomes of a test whose key is in its thread already. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateKeys {
    Keep,
    /// The new one takes the place of the old one.
    Replace,
    Refuse,
}

/// What a run or thread that is not completed says. That it may say failure is known, not when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusWhileRunning {
    Running,
    /// Success or failure, by the tests so far.
    Early,
}

/// Which statuses `expands=statuses` gives. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpandedStatuses {
    /// Those of the tests in the runs of the answer.
    Referred,
    All,
}

/// The members of a test that is read back. Only `repository_case_id` is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestEntries {
    /// What was sent, with the number of its outcome in `status_id`.
    Numbers,
    /// What was sent, with its word in `status`.
    Words,
    /// `id` and `repository_case_id`.
    Bare,
}

impl Settings {
    /// What `proctor demo` shows: the usual.
    #[must_use]
    pub fn demo() -> Self {
        Self::default()
    }

    /// The status that has an alias.
    pub fn status(&self, alias: &str) -> Option<&Status> {
        self.statuses
            .iter()
            .find(|status| status.aliases.iter().any(|known| known == alias))
    }

    pub fn project(&self, id: u64) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }
}
