//! One key, one execution.

use proctor_sandbox::{FaultKind, Sandbox};
use serde_json::json;

use crate::checkview_support::{
    call, call_as, checkview, ended, get, ours, post, problem, refused, start, trigger,
};
use crate::support::{Answer, fault, text, until};

const RUN: &str = "/test-flows/flow-contact/run";

/// How many runs were started.
fn runs(sandbox: &Sandbox) -> usize {
    ours(sandbox).len()
}

#[test]
fn a_change_without_a_key_is_refused() {
    let sandbox = checkview("");
    let bare = |method: &str, path: &str| call(&sandbox, method, path).json(&json!({})).send();
    refused(&bare("POST", RUN), 400, "Idempotency-Key");
    refused(&bare("POST", "/nothing"), 400, "Idempotency-Key");
    refused(
        &bare("PATCH", "/websites/site-shop"),
        400,
        "Idempotency-Key",
    );
    refused(
        &bare("DELETE", "/websites/site-shop"),
        400,
        "Idempotency-Key",
    );
    for (name, value) in [("idempotency-key", ""), ("idempotency-key", " ")] {
        let call = call(&sandbox, "POST", RUN).json(&json!({}));
        refused(&call.header(name, value).send(), 400, "empty");
    }
    let twice = call(&sandbox, "POST", RUN).json(&json!({}));
    // The client of these tests takes names that differ in case for two headers.
    let twice = twice.header("idempotency-key", "a");
    refused(&twice.header("Idempotency-Key", "a").send(), 400, "one");
    assert_eq!(runs(&sandbox), 0);
    assert_eq!(get(&sandbox, "/websites").status, 200, "reading needs none");
}

#[test]
fn the_same_key_gives_the_stored_answer() {
    let sandbox = checkview("");
    let first = trigger(&sandbox, "flow-contact", "k");
    assert_eq!(first.status, 201);
    ended(&sandbox, &text(&first.json()["id"]));
    for _ in 0..2 {
        let again = trigger(&sandbox, "flow-contact", "k");
        assert_eq!((again.status, &again.body), (201, &first.body), "as it was");
        assert_eq!(again.header("content-type"), Some("application/json"));
    }
    assert_eq!(runs(&sandbox), 1);
    let other = trigger(&sandbox, "flow-contact", "l");
    assert_ne!(other.json()["id"], first.json()["id"]);
    assert_eq!(runs(&sandbox), 2);
}

#[test]
fn a_key_is_for_one_request() {
    let sandbox = checkview("");
    start(&sandbox, "flow-contact");
    let key = "start-flow-contact";
    refused(&trigger(&sandbox, "flow-checkout", key), 422, "Another");
    let body = json!({"other": true});
    refused(&post(&sandbox, RUN, key, &body), 422, "Another");
    let query = format!("{RUN}?again=1");
    refused(&post(&sandbox, &query, key, &json!({})), 422, "Another");
    assert_eq!(runs(&sandbox), 1);
    assert_eq!(trigger(&sandbox, "flow-contact", key).status, 201);
}

#[test]
fn a_key_belongs_to_its_token() {
    let sandbox = checkview(
        r#"keys = [{ key = "cvpat_b", scopes = ["read:organization", "write:organization"] }]"#,
    );
    let mine = start(&sandbox, "flow-contact");
    let other = call_as(&sandbox, "cvpat_b", "POST", RUN)
        .header("idempotency-key", "start-flow-contact")
        .json(&json!({}))
        .send();
    assert_eq!(other.status, 201);
    assert_ne!(text(&other.json()["id"]), mine);
}

#[test]
fn a_request_whose_answer_was_lost_can_be_sent_again() {
    let faults = [
        (FaultKind::ResetBefore, "run-0001"),
        (FaultKind::ResetAfter, "run-0001"),
        (FaultKind::TruncatedBody, "run-0001"),
    ];
    for (kind, id) in faults {
        let sandbox = checkview("");
        sandbox.add_fault(fault("POST", "/test-flows/*/run", kind.clone()));
        let lost = call(&sandbox, "POST", RUN)
            .header("idempotency-key", "k")
            .json(&json!({}))
            .try_send();
        lost.expect_err("no answer");
        let done = usize::from(kind != FaultKind::ResetBefore);
        assert_eq!(runs(&sandbox), done, "{kind:?}");
        let again = trigger(&sandbox, "flow-contact", "k");
        assert_eq!(
            (again.status, text(&again.json()["id"]).as_str()),
            (201, id)
        );
        assert_eq!(runs(&sandbox), 1, "{kind:?}");
    }
}

