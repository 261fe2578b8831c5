//! What the API is known and assumed to be like, as data.

use crate::services::description::{ASSUMED, Assumed, DOCUMENTED, Table};

/// Where the answers' fields are looked for, and what their words mean.
pub fn assumed() -> Vec<Assumed> {
    Assumed::of(&[ENVELOPE, THINGS, RUNS, STATES, STEPS])
}

const ENVELOPE: Table = &[
    // DOC: {success, data} and {success, error: {code, message}}.
    (
        "success_flag",
        DOCUMENTED,
        "where an answer tells that it is no error",
        &["success"],
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
        &["error.message", "error", "message"],
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
            "PAYMENT_REQUIRED",
        ],
    ),
    (
        "total",
        ASSUMED,
        "where a list tells how many entries it has",
        &["meta.total", "meta.pagination.total"],
    ),
    (
        "list",
        DOCUMENTED,
        "where a list stands in an answer; [] is the answer itself",
        &["data", "data.items", "data.runs", "data.results", "[]"],
    ),
];

const THINGS: Table = &[
    (
        "id",
        ASSUMED,
        "where a journey or monitor has its id",
        &["id", "_id"],
    ),
    (
        "name",
        DOCUMENTED,
        "where a journey or monitor has its name",
        &["name"],
    ),
    (
        "thing_locations",
        DOCUMENTED,
        "where a monitor names its locations",
        &["data.locations", "locations"],
    ),
    (
        "thing_retries",
        DOCUMENTED,
        "where a journey tells how often it is retried",
        &["data.max_retries", "data.maxRetries"],
    ),
    (
        "thing_steps",
        ASSUMED,
        "where a monitor defines its steps",
        &["data.steps"],
    ),
];

/// ASSUMED throughout: neither the answer to a trigger nor an entry of a list of runs is documented.
const RUNS: Table = &[
    (
        "started_run",
        ASSUMED,
        "where the answer to a trigger names its run",
        &[
            "run_id",
            "runId",
            "run.id",
            "execution_id",
            "executionId",
            "id",
        ],
    ),
    (
        "started_list",
        ASSUMED,
        "where the answer to a trigger names several runs",
        &["runs", "results", "executions", "run_ids", "runIds"],
    ),
    (
        "entry_id",
        ASSUMED,
        "where an entry has the id of its run",
        &[
            "id",
            "_id",
            "run_id",
            "runId",
            "execution_id",
            "executionId",
        ],
    ),
    (
        "entry_at",
        ASSUMED,
        "where an entry tells when its run was",
        &[
            "started_at",
            "startedAt",
            "created_at",
            "createdAt",
            "executed_at",
            "checked_at",
            "timestamp",
            "completed_at",
        ],
    ),
    (
        "entry_location",
        ASSUMED,
        "where an entry tells its location",
        &["location.name", "location.id", "location", "region"],
    ),
    (
        "entry_origin",
        ASSUMED,
        "where an entry tells what started its run",
        &["trigger", "triggered_by", "triggeredBy", "source"],
    ),
    (
        "origins_asked",
        ASSUMED,
        "words for a run that was asked for",
        &["manual", "api", "on_demand", "run_now", "ci"],
    ),
    (
        "origins_scheduled",
        ASSUMED,
        "words for a run that the schedule started",
        &["schedule", "scheduled", "scheduler", "cron", "interval"],
    ),
    (
        "entry_state",
        ASSUMED,
        "where an entry tells the state of its run",
        &["status", "state", "result", "outcome"],
    ),
    (
        "entry_result",
        ASSUMED,
        "where an entry that has merely ended tells how",
        &["result", "outcome", "verdict"],
    ),
    (
        "entry_flag",
        ASSUMED,
        "where an entry tells by true or false how its run ended",
        &["success", "passed"],
    ),
    (
        "entry_ended",
        ASSUMED,
        "what only the entry of an ended run has",
        &[
            "completed_at",
            "completedAt",
            "finished_at",
            "finishedAt",
            "duration_ms",
            "durationMs",
            "response_time_ms",
        ],
    ),
    (
        "entry_url",
        ASSUMED,
        "where a run has a page for people",
        &["web_url", "webUrl", "report_url", "reportUrl", "html_url"],
    ),
];

