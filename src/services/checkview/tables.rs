//! Where things are looked for and what words mean. Nearly all of it is ASSUMED.

use crate::services::description::{ASSUMED, DOCUMENTED, Table};

/// ASSUMED: all but the path of one flow, which the documented sample of an error names.
pub const PATHS: Table = &[
    (
        "path_flows",
        ASSUMED,
        "path of the list of test flows",
        &["/test-flows"],
    ),
    (
        "path_flow",
        DOCUMENTED,
        "path of one test flow; {flow_id} stands for its id",
        &["/test-flows/{flow_id}"],
    ),
    (
        "path_trigger",
        ASSUMED,
        "method and path that start a run of a flow; {flow_id} stands for its id",
        &["POST /test-flows/{flow_id}/run"],
    ),
    (
        "trigger_body",
        ASSUMED,
        "JSON that is sent to start a run; {flow_id} in its texts stands for the flow's id, an empty text for no body",
        &["{}"],
    ),
    (
        "path_run",
        ASSUMED,
        "path of one test run; {run_id} stands for its id",
        &["/test-runs/{run_id}"],
    ),
    (
        "path_runs",
        ASSUMED,
        "path of the list of test runs, the newest first; {flow_id} stands for the flow's id, if it takes one",
        &["/test-runs"],
    ),
    (
        "path_websites",
        ASSUMED,
        "path of the list of websites",
        &["/websites"],
    ),
];

/// DOC: problem details after RFC 7807.
pub const ERRORS: Table = &[
    (
        "error_code",
        DOCUMENTED,
        "where an error names itself",
        &["title", "type"],
    ),
    (
        "error_message",
        DOCUMENTED,
        "where an error tells",
        &["detail", "message", "error"],
    ),
    (
        "request_id",
        ASSUMED,
        "where an answer names its request",
        &["request_id", "requestId", "trace_id", "traceId"],
    ),
    // ASSUMED: no answer to a used-up allowance of runs is documented.
    (
        "quota_codes",
        ASSUMED,
        "titles of errors that mean a used-up plan",
        &[
            "Quota Exceeded",
            "Usage Limit Exceeded",
            "Plan Limit Exceeded",
            "Test Run Limit Reached",
        ],
    ),
    (
        "quota_messages",
        ASSUMED,
        "parts of the detail of a 402 or 403 that mean a used-up plan",
        &[
            "quota",
            "allowance",
            "run limit",
            "plan limit",
            "usage limit",
            "monthly limit",
            "upgrade your plan",
        ],
    ),
];

/// DOC: pages are told of in headers. ASSUMED: everything in the bodies.
pub const LISTS: Table = &[
    (
        "list",
        ASSUMED,
        "where a list stands in an answer; [] is the answer itself",
        &[
            "[]",
            "data",
            "items",
            "results",
            "websites",
            "test_flows",
            "testFlows",
            "test_runs",
            "testRuns",
            "data.items",
            "data.websites",
            "data.test_flows",
            "data.testFlows",
            "data.test_runs",
            "data.testRuns",
        ],
    ),
    (
        "id",
        ASSUMED,
        "where a flow or website has its id",
        &["id", "_id", "uuid"],
    ),
    (
        "name",
        ASSUMED,
        "where a flow or website has its name",
        &["name", "title"],
    ),
    (
        "domain",
        ASSUMED,
        "where a website has its address",
        &["domain", "url"],
    ),
    (
        "flow",
        ASSUMED,
        "where the flow stands in the answer for one flow",
        &["data", "test_flow", "testFlow", "flow"],
    ),
    (
        "flow_website",
        ASSUMED,
        "where a flow names its website, by id, name or address",
        &[
            "website_id",
            "websiteId",
            "site_id",
            "siteId",
            "website.id",
            "site.id",
            "website",
            "site",
            "website.domain",
            "website.url",
            "site.domain",
            "site.url",
            "website.name",
            "site.name",
            "domain",
            "website_url",
            "websiteUrl",
        ],
    ),
];

pub const RUNS: Table = &[
    // The names that say what they are come first: an `id` beside a `test_run_id` may be the flow's.
    (
        "trigger_run_id",
        ASSUMED,
        "where the answer to a trigger has the run's id; the flow's own id is passed over",
        &[
            "test_run_id",
            "testRunId",
            "run_id",
            "runId",
            "data.test_run_id",
            "data.testRunId",
            "data.run_id",
            "data.runId",
            "test_run.id",
            "testRun.id",
            "run.id",
            "data.test_run.id",
            "data.testRun.id",
            "data.run.id",
            "id",
            "data.id",
        ],
    ),
    (
        "run",
        ASSUMED,
        "where the run stands in the answer for one run",
        &[
            "data.test_run",
            "data.testRun",
            "data.run",
            "data",
            "test_run",
            "testRun",
            "run",
        ],
    ),
    (
        "run_own_id",
        ASSUMED,
        "where a run has its id",
        &["test_run_id", "testRunId", "run_id", "runId", "id", "uuid"],
    ),
    (
        "run_flow",
        ASSUMED,
        "where a run names its flow",
        &[
            "test_flow_id",
            "testFlowId",
            "flow_id",
            "flowId",
            "test_flow.id",
            "testFlow.id",
            "flow.id",
        ],
    ),
    (
        "run_began",
        ASSUMED,
        "where a run tells when it began",
        &["created_at", "createdAt", "started_at", "startedAt"],
    ),
    (
        "run_url",
        ASSUMED,
        "where a run has a page for people",
        &[
            "html_url",
            "web_url",
            "webUrl",
            "dashboard_url",
            "dashboardUrl",
            "report_url",
            "reportUrl",
        ],
    ),
];