#[test]
fn work_done_behind_a_wrong_answer_is_found_again() {
    let sandbox = checkview("");
    sandbox.add_fault(fault(
        "POST",
        "/test-flows/*/run",
        FaultKind::Html {
            status: 502,
            processed: true,
        },
    ));
    assert_eq!(trigger(&sandbox, "flow-contact", "k").status, 502);
    assert_eq!(trigger(&sandbox, "flow-contact", "k").status, 201);
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn an_answer_without_a_body_is_stored_too() {
    let sandbox = checkview("trigger_answer = \"no-content\"");
    for _ in 0..2 {
        let answer = call(&sandbox, "POST", RUN)
            .header("idempotency-key", "k")
            .json(&json!({}))
            .open()
            .expect("a head");
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("content-type"), None);
    }
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn errors_are_stored_only_if_told_so() {
    let statuses = |settings: &str| -> (Vec<u16>, usize) {
        let sandbox = checkview(&format!("fail_triggers = 2\n{settings}"));
        let send = |_| trigger(&sandbox, "flow-contact", "k").status;
        ((0..4).map(send).collect(), runs(&sandbox))
    };
    assert_eq!(statuses(""), (vec![500, 500, 201, 201], 1));
    assert_eq!(statuses("store_errors = true"), (vec![500; 4], 0));

    let sandbox = checkview("fail_triggers = 1\nstore_errors = true");
    refused(&trigger(&sandbox, "flow-contact", "k"), 500, "wrong");
    assert_eq!(trigger(&sandbox, "flow-contact", "l").status, 201);
}

#[test]
fn what_comes_before_the_key_is_never_stored() {
    let sandbox = checkview("store_errors = true");
    let wrong = call_as(&sandbox, "cvpat_wrong", "POST", RUN)
        .header("idempotency-key", "k")
        .json(&json!({}))
        .send();
    assert_eq!(problem(&wrong).0, 401);
    assert_eq!(trigger(&sandbox, "flow-contact", "k").status, 201);
}

/// Sends a trigger and does not wait for its answer.
fn send_only(sandbox: &Sandbox) {
    let sent = call(sandbox, "POST", RUN)
        .header("idempotency-key", "k")
        .json(&json!({}))
        .start();
    drop(sent.expect("a connection"));
    until("it is there", || sandbox.count("POST", RUN) == 1);
}

#[test]
fn a_request_in_progress_is_not_answered_twice() {
    for (settings, status) in [("", 409), ("in_progress_status = 425", 425)] {
        let sandbox = checkview(&format!("trigger_ms = 600000\n{settings}"));
        send_only(&sandbox);
        for _ in 0..2 {
            let again = trigger(&sandbox, "flow-contact", "k");
            refused(&again, status, "in progress");
        }
        refused(&trigger(&sandbox, "flow-fail", "k"), 422, "Another");
        assert_eq!(runs(&sandbox), 1, "it has begun");
    }
}

#[test]
fn a_resent_request_gets_the_first_ones_answer_when_there_is_one() {
    let sandbox = checkview("trigger_ms = 100");
    send_only(&sandbox);
    let mut last = None;
    until("it is answered", || {
        let answer = trigger(&sandbox, "flow-contact", "k");
        let in_progress = answer.status == 409;
        last = Some(answer);
        !in_progress
    });
    let last: Answer = last.expect("an answer");
    assert_eq!(last.status, 201);
    assert_eq!(last.json()["id"], "run-0001");
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn a_slow_trigger_is_answered_in_the_end() {
    let sandbox = checkview("trigger_ms = 30");
    let since = std::time::Instant::now();
    assert_eq!(trigger(&sandbox, "flow-contact", "k").status, 201);
    assert!(since.elapsed().as_millis() >= 30);
}
