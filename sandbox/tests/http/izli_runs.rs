//! izli.io: runs as they are listed, and what becomes of them. The times themselves are tested beside the code.

use proctor_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::izli::{get, izli, start};
use crate::support::{text, until};

/// A sandbox with one API monitor, `a`, with three steps unless it says otherwise, that is run at once.
fn api(fields: &str, settings: &str) -> Sandbox {
    let steps = if fields.contains("steps") {
        ""
    } else {
        r#"steps = ["one", "two", "three"]"#
    };
    izli(&format!(
        "queue_ms = 0\npast_runs = 0\n{settings}\n
         [[izli.api_monitors]]\nid = \"a\"\nduration_ms = 30\n{steps}\n{fields}"
    ))
}

/// Runs `a` and returns its runs once the first of the list has a field.
fn run_until(sandbox: &Sandbox, field: &str) -> Vec<Value> {
    start(sandbox, "/api-monitors/a/trigger");
    let mut runs = Vec::new();
    until("the run ends", || {
        runs = get(sandbox, "/api-monitors/a/runs").list();
        runs.first().is_some_and(|run| run.get(field).is_some())
    });
    runs
}

fn ended(fields: &str, settings: &str) -> Value {
    run_until(&api(fields, settings), "duration_ms").remove(0)
}

#[test]
fn outcomes_have_their_words() {
    for (outcome, word, flag, error) in [
        ("success", "success", None, false),
        ("failed", "failed", None, true),
        ("error", "error", None, true),
        ("timeout", "timeout", None, true),
        ("degraded", "degraded", None, true),
        ("cancelled", "cancelled", None, false),
        ("skipped", "skipped", None, false),
        ("completed", "completed", Some(true), false),
        ("completed-failed", "completed", Some(false), true),
        ("no-verdict", "completed", None, false),
        ("unknown", "marinated", None, false),
        ("disagree", "success", Some(false), true),
    ] {
        let run = ended(&format!("outcome = \"{outcome}\""), "");
        assert_eq!(run["status"], word, "{outcome}");
        assert_eq!(
            run.get("success").and_then(Value::as_bool),
            flag,
            "{outcome}"
        );
        assert_eq!(run.get("error").is_some(), error, "{outcome}");
        assert!(text(&run["completed_at"]) > text(&run["started_at"]));
        assert_eq!(
            (&run["location"], &run["trigger"]),
            (&json!("eu-west"), &json!("manual"))
        );
    }
}

#[test]
fn some_runs_do_not_end() {
    for (outcome, word) in [("stuck", "running"), ("offline", "pending")] {
        let sandbox = api(&format!("outcome = \"{outcome}\""), "");
        let run = run_until(&sandbox, "status").remove(0);
        assert_eq!(run["status"], word);
        for field in ["completed_at", "duration_ms", "steps", "error", "success"] {
            assert_eq!(run.get(field), None, "{outcome} {field}");
        }
    }
    let sandbox = api("outcome = \"missing\"", "");
    start(&sandbox, "/api-monitors/a/trigger");
    assert!(get(&sandbox, "/api-monitors/a/runs").list().is_empty());
}

#[test]
fn a_run_is_pending_then_running_then_over() {
    let sandbox = izli("queue_ms = 2000\nmonitors = [{ id = \"m\", duration_ms = 2000 }]");
    start(&sandbox, "/monitors/m/check");
    let mut seen: Vec<String> = Vec::new();
    until("the run ends", || {
        let word = text(&get(&sandbox, "/monitors/m/results").list()[0]["status"]);
        if seen.last() != Some(&word) {
            seen.push(word.clone());
        }
        word == "success"
    });
    assert_eq!(seen, ["pending", "running", "success"]);
}