/// Only `success` is evidenced, by an older page; every other word is ASSUMED.
const STATES: Table = &[
    (
        "states_passed",
        ASSUMED,
        "states of a run that passed",
        &[
            "success",
            "succeeded",
            "passed",
            "pass",
            "ok",
            "up",
            "healthy",
        ],
    ),
    (
        "states_failed",
        ASSUMED,
        "states of a run that failed",
        &["failure", "failed", "fail", "down", "unhealthy"],
    ),
    (
        "states_errored",
        ASSUMED,
        "states of a run that could not be carried out",
        &["error", "errored", "timeout", "timed_out"],
    ),
    (
        "states_degraded",
        ASSUMED,
        "states of a run that passed badly",
        &["degraded", "warning"],
    ),
    (
        "states_cancelled",
        ASSUMED,
        "states of a run that was stopped",
        &["cancelled", "canceled", "aborted"],
    ),
    (
        "states_skipped",
        ASSUMED,
        "states of a run that did not take place",
        &["skipped", "paused"],
    ),
    (
        "states_queued",
        ASSUMED,
        "states of a run that has not begun",
        &[
            "pending",
            "queued",
            "scheduled",
            "created",
            "dispatched",
            "assigned",
        ],
    ),
    (
        "states_running",
        ASSUMED,
        "states of a run that is going on",
        &["running", "in_progress", "processing", "retrying"],
    ),
    (
        "states_completed",
        ASSUMED,
        "states of a run that has ended somehow",
        &["completed", "finished", "done"],
    ),
];

/// ASSUMED: that runs have steps is documented, their fields are not.
const STEPS: Table = &[
    (
        "steps",
        ASSUMED,
        "where an entry has the steps of its run",
        &["steps", "step_results", "stepResults"],
    ),
    (
        "step_name",
        ASSUMED,
        "where a step has its name",
        &["name", "title", "step_name", "stepName"],
    ),
    (
        "step_verdict",
        ASSUMED,
        "where a step has its verdict",
        &["status", "result", "state", "outcome", "passed", "success"],
    ),
    (
        "assertions",
        ASSUMED,
        "where a step or run has its assertions",
        &["assertions", "assertion_results"],
    ),
    (
        "error_text",
        ASSUMED,
        "where a step or run tells what went wrong",
        &["error.message", "error", "error_message", "message"],
    ),
    (
        "duration_ms",
        ASSUMED,
        "where a step or run has its duration in milliseconds",
        &["duration_ms", "durationMs", "response_time_ms"],
    ),
    (
        "links",
        ASSUMED,
        "where a step or run has links to what was kept of it",
        &[
            "screenshot_url",
            "trace_url",
            "video_url",
            "artifacts[]",
            "artifacts.screenshot_url",
            "artifacts.trace_url",
            "artifacts.video_url",
        ],
    ),
    (
        "words_passed",
        ASSUMED,
        "words of a passed step",
        &["success", "succeeded", "passed", "pass", "ok", "true"],
    ),
    (
        "words_failed",
        ASSUMED,
        "words of a failed step",
        &["failure", "failed", "fail", "false", "degraded", "warning"],
    ),
    (
        "words_errored",
        ASSUMED,
        "words of a step that could not be carried out",
        &["error", "errored", "timeout", "timed_out"],
    ),
    (
        "words_skipped",
        ASSUMED,
        "words of a step that was not carried out",
        &["skipped", "skip"],
    ),
    (
        "words_cancelled",
        ASSUMED,
        "words of a step that was stopped",
        &["cancelled", "canceled", "aborted"],
    ),
    (
        "words_unfinished",
        ASSUMED,
        "words of a step that has not ended",
        &["pending", "queued", "running", "in_progress"],
    ),
];
