//! Keploy: hosted API test suites.
//!
//! Source of what is documented: <https://keploy.io/docs/running-keploy/public-api/> and the vendor's OpenAPI file
//! "Keploy Public API" 1.0.0. Everything that neither states is ASSUMED: it stands in [`assumed`] and can be corrected
//! by a user in `[targets.NAME.api]`.

mod attribution;
mod catalog;
mod results;
#[cfg(test)]
mod tests;
mod trigger;

use super::{Assumed, Description, Followed, Found, Judged, Lost, Plan, Service};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure, encode};
use crate::error::Problem;
use crate::model::{
    Abilities, Authentication, Handle, Item, Parameter, ParameterKind, Provider, Rate, Target,
};
use crate::watch::Cadence;

/// The service.
pub struct Keploy;

impl Service for Keploy {
    fn description(&self) -> Description {
        Description::new(provider(), Reset::SecondsFromNow, Cadence::USUAL, assumed())
    }

    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        catalog::check(client, target)
    }

    fn discover(&self, client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
        catalog::discover(client, target)
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Plan, Problem> {
        trigger::prepare(client, target)
    }

    fn accepted(&self, answer: &Answer, intent: &Handle, service: &Description) -> Option<Handle> {
        trigger::accepted(answer, intent, service)
    }

    fn find_lost(&self, client: &mut Client, intent: &Handle) -> Result<Lost, Failure> {
        trigger::find_lost(client, intent)
    }

    fn state_path(&self, handle: &Handle) -> String {
        job_path(handle, "")
    }

    fn stream_path(&self, handle: &Handle) -> Option<String> {
        Some(job_path(handle, "/events"))
    }

    fn stop_path(&self, handle: &Handle) -> Option<String> {
        Some(job_path(handle, "/stop"))
    }

    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        handle: &Handle,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        results::collect(client, target, handle, followed, found)
    }
}

fn job_path(handle: &Handle, below: &str) -> String {
    format!(
        "/jobs/{}{below}",
        encode(handle.job.as_deref().unwrap_or_default())
    )
}

fn app_path(app: &str, below: &str) -> String {
    format!("/apps/{}{below}", encode(app))
}

/// The description that users and hosts see. DOC: address, schemes, prefix, rate limit.
fn provider() -> Provider {
    Provider {
        name: "keploy".to_owned(),
        title: "Keploy: hosted API test suites".to_owned(),
        api_url: "https://api.keploy.io/client/v1".to_owned(),
        documentation: "https://keploy.io/docs/running-keploy/public-api/".to_owned(),
        // The one form on which the guide and the OpenAPI file agree.
        authentication: Authentication::Header("X-API-Key".to_owned()),
        key_variables: vec!["KEPLOY_API_KEY".to_owned()],
        key_prefix: Some("kep_".to_owned()),
        parameters: parameters(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: true,
            cancel: true,
            discover: true,
        },
        rate: Some(Rate {
            per_minute: 100,
            burst: 100,
        }),
    }
}

/// Name, kind, whether it is required, the only values allowed, and what it is for.
type Row = (
    &'static str,
    ParameterKind,
    bool,
    &'static [&'static str],
    &'static str,
);

const PARAMETERS: [Row; 7] = [
    (
        "app",
        ParameterKind::Text,
        true,
        &[],
        "id of the app whose suites are run",
    ),
    (
        "base_url",
        ParameterKind::SystemUrl,
        true,
        &[],
        "the API under test, as Keploy's servers reach it",
    ),
    (
        "suites",
        ParameterKind::Texts,
        false,
        &[],
        "names or ids of suites; all of the app if left out",
    ),
    (
        "buggy",
        ParameterKind::Text,
        false,
        &["fail", "warn"],
        "what a suite amounts to in which Keploy thinks the API itself is wrong (default: fail)",
    ),
    (
        "trust_job_status",
        ParameterKind::Boolean,
        false,
        &[],
        "let COMPLETED pass even if the suites' results cannot be found (default: false)",
    ),
    (
        "rate_limit",
        ParameterKind::Integer,
        false,
        &[],
        "requests a second that Keploy sends to the API under test; 0 is no limit",
    ),
    (
        "request_timeout",
        ParameterKind::Integer,
        false,
        &[],
        "seconds that Keploy waits for one answer of the API under test; 0 is the app's own setting",
    ),
];

