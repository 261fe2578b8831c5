//! The `[checkview]` part of a scenario. Hardly anything of the API is documented, so that most of it can be chosen.

use serde::Deserialize;

use crate::spelling::Spelling;

use super::flows::{self, Website};

/// What CheckView holds and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub websites: Vec<Website>,
    /// More keys than the two that are always there.
    pub keys: Vec<Key>,
    /// How many requests a minute all keys together may make. Source: 60, or 10 without a subscription.
    pub requests_per_minute: u32,
    pub reset_unit: ResetUnit,
    /// Whether `/health` wants a key too.
    pub health_needs_key: bool,
    /// Whether errors say `application/json` in place of `application/problem+json`.
    pub plain_json_errors: bool,

    pub trigger_path: TriggerPath,
    pub trigger_answer: TriggerAnswer,
    /// How long a trigger's answer takes, in milliseconds. The run begins at once.
    pub trigger_ms: u64,
    /// What a resent request is answered while the first one is in progress.
    pub in_progress_status: u16,
    /// How many triggers the service itself fails with 500, and starts nothing.
    pub fail_triggers: u32,
    /// Whether errors are stored under their idempotency key too.
    pub store_errors: bool,
    pub paused: Paused,

    /// How long a run is pending, in milliseconds.
    pub queue_ms: u64,
    /// How many runs from before the sandbox was started each flow has.
    pub old_runs: usize,
    /// How many scheduled runs of other flows begin with each of ours.
    pub scheduled_runs: usize,
    /// How many runs of the same flow others start together with each of ours.
    pub colleague_runs: usize,
    /// How long after its trigger a run appears in the list, in milliseconds.
    pub listed_after_ms: u64,
    pub oldest_first: bool,

    pub spelling: Spelling,
    pub words: Words,
    pub verdict_in: VerdictIn,
    pub wrap: Wrap,
    pub lists: Lists,
    pub naming: Naming,
    pub flow_reference: FlowReference,
    pub steps_in: StepsIn,
    /// Whether runs in the list have their steps and artifacts, or only single runs do.
    pub list_steps: bool,
    pub after_failure: AfterFailure,
    pub filters: Filters,
    /// Whether lists tell how many items there are in all.
    pub total_count: bool,
    /// Whether the last page says that there is more, with the cursor that led to it.
    pub endless_pages: bool,
}

/// A key and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub key: String,
    pub scopes: Vec<Scope>,
}

/// What a key may do. Source: the "Getting Started" page. ASSUMED: no scope holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Scope {
    #[serde(rename = "read:organization")]
    ReadOrganization,
    #[serde(rename = "write:organization")]
    WriteOrganization,
    #[serde(rename = "read:profile")]
    ReadProfile,
    #[serde(rename = "write:profile")]
    WriteProfile,
    #[serde(rename = "read:tokens")]
    ReadTokens,
    #[serde(rename = "manage:tokens")]
    ManageTokens,
    #[serde(rename = "manage:users")]
    ManageUsers,
}

/// What `X-RateLimit-Reset` counts since 1970. The page says "Unix time"; ASSUMED: seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResetUnit {
    Seconds,
    Milliseconds,
}

/// Where a run is started. ASSUMED: `Run`; the others are as plausible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerPath {
    /// `POST /test-flows/{id}/run`
    Run,
    /// `POST /test-flows/{id}/runs`
    Runs,
    /// `POST /test-runs` with `{"test_flow_id": ...}`
    TestRuns,
}

/// What a trigger answers. ASSUMED: 201 with the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerAnswer {
    /// 201 with the run.
    Created,
    /// 200 with the run.
    Ok,
    /// 202 with the run's id and state.
    Accepted,
    /// 201 with the run's id as `test_run_id`, beside the flow's as `id`.
    TestRunId,
    /// 201 with the run's id as `run_id`, beside the flow's as `id`.
    RunId,
    /// 201 with nothing but the flow's id.
    FlowId,
    /// 204.
    NoContent,
}

