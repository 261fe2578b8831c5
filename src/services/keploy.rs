//! Keploy: hosted API test suites.
//!
//! Source of what is documented: <https://keploy.io/docs/running-keploy/public-api/> and the vendor's OpenAPI file
//! "Keploy Public API" 1.0.0. Everything that neither states is ASSUMED: it stands in [`assumed`] and can be corrected
//! by a user in `[targets.NAME.api]`.

mod attribution;
mod catalog;
mod lost;
mod results;
#[cfg(test)]
mod tests;
mod trigger;

use super::description::{ASSUMED, Assumed, DOCUMENTED, Table, parameter};
use super::{
    Call, Description, Followed, Found, Judged, Lost, Observer, Plan, Seeker, Service, state_at,
};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure, encode};
use crate::error::Problem;
use crate::model::{
    Abilities, Authentication, Item, Parameter, ParameterKind, Provider, Rate, Target, Trigger,
};
use crate::watch::Cadence;

/// What it is called.
const NAME: &str = "keploy";

/// The service.
pub struct Keploy;

impl Service for Keploy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        Description::new(provider(), Reset::SecondsFromNow, Cadence::USUAL, assumed())
    }

    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        catalog::check(client, target)
    }

    fn discover(&self, client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
        catalog::discover(client, target)
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
        trigger::prepare(client, target)
    }

    fn accepted(
        &self,
        _target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger> {
        trigger::accepted(answer, intent, service)
    }

    fn find_lost(
        &self,
        client: &mut Client,
        target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure> {
        lost::find(client, target, intent, seeker)
    }

    fn observer(&self, _target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        state_at(job_path(trigger, ""))
    }

    fn stream_path(&self, trigger: &Trigger) -> Option<String> {
        Some(job_path(trigger, "/events"))
    }

    fn stop(&self, _target: &Target, trigger: &Trigger) -> Option<Call> {
        Some(Call::post_nothing(job_path(trigger, "/stop")))
    }

    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        results::collect(client, target, trigger, followed, found)
    }
}

fn job_path(trigger: &Trigger, below: &str) -> String {
    format!(
        "/jobs/{}{below}",
        encode(trigger.job.as_deref().unwrap_or_default())
    )
}

fn app_path(app: &str, below: &str) -> String {
    format!("/apps/{}{below}", encode(app))
}