/// DOC: the dashboard's words Passed, Failed and Pending. ASSUMED: how the API spells them, and all others.
pub const STATES: Table = &[
    (
        "state",
        ASSUMED,
        "where a run tells its state",
        &["status", "state"],
    ),
    (
        "result",
        ASSUMED,
        "where a run tells its verdict beside its state; of two that disagree the worse counts",
        &["result", "outcome"],
    ),
    (
        "passed_flag",
        ASSUMED,
        "where a run tells by true or false whether it passed",
        &["passed"],
    ),
    (
        "states_passed",
        DOCUMENTED,
        "states of a run all of whose steps were done",
        &["passed", "pass", "success", "succeeded"],
    ),
    (
        "states_failed",
        DOCUMENTED,
        "states of a run of which a step failed",
        &["failed", "fail", "failure"],
    ),
    // A run that was skipped or is paused has tested nothing.
    (
        "states_errored",
        ASSUMED,
        "states of a run that says nothing about the website",
        &[
            "error",
            "errored",
            "timeout",
            "timed_out",
            "setup_error",
            "skipped",
            "paused",
        ],
    ),
    (
        "states_cancelled",
        ASSUMED,
        "states of a run that was stopped",
        &["cancelled", "canceled", "aborted", "stopped"],
    ),
    (
        "states_completed",
        ASSUMED,
        "states of a run at its end that say nothing of a verdict",
        &["completed", "complete", "finished", "done"],
    ),
    (
        "states_queued",
        DOCUMENTED,
        "states of a run that may not have begun",
        &["pending", "queued", "scheduled", "created", "waiting"],
    ),
    (
        "states_running",
        ASSUMED,
        "states of a run that is going on",
        &["running", "in_progress", "processing", "started"],
    ),
];

/// DOC: a flow is a list of steps; a run has screenshots, in visual mode also a video and a network log. ASSUMED: all
/// names.
pub const STEPS: Table = &[
    (
        "steps",
        ASSUMED,
        "where a run has its steps",
        &["steps", "step_results", "stepResults", "results"],
    ),
    (
        "step_name",
        ASSUMED,
        "where a step has its name",
        &[
            "name",
            "title",
            "label",
            "step_name",
            "stepName",
            "description",
            "action",
        ],
    ),
    (
        "step_verdict",
        ASSUMED,
        "where a step has its verdict",
        &["status", "state", "result", "outcome", "passed", "pass"],
    ),
    (
        "error_text",
        ASSUMED,
        "where a run or step tells what went wrong",
        &[
            "error_message",
            "errorMessage",
            "error.message",
            "error",
            "failure_reason",
            "failureReason",
            "message",
        ],
    ),
    (
        "assertions",
        ASSUMED,
        "where a step has its failed assertions",
        &["assertions", "failures"],
    ),
    (
        "duration_ms",
        ASSUMED,
        "where a run or step has its duration in milliseconds",
        &["duration_ms", "durationMs"],
    ),
    (
        "links",
        ASSUMED,
        "where a run or step has URLs of screenshots, video and network log",
        &[
            "screenshot",
            "screenshot_url",
            "screenshotUrl",
            "screenshots[]",
            "video",
            "video_url",
            "videoUrl",
            "har",
            "har_url",
            "harUrl",
            "network_log_url",
            "networkLogUrl",
            "artifacts[]",
        ],
    ),
    (
        "words_passed",
        ASSUMED,
        "words of a step that was done",
        &[
            "passed",
            "pass",
            "success",
            "succeeded",
            "completed",
            "done",
            "true",
        ],
    ),
    (
        "words_failed",
        ASSUMED,
        "words of a step that failed",
        &["failed", "fail", "failure", "false"],
    ),
    (
        "words_errored",
        ASSUMED,
        "words of a step that could not be judged",
        &["error", "errored", "timeout", "timed_out"],
    ),
    (
        "words_skipped",
        ASSUMED,
        "words of a step that was not run",
        &["skipped", "skip", "paused", "not_run", "not_executed"],
    ),
    (
        "words_cancelled",
        ASSUMED,
        "words of a step that was stopped",
        &["cancelled", "canceled", "aborted", "stopped"],
    ),
    (
        "words_unfinished",
        ASSUMED,
        "words of a step that has not ended",
        &[
            "pending",
            "queued",
            "waiting",
            "running",
            "in_progress",
            "processing",
        ],
    ),
];