#[test]
fn a_list_may_have_ended_runs_only() {
    let sandbox = api("", "appears = \"ended\"");
    let runs = run_until(&sandbox, "status");
    assert_eq!(runs[0]["status"], "success", "it was not there before");
    let stuck = api("outcome = \"stuck\"", "appears = \"ended\"");
    start(&stuck, "/api-monitors/a/trigger");
    assert!(get(&stuck, "/api-monitors/a/runs").list().is_empty());
}

#[test]
fn runs_may_have_no_id_or_no_time() {
    let run = ended("", "identity = \"time\"");
    assert_eq!(run.get("id"), None);
    assert!(run["started_at"].is_string() && run["location"].is_string());
    let run = ended("", "identity = \"nothing\"");
    for field in ["id", "started_at", "completed_at"] {
        assert_eq!(run.get(field), None, "{field}");
    }
    assert_eq!(run["status"], "success");
    let run = ended("", "time_name = \"timestamp\"");
    assert!(run["timestamp"].is_string() && run.get("started_at").is_none());
}

#[test]
fn the_origin_may_have_another_name_and_word_or_none() {
    let run = ended("", "origin_name = \"source\"\nwords = { manual = \"api\" }");
    assert_eq!((run.get("trigger"), &run["source"]), (None, &json!("api")));
    let run = ended("", "origin_name = \"\"");
    assert_eq!(run.get("trigger"), None);
}

#[test]
fn words_and_spelling_can_be_chosen() {
    let words = "words = { success = \"healthy\", running = \"in_progress\" }";
    assert_eq!(ended("", words)["status"], "healthy");
    let stuck = run_until(&api("outcome = \"stuck\"", words), "status");
    assert_eq!(stuck[0]["status"], "in_progress");
    let run = run_until(&api("", "spelling = \"camel\""), "durationMs").remove(0);
    assert!(run["startedAt"].is_string() && run["completedAt"].is_string());
    assert!(run["steps"][0]["durationMs"].is_number());
    assert_eq!(run.get("started_at"), None);
}

#[test]
fn the_verdict_may_be_in_another_field() {
    for name in ["result", "state", "outcome"] {
        let run = ended("outcome = \"failed\"", &format!("verdict = \"{name}\""));
        assert_eq!((run.get("status"), &run[name]), (None, &json!("failed")));
    }
    for name in ["success", "passed"] {
        let settings = format!("verdict = \"{name}\"");
        for (outcome, verdict) in [("success", json!(true)), ("timeout", json!(false))] {
            let run = ended(&format!("outcome = \"{outcome}\""), &settings);
            assert_eq!((run.get("status"), &run[name]), (None, &verdict));
        }
        let run = ended("outcome = \"cancelled\"", &settings);
        assert_eq!(run.get(name), None);
        let stuck = run_until(&api("outcome = \"stuck\"", &settings), "location");
        assert_eq!((stuck[0].get(name), stuck[0].get("status")), (None, None));
    }
}

#[test]
fn errors_are_texts_or_objects() {
    let message = "status_code: expected 200, got 500";
    let run = ended("outcome = \"failed\"", "");
    assert_eq!(run["error"], message);
    assert_eq!(run["steps"][1]["error"], message);
    let run = ended("outcome = \"failed\"", "run_error = \"object\"");
    assert_eq!(
        run["error"],
        json!({"code": "ASSERTION_FAILED", "message": message})
    );
    assert_eq!(run["steps"][1]["error"]["code"], "ASSERTION_FAILED");
}

fn words_of(steps: &Value) -> Vec<String> {
    let steps = steps.as_array().expect("steps").iter();
    steps.map(|step| text(&step["status"])).collect()
}

