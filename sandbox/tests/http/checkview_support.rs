//! What the tests of CheckView share.

use proctor_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Answer, Call, bare, scenario, text, until};

/// A token that may read and start runs.
pub const TOKEN: &str = "cvpat_sandbox";

/// A token that may only read.
pub const READ_ONLY: &str = "cvpat_readonly";

/// Where its API begins.
pub const BASE: &str = "/checkview/api/v1";

/// A sandbox with these lines in `[checkview]`, and enough budget for a test that asks often.
pub fn checkview(settings: &str) -> Sandbox {
    limited(&format!("requests_per_minute = 100000\n{settings}"))
}

/// A sandbox with these lines in `[checkview]`; runs are pending for a moment only unless they say how long.
pub fn limited(settings: &str) -> Sandbox {
    let queue = if settings.contains("queue_ms") {
        ""
    } else {
        "queue_ms = 5"
    };
    scenario(&format!("[checkview]\n{queue}\n{settings}"))
}

/// A sandbox in which the website "site" has one flow, "flow", with these lines.
pub fn one_flow(settings: &str, flow: &str) -> Sandbox {
    checkview(&format!(
        "{settings}\n[[checkview.websites]]\nid = \"site\"\n[[checkview.websites.flows]]\nid = \"flow\"\n{flow}"
    ))
}

/// A call with a token.
pub fn call_as(sandbox: &Sandbox, token: &str, method: &str, path: &str) -> Call {
    bare(sandbox, method, &format!("{BASE}{path}"))
        .header("authorization", &format!("Bearer {token}"))
}

/// A call with the token that may do everything.
pub fn call(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    call_as(sandbox, TOKEN, method, path)
}

pub fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, "GET", path).send()
}

/// A POST with an idempotency key.
pub fn post(sandbox: &Sandbox, path: &str, key: &str, body: &Value) -> Answer {
    call(sandbox, "POST", path)
        .header("idempotency-key", key)
        .json(body)
        .send()
}

/// Sends a trigger on the usual path.
pub fn trigger(sandbox: &Sandbox, flow: &str, key: &str) -> Answer {
    post(sandbox, &format!("/test-flows/{flow}/run"), key, &json!({}))
}

/// Starts a run and returns its id.
pub fn start(sandbox: &Sandbox, flow: &str) -> String {
    let answer = trigger(sandbox, flow, &format!("start-{flow}"));
    assert_eq!(answer.status, 201, "{answer:?}");
    text(&answer.json()["id"])
}

/// A run as it is once it has a time of its end.
pub fn ended(sandbox: &Sandbox, run: &str) -> Value {
    let mut state = Value::Null;
    until("the run ends", || {
        state = get(sandbox, &format!("/test-runs/{run}")).json();
        !state["finished_at"].is_null()
    });
    state
}

/// Starts a run and follows it to its end.
pub fn outcome(sandbox: &Sandbox, flow: &str) -> Value {
    let run = start(sandbox, flow);
    ended(sandbox, &run)
}

/// The ids of a bare list.
pub fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let list = answer.json();
    let list = list.as_array().expect("a list");
    list.iter().map(|item| text(&item["id"])).collect()
}

/// The runs that triggers started, in the order of the list.
pub fn ours(sandbox: &Sandbox) -> Vec<String> {
    let all = ids(&get(sandbox, "/test-runs?limit=100"));
    let ours = |id: &String| id.strip_prefix("run-0").is_some();
    all.into_iter().filter(ours).collect()
}

/// Status and detail of an error, which is a problem in every member.
pub fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let body = answer.json();
    assert_eq!(body["status"], answer.status);
    assert!(text(&body["type"]).starts_with("https://api.checkview.io/errors/"));
    assert!(text(&body["instance"]).starts_with("/api/v1"));
    assert!(!text(&body["title"]).is_empty());
    (answer.status, text(&body["detail"]))
}

/// Asserts that an answer is an error with a status and a word of its detail.
pub fn refused(answer: &Answer, status: u16, word: &str) {
    let (found, detail) = problem(answer);
    assert_eq!(found, status, "{detail}");
    assert!(detail.contains(word), "{detail}");
}
