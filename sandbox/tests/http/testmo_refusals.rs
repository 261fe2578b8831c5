//! Testmo: what is wrong with a body.

use serde_json::{Value, json};

use crate::testmo::{
    append, begin, call, case, create, done, post, run, testmo, tests, wrong_fields,
};

const RUNS: &str = "/projects/1/automation/runs";

/// An object with one member more or other than it had.
fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

fn without(mut object: Value, member: &str) -> Value {
    object
        .as_object_mut()
        .expect("an object")
        .remove(member)
        .expect("a member");
    object
}

#[test]
fn a_body_is_json_and_says_so() {
    let sandbox = testmo("");
    let body = r#"{"name": "R", "source": "api"}"#;
    let ask = |kind: &str, body: &str| {
        let call = call(&sandbox, "POST", RUNS).header("content-type", kind);
        call.body(body).send()
    };
    for (kind, body) in [
        ("text/plain", body),
        ("application/x-www-form-urlencoded", body),
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "{"),
    ] {
        assert_eq!(wrong_fields(&ask(kind, body)), ["body"], "{kind}: {body}");
    }
    let untold = call(&sandbox, "POST", RUNS).body(body).send();
    assert_eq!(wrong_fields(&untold), ["body"]);
    assert_eq!(ask("application/json; charset=utf-8", body).status, 201);
}

#[test]
fn a_wrong_run_is_refused() {
    let sandbox = testmo("");
    let good = || json!({"name": "R", "source": "api"});
    let link = json!({"name": "n", "url": "https://x.example"});
    for (body, fields) in [
        (json!({}), vec!["name", "source"]),
        (with(good(), "name", json!("")), vec!["name"]),
        (with(good(), "name", json!(7)), vec!["name"]),
        (with(good(), "name", json!("n".repeat(751))), vec!["name"]),
        (with(good(), "source", json!("a")), vec!["source"]),
        (with(good(), "source", json!("my suite")), vec!["source"]),
        (with(good(), "source", json!("1-suite")), vec!["source"]),
        (with(good(), "config", json!("Safari")), vec!["config"]),
        // It is there, in another project.
        (with(good(), "config", json!("Edge")), vec!["config"]),
        (with(good(), "config_id", json!(3)), vec!["config_id"]),
        (with(good(), "config_id", json!("1")), vec!["config_id"]),
        (with(good(), "milestone", json!("v9")), vec!["milestone"]),
        (with(good(), "milestone_id", json!(9)), vec!["milestone_id"]),
        (
            with(
                with(good(), "config", json!("Safari")),
                "milestone",
                json!("v9"),
            ),
            vec!["config", "milestone"],
        ),
        (with(good(), "tags", json!("main")), vec!["tags"]),
        (with(good(), "tags", json!(["a", 7])), vec!["tags.1"]),
        (with(good(), "tags", json!(["feature/x"])), vec!["tags.0"]),
        (with(good(), "links", json!({})), vec!["links"]),
        (with(good(), "links", json!(["x"])), vec!["links.0"]),
        (
            with(good(), "links", json!([{"note": "n"}])),
            vec!["links.0.name", "links.0.url"],
        ),
        (
            with(
                good(),
                "links",
                json!([with(link.clone(), "note", json!("n".repeat(81)))]),
            ),
            vec!["links.0.note"],
        ),
        (
            with(
                good(),
                "links",
                json!([with(link.clone(), "size", json!(1))]),
            ),
            vec!["links.0.size"],
        ),
        (
            with(
                good(),
                "links",
                json!([with(link, "url", json!("/build/1"))]),
            ),
            vec!["links.0.url"],
        ),
        (with(good(), "threads", json!([])), vec!["threads"]),
    ] {
        let answer = post(&sandbox, RUNS, &body);
        assert_eq!(wrong_fields(&answer), fields, "{body}");
    }
    let newest = call(&sandbox, "GET", RUNS).send().json();
    assert_eq!(newest["total"], 5, "nothing was stored");
}

#[test]
fn wrong_artifacts_and_fields_are_refused() {
    let sandbox = testmo("");
    let artifact = || json!({"name": "log", "url": "https://x.example/log"});
    let field = || json!({"type": 4, "name": "Output", "value": "v"});
    for (list, item, wrong) in [
        ("artifacts", without(artifact(), "name"), "name"),
        ("artifacts", without(artifact(), "url"), "url"),
        (
            "artifacts",
            with(artifact(), "url", json!("log.txt")),
            "url",
        ),
        (
            "artifacts",
            with(artifact(), "note", json!("n".repeat(81))),
            "note",
        ),
        ("artifacts", with(artifact(), "size", json!(-1)), "size"),
        (
            "artifacts",
            with(artifact(), "mime_type", json!(1)),
            "mime_type",
        ),
        ("fields", without(field(), "type"), "type"),
        ("fields", with(field(), "type", json!(0)), "type"),
        ("fields", with(field(), "type", json!(6)), "type"),
        ("fields", with(field(), "type", json!("console")), "type"),
        ("fields", without(field(), "name"), "name"),
        ("fields", with(field(), "value", json!(["v"])), "value"),
        (
            "fields",
            with(field(), "value", json!("v".repeat(16_385))),
            "value",
        ),
        (
            "fields",
            json!({"type": 1, "name": "n", "value": "v".repeat(751)}),
            "value",
        ),
        (
            "fields",
            json!({"type": 3, "name": "Steps", "value": "<test-step status=\"passed\">".repeat(101)}),
            "value",
        ),
        ("fields", with(field(), "meta", json!([])), "meta"),
        (
            "fields",
            with(field(), "meta", json!({"type": 1})),
            "meta.type",
        ),
        (
            "fields",
            with(field(), "is_highlight", json!("yes")),
            "is_highlight",
        ),
        ("fields", with(field(), "kind", json!(1)), "kind"),
    ] {
        let body = with(json!({"name": "R", "source": "api"}), list, json!([item]));
        let fields = wrong_fields(&post(&sandbox, RUNS, &body));
        assert_eq!(fields, [format!("{list}.0.{wrong}")], "{body}");
    }
    let longest = json!({"name": "R", "source": "api", "fields": [
        {"type": 4, "name": "n".repeat(750), "value": "v".repeat(16_384), "meta": {"m": "m".repeat(750)}},
        {"type": 1, "name": "n", "value": "ä".repeat(750)}, {"type": 5, "name": "n"}],
        "links": [{"name": "n", "url": "http://x.example", "note": "ä".repeat(80)}]});
    assert_eq!(post(&sandbox, RUNS, &longest).status, 201);
}

