//! What a trigger takes and what it refuses.

use serde_json::{Value, json};

use crate::support::{Answer, KEY, TARGET, call, end, get, post, run, run_with, sandbox, text};

const TRIGGER: &str = "/apps/app-7f3/test-suites/run";

fn refused(answer: &Answer, field: &str) {
    assert_eq!(
        answer.refusal(),
        (400, "VALIDATION_ERROR".to_owned()),
        "{field}"
    );
    assert_eq!(answer.json()["error"]["details"][0]["field"], field);
}

#[test]
fn a_trigger_starts_a_job() {
    let sandbox = sandbox("");
    let first = post(&sandbox, TRIGGER, &json!({"base_url": TARGET}));
    assert_eq!(first.status, 202);
    let first = text(&first.data()["job_id"]);
    let second = run(&sandbox, "app-7f3");
    assert_ne!(first, second, "sent twice, run twice");
    assert_eq!(sandbox.count("POST", "/apps/*/test-suites/run"), 2);
    assert_eq!(end(&sandbox, &first)["job_status"], "COMPLETED");
    let jobs = get(&sandbox, "/jobs").ids_of("job_id");
    assert_eq!(jobs[..2], [second, first], "the newest first");
    for old in &jobs[2..] {
        let old = get(&sandbox, &format!("/jobs/{old}")).data();
        assert_eq!(old["job_status"], "COMPLETED");
    }
}

#[test]
fn the_body_must_be_a_json_object_and_say_so() {
    let sandbox = sandbox("");
    let body = json!({"base_url": TARGET}).to_string();
    let send = |kind: Option<&str>, body: &str| {
        let call = call(&sandbox, "POST", TRIGGER).body(body);
        match kind {
            Some(kind) => call.header("content-type", kind).send(),
            None => call.send(),
        }
    };
    refused(&send(None, &body), "body");
    refused(&send(Some("text/plain"), &body), "body");
    refused(&send(Some("application/jsonlines"), &body), "body");
    for wrong in ["", "{", "[]", "\"base_url\""] {
        refused(&send(Some("application/json"), wrong), "body");
    }
    let kind = Some("application/json; charset=utf-8");
    assert_eq!(send(kind, &body).status, 202);
}

#[test]
fn a_body_over_five_megabytes_is_too_large() {
    let sandbox = sandbox("");
    let send = |fill: usize| {
        let body = json!({"base_url": TARGET, "filler": "x".repeat(fill)});
        post(&sandbox, TRIGGER, &body)
    };
    assert_eq!(send(4 * 1024 * 1024).status, 202);
    let refused = send(5 * 1024 * 1024);
    assert_eq!(refused.refusal(), (413, "VALIDATION_ERROR".to_owned()));
}

/// Addresses that Keploy's servers could not reach.
const PRIVATE: [&str; 14] = [
    "http://localhost:8080",
    "http://LOCALHOST.",
    "http://api.localhost",
    "http://127.0.0.1",
    "http://127.9.9.9/path",
    "http://10.0.0.1",
    "http://172.16.0.1",
    "http://192.168.1.1",
    "http://169.254.1.1",
    "http://0.0.0.0",
    "http://[::1]:80",
    "http://[fd00::1]",
    "http://[fe80::1]",
    "http://[::ffff:127.0.0.1]",
];

