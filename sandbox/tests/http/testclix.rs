//! TestCLIX: keys, the four calls, and what is refused.

use proctor_sandbox::{FaultKind, Sandbox};
use serde_json::json;

use crate::support::{Answer, Call, bare, fault, scenario, text};

pub const KEY: &str = "testclix-sandbox";

/// A sandbox with these lines in `[testclix]`.
pub fn testclix(settings: &str) -> Sandbox {
    scenario(&format!("[testclix]\n{settings}"))
}

/// A call with the key.
pub fn call(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    bare(sandbox, method, &format!("/testclix/v1/api{path}")).header("x-api-key", KEY)
}

pub fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, "GET", path).send()
}

/// The state of a test.
pub fn status(sandbox: &Sandbox, id: &str) -> String {
    let answer = get(sandbox, &format!("/status/{}", id.replace('&', "%26")));
    assert_eq!(answer.status, 200, "{answer:?}");
    text(&answer.json()["status"])
}

pub fn execute(sandbox: &Sandbox, id: &str) -> Answer {
    let path = format!("/execute/{}", id.replace('&', "%26"));
    call(sandbox, "POST", &path).send()
}

/// Status and message of an error.
fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let members = body.as_object().expect("an object").len();
    assert_eq!(members, 1, "{body}");
    (answer.status, text(&body["message"]))
}

fn not_found() -> (u16, String) {
    (404, "Scenario doesn't exists".to_owned())
}

const PASS: &str = "/status/01GDPASS%2601AAAA";

#[test]
fn the_key_is_checked() {
    let sandbox = testclix("");
    let unauthorized = (401, "Unauthorized".to_owned());
    let denied = "User is not authorized to access this resource with an explicit deny in an identity-based policy";
    let path = format!("/testclix/v1/api{PASS}");
    let missing = bare(&sandbox, "GET", &path).send();
    assert_eq!(refusal(&missing), unauthorized);
    let empty = call(&sandbox, "GET", PASS).header("x-api-key", "").send();
    assert_eq!(refusal(&empty), unauthorized);
    let bearer = bare(&sandbox, "GET", &path)
        .header("authorization", &format!("Bearer {KEY}"))
        .send();
    assert_eq!(refusal(&bearer), unauthorized, "it is the wrong header");
    let wrong = call(&sandbox, "GET", PASS)
        .header("x-api-key", "old")
        .send();
    assert_eq!(refusal(&wrong), (403, denied.to_owned()));
    assert_eq!(get(&sandbox, PASS).status, 200);
}

#[test]
fn a_second_credential_is_refused() {
    let sandbox = testclix("");
    let both = call(&sandbox, "GET", PASS)
        .header("authorization", "Bearer x")
        .send();
    assert_eq!(both.status, 400);
    // The client of these tests takes names that differ in case for two headers.
    let twice = call(&sandbox, "GET", PASS).header("X-Api-Key", KEY).send();
    assert_eq!(twice.status, 400);
}

#[test]
fn a_test_is_asked_for_and_started() {
    let sandbox = testclix("");
    let answer = get(&sandbox, PASS);
    let id = "01GDPASS&01AAAA";
    assert_eq!(answer.json(), json!({"test_id": id, "status": "pass"}));
    let answer = execute(&sandbox, id);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"test_id": id, "status": "queued"}));
    assert_eq!(sandbox.count("POST", "/execute/*"), 1);
}

