//! What users and hosts see of the service, and what is taken to be known of its API.

use crate::model::{Abilities, Authentication, Parameter, ParameterKind, Provider};
use crate::services::description::{ASSUMED, Assumed, DOCUMENTED, Table, parameter};

/// DOC: the scheme of the key and the variable that the vendor's client reads. Every customer has an address of his own,
/// and a key has no known form.
pub fn provider() -> Provider {
    Provider {
        name: super::NAME.to_owned(),
        title: "Testmo: keeps results of tests, published or waited for".to_owned(),
        api_url: String::new(),
        documentation: "https://docs.testmo.com/api".to_owned(),
        authentication: Authentication::Bearer,
        key_variables: vec!["TESTMO_TOKEN".to_owned()],
        key_prefix: None,
        parameters: parameters(),
        publishing: publishing(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: false,
            cancel: false,
            discover: true,
        },
        // Not published.
        rate: None,
    }
}

/// The parameters of waiting for a run.
fn parameters() -> Vec<Parameter> {
    use ParameterKind::{Integer, Text};
    vec![
        parameter("run", Text, "id of the automation run that is waited for").required(),
        parameter(
            "threads",
            Integer,
            "how many threads the run is to have: it has ended once so many are complete and none is active, even if nobody has completed the run",
        ),
        parameter(
            "project_id",
            Integer,
            "the project whose runs `proctor list` shows",
        ),
    ]
}

/// The parameters of publishing.
fn publishing() -> Vec<Parameter> {
    use ParameterKind::{Boolean, Integer, Text, Texts};
    vec![
        parameter(
            "project_id",
            Integer,
            "id of the project that gets the run; needed unless `run` is given",
        ),
        parameter(
            "source",
            Text,
            "name of the suite or pipeline, always the same: letters, digits and dashes; needed unless `run` is given",
        ),
        parameter(
            "name",
            Text,
            "name of the run, another one for each build (default: the source and the build's number)",
        ),
        parameter("config", Text, "name of a configuration of the project"),
        parameter("config_id", Integer, "id of a configuration of the project"),
        parameter("milestone", Text, "name of a milestone of the project"),
        parameter("milestone_id", Integer, "id of a milestone of the project"),
        parameter(
            "tags",
            Texts,
            "tags of the run: letters, digits, dashes and underscores (default: the branch)",
        ),
        parameter(
            "fields",
            Texts,
            "fields of the run, each NAME=VALUE; `url:`, `text:`, `console:` or `html:` before NAME say what VALUE is",
        ),
        parameter("links", Texts, "links of the run, each NAME=URL"),
        parameter(
            "artifacts",
            Texts,
            "files that are kept elsewhere, each NAME=URL; only the address is sent",
        ),
        parameter(
            "run",
            Text,
            "id of an open run that gets a thread with the results, and is left open",
        ),
        parameter(
            "complete",
            Boolean,
            "complete that run as well (default: false)",
        ),
        parameter(
            "measure_elapsed",
            Boolean,
            "take the run's time from its creation to its completion and not from its threads (default: only for a run that was there before)",
        ),
        parameter(
            "allow_empty",
            Boolean,
            "let it be no error that there is no test to be published (default: false)",
        ),
    ]
}

/// Where the answers' fields are looked for, and what their words mean.
pub fn assumed() -> Vec<Assumed> {
    Assumed::of(&[ANSWERS, RUN, TESTS, WORDS])
}

/// DOC: single objects in `result`, lists with `result` and `next_page`, errors with `message`.
const ANSWERS: Table = &[
    (
        "error_message",
        DOCUMENTED,
        "where an error tells",
        &["message"],
    ),
    (
        "list",
        DOCUMENTED,
        "where a list stands in an answer",
        &["result"],
    ),
    (
        "next_page",
        DOCUMENTED,
        "where a list names its next page",
        &["next_page"],
    ),
    (
        "total",
        DOCUMENTED,
        "where a list tells how long it is",
        &["total"],
    ),
    // The id is not under `result` here, as opposed to everywhere else.
    (
        "created_id",
        DOCUMENTED,
        "where an answer names what was created",
        &["id", "result.id"],
    ),
];

const RUN: Table = &[
    (
        "state",
        DOCUMENTED,
        "where a run has its status",
        &["result.status"],
    ),
    (
        "states_passed",
        DOCUMENTED,
        "statuses of a run without failures",
        &["2"],
    ),
    (
        "states_failed",
        DOCUMENTED,
        "statuses of a run with failures",
        &["3"],
    ),
    (
        "states_running",
        DOCUMENTED,
        "statuses of a run that goes on",
        &["4"],
    ),
    (
        "is_completed",
        DOCUMENTED,
        "where a run tells that it is complete",
        &["result.is_completed"],
    ),
    (
        "threads_active",
        DOCUMENTED,
        "where a run counts its active threads",
        &["result.thread_active_count"],
    ),
    (
        "threads_completed",
        DOCUMENTED,
        "where a run counts its complete threads",
        &["result.thread_completed_count"],
    ),
    (
        "count_total",
        DOCUMENTED,
        "where a run counts its tests",
        &["result.total_count"],
    ),
    (
        "count_failed",
        DOCUMENTED,
        "where a run counts its failed tests",
        &["result.failure_count"],
    ),
    (
        "progress_done",
        DOCUMENTED,
        "where the number of finished tests is told",
        &["result.completed_count"],
    ),
    (
        "progress_total",
        DOCUMENTED,
        "where the number of all tests is told",
        &["result.total_count"],
    ),
];

/// No source shows the members of a run's test.
const TESTS: Table = &[
    (
        "step_name",
        ASSUMED,
        "where a test of a run has its name",
        &["name", "key", "id"],
    ),
    (
        "folder",
        ASSUMED,
        "where a test of a run has its folder",
        &["folder", "folder.name", "folder_name"],
    ),
    (
        "step_verdict",
        ASSUMED,
        "where a test of a run has its status",
        &["status_id", "status", "status.id", "status.system_name"],
    ),
    (
        "elapsed_us",
        ASSUMED,
        "where a test of a run has its time in microseconds",
        &["elapsed"],
    ),
    (
        "error_text",
        ASSUMED,
        "where a test of a run tells what went wrong",
        &["message", "error"],
    ),
    // DOC as values of the filter `status_id`; that a test has the same numbers is not said.
    (
        "words_passed",
        ASSUMED,
        "statuses of a passed test",
        &["2", "passed", "success"],
    ),
    (
        "words_failed",
        ASSUMED,
        "statuses of a failed test",
        &["3", "failed", "failure", "error"],
    ),
    (
        "words_skipped",
        ASSUMED,
        "statuses of a test that was not run",
        &["1", "skipped", "neutral"],
    ),
    (
        "words_unfinished",
        ASSUMED,
        "statuses of a test that has not ended",
        &["4", "running", "active", "untested"],
    ),
];

/// The vendor's client sends these, so they work in every instance that it is used with; the reference shows others.
const WORDS: Table = &[
    (
        "status_passed",
        ASSUMED,
        "what is sent for a passed test: an alias of a status in the instance",
        &["passed"],
    ),
    (
        "status_failure",
        ASSUMED,
        "what is sent for a failed test",
        &["failure"],
    ),
    (
        "status_error",
        ASSUMED,
        "what is sent for a test with an error",
        &["error"],
    ),
    (
        "status_skipped",
        ASSUMED,
        "what is sent for a skipped test",
        &["skipped"],
    ),
];