/// What a trigger does to a flow of a paused website. Source: pausing a website pauses its flows; ASSUMED: 409.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paused {
    /// It is answered with 409.
    Refuse,
    /// A run begins, and ends as paused.
    Run,
}

/// The words of runs and steps. Source: the dashboard has Passed, Failed and Pending. ASSUMED: how the API spells them,
/// and all other words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    pub pending: String,
    pub running: String,
    pub passed: String,
    pub failed: String,
    pub error: String,
    pub setup_error: String,
    pub cancelled: String,
    pub skipped: String,
    pub paused: String,
    pub completed: String,
    pub unknown: String,
}

/// Which members hold a run's state and verdict. ASSUMED: `status` holds both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictIn {
    Status,
    State,
    Result,
    /// `status` says completed, `result` how it ended.
    CompletedResult,
    /// `status` says completed, `outcome` how it ended.
    CompletedOutcome,
    /// `status` says completed, `passed` whether it passed.
    CompletedPassed,
}

/// What is around a single object. ASSUMED: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrap {
    Bare,
    Data,
    /// Its kind: `test_run`, `test_flow`, `website`.
    Named,
}

/// What is around a list. ASSUMED: nothing, as paging is by headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lists {
    Bare,
    Data,
    Items,
    Results,
    /// Its kind: `test_runs`, `test_flows`, `websites`.
    Named,
}

/// What flows and websites are called by. ASSUMED: `Name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Naming {
    /// `name`, and a website's `url`.
    Name,
    /// `title`, and a website's `domain`.
    Title,
}

/// How a run names its flow. ASSUMED: `test_flow_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowReference {
    TestFlowId,
    FlowId,
    None,
}

/// The member with a run's steps. ASSUMED: `steps`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepsIn {
    Steps,
    StepResults,
    Results,
    None,
}

/// What becomes of the steps after the failing one. Source: they are not run. ASSUMED: they are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterFailure {
    Absent,
    Skipped,
}

/// What becomes of `website_id` and `test_flow_id` as parameters of lists. ASSUMED: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filters {
    Ignore,
    Apply,
    Refuse,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            pending: "pending".to_owned(),
            running: "running".to_owned(),
            passed: "passed".to_owned(),
            failed: "failed".to_owned(),
            error: "error".to_owned(),
            setup_error: "setup_error".to_owned(),
            cancelled: "cancelled".to_owned(),
            skipped: "skipped".to_owned(),
            paused: "paused".to_owned(),
            completed: "completed".to_owned(),
            unknown: "marinated".to_owned(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            websites: flows::usual(),
            keys: Vec::new(),
            requests_per_minute: 60,
            reset_unit: ResetUnit::Seconds,
            health_needs_key: false,
            plain_json_errors: false,
            trigger_path: TriggerPath::Run,
            trigger_answer: TriggerAnswer::Created,
            trigger_ms: 0,
            in_progress_status: 409,
            fail_triggers: 0,
            store_errors: false,
            paused: Paused::Refuse,
            queue_ms: 30,
            old_runs: 1,
            scheduled_runs: 1,
            colleague_runs: 0,
            listed_after_ms: 0,
            oldest_first: false,
            spelling: Spelling::Snake,
            words: Words::default(),
            verdict_in: VerdictIn::Status,
            wrap: Wrap::Bare,
            lists: Lists::Bare,
            naming: Naming::Name,
            flow_reference: FlowReference::TestFlowId,
            steps_in: StepsIn::Steps,
            list_steps: false,
            after_failure: AfterFailure::Absent,
            filters: Filters::Ignore,
            total_count: true,
            endless_pages: false,
        }
    }
}

impl Settings {
    /// What `proctor demo` shows: a shop whose checkout does not say thank you.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            websites: flows::demo(),
            queue_ms: 300,
            ..Self::default()
        }
    }
}