fn parameters() -> Vec<Parameter> {
    let mut parameters = Vec::with_capacity(PARAMETERS.len());
    for (name, kind, required, choices, help) in PARAMETERS {
        parameters.push(Parameter {
            name: name.to_owned(),
            kind,
            required,
            choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
            help: help.to_owned(),
        });
    }
    parameters
}

/// Where the answers' fields are looked for, and what their words mean. DOC where the help says so, else ASSUMED.
fn assumed() -> Vec<Assumed> {
    let mut all = Vec::new();
    for table in [ENVELOPE, STATES, LISTS, REPORT_FIELDS] {
        for (name, help, values) in table {
            all.push(Assumed::new(name, help, values));
        }
    }
    all
}

/// What is assumed, each with its name, what it is, and the places or words.
type Table = &'static [(&'static str, &'static str, &'static [&'static str])];

/// DOC: the envelope `{data, meta: {request_id, pagination}}` and `{error: {code, message}, meta}`.
const ENVELOPE: Table = &[
    (
        "request_id",
        "where an answer names its request",
        &["meta.request_id", "meta.trace_id"],
    ),
    ("error_code", "where an error names itself", &["error.code"]),
    (
        "error_message",
        "where an error tells",
        &["error.message", "message", "error"],
    ),
    // ASSUMED: no code for a used-up plan is documented.
    (
        "quota_codes",
        "error codes that mean a used-up plan",
        &[
            "QUOTA_EXCEEDED",
            "LIMIT_EXCEEDED",
            "PLAN_LIMIT_EXCEEDED",
            "USAGE_LIMIT_EXCEEDED",
            "PAYMENT_REQUIRED",
            "INSUFFICIENT_CREDITS",
        ],
    ),
    (
        "has_next_page",
        "where a list tells that it goes on",
        &["meta.pagination.has_next_page"],
    ),
    (
        "next_cursor",
        "where a list names its next page",
        &["meta.pagination.next_cursor"],
    ),
];

const STATES: Table = &[
    // DOC: data.job_status.
    (
        "state",
        "where a job tells its state",
        &[
            "data.job_status",
            "data.status",
            "data.state",
            "data.job.job_status",
        ],
    ),
    // DOC: status.
    (
        "event_state",
        "where an event tells the state",
        &["status", "job_status", "data.status", "data.job_status"],
    ),
    // DOC: these four words.
    (
        "states_completed",
        "states of a job that ran to its end",
        &["COMPLETED"],
    ),
    (
        "states_failed",
        "states of a job whose tests failed",
        &["FAILED"],
    ),
    (
        "states_cancelled",
        "states of a job that was stopped",
        &["CANCELLED", "CANCELED", "STOPPED"],
    ),
    (
        "states_queued",
        "states of a job that has not begun",
        &["QUEUED", "PENDING", "CREATED", "SCHEDULED"],
    ),
    (
        "states_running",
        "states of a job that is going on",
        &[
            "RUNNING",
            "IN_PROGRESS",
            "STARTED",
            "PROCESSING",
            "STOPPING",
        ],
    ),
    (
        "progress_done",
        "where the number of finished suites is told",
        &[
            "completed_suites",
            "completed",
            "done",
            "data.completed_suites",
            "data.completed",
        ],
    ),
    (
        "progress_total",
        "where the number of all suites is told",
        &["total_suites", "total", "data.total_suites", "data.total"],
    ),
];

const LISTS: Table = &[
    // DOC for apps: a bare list under data.
    (
        "list",
        "where a list stands in an answer",
        &[
            "data",
            "data.items",
            "data.apps",
            "data.jobs",
            "data.test_suites",
            "data.testSuites",
            "data.suites",
            "data.test_runs",
            "data.testRuns",
            "data.runs",
            "data.suite_reports",
            "data.suiteReports",
            "data.reports",
            "data.edges[].node",
        ],
    ),
    ("id", "where a thing has its id", &["id", "_id"]),
    (
        "job_id",
        "where a job, or the answer to a trigger, has the job's id",
        &["job_id", "jobId", "id", "_id"],
    ),
    (
        "app_id",
        "where a job or run names its app",
        &["app_id", "appId"],
    ),
    ("run_job", "where a run names its job", &["job_id", "jobId"]),
    (
        "run_id",
        "where a job or event names its run",
        &[
            "data.test_run_id",
            "data.testRunId",
            "data.run_id",
            "data.runId",
            "data.result.test_run_id",
            "data.result.testRunId",
            "data.result.run_id",
            "data.result.runId",
            "data.output.test_run_id",
            "data.output.testRunId",
            "data.output.run_id",
            "data.output.runId",
            "data.metadata.test_run_id",
            "data.metadata.testRunId",
            "data.metadata.run_id",
            "data.metadata.runId",
            "data.meta.test_run_id",
            "data.meta.testRunId",
            "data.meta.run_id",
            "data.meta.runId",
            "test_run_id",
            "testRunId",
            "run_id",
            "runId",
        ],
    ),
    (
        "began_at",
        "where a run tells when it began",
        &["created_at", "createdAt", "started_at", "startedAt"],
    ),
    (
        "run_url",
        "where a run has a page for people",
        &["url", "report_url", "reportUrl", "web_url", "webUrl"],
    ),
];

const REPORT_FIELDS: Table = &[
    (
        "name",
        "where a suite or its report has a name",
        &[
            "name",
            "suite_name",
            "suiteName",
            "test_suite_name",
            "testSuiteName",
        ],
    ),
    (
        "suite_id",
        "where a suite's report names the suite",
        &[
            "suite_id",
            "suiteId",
            "test_suite_id",
            "testSuiteId",
            "suite.id",
            "suite._id",
        ],
    ),
    (
        "verdict",
        "where a suite's report has its verdict",
        &["status", "result", "verdict", "pass", "passed"],
    ),
    (
        "steps",
        "where a suite's report has its steps",
        &["steps", "results", "step_results", "stepResults"],
    ),
    (
        "step_name",
        "where a step has its name",
        &["stepName", "step_name", "name", "title"],
    ),
    (
        "step_verdict",
        "where a step has its verdict",
        &["pass", "passed", "status", "result", "verdict"],
    ),
    (
        "assertions",
        "where a step has its failed assertions",
        &["assertionFailures", "assertion_failures", "failures"],
    ),
    (
        "error_text",
        "where a report or step tells what went wrong",
        &["error", "message", "failure_reason", "failureReason"],
    ),
    (
        "duration_ms",
        "where a report or step has its duration in milliseconds",
        &["duration_ms", "durationMs", "time_taken_ms", "timeTakenMs"],
    ),
    (
        "words_passed",
        "words of a passed suite or step",
        &["PASS", "PASSED", "SUCCESS", "TRUE"],
    ),
    (
        "words_failed",
        "words of a failed suite or step",
        &["FAIL", "FAILED", "FAILURE", "FALSE"],
    ),
    (
        "words_buggy",
        "words of a suite in which the API itself seems wrong",
        &["BUGGY"],
    ),
    (
        "words_skipped",
        "words of a suite or step that was not run",
        &["SKIP", "SKIPPED", "IGNORED"],
    ),
    (
        "words_unfinished",
        "words of a suite or step that has not ended",
        &["QUEUED", "PENDING", "RUNNING", "IN_PROGRESS"],
    ),
];