/// The description that users and hosts see. DOC: address, schemes, prefix, rate limit.
fn provider() -> Provider {
    Provider {
        name: NAME.to_owned(),
        title: "Keploy: hosted API test suites".to_owned(),
        api_url: "https://api.keploy.io/client/v1".to_owned(),
        documentation: "https://keploy.io/docs/running-keploy/public-api/".to_owned(),
        // The one form on which the guide and the OpenAPI file agree.
        authentication: Authentication::Header("X-API-Key".to_owned()),
        key_variables: vec!["KEPLOY_API_KEY".to_owned()],
        key_prefix: Some("kep_".to_owned()),
        parameters: parameters(),
        publishing: Vec::new(),
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

fn parameters() -> Vec<Parameter> {
    use ParameterKind::{Boolean, Integer, SystemUrl, Text, Texts};
    vec![
        parameter("app", Text, "id of the app whose suites are run").required(),
        parameter(
            "base_url",
            SystemUrl,
            "the API under test, as Keploy's servers reach it",
        )
        .required(),
        parameter(
            "suites",
            Texts,
            "names or ids of suites; all of the app if left out",
        ),
        parameter(
            "buggy",
            Text,
            "what a suite amounts to in which Keploy thinks the API itself is wrong (default: fail)",
        )
        .one_of(&["fail", "warn"]),
        parameter(
            "trust_job_status",
            Boolean,
            "let COMPLETED pass even if the suites' results cannot be found (default: false)",
        ),
        parameter(
            "rate_limit",
            Integer,
            "requests a second that Keploy sends to the API under test; 0 is no limit",
        ),
        parameter(
            "request_timeout",
            Integer,
            "seconds that Keploy waits for one answer of the API under test; 0 is the app's own setting",
        ),
    ]
}

/// Where the answers' fields are looked for, and what their words mean.
fn assumed() -> Vec<Assumed> {
    Assumed::of(&[ENVELOPE, STATES, LISTS, REPORT_FIELDS])
}

/// DOC: the envelope `{data, meta: {request_id, pagination}}` and `{error: {code, message}, meta}`.
const ENVELOPE: Table = &[
    (
        "request_id",
        DOCUMENTED,
        "where an answer names its request",
        &["meta.request_id", "meta.trace_id"],
    ),
    (
        "error_code",
        DOCUMENTED,
        "where an error names itself",
        &["error.code"],
    ),
    (
        "error_message",
        DOCUMENTED,
        "where an error tells",
        &["error.message", "message", "error"],
    ),
    // ASSUMED: no code for a used-up plan is documented.
    (
        "quota_codes",
        ASSUMED,
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
        DOCUMENTED,
        "where a list tells that it goes on",
        &["meta.pagination.has_next_page"],
    ),
    (
        "next_cursor",
        DOCUMENTED,
        "where a list names its next page",
        &["meta.pagination.next_cursor"],
    ),
];

const STATES: Table = &[
    // DOC: data.job_status.
    (
        "state",
        DOCUMENTED,
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
        DOCUMENTED,
        "where an event tells the state",
        &["status", "job_status", "data.status", "data.job_status"],
    ),
    // DOC: these four words.
    (
        "states_completed",
        DOCUMENTED,
        "states of a job that ran to its end",
        &["COMPLETED"],
    ),
    (
        "states_failed",
        DOCUMENTED,
        "states of a job whose tests failed",
        &["FAILED"],
    ),
    (
        "states_cancelled",
        DOCUMENTED,
        "states of a job that was stopped",
        &["CANCELLED", "CANCELED", "STOPPED"],
    ),
    (
        "states_queued",
        ASSUMED,
        "states of a job that has not begun",
        &["QUEUED", "PENDING", "CREATED", "SCHEDULED"],
    ),
    (
        "states_running",
        ASSUMED,
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
        ASSUMED,
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
        ASSUMED,
        "where the number of all suites is told",
        &["total_suites", "total", "data.total_suites", "data.total"],
    ),
];

const LISTS: Table = &[
    // DOC for apps: a bare list under data.
    (
        "list",
        ASSUMED,
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
    ("id", ASSUMED, "where a thing has its id", &["id", "_id"]),
    (
        "job_id",
        ASSUMED,
        "where a job, or the answer to a trigger, has the job's id",
        &["job_id", "jobId", "id", "_id"],
    ),
    (
        "app_id",
        ASSUMED,
        "where a job or run names its app",
        &["app_id", "appId"],
    ),
    (
        "run_job",
        ASSUMED,
        "where a run names its job",
        &["job_id", "jobId"],
    ),
    (
        "run_id",
        ASSUMED,
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
        ASSUMED,
        "where a job or run tells when it began",
        &["created_at", "createdAt", "started_at", "startedAt"],
    ),
    (
        "job_base_url",
        ASSUMED,
        "where a job tells which API it tests",
        &["base_url", "baseUrl"],
    ),
    (
        "job_suites",
        ASSUMED,
        "where a job has the list of the suites that were asked for",
        &["test_suite_ids", "testSuiteIds", "suite_ids", "suiteIds"],
    ),
    (
        "run_url",
        ASSUMED,
        "where a run has a page for people",
        &["url", "report_url", "reportUrl", "web_url", "webUrl"],
    ),
];

const REPORT_FIELDS: Table = &[
    (
        "name",
        ASSUMED,
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
        ASSUMED,
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
        ASSUMED,
        "where a suite's report has its verdict",
        &["status", "result", "verdict", "pass", "passed"],
    ),
    (
        "steps",
        ASSUMED,
        "where a suite's report has its steps",
        &["steps", "results", "step_results", "stepResults"],
    ),
    (
        "step_name",
        ASSUMED,
        "where a step has its name",
        &["stepName", "step_name", "name", "title"],
    ),
    (
        "step_verdict",
        ASSUMED,
        "where a step has its verdict",
        &["pass", "passed", "status", "result", "verdict"],
    ),
    (
        "assertions",
        ASSUMED,
        "where a step has its failed assertions",
        &["assertionFailures", "assertion_failures", "failures"],
    ),
    (
        "error_text",
        ASSUMED,
        "where a report or step tells what went wrong",
        &["error", "message", "failure_reason", "failureReason"],
    ),
    (
        "duration_ms",
        ASSUMED,
        "where a report or step has its duration in milliseconds",
        &["duration_ms", "durationMs", "time_taken_ms", "timeTakenMs"],
    ),
    (
        "words_passed",
        ASSUMED,
        "words of a passed suite or step",
        &["PASS", "PASSED", "SUCCESS", "TRUE"],
    ),
    (
        "words_failed",
        ASSUMED,
        "words of a failed suite or step",
        &["FAIL", "FAILED", "FAILURE", "FALSE"],
    ),
    (
        "words_buggy",
        ASSUMED,
        "words of a suite in which the API itself seems wrong",
        &["BUGGY"],
    ),
    (
        "words_skipped",
        ASSUMED,
        "words of a suite or step that was not run",
        &["SKIP", "SKIPPED", "IGNORED"],
    ),
    (
        "words_unfinished",
        ASSUMED,
        "words of a suite or step that has not ended",
        &["QUEUED", "PENDING", "RUNNING", "IN_PROGRESS"],
    ),
];
