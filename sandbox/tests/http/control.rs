//! The endpoints for tests in other processes.

use serde_json::json;

use crate::support::{KEY, bare, get, run, sandbox};

#[test]
fn faults_are_added_from_outside() {
    let sandbox = sandbox("");
    let add = |body: &str| bare(&sandbox, "POST", "/_sandbox/faults").body(body).send();
    let fault = json!({"method": "GET", "path": "/apps", "kind": "status", "status": 503, "retry_after": "7"});
    assert_eq!(add(&fault.to_string()).status, 201);
    let hit = get(&sandbox, "/apps");
    assert_eq!((hit.status, hit.header("retry-after")), (503, Some("7")));
    assert_eq!(get(&sandbox, "/apps").status, 200);
    for wrong in [
        "",
        "[]",
        r#"{"path": "/apps"}"#,
        r#"{"kind": "explode"}"#,
        r#"{"kind": "status"}"#,
        r#"{"kind": "hang", "ms": 5}"#,
        r#"{"kind": "latency", "ms": 5, "time": 2}"#,
    ] {
        let answer = add(wrong);
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(
        get(&sandbox, "/apps").status,
        200,
        "what is wrong is not added"
    );
}

#[test]
fn requests_are_told_and_all_is_forgotten_on_demand() {
    let sandbox = sandbox("requests_per_minute = 1\nburst = 3");
    let job = run(&sandbox, "app-7f3");
    get(&sandbox, "/apps?q=x");
    let told = bare(&sandbox, "GET", "/_sandbox/requests").send().json();
    assert_eq!(
        told.as_array().map(Vec::len),
        Some(2),
        "control requests are not among them"
    );
    assert_eq!(
        (&told[0]["method"], &told[0]["status"]),
        (&json!("POST"), &json!(202))
    );
    assert_eq!(
        (&told[1]["path"], &told[1]["query"]),
        (&json!("/apps"), &json!("q=x"))
    );
    let headers = told[1]["headers"].as_array().expect("headers");
    assert!(headers.contains(&json!(["x-api-key", KEY])));

    let fault = r#"{"kind": "hang", "times": 0}"#;
    bare(&sandbox, "POST", "/_sandbox/faults")
        .body(fault)
        .send();
    assert_eq!(bare(&sandbox, "POST", "/_sandbox/reset").send().status, 200);
    assert!(sandbox.received().is_empty());
    let gone = get(&sandbox, &format!("/jobs/{job}"));
    assert_eq!(gone.status, 404, "neither the job nor the fault is left");
    assert_eq!(
        gone.header("x-ratelimit-remaining"),
        Some("2"),
        "the budget is whole again"
    );
    assert_eq!(run(&sandbox, "app-7f3"), job, "ids begin anew");
}

#[test]
fn a_reset_ends_streams() {
    let sandbox = sandbox("");
    let job = run(&sandbox, "app-stuck");
    let path = format!("/jobs/{job}/events");
    let mut open = crate::support::call(&sandbox, "GET", &path)
        .open()
        .expect("a stream");
    bare(&sandbox, "POST", "/_sandbox/reset").send();
    open.pieces().expect("a proper end");
}

#[test]
fn anything_else_is_answered_with_what_there_is() {
    let sandbox = sandbox("");
    for (method, path) in [
        ("GET", ""),
        ("GET", "/faults"),
        ("POST", "/requests"),
        ("GET", "/reset"),
    ] {
        let answer = bare(&sandbox, method, &format!("/_sandbox{path}")).send();
        assert_eq!(answer.status, 404);
        assert!(answer.body.contains("POST /_sandbox/reset"));
    }
}

#[test]
fn the_system_under_test_answers() {
    let sandbox = sandbox("");
    let path = sandbox.system_url().replace(&sandbox.url(), "");
    assert_eq!(bare(&sandbox, "GET", &path).send().status, 200);
    assert_eq!(
        bare(&sandbox, "HEAD", &path).open().expect("a head").status,
        200
    );
    assert_eq!(
        bare(&sandbox, "GET", &format!("{path}?status=503"))
            .send()
            .status,
        503
    );
    assert!(sandbox.received().is_empty());
}
