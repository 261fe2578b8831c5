//! izli.io: keys, scopes, the envelope, what is refused, and the rate limit.

use proctor_sandbox::{FaultKind, Sandbox, Scenario};
use serde_json::{Value, json};

use crate::support::{Answer, Call, bare, fault, scenario, text};

pub const KEY: &str = "izli_agent_sandbox";

/// A sandbox with these lines in `[izli]`.
pub fn izli(settings: &str) -> Sandbox {
    scenario(&format!("[izli]\nrequests_per_minute = 100000\n{settings}"))
}

/// A call with the key.
pub fn call(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    with_key(sandbox, KEY, method, path)
}

fn with_key(sandbox: &Sandbox, key: &str, method: &str, path: &str) -> Call {
    bare(sandbox, method, &format!("/izli/api/v1{path}"))
        .header("authorization", &format!("Bearer {key}"))
}

pub fn get(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, "GET", path).send()
}

pub fn post(sandbox: &Sandbox, path: &str) -> Answer {
    call(sandbox, "POST", path).json(&json!({})).send()
}

/// Starts something and returns what the answer holds.
pub fn start(sandbox: &Sandbox, path: &str) -> Value {
    let answer = post(sandbox, path);
    assert_eq!(answer.json()["success"], true, "{answer:?}");
    answer.data()
}

/// Status and code of an error in the service's form.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.json()["success"], false, "{answer:?}");
    answer.refusal()
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn the_key_is_checked() {
    let sandbox = izli("");
    let path = "/izli/api/v1/monitors";
    let expected = json!({"success": false,
        "error": {"code": "UNAUTHORIZED", "message": "Invalid or missing API key"}});
    for (name, value) in [
        ("x-nothing", ""),
        ("x-api-key", KEY),
        ("authorization", ""),
        ("authorization", KEY),
        ("authorization", "Basic izli_agent_sandbox"),
        ("authorization", "Bearer izli_agent_other"),
        ("authorization", "Bearer "),
    ] {
        let answer = bare(&sandbox, "GET", path).header(name, value).send();
        assert_eq!(
            (answer.status, answer.json()),
            (401, expected.clone()),
            "{name}: {value}"
        );
    }
    assert_eq!(get(&sandbox, "/monitors").status, 200);
}

#[test]
fn a_second_credential_is_refused() {
    let sandbox = izli("");
    let both = call(&sandbox, "GET", "/monitors")
        .header("x-api-key", KEY)
        .send();
    assert_eq!(refusal(&both), is(400, "BAD_REQUEST"));
    // The client of these tests takes names that differ in case for two headers.
    let twice = call(&sandbox, "GET", "/monitors")
        .header("Authorization", &format!("Bearer {KEY}"))
        .send();
    assert_eq!(refusal(&twice), is(400, "BAD_REQUEST"));
}

#[test]
fn old_keys_have_fine_scopes() {
    let sandbox = izli(
        r#"keys = [{ key = "izli_sk_live_r", scopes = ["monitors:read"] },
                   { key = "izli_sk_live_x", scopes = ["monitors:run", "journeys:read", "journeys:run"] },
                   { key = "izli_sk_live_w", scopes = ["monitors:write", "journeys:write"] },
                   { key = "izli_agent_2" }]"#,
    );
    for (key, method, path, status) in [
        ("izli_sk_live_r", "GET", "/monitors", 200),
        (
            "izli_sk_live_r",
            "GET",
            "/api-monitors/apm_success/runs",
            200,
        ),
        ("izli_sk_live_r", "GET", "/journeys", 403),
        ("izli_sk_live_r", "POST", "/monitors/mon_001/check", 403),
        ("izli_sk_live_r", "DELETE", "/monitors/mon_001", 403),
        ("izli_sk_live_x", "GET", "/monitors", 403),
        ("izli_sk_live_x", "POST", "/monitors/mon_001/check", 202),
        (
            "izli_sk_live_x",
            "POST",
            "/api-monitors/apm_success/trigger",
            202,
        ),
        ("izli_sk_live_x", "GET", "/journeys/jrn_success/runs", 200),
        (
            "izli_sk_live_x",
            "POST",
            "/journeys/jrn_success/run-now",
            202,
        ),
        ("izli_sk_live_x", "POST", "/journeys", 403),
        ("izli_sk_live_w", "POST", "/journeys", 501),
        ("izli_sk_live_w", "PUT", "/monitors/mon_001", 501),
        ("izli_agent_2", "GET", "/journeys", 200),
        ("izli_agent_2", "POST", "/journeys/jrn_success/run-now", 202),
    ] {
        let answer = with_key(&sandbox, key, method, path).send();
        assert_eq!(answer.status, status, "{key} {method} {path}");
        if status == 403 {
            assert_eq!(refusal(&answer), is(403, "FORBIDDEN"));
        }
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let sandbox = izli("");
    for (method, path) in [
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/runs"),
        ("GET", "/monitors/"),
        ("GET", "/monitors/nobody"),
        ("GET", "/journeys/mon_001"),
        ("GET", "/monitors/mon_001/runs"),
        ("GET", "/journeys/jrn_success/results"),
        ("GET", "/api-monitors/apm_success/stats"),
        ("GET", "/journeys/jrn_success/runs/run_00010"),
        ("POST", "/monitors/nobody/check"),
        // The paths of the old pages.
        ("POST", "/monitors/mon_001/run"),
        ("POST", "/journeys/jrn_success/run"),
        // The words of the other collections.
        ("POST", "/journeys/jrn_success/trigger"),
        ("POST", "/api-monitors/apm_success/check"),
        ("POST", "/monitors/mon_001/run-now"),
    ] {
        let answer = call(&sandbox, method, path).send();
        assert_eq!(refusal(&answer), is(404, "NOT_FOUND"), "{method} {path}");
    }
}