#[test]
fn the_ampersand_may_have_two_forms() {
    for (settings, encoded, bare) in [
        ("", 200, 200),
        ("ampersand = \"both\"", 200, 200),
        ("ampersand = \"encoded\"", 200, 404),
        ("ampersand = \"bare\"", 404, 200),
    ] {
        let sandbox = testclix(settings);
        for (method, call_path) in [("GET", "/status"), ("POST", "/execute")] {
            for (sent, status) in [("%26", encoded), ("&", bare)] {
                let path = format!("{call_path}/01GDPASS{sent}01AAAA");
                let answer = call(&sandbox, method, &path).send();
                assert_eq!(answer.status, status, "{settings} {method} {path}");
                if status == 404 {
                    assert_eq!(refusal(&answer), not_found());
                }
            }
        }
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let sandbox = testclix("");
    for path in [
        "/status/nobody",
        "/status/",
        "/status/01GDPASS",
        "/execute/",
    ] {
        let method = if path.starts_with("/execute") {
            "POST"
        } else {
            "GET"
        };
        let answer = call(&sandbox, method, path).send();
        assert_eq!(refusal(&answer), not_found(), "{path}");
    }
    for path in [
        "",
        "/",
        "/tests",
        "/execute",
        "/status/a/b",
        "/execute/a/b",
        "/stop/a",
    ] {
        assert_eq!(
            refusal(&get(&sandbox, path)),
            (404, "Not Found".to_owned()),
            "{path}"
        );
    }
}

#[test]
fn methods_bodies_and_parameters_are_checked() {
    let sandbox = testclix("");
    let execute = "/execute/01GDPASS%2601AAAA";
    for (method, path) in [
        ("GET", execute),
        ("PUT", execute),
        ("POST", PASS),
        ("DELETE", "/status"),
        ("POST", "/status/details"),
    ] {
        let answer = call(&sandbox, method, path).send();
        assert_eq!(answer.status, 405, "{method} {path}");
    }
    let body = call(&sandbox, "POST", execute).json(&json!({})).send();
    assert_eq!(body.status, 400);
    let query = call(&sandbox, "POST", &format!("{execute}?now=1")).send();
    assert_eq!(query.status, 400);
    assert_eq!(get(&sandbox, "/status?x").status, 400);
    assert_eq!(
        status(&sandbox, "01GDPASS&01AAAA"),
        "pass",
        "nothing was started"
    );
}

#[test]
fn executions_are_used_up() {
    let sandbox = testclix("executions_left = 2");
    let id = "01GDFAST&01AVAIL";
    let limit = (403, "Execution limit exceeded".to_owned());
    assert_eq!(execute(&sandbox, "nobody").status, 404, "costs nothing");
    assert_eq!(execute(&sandbox, id).status, 200);
    assert_eq!(execute(&sandbox, "01GDUNRECORDED&01AAAA").status, 200);
    assert_eq!(refusal(&execute(&sandbox, id)), limit);
    assert_eq!(status(&sandbox, id), "pass", "asking is free");
    bare(&sandbox, "POST", "/_sandbox/reset").send();
    assert_eq!(execute(&sandbox, id).status, 200, "a reset gives them back");
    let none = testclix("executions_left = 0");
    assert_eq!(refusal(&execute(&none, id)), limit);
}

#[test]
fn the_overview_lists_what_is_in_alarm() {
    let tests = "tests = [{ id = \"a&1\" }, { id = \"b&2\", name = \"Shop\", before = \"error\" },
                          { id = \"c&3\", before = \"acknowledged\" }]\n";
    let object = json!({"test_id": "b&2", "name": "Shop", "status": "error"});
    for (settings, item) in [
        ("", json!("b&2")),
        ("items = \"names\"", json!("Shop")),
        ("items = \"objects\"", object),
    ] {
        let sandbox = testclix(&format!("{tests}{settings}"));
        assert_eq!(get(&sandbox, "/status").json(), json!({"status": "error"}));
        let expected =
            json!({"status": "error", "tests": {"error": {"count": 1, "items": [item]}}});
        assert_eq!(get(&sandbox, "/status/details").json(), expected);
    }
    let sandbox = testclix("tests = [{ id = \"a&1\" }]");
    assert_eq!(get(&sandbox, "/status").json(), json!({"status": "pass"}));
    let expected = json!({"status": "pass", "tests": {"error": {"count": 0, "items": []}}});
    assert_eq!(get(&sandbox, "/status/details").json(), expected);
}

#[test]
fn the_overview_follows_what_is_run() {
    let sandbox = testclix("tests = [{ id = \"a&1\", after = \"error\", too_fast = true }]");
    assert_eq!(get(&sandbox, "/status").json()["status"], "pass");
    execute(&sandbox, "a&1");
    assert_eq!(get(&sandbox, "/status").json()["status"], "error");
}

#[test]
fn requests_may_be_limited() {
    let sandbox = testclix("requests_per_minute = 2");
    assert_eq!(get(&sandbox, "/status").status, 200);
    assert_eq!(get(&sandbox, PASS).status, 200);
    let third = execute(&sandbox, "01GDFAST&01AVAIL");
    assert_eq!(refusal(&third), (429, "Too Many Requests".to_owned()));
    let wait: u64 = third
        .header("retry-after")
        .expect("how long")
        .parse()
        .expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let silent = testclix("requests_per_minute = 1\nretry_after = false");
    get(&silent, "/status");
    let second = get(&silent, "/status");
    assert_eq!((second.status, second.header("retry-after")), (429, None));
    let free = testclix("");
    assert!((0..150).all(|_| get(&free, "/status").status == 200));
}

#[test]
fn errors_may_be_spelled_with_a_capital() {
    let sandbox = testclix("capital_message = true");
    let answer = get(&sandbox, "/status/nobody");
    assert_eq!(answer.json(), json!({"Message": "Scenario doesn't exists"}));
}

#[test]
fn faults_have_the_services_form() {
    let sandbox = testclix("");
    let status = |error_code: Option<&str>| FaultKind::Status {
        status: 503,
        body: None,
        error_code: error_code.map(str::to_owned),
        retry_after: None,
        processed: false,
    };
    sandbox.add_fault(fault("*", "**", status(None)));
    assert_eq!(
        refusal(&get(&sandbox, PASS)),
        (503, "as the sandbox was told".to_owned())
    );
    sandbox.add_fault(fault("*", "**", status(Some("BUSY"))));
    assert_eq!(
        refusal(&get(&sandbox, PASS)).1,
        "BUSY: as the sandbox was told"
    );
    sandbox.add_fault(fault("*", "**", FaultKind::EchoKey { status: 400 }));
    assert!(refusal(&get(&sandbox, PASS)).1.contains(KEY));
}