#[test]
fn steps_end_with_the_one_that_fails() {
    let run = ended("", "");
    assert_eq!(words_of(&run["steps"]), ["success", "success", "success"]);
    let run = ended("outcome = \"failed\"", "");
    assert_eq!(words_of(&run["steps"]), ["success", "failed"]);
    let run = ended("outcome = \"timeout\"", "after_failure = \"skipped\"");
    assert_eq!(words_of(&run["steps"]), ["success", "timeout", "skipped"]);
    assert_eq!(
        run["steps"][1].get("assertions"),
        None,
        "there was no answer to look at"
    );
    assert_eq!(
        run["steps"][2],
        json!({"name": "three", "status": "skipped"})
    );
    assert_eq!(ended("outcome = \"skipped\"", "").get("steps"), None);
    let run = ended("outcome = \"failed\"\nsteps = [\"only\"]", "");
    assert_eq!(words_of(&run["steps"]), ["failed"]);
    assert_eq!(ended("steps = []", "").get("steps"), None);
}

#[test]
fn assertions_have_what_was_expected_and_what_came() {
    let good = json!({"type": "status_code", "operator": "equals", "expected": 200, "actual": 200, "passed": true});
    let bad = json!({"type": "status_code", "operator": "equals", "expected": 200, "actual": 500, "passed": false});
    let run = ended("outcome = \"failed\"", "");
    assert_eq!(run["steps"][0]["assertions"][1], good);
    assert_eq!(run["steps"][1]["assertions"][1], bad);
    let run = ended("outcome = \"degraded\"", "");
    let slow = &run["steps"][1]["assertions"];
    assert_eq!(
        (&slow[0]["type"], &slow[0]["passed"]),
        (&json!("response_time"), &json!(false))
    );
    assert_eq!(slow[1], good);
}

#[test]
fn journeys_have_artifacts_and_monitors_a_response_time() {
    let sandbox = izli("trigger = \"result\"");
    let journey = start(&sandbox, "/journeys/jrn_failed/run-now");
    for (field, file) in [
        ("screenshot_url", "screenshot.png"),
        ("trace_url", "trace.zip"),
        ("video_url", "video.webm"),
    ] {
        let id = text(&journey["id"]);
        assert_eq!(
            journey[field],
            format!("https://artifacts.izli.example/{id}/{file}")
        );
    }
    assert_eq!(
        journey["steps"][1]["assertions"][1]["actual"],
        "Something went wrong"
    );
    let skipped = start(&sandbox, "/journeys/jrn_skipped/run-now");
    assert_eq!(skipped.get("trace_url"), None);
    let monitor = start(&sandbox, "/monitors/mon_success/check");
    assert_eq!(
        (monitor.get("duration_ms"), monitor.get("trace_url")),
        (None, None)
    );
    assert_eq!(
        (monitor.get("steps"), &monitor["response_time_ms"]),
        (None, &json!(40))
    );
}

#[test]
fn runs_are_listed_in_either_order_and_in_pages() {
    let times = |order: &str| {
        let sandbox = izli(&format!("order = \"{order}\"\npast_runs = 30"));
        start(&sandbox, "/monitors/mon_001/check");
        let answer = get(&sandbox, "/monitors/mon_001/results?per_page=100");
        let times = answer
            .list()
            .iter()
            .map(|run| text(&run["started_at"]))
            .collect::<Vec<_>>();
        let page = get(&sandbox, "/monitors/mon_001/results");
        assert_eq!(
            (page.list().len(), &page.json()["meta"]["total"]),
            (20, &json!(31))
        );
        assert_eq!(text(&page.list()[0]["started_at"]), times[0]);
        times
    };
    let newest = times("newest-first");
    assert_eq!(newest.len(), 31);
    assert!(newest.is_sorted_by(|a, b| a > b));
    assert!(times("oldest-first").is_sorted());
}

#[test]
fn every_location_has_its_own_result() {
    let sandbox = izli("queue_ms = 0\npast_runs = 0");
    start(&sandbox, "/monitors/mon_mixed/check");
    let mut words = Vec::new();
    until("both end", || {
        let runs = get(&sandbox, "/monitors/mon_mixed/results").list();
        words = runs
            .iter()
            .map(|run| (text(&run["location"]), text(&run["status"])))
            .collect();
        words.sort();
        words.iter().all(|(_, word)| word != "running")
    });
    let pair = |location: &str, word: &str| (location.to_owned(), word.to_owned());
    assert_eq!(
        words,
        [pair("eu-west", "success"), pair("us-east", "failed")]
    );
}

