//! Testmo: a run from its creation to its end.

use proctor_sandbox::FaultKind;
use serde_json::{Value, json};

use crate::support::{bare, fault, until};
use crate::testmo::{
    append, begin, call, case, create, done, get, post, read, run, testmo, tests, wrong_fields,
};

#[test]
fn a_run_keeps_all_that_it_was_sent() {
    let sandbox = testmo("");
    let artifact = json!({"name": "report.html", "url": "https://ci.example.com/812", "note": "full report",
        "mime_type": "text/html", "size": 20480});
    let field = json!({"type": 1, "name": "commit", "value": "abc123"});
    let link = json!({"name": "Build", "url": "https://ci.example.com/812", "note": "CI"});
    let id = create(
        &sandbox,
        "/projects/1/automation/runs",
        &json!({"name": "API tests #812", "source": "new-suite", "config": "Firefox", "milestone": "v2.1",
            "tags": ["main", "nightly"], "artifacts": [artifact], "fields": [field], "links": [link]}),
    );
    let created = run(&sandbox, id);
    for (member, value) in [
        ("id", json!(id)),
        ("project_id", json!(1)),
        ("name", json!("API tests #812")),
        ("status", json!(4)),
        ("config_id", json!(2)),
        ("milestone_id", json!(2)),
        ("tags", json!(["main", "nightly"])),
        ("artifacts", json!([artifact])),
        ("fields", json!([field])),
        ("links", json!([link])),
        ("is_completed", json!(false)),
        ("completed_at", Value::Null),
        ("threads", json!([])),
        ("total_count", json!(0)),
        ("created_by", json!(1)),
    ] {
        assert_eq!(created[member], value, "{member}");
    }
    let more = json!({"artifacts": [artifact], "fields": [field], "links": [link]});
    done(&sandbox, &format!("/automation/runs/{id}/append"), &more);
    let appended = run(&sandbox, id);
    for member in ["artifacts", "fields", "links"] {
        assert_eq!(appended[member].as_array().map(Vec::len), Some(2));
    }
}

#[test]
fn a_thread_adds_up_what_it_was_sent() {
    let sandbox = testmo("");
    let (id, _) = begin(&sandbox);
    let thread = create(
        &sandbox,
        &format!("/automation/runs/{id}/threads"),
        &json!({"elapsed_computed": 1000, "fields": [{"type": 2, "name": "shard"}]}),
    );
    let path = format!("/automation/runs/threads/{thread}/append");
    let failed = json!({"key": "k2", "name": "pays", "folder": "orders", "status": "failure", "elapsed": 7,
        "file": "a.py", "line": 12, "assertions": 0, "artifacts": [],
        "fields": [{"type": 4, "name": "Failure", "value": "500", "meta": {"type": "E"}, "is_highlight": true}]});
    let first = [case("k1", "passed"), failed.clone()];
    done(
        &sandbox,
        &path,
        &json!({"elapsed_computed": 30, "tests": first}),
    );
    let second = [case("k3", "skipped"), case("k4", "error")];
    done(
        &sandbox,
        &path,
        &json!({"elapsed_computed": 5, "tests": second}),
    );

    let stored = run(&sandbox, id);
    let of_thread = &stored["threads"][1];
    assert_eq!(
        (&of_thread["id"], &of_thread["index"]),
        (&json!(thread), &json!(2))
    );
    assert_eq!(of_thread["elapsed"], 1035);
    assert_eq!(of_thread["fields"][0]["name"], "shard");
    for owner in [&stored, of_thread] {
        for (member, count) in [
            ("total_count", 4),
            ("completed_count", 4),
            ("success_count", 1),
            ("failure_count", 2),
            ("untested_count", 0),
            ("status1_count", 1),
            ("status2_count", 1),
            ("status5_count", 1),
            ("status6_count", 1),
            ("status24_count", 0),
        ] {
            assert_eq!(owner[member], count, "{member}");
        }
    }
    assert_eq!(
        stored["status"], 4,
        "a failure does not end what is running"
    );
    assert_eq!(stored["thread_active_count"], 2);
    let read = tests(&sandbox, id);
    let keys: Vec<_> = read
        .iter()
        .filter_map(|test| test["key"].as_str())
        .collect();
    assert_eq!(keys, ["k1", "k2", "k3", "k4"]);
    for (member, value) in failed.as_object().expect("an object") {
        if member != "status" {
            assert_eq!(&read[1][member], value, "{member}");
        }
    }
    let outcomes: Vec<_> = read.iter().map(|test| test["status_id"].clone()).collect();
    assert_eq!(outcomes, [2, 3, 1, 3]);
    assert_eq!(read[1]["thread_id"], thread);
    assert!(
        read.iter()
            .all(|test| test["repository_case_id"].is_null() && test.get("status").is_none())
    );
}

