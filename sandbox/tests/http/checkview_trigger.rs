//! What starts a run, and what is refused.

use serde_json::{Value, json};

use crate::checkview_support::{
    call, checkview, ended, get, ids, one_flow, ours, post, refused, start, trigger,
};
use crate::support::until;

/// The spellings of a trigger: how it is chosen, where it is, and what it needs.
fn spellings() -> [(&'static str, &'static str, Value); 3] {
    [
        ("run", "/test-flows/flow-contact/run", json!({})),
        ("runs", "/test-flows/flow-contact/runs", json!({})),
        (
            "test-runs",
            "/test-runs",
            json!({"test_flow_id": "flow-contact"}),
        ),
    ]
}

#[test]
fn one_spelling_works_and_the_others_are_plain_404() {
    for (chosen, _, _) in spellings() {
        let sandbox = checkview(&format!("trigger_path = \"{chosen}\""));
        for (spelling, path, body) in spellings() {
            let answer = post(&sandbox, path, spelling, &body);
            if spelling == chosen {
                assert_eq!(answer.status, 201, "{path}");
                assert_eq!(answer.json()["test_flow_id"], "flow-contact");
            } else {
                refused(&answer, 404, "The requested resource does not exist.");
            }
        }
        assert_eq!(ours(&sandbox), ["run-0001"]);
    }
}

#[test]
fn the_body_must_be_a_json_object_and_say_so() {
    let sandbox = checkview("");
    let send = |kind: Option<&str>, body: &str, key: &str| {
        let call = call(&sandbox, "POST", "/test-flows/flow-contact/run")
            .header("idempotency-key", key)
            .body(body);
        match kind {
            Some(kind) => call.header("content-type", kind).send(),
            None => call.send(),
        }
    };
    refused(&send(None, "{}", "a"), 400, "application/json");
    refused(
        &send(Some("text/plain"), "{}", "b"),
        400,
        "application/json",
    );
    for (key, wrong) in [("c", ""), ("d", "{"), ("e", "[]"), ("f", "7")] {
        let answer = send(Some("application/json"), wrong, key);
        refused(&answer, 400, "object");
    }
    assert_eq!(ours(&sandbox).len(), 0);
    let kind = Some("application/json; charset=utf-8");
    assert_eq!(send(kind, "{\"note\": 1}", "g").status, 201);
}

#[test]
fn a_flow_is_named_in_the_body_if_not_in_the_path() {
    let sandbox = checkview("trigger_path = \"test-runs\"");
    for (key, body) in [
        ("a", json!({})),
        ("b", json!({"test_flow_id": 7})),
        ("c", json!({"testFlowId": "flow-contact"})),
    ] {
        let answer = post(&sandbox, "/test-runs", key, &body);
        refused(&answer, 400, "test_flow_id");
    }
    let unknown = json!({"test_flow_id": "nobody"});
    refused(&post(&sandbox, "/test-runs", "d", &unknown), 404, "flow");
    let camel = checkview("trigger_path = \"test-runs\"\nspelling = \"camel\"");
    let body = json!({"testFlowId": "flow-contact"});
    let answer = post(&camel, "/test-runs", "a", &body);
    assert_eq!(
        (answer.status, &answer.json()["testFlowId"]),
        (201, &json!("flow-contact"))
    );
}

#[test]
fn a_flow_that_nobody_knows_is_not_found() {
    let sandbox = checkview("");
    for flow in ["nobody", "", "run-old-flow-contact-0"] {
        refused(&trigger(&sandbox, flow, "k"), 404, "test flow");
    }
}

#[test]
fn ids_are_percent_decoded() {
    let sandbox = checkview(
        "[[checkview.websites]]\nid = \"s\"\n[[checkview.websites.flows]]\nid = \"a/b c?\"\n",
    );
    let answer = trigger(&sandbox, "a%2Fb%20c%3F", "k");
    assert_eq!(answer.json()["test_flow_id"], "a/b c?");
    assert_eq!(trigger(&sandbox, "a/b", "l").status, 404);
}