#[test]
fn a_location_may_begin_later() {
    let sandbox = izli(
        "stagger_ms = 3600000\npast_runs = 0\nmonitors = [{ id = \"m\", locations = [\"eu-west\", \"us-east\"] }]",
    );
    start(&sandbox, "/monitors/m/check");
    let runs = get(&sandbox, "/monitors/m/results").list();
    assert_eq!((runs.len(), &runs[0]["location"]), (1, &json!("eu-west")));
}

#[test]
fn a_failed_attempt_is_followed_by_a_newer_run() {
    let sandbox = api("failed_attempts = 2", "");
    let first = start(&sandbox, "/api-monitors/a/trigger")["run_id"].clone();
    let mut runs = Vec::new();
    until("the third ends", || {
        runs = get(&sandbox, "/api-monitors/a/runs").list();
        runs.len() == 3 && runs[0].get("duration_ms").is_some()
    });
    let words: Vec<&Value> = runs.iter().map(|run| &run["status"]).collect();
    assert_eq!(words, ["success", "failed", "failed"], "the newest first");
    assert_eq!(runs[2]["id"], first, "the trigger named the first");
    assert_ne!(runs[0]["id"], first);
}

#[test]
fn attempts_may_be_hidden_in_one_run() {
    let sandbox = izli(
        "queue_ms = 0\npast_runs = 0\nretries_shown = false
         monitors = [{ id = \"m\", failed_attempts = 1, duration_ms = 2000 }]",
    );
    start(&sandbox, "/monitors/m/check");
    let mut seen: Vec<String> = Vec::new();
    let mut runs = Vec::new();
    until("the run ends", || {
        runs = get(&sandbox, "/monitors/m/results").list();
        let word = text(&runs[0]["status"]);
        if seen.last() != Some(&word) {
            seen.push(word.clone());
        }
        word == "success"
    });
    assert_eq!(seen, ["running", "retrying", "success"]);
    assert_eq!(
        (runs.len(), &runs[0]["response_time_ms"]),
        (1, &json!(4000))
    );
}

#[test]
fn scheduled_runs_are_mixed_in() {
    let sandbox = izli(
        "past_runs = 0\nmonitors = [{ id = \"m\", interval_ms = 20, scheduled = \"timeout\", duration_ms = 0 }]",
    );
    start(&sandbox, "/monitors/m/check");
    let mut runs = Vec::new();
    until("some scheduled runs", || {
        runs = get(&sandbox, "/monitors/m/results?per_page=100").list();
        runs.len() > 3
    });
    let manual: Vec<&Value> = runs
        .iter()
        .filter(|run| run["trigger"] == "manual")
        .collect();
    assert_eq!(manual.len(), 1);
    let scheduled = runs.iter().filter(|run| run["trigger"] == "schedule");
    assert!(scheduled.clone().count() >= 3);
    assert!(scheduled.clone().all(|run| run["status"] == "timeout"));
}

#[test]
fn words_in_ids_say_what_becomes_of_them() {
    let sandbox = izli("trigger = \"result\"");
    for (path, word) in [
        ("/journeys/jrn_error/run-now", "error"),
        ("/journeys/jrn_cancelled/run-now", "cancelled"),
        ("/journeys/jrn_flaky/run-now", "success"),
        ("/journeys/jrn_stuck/run-now", "running"),
        ("/journeys/jrn_offline/run-now", "pending"),
        ("/api-monitors/apm_completed_failed/trigger", "completed"),
        ("/api-monitors/apm_unknown/trigger", "marinated"),
        ("/monitors/mon_failed/check", "failed"),
    ] {
        assert_eq!(start(&sandbox, path)["status"], word, "{path}");
    }
}