#[test]
fn wrong_tests_are_refused_and_none_of_their_batch_is_stored() {
    let sandbox = testmo("");
    let (id, thread) = begin(&sandbox);
    let good = || case("k1", "passed");
    let artifact = json!({"name": "log", "url": "https://x.example/log"});
    let field = json!({"type": 1, "name": "n"});
    let link = json!({"name": "n", "url": "https://x.example"});
    for (test, field) in [
        (without(good(), "key"), "key"),
        (without(good(), "name"), "name"),
        (without(good(), "folder"), "folder"),
        (without(good(), "status"), "status"),
        (with(good(), "key", json!("k".repeat(65))), "key"),
        (with(good(), "key", json!("K1")), "key"),
        (with(good(), "key", json!("k-1")), "key"),
        (with(good(), "status", json!("marinated")), "status"),
        (with(good(), "status", json!("Passed")), "status"),
        (with(good(), "status", json!(1)), "status"),
        (with(good(), "elapsed", json!(-1)), "elapsed"),
        (with(good(), "elapsed", json!(1.5)), "elapsed"),
        (with(good(), "elapsed", json!("1")), "elapsed"),
        (with(good(), "line", json!(-1)), "line"),
        (with(good(), "assertions", json!(0.5)), "assertions"),
        (with(good(), "file", json!(7)), "file"),
        (
            with(good(), "artifacts", json!(vec![artifact; 26])),
            "artifacts",
        ),
        (with(good(), "fields", json!(vec![field; 26])), "fields"),
        (with(good(), "links", json!([link])), "links"),
        (with(good(), "duration", json!(1)), "duration"),
    ] {
        let answer = append(&sandbox, thread, &[case("k0", "passed"), test.clone()]);
        let fields = wrong_fields(&answer);
        assert_eq!(fields, [format!("tests.1.{field}")], "{test}");
    }
    assert_eq!(
        wrong_fields(&append(&sandbox, thread, &[json!("k1")])),
        ["tests.0"]
    );
    let path = format!("/automation/runs/threads/{thread}/append");
    for (body, field) in [
        (json!({"tests": {}}), "tests"),
        (
            json!({"tests": [], "elapsed_computed": -1}),
            "elapsed_computed",
        ),
        (
            json!({"tests": [], "elapsed_observed": 1.0}),
            "elapsed_observed",
        ),
        (json!({"tests": [], "links": []}), "links"),
    ] {
        assert_eq!(wrong_fields(&post(&sandbox, &path, &body)), [field]);
    }
    assert_eq!(run(&sandbox, id)["total_count"], 0);
    for status in ["passed", "failed", "failure", "error", "skipped", "blocked"] {
        let test = case(&"k".repeat(64), status);
        assert_eq!(append(&sandbox, thread, &[test]).status, 204, "{status}");
    }
    assert_eq!(tests(&sandbox, id).len(), 6);
}

#[test]
fn the_other_bodies_are_checked_too() {
    let sandbox = testmo("");
    let (id, thread) = begin(&sandbox);
    for (path, body, field) in [
        (
            format!("/automation/runs/{id}/threads"),
            json!({"elapsed_observed": -1}),
            "elapsed_observed",
        ),
        (
            format!("/automation/runs/{id}/threads"),
            json!({"links": []}),
            "links",
        ),
        (
            format!("/automation/runs/{id}/threads"),
            json!({"fields": [{"name": "n"}]}),
            "fields.0.type",
        ),
        (
            format!("/automation/runs/threads/{thread}/complete"),
            json!({"elapsed_computed": "1"}),
            "elapsed_computed",
        ),
        (
            format!("/automation/runs/{id}/append"),
            json!({"tests": []}),
            "tests",
        ),
        (
            format!("/automation/runs/{id}/complete"),
            json!({"measure_elapsed": "true"}),
            "measure_elapsed",
        ),
    ] {
        let fields = wrong_fields(&post(&sandbox, &path, &body));
        assert_eq!(fields, [field], "{path}: {body}");
    }
    assert_eq!(run(&sandbox, id)["is_completed"], false);
    done(
        &sandbox,
        &format!("/automation/runs/{id}/complete"),
        &json!({}),
    );
    create(&sandbox, RUNS, &json!({"name": "R", "source": "api"}));
}
