//! TestCLIX: what a test shows before, during and after a run. The times themselves are tested beside the code.

use proctor_sandbox::{Sandbox, Scenario};
use serde_json::json;

use crate::support::until;
use crate::testclix::{execute, get, status, testclix};

/// A sandbox with one test, `a&1`.
fn with(fields: &str) -> Sandbox {
    testclix(&format!("tests = [{{ id = \"a&1\", {fields} }}]"))
}

/// The states that a test goes through, each once, up to one.
fn course(sandbox: &Sandbox, id: &str, last: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    until("the last state", || {
        let state = status(sandbox, id);
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        seen.last().is_some_and(|state| state == last)
    });
    seen
}

#[test]
fn every_documented_word_can_be_shown() {
    for word in [
        "not recorded",
        "recorded",
        "not executed",
        "valid",
        "queued",
        "processing",
        "pass",
        "error",
        "acknowledged",
    ] {
        let sandbox = with(&format!("before = \"{word}\""));
        assert_eq!(status(&sandbox, "a&1"), word);
    }
    let sandbox = with("before = \"unknown\"");
    assert_eq!(status(&sandbox, "a&1"), "marinating");
}

#[test]
fn words_are_spelled_as_told() {
    for (spelling, word) in [
        ("blank", "not recorded"),
        ("underscore", "not_recorded"),
        ("hyphen", "not-recorded"),
        ("upper", "NOT RECORDED"),
        ("app", "Not recorded"),
    ] {
        let tests = "tests = [{ id = \"a&1\", before = \"not recorded\" }]";
        let sandbox = testclix(&format!("spelling = \"{spelling}\"\n{tests}"));
        assert_eq!(status(&sandbox, "a&1"), word);
    }
    let sandbox = testclix("spelling = \"upper\"");
    assert_eq!(
        execute(&sandbox, "01GDPASS&01AAAA").json()["status"],
        "QUEUED"
    );
}

#[test]
fn a_scenario_shows_its_whole_run() {
    let sandbox = with("after = \"error\", queued_ms = 2000, processing_ms = 2000");
    assert_eq!(status(&sandbox, "a&1"), "pass");
    execute(&sandbox, "a&1");
    let seen = course(&sandbox, "a&1", "error");
    assert_eq!(seen, ["queued", "processing", "error"]);
}

#[test]
fn availability_and_vitals_are_never_processing() {
    for kind in ["availability", "vitals"] {
        let sandbox = with(&format!(
            "kind = \"{kind}\", after = \"error\", queued_ms = 2000"
        ));
        execute(&sandbox, "a&1");
        assert_eq!(
            course(&sandbox, "a&1", "error"),
            ["queued", "error"],
            "{kind}"
        );
    }
    let text = "[testclix]\ntests = [{ id = \"a&1\", kind = \"vitals\", processing_ms = 5 }]";
    let error = Scenario::from_toml(text)
        .expect_err("only scenarios")
        .to_string();
    assert!(error.contains("only scenarios are"), "{error}");
}

#[test]
fn a_store_that_lags_shows_the_old_word_first() {
    let sandbox = with("after = \"error\", queued_ms = 2000, lag_ms = 2000");
    let answer = execute(&sandbox, "a&1");
    assert_eq!(answer.json()["status"], "queued", "the answer does not lag");
    let seen = course(&sandbox, "a&1", "error");
    assert_eq!(seen[..2], ["pass", "queued"]);
}

#[test]
fn a_fast_run_is_never_seen() {
    let sandbox = testclix("");
    for (id, word) in [
        ("01GDFAST&01AVAIL", "pass"),
        ("01GDUNRECORDED&01AAAA", "not recorded"),
    ] {
        assert_eq!(status(&sandbox, id), word);
        let answer = execute(&sandbox, id);
        assert_eq!(answer.json()["status"], "queued");
        assert_eq!(status(&sandbox, id), word);
    }
    let sandbox = with("after = \"error\", too_fast = true");
    execute(&sandbox, "a&1");
    assert_eq!(status(&sandbox, "a&1"), "error");
}

#[test]
fn a_dip_shows_the_old_word_once() {
    let sandbox = with("after = \"error\", dip = true, queued_ms = 2000, processing_ms = 60000");
    execute(&sandbox, "a&1");
    let seen = course(&sandbox, "a&1", "processing");
    assert_eq!(seen, ["queued", "pass", "processing"]);
}

#[test]
fn a_second_run_is_queued_behind_the_first() {
    let sandbox = with("before = \"error\", queued_ms = 2000, processing_ms = 2000");
    execute(&sandbox, "a&1");
    assert_eq!(execute(&sandbox, "a&1").status, 200);
    let seen = course(&sandbox, "a&1", "pass");
    assert_eq!(
        seen,
        ["queued", "processing", "queued", "processing", "pass"]
    );
}

#[test]
fn somebody_elses_run_may_be_on() {
    let sandbox = with("busy_ms = 2000, before = \"error\"");
    assert_eq!(course(&sandbox, "a&1", "error"), ["processing", "error"]);
}

#[test]
fn ids_say_what_becomes_of_the_tests_that_are_there() {
    let sandbox = testclix("");
    for (id, before, during) in [
        ("01GDFAIL&01AAAA", "pass", "queued"),
        ("01GDFIXED&01AAAA", "error", "queued"),
        ("01GDVALID&01AAAA", "valid", "queued"),
        ("01GDSTUCK&01AAAA", "pass", "queued"),
        ("01GDRECORDED&01AAAA", "recorded", "recorded"),
        ("01GDACK&01AAAA", "acknowledged", "queued"),
        ("01GDUNKNOWN&01AAAA", "pass", "queued"),
        ("01GDLAG&01AAAA", "pass", "pass"),
        ("01GDUNEXECUTED&01AVAIL", "not executed", "queued"),
        ("01GDFAIL&01VITALS", "pass", "queued"),
    ] {
        assert_eq!(status(&sandbox, id), before, "{id}");
        execute(&sandbox, id);
        assert_eq!(status(&sandbox, id), during, "{id}");
    }
    let ends = [
        ("01GDFAIL&01AAAA", "error"),
        ("01GDFIXED&01AAAA", "pass"),
        ("01GDVALID&01AAAA", "valid"),
        ("01GDACK&01AAAA", "acknowledged"),
        ("01GDUNKNOWN&01AAAA", "marinating"),
        ("01GDUNEXECUTED&01AVAIL", "pass"),
        ("01GDFAIL&01VITALS", "error"),
    ];
    for (id, end) in ends {
        course(&sandbox, id, end);
    }
    assert_eq!(
        status(&sandbox, "01GDSTUCK&01AAAA"),
        "queued",
        "it never ends"
    );
}

#[test]
fn a_reset_forgets_the_runs() {
    let sandbox = with("after = \"error\", too_fast = true");
    execute(&sandbox, "a&1");
    assert_eq!(status(&sandbox, "a&1"), "error");
    crate::support::bare(&sandbox, "POST", "/_sandbox/reset").send();
    assert_eq!(status(&sandbox, "a&1"), "pass");
}

#[test]
fn the_demo_serves_its_tests() {
    let sandbox = Sandbox::start("127.0.0.1:0".parse().expect("an address"), Scenario::demo())
        .expect("a free port");
    assert_eq!(
        sandbox.service_url("testclix"),
        sandbox.url() + "/testclix/v1/api"
    );
    assert_eq!(get(&sandbox, "/status").json(), json!({"status": "pass"}));
    assert_eq!(execute(&sandbox, "01J8SHOP4Q&01J8SRCH7M").status, 200);
}
