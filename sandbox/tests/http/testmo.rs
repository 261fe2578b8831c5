//! What the tests of Testmo use.

use proctor_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Answer, Call, bare, scenario};

/// The sandbox's full key.
pub const KEY: &str = "testmo-sandbox";

/// A sandbox with these lines in `[testmo]`.
pub fn testmo(settings: &str) -> Sandbox {
    scenario(&format!("[testmo]\n{settings}"))
}

/// A call of Testmo's API with the full key.
pub fn call(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    bare(sandbox, method, &format!("/api/v1{path}"))
        .header("authorization", &format!("Bearer {KEY}"))
}

pub fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, "GET", path).send()
}

/// What a call that must succeed gives.
pub fn read(sandbox: &Sandbox, path: &str) -> Value {
    let answer = get(sandbox, path);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

pub fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Answer {
    call(sandbox, "POST", path).json(body).send()
}

/// Creates something and returns its id.
pub fn create(sandbox: &Sandbox, path: &str, body: &Value) -> u64 {
    let answer = post(sandbox, path, body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    assert_eq!(
        body.as_object().map(serde_json::Map::len),
        Some(1),
        "{body}"
    );
    body["id"].as_u64().expect("an id, and not below `result`")
}

/// Sends something that answers nothing.
pub fn done(sandbox: &Sandbox, path: &str, body: &Value) {
    let answer = post(sandbox, path, body);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
}

/// A run with a thread, and their ids.
pub fn begin(sandbox: &Sandbox) -> (u64, u64) {
    let body = json!({"name": "API tests", "source": "api-tests"});
    let run = create(sandbox, "/projects/1/automation/runs", &body);
    let thread = create(
        sandbox,
        &format!("/automation/runs/{run}/threads"),
        &json!({}),
    );
    (run, thread)
}

/// A test with nothing but what it must have.
pub fn case(key: &str, status: &str) -> Value {
    json!({"key": key, "name": key, "folder": "orders", "status": status})
}

/// Appends tests to a thread.
pub fn append(sandbox: &Sandbox, thread: u64, tests: &[Value]) -> Answer {
    let path = format!("/automation/runs/threads/{thread}/append");
    post(sandbox, &path, &json!({"tests": tests}))
}

pub fn run(sandbox: &Sandbox, id: u64) -> Value {
    read(sandbox, &format!("/automation/runs/{id}"))["result"].take()
}

pub fn tests(sandbox: &Sandbox, run: u64) -> Vec<Value> {
    let list = read(sandbox, &format!("/automation/runs/{run}/tests?order=asc"));
    list["result"].as_array().expect("a list").clone()
}

/// The fields that an answer says to be wrong.
pub fn wrong_fields(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{answer:?}");
    let body = answer.json();
    assert!(body["message"].is_string(), "{body}");
    let errors = body["errors"].as_object().expect("a map");
    for texts in errors.values() {
        let texts = texts.as_array().expect("a list of texts");
        assert!(!texts.is_empty() && texts.iter().all(Value::is_string));
    }
    errors.keys().cloned().collect()
}