#[test]
fn other_methods_are_refused_and_the_rest_is_not_served() {
    let sandbox = izli("");
    for (method, path) in [
        ("PUT", "/monitors"),
        ("DELETE", "/journeys"),
        ("POST", "/monitors/mon_001"),
        ("GET", "/monitors/mon_001/check"),
        ("POST", "/journeys/jrn_success/runs"),
        ("POST", "/journeys/jrn_success/stats"),
    ] {
        let answer = call(&sandbox, method, path).send();
        assert_eq!(
            refusal(&answer),
            is(405, "METHOD_NOT_ALLOWED"),
            "{method} {path}"
        );
    }
    for (method, path) in [
        ("POST", "/monitors"),
        ("PUT", "/journeys/jrn_success"),
        ("DELETE", "/api-monitors/apm_success"),
        ("GET", "/alerts"),
        ("POST", "/alerts/rules"),
    ] {
        let answer = call(&sandbox, method, path).send();
        assert_eq!(
            refusal(&answer),
            is(501, "NOT_IN_SANDBOX"),
            "{method} {path}"
        );
    }
}

#[test]
fn a_body_must_be_json() {
    let sandbox = izli("");
    let path = "/monitors/mon_001/check";
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("text/plain", "{}"),
        ("", "{}"),
    ] {
        let answer = call(&sandbox, "POST", path)
            .header("content-type", kind)
            .body(body)
            .send();
        assert_eq!(refusal(&answer), is(400, "BAD_REQUEST"), "{kind} {body}");
    }
    for (kind, body) in [
        ("application/json", "{}"),
        ("application/json; charset=utf-8", "{}"),
        ("text/plain", ""),
        ("application/json", ""),
    ] {
        let answer = call(&sandbox, "POST", path)
            .header("content-type", kind)
            .body(body)
            .send();
        assert_eq!(answer.status, 202, "{kind} {body}");
    }
    let unknown = call(&sandbox, "POST", "/monitors/nobody/check")
        .body("x")
        .send();
    assert_eq!(unknown.status, 404);
}

#[test]
fn errors_may_be_texts() {
    let sandbox = izli("error_form = \"text\"");
    let answer = get(&sandbox, "/monitors/nobody");
    let expected = json!({"success": false, "error": "there is nothing with this id"});
    assert_eq!((answer.status, answer.json()), (404, expected));
}

#[test]
fn each_key_has_a_budget() {
    let sandbox =
        scenario("[izli]\nrequests_per_minute = 2\nkeys = [{ key = \"izli_sk_live_2\" }]");
    assert_eq!(get(&sandbox, "/monitors").status, 200);
    assert_eq!(get(&sandbox, "/nothing").status, 404, "errors cost too");
    let third = post(&sandbox, "/monitors/mon_001/check");
    assert_eq!(refusal(&third), is(429, "RATE_LIMITED"));
    let wait: u64 = text(&json!(third.header("retry-after")))
        .parse()
        .expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
    let runs = "/monitors/mon_001/results";
    let other = with_key(&sandbox, "izli_sk_live_2", "GET", runs).send();
    assert_eq!(other.list().len(), 2, "what was refused did not happen");

    let silent = scenario("[izli]\nrequests_per_minute = 1\nretry_after = false");
    get(&silent, "/monitors");
    let second = get(&silent, "/monitors");
    assert_eq!((second.status, second.header("retry-after")), (429, None));

    let usual = scenario("");
    let answers: Vec<u16> = (0..110)
        .map(|_| get(&usual, "/journeys/x").status)
        .collect();
    assert!(
        answers[..100].iter().all(|status| *status == 404),
        "a hundred a minute"
    );
    assert!(answers.contains(&429));
}

#[test]
fn faults_have_the_services_form() {
    let sandbox = izli("");
    for (status, code) in [
        (400, "BAD_REQUEST"),
        (409, "CONFLICT"),
        (422, "UNPROCESSABLE"),
        (503, "INTERNAL_ERROR"),
    ] {
        let kind = FaultKind::Status {
            status,
            body: None,
            error_code: None,
            retry_after: None,
            processed: false,
        };
        sandbox.add_fault(fault("*", "**", kind));
        assert_eq!(refusal(&get(&sandbox, "/monitors")), is(status, code));
    }
    sandbox.add_fault(fault("*", "**", FaultKind::EchoKey { status: 400 }));
    let answer = get(&sandbox, "/monitors");
    assert!(text(&answer.json()["error"]["message"]).contains(KEY));
}

#[test]
fn the_demo_serves_its_things() {
    let demo = Scenario::demo();
    let sandbox =
        Sandbox::start("127.0.0.1:0".parse().expect("an address"), demo).expect("a free port");
    assert_eq!(
        get(&sandbox, "/journeys").ids(),
        ["jrn_sign_in", "jrn_checkout"]
    );
    assert_eq!(get(&sandbox, "/api-monitors").ids(), ["apm_orders"]);
    assert_eq!(get(&sandbox, "/monitors").ids(), ["mon_home"]);
}