#[test]
fn flows_of_a_paused_website_are_refused_or_end_as_paused() {
    let sandbox = checkview("");
    refused(&trigger(&sandbox, "flow-paused", "k"), 409, "paused");
    assert_eq!(ours(&sandbox).len(), 0);
    let sandbox = checkview("paused = \"run\"");
    let run = ended(&sandbox, &start(&sandbox, "flow-paused"));
    assert_eq!(
        (&run["status"], &run["steps"]),
        (&json!("paused"), &json!([]))
    );
}

#[test]
fn a_trigger_may_answer_in_many_ways() {
    let flow = "flow-contact";
    for (setting, status, body) in [
        (
            "accepted",
            202,
            json!({"id": "run-0001", "status": "pending"}),
        ),
        (
            "test-run-id",
            201,
            json!({"id": flow, "test_run_id": "run-0001"}),
        ),
        ("run-id", 201, json!({"id": flow, "run_id": "run-0001"})),
        ("flow-id", 201, json!({"id": flow})),
    ] {
        let sandbox = checkview(&format!("trigger_answer = \"{setting}\"\nqueue_ms = 60000"));
        let answer = trigger(&sandbox, flow, "k");
        assert_eq!((answer.status, answer.json()), (status, body), "{setting}");
        assert_eq!(ours(&sandbox), ["run-0001"]);
    }
    for (setting, status) in [("created", 201), ("ok", 200)] {
        let sandbox = checkview(&format!("trigger_answer = \"{setting}\""));
        let answer = trigger(&sandbox, flow, "k");
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["id"], "run-0001");
        assert_eq!(answer.json()["test_flow_id"], flow);
    }
    let camel = checkview("trigger_answer = \"test-run-id\"\nspelling = \"camel\"");
    let answer = trigger(&camel, flow, "k").json();
    assert_eq!(answer["testRunId"], "run-0001");
    let wrapped = checkview("trigger_answer = \"run-id\"\nwrap = \"data\"");
    let answer = trigger(&wrapped, flow, "k").json();
    assert_eq!(answer, json!({"data": {"id": flow, "run_id": "run-0001"}}));
}

#[test]
fn runs_of_others_are_in_the_same_list() {
    let sandbox = checkview("scheduled_runs = 2\ncolleague_runs = 2\nold_runs = 0");
    start(&sandbox, "flow-fail");
    let listed = get(&sandbox, "/test-runs").json();
    let listed: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|run| (run["id"].clone(), run["test_flow_id"].clone()))
        .collect();
    let run = |id: &str, flow: &str| (json!(id), json!(flow));
    assert_eq!(
        listed,
        [
            run("run-colleague-1-1", "flow-fail"),
            run("run-colleague-1-0", "flow-fail"),
            run("run-0001", "flow-fail"),
            run("run-scheduled-1-1", "flow-checkout"),
            run("run-scheduled-1-0", "flow-contact"),
        ]
    );
    for other in ["run-colleague-1-0", "run-scheduled-1-0"] {
        assert_eq!(ended(&sandbox, other)["status"], "passed", "{other}");
    }
    assert_eq!(ended(&sandbox, "run-0001")["status"], "failed");
}

#[test]
fn a_flow_without_others_has_no_scheduled_ones() {
    let sandbox = one_flow("old_runs = 2", "");
    start(&sandbox, "flow");
    let all = ids(&get(&sandbox, "/test-runs"));
    assert_eq!(all, ["run-0001", "run-old-flow-1", "run-old-flow-0"]);
}

#[test]
fn a_run_may_appear_in_the_list_later() {
    let sandbox = checkview("listed_after_ms = 300");
    let run = start(&sandbox, "flow-contact");
    assert_eq!(get(&sandbox, &format!("/test-runs/{run}")).status, 200);
    until("it is listed", || ours(&sandbox) == ["run-0001"]);
    let never = checkview("listed_after_ms = 86400000");
    start(&never, "flow-contact");
    assert_eq!(ours(&never).len(), 0);
}