#[test]
fn the_target_must_be_there_and_public() {
    let strict = sandbox("");
    for body in [
        json!({}),
        json!({"base_url": null}),
        json!({"base_url": ""}),
        json!({"base_url": 7}),
    ] {
        refused(&post(&strict, TRIGGER, &body), "base_url");
    }
    let malformed = [
        "staging.example.com",
        "/path",
        "ftp://example.com",
        "http://",
        "not a url",
    ];
    for url in malformed.iter().chain(&PRIVATE) {
        let answer = post(&strict, TRIGGER, &json!({"base_url": url}));
        refused(&answer, "base_url");
        assert_eq!(
            answer.json()["error"]["message"],
            "invalid baseURL",
            "{url}"
        );
    }
    for url in [
        TARGET,
        "http://172.32.0.1",
        "http://[2606:4700::1]",
        "https://u:p@example.com/v1",
    ] {
        assert_eq!(
            post(&strict, TRIGGER, &json!({"base_url": url})).status,
            202,
            "{url}"
        );
    }
    let lenient = sandbox("allow_private_targets = true");
    for url in PRIVATE {
        assert_eq!(
            post(&lenient, TRIGGER, &json!({"base_url": url})).status,
            202,
            "{url}"
        );
    }
    let answer = post(
        &lenient,
        TRIGGER,
        &json!({"base_url": "staging.example.com"}),
    );
    refused(&answer, "base_url");
}

#[test]
fn optional_fields_are_checked() {
    let sandbox = sandbox("");
    let send = |field: &str, value: Value| {
        let mut body = json!({"base_url": TARGET});
        body[field] = value;
        post(&sandbox, TRIGGER, &body)
    };
    for (field, value) in [
        ("rate_limit", json!(-1)),
        ("rate_limit", json!("5")),
        ("timeout", json!(1.5)),
        ("sandbox_mode", json!("live")),
        ("auth", json!({"authtype": "Magic"})),
        ("auth", json!("kep")),
        ("test_suite_ids", json!("suite-checkout")),
        ("test_suite_ids", json!([1])),
        ("test_suite_ids", json!(["suite-nobody"])),
    ] {
        refused(&send(field, value), field);
    }
    for (field, value) in [
        ("rate_limit", json!(0)),
        ("timeout", json!(30)),
        ("sandbox_mode", json!("")),
        ("auth", json!({"authtype": "BearerToken", "token": "t"})),
        ("test_suite_ids", Value::Null),
        ("test_suite_ids", json!([])),
        ("test_suite_ids", json!(["suite-search"])),
    ] {
        assert_eq!(send(field, value).status, 202, "{field}");
    }
}

#[test]
fn only_the_suites_asked_for_are_run() {
    let total = |settings: &str, ids: Value| {
        let sandbox = sandbox(settings);
        let body = json!({"base_url": TARGET, "test_suite_ids": ids});
        end(&sandbox, &run_with(&sandbox, "app-7f3", &body))["total_suites"].clone()
    };
    assert_eq!(total("", json!(["suite-search"])), 1);
    assert_eq!(total("", json!([])), 2);
    let skip = "unknown_suites = \"skip\"";
    assert_eq!(total(skip, json!(["suite-nobody", "suite-search"])), 1);
    assert_eq!(total(skip, json!(["suite-nobody"])), 0);
}

#[test]
fn an_app_that_nobody_knows_is_not_found() {
    let sandbox = sandbox("");
    for app in ["nobody", ""] {
        let path = format!("/apps/{app}/test-suites/run");
        let answer = post(&sandbox, &path, &json!({"base_url": TARGET}));
        assert_eq!(answer.refusal(), (404, "RESOURCE_NOT_FOUND".to_owned()));
    }
}

#[test]
fn what_was_received_can_be_asked() {
    let sandbox = sandbox("");
    run(&sandbox, "app-7f3");
    get(&sandbox, "/apps?q=x&limit=3");
    let received = sandbox.received();
    let trigger = &received[0];
    assert_eq!(
        (trigger.service.as_str(), trigger.method.as_str()),
        ("keploy", "POST")
    );
    assert_eq!((trigger.path.as_str(), trigger.status), (TRIGGER, 202));
    assert_eq!(trigger.header("x-api-key"), Some(KEY));
    assert_eq!(trigger.body, json!({"base_url": TARGET}).to_string());
    assert_eq!(
        (received[1].path.as_str(), received[1].query.as_str()),
        ("/apps", "q=x&limit=3")
    );
    assert!(received[0].at_ms <= received[1].at_ms);
}
