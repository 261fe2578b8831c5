//! izli.io: what starting something answers.

use serde_json::{Value, json};

use crate::izli::{call, get, izli, post, start};
use crate::support::{bare, text};

const TWO: &str = "locations = [\"eu-west\", \"us-east\"]";

/// The ids of the runs that requests started, as the list has them.
fn manual(sandbox: &proctor_sandbox::Sandbox, path: &str) -> Vec<String> {
    let runs = get(sandbox, path).list();
    let manual = runs.iter().filter(|run| run["trigger"] == "manual");
    manual.map(|run| text(&run["id"])).collect()
}

#[test]
fn each_collection_has_a_word_of_its_own() {
    let sandbox = izli("");
    for (trigger, runs) in [
        ("/journeys/jrn_stuck/run-now", "/journeys/jrn_stuck/runs"),
        (
            "/api-monitors/apm_success/trigger",
            "/api-monitors/apm_success/runs",
        ),
        ("/monitors/mon_001/check", "/monitors/mon_001/results"),
    ] {
        let answer = post(&sandbox, trigger);
        assert_eq!(answer.status, 202);
        assert_eq!(answer.json()["success"], true);
        let data = answer.data();
        assert_eq!(data["status"], "pending");
        assert_eq!(manual(&sandbox, runs), [text(&data["run_id"])], "{trigger}");
    }
    assert_ne!(
        start(&sandbox, "/monitors/mon_001/check"),
        start(&sandbox, "/monitors/mon_001/check"),
        "every run has an id of its own"
    );
}

#[test]
fn the_id_may_have_any_name_and_status() {
    for (name, pointer) in [
        ("runId", "/runId"),
        ("run.id", "/run/id"),
        ("execution_id", "/execution_id"),
        ("id", "/id"),
    ] {
        let sandbox = izli(&format!("run_id_name = \"{name}\"\ntrigger_status = 201"));
        let answer = post(&sandbox, "/monitors/mon_001/check");
        assert_eq!(answer.status, 201);
        let data = answer.data();
        let id = data.pointer(pointer).expect("an id");
        assert_eq!(manual(&sandbox, "/monitors/mon_001/results"), [text(id)]);
    }
}

#[test]
fn an_answer_may_hold_no_id() {
    let runs = "/monitors/mon_001/results";
    let sandbox = izli("trigger = \"nothing\"");
    let open = call(&sandbox, "POST", "/monitors/mon_001/check")
        .open()
        .expect("an answer");
    assert_eq!(open.status, 204);
    assert_eq!(
        (open.header("content-length"), open.header("content-type")),
        (None, None)
    );
    assert_eq!(manual(&sandbox, runs).len(), 1);

    let sandbox = izli("trigger = \"accepted\"\ntrigger_status = 200");
    let answer = post(&sandbox, "/monitors/mon_001/check");
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"success": true}))
    );
    assert_eq!(manual(&sandbox, runs).len(), 1);

    let sandbox = izli("trigger = \"own-id\"");
    assert_eq!(start(&sandbox, "/monitors/mon_001/check")["id"], "mon_001");
    assert_eq!(manual(&sandbox, runs).len(), 1);
}

#[test]
fn an_answer_may_hold_an_id_for_each_location() {
    let monitors = format!("monitors = [{{ id = \"m\", {TWO} }}]\norder = \"oldest-first\"\n");
    let sandbox = izli(&format!("{monitors}trigger = \"ids\""));
    let data = start(&sandbox, "/monitors/m/check");
    assert_eq!(data, json!(manual(&sandbox, "/monitors/m/results")));
    assert_eq!(data.as_array().map(Vec::len), Some(2));

    let sandbox = izli(&format!(
        "{monitors}trigger = \"runs\"\nrun_id_name = \"runId\""
    ));
    let data = start(&sandbox, "/monitors/m/check");
    let ids = [text(&data[0]["runId"]), text(&data[1]["runId"])];
    assert_eq!(ids.to_vec(), manual(&sandbox, "/monitors/m/results"));
    assert_eq!(
        (&data[0]["location"], &data[1]["location"]),
        (&json!("eu-west"), &json!("us-east"))
    );

    let sandbox = izli(&monitors);
    let id = text(&start(&sandbox, "/monitors/m/check")["run_id"]);
    let ids = manual(&sandbox, "/monitors/m/results");
    assert_eq!((ids.len(), &ids[0]), (2, &id), "the first location's");
}

#[test]
fn an_answer_may_be_the_result() {
    let sandbox = izli(&format!(
        "trigger = \"result\"\ntrigger_status = 200\nmonitors = [{{ id = \"one\", outcome = \"failed\" }},
         {{ id = \"two\", {TWO}, outcomes = {{ us-east = \"timeout\" }} }}, {{ id = \"flaky\" }}]"
    ));
    let one = start(&sandbox, "/monitors/one/check");
    assert_eq!(
        (&one["status"], &one["response_time_ms"]),
        (&json!("failed"), &json!(40))
    );
    assert!(one["completed_at"].is_string());
    assert_eq!(
        manual(&sandbox, "/monitors/one/results"),
        [text(&one["id"])]
    );
    let two = start(&sandbox, "/monitors/two/check");
    let words: Vec<&Value> = two
        .as_array()
        .expect("a list")
        .iter()
        .map(|run| &run["status"])
        .collect();
    assert_eq!(words, ["success", "timeout"]);
    let flaky = start(&sandbox, "/monitors/flaky/check");
    assert_eq!(flaky["status"], "success", "the last attempt");
    assert_eq!(manual(&sandbox, "/monitors/flaky/results").len(), 2);
}

#[test]
fn a_success_may_be_none() {
    let sandbox = izli("trigger = \"refused\"");
    let answer = post(&sandbox, "/monitors/mon_001/check");
    let error = json!({"code": "NO_AGENT", "message": "no agent takes it"});
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"success": false, "error": error}))
    );
    assert!(manual(&sandbox, "/monitors/mon_001/results").is_empty());
}

#[test]
fn what_is_paused_is_not_started() {
    let sandbox = izli("");
    let answer = post(&sandbox, "/journeys/jrn_paused/run-now");
    assert_eq!(answer.refusal(), (409, "CONFLICT".to_owned()));
    assert!(manual(&sandbox, "/journeys/jrn_paused/runs").is_empty());
    let other = izli("paused_status = 422");
    assert_eq!(post(&other, "/monitors/mon_paused/check").status, 422);
    let lenient = izli("paused_status = 202\nqueue_ms = 0\ntrigger = \"result\"");
    assert_eq!(
        start(&lenient, "/monitors/mon_paused/check")["status"],
        "skipped"
    );
}

#[test]
fn a_reset_forgets_the_runs() {
    let sandbox = izli("");
    start(&sandbox, "/monitors/mon_001/check");
    bare(&sandbox, "POST", "/_sandbox/reset").send();
    assert!(manual(&sandbox, "/monitors/mon_001/results").is_empty());
}
