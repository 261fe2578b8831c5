//! Testmo: keys, roles, paths, methods and the rate limit.

use serde_json::{Value, json};

use crate::support::{bare, fault, text};
use crate::testmo::{KEY, call, get, post, read, testmo, wrong_fields};
use proctor_sandbox::FaultKind;

/// Creates a run.
const RUNS: &str = "/projects/1/automation/runs";

fn new_run() -> Value {
    json!({"name": "R", "source": "api"})
}

#[test]
fn a_key_is_a_bearer_token_and_comes_once() {
    let sandbox = testmo("");
    let ask = || bare(&sandbox, "GET", "/api/v1/user");
    for (name, value) in [
        ("x-nothing", ""),
        ("authorization", KEY),
        ("authorization", "Bearer wrong"),
        ("authorization", "Bearer "),
        ("authorization", "bearer testmo-sandbox"),
        ("authorization", "Basic testmo-sandbox"),
        ("x-api-key", KEY),
    ] {
        let answer = ask().header(name, value).send();
        assert_eq!(answer.status, 401, "{name}: {value}");
        assert!(answer.json()["message"].is_string());
    }
    let bearer = format!("Bearer {KEY}");
    // The client of these tests takes names that differ in case for two headers.
    let twice = ask()
        .header("authorization", &bearer)
        .header("Authorization", &bearer);
    assert_eq!(twice.send().status, 401);
    assert_eq!(ask().header("authorization", &bearer).send().status, 200);
}

#[test]
fn a_user_is_told_who_they_are() {
    let sandbox = testmo("");
    let user = &read(&sandbox, "/user")["result"];
    for member in ["id", "role_id"] {
        assert!(user[member].is_u64(), "{member}");
    }
    for member in ["name", "email", "timezone", "date_format", "time_format"] {
        assert!(user[member].is_string(), "{member}");
    }
    assert_eq!(user["is_api"], true);
}

#[test]
fn a_role_decides_what_is_allowed() {
    let sandbox = testmo(
        r#"keys = [{ key = "w", role = "write", projects = [2] }, { key = "r", role = "read" },
                   { key = "n", role = "none" }]"#,
    );
    for (key, method, path, status) in [
        ("testmo-readonly", "GET", "/user", 200),
        ("testmo-readonly", "GET", RUNS, 200),
        ("testmo-readonly", "POST", RUNS, 403),
        (
            "testmo-readonly",
            "POST",
            "/automation/runs/104/complete",
            403,
        ),
        ("r", "GET", "/automation/runs/101", 200),
        ("r", "POST", RUNS, 403),
        ("n", "GET", "/user", 403),
        ("n", "POST", RUNS, 403),
        ("w", "POST", "/projects/2/automation/runs", 201),
        ("w", "GET", "/projects/2", 200),
        // What a user has no access to is not there for them.
        ("w", "GET", "/projects/1", 404),
        ("w", "POST", RUNS, 404),
        ("w", "GET", "/automation/runs/101", 404),
        ("w", "POST", "/automation/runs/104/threads", 404),
        ("w", "GET", "/automation/sources/1", 404),
    ] {
        let answer = call(&sandbox, method, path)
            .header("authorization", &format!("Bearer {key}"))
            .json(&new_run())
            .send();
        assert_eq!(answer.status, status, "{key} {method} {path}: {answer:?}");
    }
    let projects = call(&sandbox, "GET", "/projects").header("authorization", "Bearer w");
    assert_eq!(projects.send().json()["total"], 1);
}

#[test]
fn what_is_not_there_is_404_and_a_wrong_method_405() {
    let sandbox = testmo("");
    for path in [
        "",
        "/",
        "/user/",
        "/users",
        "/projects/9",
        "/projects/one",
        "/projects/9/automation/runs",
        "/projects/9/automation/sources",
        "/automation/sources/99",
        "/automation/runs/9",
        "/automation/runs/9/tests",
        "/automation/runs",
    ] {
        let answer = get(&sandbox, path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.json()["message"].is_string());
    }
    for path in [
        "/projects/9/automation/runs",
        "/automation/runs/9/threads",
        "/automation/runs/9/append",
        "/automation/runs/9/complete",
        "/automation/runs/threads/9/append",
        "/automation/runs/threads/9/complete",
    ] {
        assert_eq!(post(&sandbox, path, &new_run()).status, 404, "{path}");
    }
    for (method, path, allowed) in [
        ("POST", "/user", "GET"),
        ("POST", "/projects", "GET"),
        ("PUT", RUNS, "GET, POST"),
        ("DELETE", "/automation/runs/101", "GET"),
        ("GET", "/automation/runs/104/threads", "POST"),
        ("GET", "/automation/runs/104/complete", "POST"),
        ("GET", "/automation/runs/threads/9/append", "POST"),
    ] {
        let answer = call(&sandbox, method, path).send();
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allowed)),
            "{method} {path}"
        );
        assert!(answer.json()["message"].is_string());
    }
}

#[test]
fn what_is_documented_and_not_here_says_so() {
    let sandbox = testmo("");
    assert_eq!(get(&sandbox, "/projects/1/automation/cases").status, 501);
}

#[test]
fn any_number_of_requests_is_taken_unless_told() {
    let sandbox = testmo("");
    for _ in 0..150 {
        assert_eq!(get(&sandbox, "/user").status, 200);
    }
}

#[test]
fn a_key_that_sends_too_much_is_blocked() {
    let sandbox = testmo("requests_per_minute = 1\nburst = 2\nblock_ms = 30500");
    assert_eq!(get(&sandbox, "/user").status, 200);
    assert_eq!(get(&sandbox, "/nothing").status, 404, "errors cost too");
    let blocked = post(&sandbox, RUNS, &new_run());
    assert_eq!(
        (blocked.status, blocked.header("retry-after")),
        (429, Some("31"))
    );
    assert!(blocked.json()["message"].is_string());
    let other = call(&sandbox, "GET", "/projects/1/automation/runs")
        .header("authorization", "Bearer testmo-readonly")
        .send();
    assert_eq!(other.status, 200, "another key");
    assert_eq!(other.json()["total"], 5, "what was refused did not happen");

    let sandbox = testmo("requests_per_minute = 1\nburst = 1\ntell_wait = false");
    get(&sandbox, "/user");
    let blocked = get(&sandbox, "/user");
    assert_eq!((blocked.status, blocked.header("retry-after")), (429, None));
}

#[test]
fn faults_come_in_the_services_own_form() {
    let sandbox = testmo("");
    let status = |status, error_code: Option<&str>| FaultKind::Status {
        status,
        body: None,
        error_code: error_code.map(str::to_owned),
        retry_after: None,
        processed: false,
    };
    let hit = |kind| {
        sandbox.add_fault(fault("GET", "/user", kind));
        get(&sandbox, "/user")
    };
    for number in [401, 403, 404, 405, 429, 500, 503] {
        let answer = hit(status(number, None));
        assert_eq!(answer.status, number);
        assert!(answer.json()["message"].is_string());
        assert_eq!(answer.json().get("errors"), None);
    }
    assert_eq!(wrong_fields(&hit(status(422, Some("source")))), ["source"]);
    let echo = hit(FaultKind::EchoKey { status: 401 });
    assert!(text(&echo.json()["message"]).contains(KEY));
}
