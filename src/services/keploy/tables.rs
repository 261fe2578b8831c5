//! What is known and assumed of Keploy's API: where the answers' fields are looked for, and what their words mean.

use crate::services::description::{ASSUMED, Assumed, DOCUMENTED, Table};

/// Where the answers' fields are looked for, and what their words mean.
pub fn assumed() -> Vec<Assumed> {
    Assumed::of(&[
        ENVELOPE,
        STATES,
        LISTS,
        REPORT_FIELDS,
        LOAD_TESTS,
        BRANCHES,
        COVERAGE,
        RECORDED,
    ])
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
            "data.load_tests",
            "data.loadTests",
            "data.branches",
            "data.test_reports",
            "data.testReports",
            "data.test_set_reports",
            "data.testSetReports",
            "data.test_cases",
            "data.testCases",
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

const LOAD_TESTS: Table = &[
    (
        "load_test_id",
        ASSUMED,
        "where the answer to the start of a load test has its id",
        &[
            "data.run_id",
            "data.runId",
            "data.load_test_id",
            "data.loadTestId",
            "data.id",
            "data._id",
        ],
    ),
    (
        "listed_load_test",
        ASSUMED,
        "where a load test in the list has its id",
        &["id", "_id", "run_id", "runId", "load_test_id", "loadTestId"],
    ),
    (
        "load_report",
        ASSUMED,
        "where the answer to a look at a load test has its report",
        &["data"],
    ),
    (
        "load_users",
        ASSUMED,
        "where a load test in the list tells its number of users",
        &["virtual_users", "virtualUsers"],
    ),
    (
        "load_duration",
        ASSUMED,
        "where a load test in the list tells for how long it was asked to last, in seconds",
        &["duration_secs", "durationSecs"],
    ),
];

const BRANCHES: Table = &[(
    "branch_id",
    ASSUMED,
    "where the answer to finding or creating a branch has its id",
    &[
        "data.id",
        "data._id",
        "data.branch_id",
        "data.branchId",
        "data.branch.id",
        "data.branch._id",
    ],
)];

const COVERAGE: Table = &[
    (
        "schema_coverage",
        ASSUMED,
        "where the share of the schema that the tests cover is told",
        &[
            "data.coverage_percentage",
            "data.coveragePercentage",
            "data.percentage",
            "data.coverage",
        ],
    ),
    (
        "schema_coverage_unit",
        ASSUMED,
        "what a coverage without a percent sign is: percent, fraction, or auto, which takes nothing from 0 to 1 for either",
        &["auto"],
    ),
];

const RECORDED: Table = &[
    // DOC: the six words are in the OpenAPI file.
    (
        "report_states_ended",
        DOCUMENTED,
        "states of a test report that is complete",
        &["PASSED", "FAILED", "IGNORED", "OBSOLETE"],
    ),
    (
        "report_state",
        DOCUMENTED,
        "where a test report tells its state",
        &["data.status"],
    ),
    (
        "report_passed",
        DOCUMENTED,
        "where a test report counts the test cases that passed",
        &["data.tot_passed_tc"],
    ),
    (
        "report_failed",
        DOCUMENTED,
        "where a test report counts the test cases that failed",
        &["data.tot_failed_tc"],
    ),
    (
        "report_ignored",
        DOCUMENTED,
        "where a test report counts the test cases that were ignored",
        &["data.tot_ignored_tc"],
    ),
    (
        "report_page",
        DOCUMENTED,
        "the page of a test report for people, {report} and {app} being its ids",
        &["https://app.keploy.io/tr/{report}?appId={app}"],
    ),
    (
        "test_sets",
        DOCUMENTED,
        "where a full test report has its test sets",
        &["data.test_sets"],
    ),
    (
        "test_set_name",
        ASSUMED,
        "where a test set has its name",
        &[
            "name",
            "test_set_name",
            "testSetName",
            "test_set",
            "testSet",
            "test_set_id",
            "testSetId",
            "id",
        ],
    ),
    (
        "test_cases",
        DOCUMENTED,
        "where a test set of a full report has its test cases",
        &["test_cases"],
    ),
    (
        "test_names",
        DOCUMENTED,
        "where a test set of a full report has the mere names and states of its test cases",
        &["tests"],
    ),
    (
        "test_case_name",
        DOCUMENTED,
        "where a test case has its name",
        &["test_case_name", "testName", "name", "test_case_id", "id"],
    ),
    (
        "test_case_state",
        DOCUMENTED,
        "where a test case has its verdict",
        &["status", "oss_report.status"],
    ),
    // ASSUMED: the word is documented, what it says of a test case is not. Taken for neither a pass nor a failure.
    (
        "words_errored",
        ASSUMED,
        "words of a test case that says nothing, as what was recorded no longer fits",
        &["OBSOLETE"],
    ),
];