#[test]
fn completing_closes_a_thread_and_then_the_run() {
    let sandbox = testmo("");
    let (id, thread) = begin(&sandbox);
    let other = create(
        &sandbox,
        &format!("/automation/runs/{id}/threads"),
        &json!({}),
    );
    append(&sandbox, thread, &[case("k1", "passed")]);
    let times = json!({"elapsed_observed": 65_000_000, "elapsed_computed": 61_000_000});
    done(
        &sandbox,
        &format!("/automation/runs/threads/{thread}/complete"),
        &times,
    );
    let half = run(&sandbox, id);
    assert_eq!(half["threads"][0]["elapsed"], 65_000_000);
    assert_eq!(half["threads"][0]["status"], 2);
    let counts = |run: &Value| {
        [
            "thread_count",
            "thread_active_count",
            "thread_completed_count",
        ]
        .map(|name| run[name].as_u64().expect("a count"))
    };
    assert_eq!(counts(&half), [2, 1, 1]);
    let refused = append(&sandbox, thread, &[case("k2", "passed")]);
    assert_eq!(wrong_fields(&refused), ["thread"]);
    assert_eq!(append(&sandbox, other, &[case("k2", "failed")]).status, 204);

    done(
        &sandbox,
        &format!("/automation/runs/{id}/complete"),
        &json!({"measure_elapsed": false}),
    );
    let whole = run(&sandbox, id);
    assert_eq!(counts(&whole), [2, 0, 2]);
    assert_eq!(
        (&whole["status"], &whole["is_completed"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(whole["elapsed"], 65_000_000);
    assert!(whole["completed_at"].is_string());
    for (path, body) in [
        (
            format!("/automation/runs/threads/{other}/append"),
            json!({"tests": []}),
        ),
        (format!("/automation/runs/{id}/threads"), json!({})),
        (format!("/automation/runs/{id}/append"), json!({})),
    ] {
        let refused = post(&sandbox, &path, &body);
        assert_eq!(wrong_fields(&refused), ["run"], "{path}");
    }
    assert_eq!(run(&sandbox, id)["total_count"], 2);
}

#[test]
fn the_time_of_a_run_is_measured_on_demand() {
    let sandbox = testmo("");
    let (id, thread) = begin(&sandbox);
    let times = json!({"elapsed_observed": 3_600_000_000_u64, "tests": []});
    done(
        &sandbox,
        &format!("/automation/runs/threads/{thread}/append"),
        &times,
    );
    assert_eq!(run(&sandbox, id)["elapsed"], 3_600_000_000_u64);
    done(
        &sandbox,
        &format!("/automation/runs/{id}/complete"),
        &json!({"measure_elapsed": true}),
    );
    let measured = run(&sandbox, id)["elapsed"].as_u64().expect("a time");
    assert!(measured < 3_600_000_000, "{measured}");
}

#[test]
fn a_source_is_made_by_the_first_run_that_names_it() {
    let sandbox = testmo("");
    let sources = |project: u64| {
        let list = read(
            &sandbox,
            &format!("/projects/{project}/automation/sources?order=asc"),
        );
        list["result"].as_array().expect("a list").clone()
    };
    let before = sources(1).len();
    let body = json!({"name": "R", "source": "new-suite"});
    let [first, second] = [1, 2].map(|_| create(&sandbox, "/projects/1/automation/runs", &body));
    let elsewhere = create(&sandbox, "/projects/2/automation/runs", &body);
    assert_eq!(sources(1).len(), before + 1);
    let source = sources(1).pop().expect("a source");
    assert_eq!(source["name"], "new-suite");
    assert_eq!(
        (&source["run_count"], &source["status"]),
        (&json!(2), &json!(1))
    );
    for id in [first, second] {
        assert_eq!(run(&sandbox, id)["source_id"], source["id"]);
    }
    assert_ne!(run(&sandbox, elsewhere)["source_id"], source["id"]);
    assert_eq!(sources(2).len(), 1, "each project has its own");
}

#[test]
fn an_id_goes_before_a_name() {
    let sandbox = testmo("");
    let body = json!({"name": "R", "source": "api", "config": "nonsense", "config_id": 1,
        "milestone": "nonsense", "milestone_id": 2});
    let id = create(&sandbox, "/projects/1/automation/runs", &body);
    let stored = run(&sandbox, id);
    assert_eq!(
        (&stored["config_id"], &stored["milestone_id"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn what_is_null_is_left_out() {
    let sandbox = testmo("");
    let body = json!({"name": "R", "source": "api", "config": null, "tags": null, "fields": null});
    let id = create(&sandbox, "/projects/1/automation/runs", &body);
    assert_eq!(run(&sandbox, id)["tags"], json!([]));
}

#[test]
fn a_lost_answer_may_hide_a_run() {
    let sandbox = testmo("");
    let fault = fault("POST", "/projects/*/automation/runs", FaultKind::ResetAfter);
    sandbox.add_fault(fault);
    let body = json!({"name": "lost #1", "source": "api"});
    call(&sandbox, "POST", "/projects/1/automation/runs")
        .json(&body)
        .try_send()
        .expect_err("no answer");
    let newest = read(&sandbox, "/projects/1/automation/runs?per_page=15");
    assert_eq!(newest["result"][0]["name"], "lost #1");
}

#[test]
fn a_run_completes_a_while_after_the_first_look() {
    let sandbox = testmo("finish_ms = 40");
    let first = run(&sandbox, 103);
    assert_eq!(
        (
            &first["status"],
            &first["total_count"],
            &first["thread_active_count"]
        ),
        (&json!(4), &json!(3), &json!(1))
    );
    until("the run completes", || {
        run(&sandbox, 103)["is_completed"] == true
    });
    let last = run(&sandbox, 103);
    assert_eq!(
        (
            &last["status"],
            &last["total_count"],
            &last["thread_active_count"]
        ),
        (&json!(2), &json!(6), &json!(0))
    );
    assert_eq!(tests(&sandbox, 103).len(), 6);
}

#[test]
fn a_reset_brings_back_what_was_there() {
    let sandbox = testmo("");
    let (id, _) = begin(&sandbox);
    done(&sandbox, "/automation/runs/104/complete", &json!({}));
    bare(&sandbox, "POST", "/_sandbox/reset").send();
    assert_eq!(get(&sandbox, &format!("/automation/runs/{id}")).status, 404);
    assert_eq!(run(&sandbox, 104)["is_completed"], false);
}
