//! Keys, scopes, the envelope, and the rate limit.

use proctor_sandbox::Sandbox;
use serde_json::json;

use crate::support::{Answer, KEY, READ_ONLY_KEY, TARGET, bare, call, get, post, sandbox, text};

const ME: &str = "/keploy/client/v1/users/me";

#[test]
fn both_headers_carry_a_key() {
    let sandbox = sandbox("");
    for (name, value) in [
        ("x-api-key", KEY.to_owned()),
        ("authorization", format!("Bearer {KEY}")),
        ("authorization", format!("bearer {KEY}")),
    ] {
        let answer = bare(&sandbox, "GET", ME).header(name, &value).send();
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
}

#[test]
fn a_missing_or_wrong_key_is_refused() {
    let sandbox = sandbox("");
    for (name, value) in [
        ("x-nothing", ""),
        ("x-api-key", ""),
        ("x-api-key", "kep_wrong"),
        ("authorization", KEY),
        ("authorization", "Basic kep_sandbox"),
    ] {
        let answer = bare(&sandbox, "GET", ME).header(name, value).send();
        let refusal = (401, "AUTHENTICATION_REQUIRED".to_owned());
        assert_eq!(answer.refusal(), refusal, "{name}: {value}");
    }
}

#[test]
fn a_second_credential_is_refused() {
    let sandbox = sandbox("");
    let bearer = format!("Bearer {KEY}");
    let answer = bare(&sandbox, "GET", ME)
        .header("x-api-key", KEY)
        .header("authorization", &bearer)
        .send();
    assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()));
    // The client of these tests takes names that differ in case for two headers.
    let answer = bare(&sandbox, "GET", ME)
        .header("x-api-key", KEY)
        .header("X-API-Key", KEY)
        .send();
    assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()));
}

fn with_key(sandbox: &Sandbox, key: &str, method: &str, path: &str) -> Answer {
    call(sandbox, method, path)
        .header("x-api-key", key)
        .json(&json!({"base_url": TARGET}))
        .send()
}

#[test]
fn scopes_are_cumulative() {
    let sandbox = sandbox(
        r#"keys = [{ key = "kep_w", scopes = ["write"] }, { key = "kep_a", scopes = ["admin"] },
                   { key = "kep_none", scopes = [] }]"#,
    );
    let trigger = "/apps/app-7f3/test-suites/run";
    for (key, method, path, status) in [
        ("kep_none", "GET", "/apps", 403),
        (READ_ONLY_KEY, "GET", "/apps", 200),
        (READ_ONLY_KEY, "POST", trigger, 403),
        (READ_ONLY_KEY, "POST", "/jobs/job-0001/stop", 403),
        ("kep_w", "GET", "/apps", 200),
        ("kep_w", "POST", trigger, 202),
        ("kep_w", "DELETE", "/apps/app-7f3", 403),
        (KEY, "GET", "/api-keys", 403),
        ("kep_a", "GET", "/apps", 200),
        ("kep_a", "POST", trigger, 202),
        // Managing keys is allowed to it, but is not in the sandbox.
        ("kep_a", "GET", "/api-keys", 501),
    ] {
        let answer = with_key(&sandbox, key, method, path);
        assert_eq!(answer.status, status, "{key} {method} {path}");
        if status == 403 {
            assert_eq!(answer.refusal().1, "INSUFFICIENT_SCOPE");
        }
    }
}

#[test]
fn every_answer_has_the_envelope_and_the_budget() {
    let sandbox = sandbox("");
    let answers = [
        (200, get(&sandbox, "/users/me")),
        (200, get(&sandbox, "/apps")),
        (404, get(&sandbox, "/apps/nobody")),
        (404, get(&sandbox, "/apps/")),
        (404, get(&sandbox, "/nothing")),
        (404, get(&sandbox, "")),
        (400, get(&sandbox, "/apps?limit=101")),
        (501, get(&sandbox, "/apps/app-7f3/generation-history")),
        (501, get(&sandbox, "/apps/app-7f3?fields=name")),
        (
            501,
            post(&sandbox, "/apps/app-7f3/test-suites/s/validate", &json!({})),
        ),
        (401, bare(&sandbox, "GET", ME).send()),
    ];
    let mut requests = Vec::new();
    for (status, answer) in answers {
        let body = answer.json();
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-ratelimit-limit"), Some("100"));
        assert!(answer.header("x-ratelimit-remaining").is_some());
        assert_eq!(answer.header("x-ratelimit-reset"), Some("0"));
        assert!(answer.header("date").is_some());
        assert_eq!(body.get("data").is_some(), status < 300, "{body}");
        assert_eq!(body.get("error").is_some(), status >= 300, "{body}");
        assert!(text(&body["meta"]["timestamp"]).ends_with('Z'));
        requests.push(text(&body["meta"]["request_id"]));
    }
    let count = requests.len();
    requests.sort();
    requests.dedup();
    assert_eq!(requests.len(), count, "request ids are unique");
}

#[test]
fn paths_beside_the_service_are_not_its_own() {
    let sandbox = sandbox("");
    for path in [
        "/",
        "/keploy/client/v1x/apps",
        "/client/v1/apps",
        "/_sandboxes/requests",
    ] {
        let answer = bare(&sandbox, "GET", path).header("x-api-key", KEY).send();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, Some("text/plain"))
        );
    }
    assert!(sandbox.received().is_empty());
}

#[test]
fn the_rate_limit_is_told_and_kept_for_each_key() {
    let sandbox = sandbox("requests_per_minute = 1\nburst = 3");
    let remaining = |answer: &Answer| text(&json!(answer.header("x-ratelimit-remaining")));
    let first = get(&sandbox, "/apps");
    assert_eq!(first.header("x-ratelimit-limit"), Some("1"));
    assert_eq!(remaining(&first), "2");
    assert_eq!(
        remaining(&get(&sandbox, "/nothing")),
        "1",
        "errors cost too"
    );
    let third = get(&sandbox, "/apps");
    assert_eq!((third.status, remaining(&third).as_str()), (200, "0"));
    assert_ne!(third.header("x-ratelimit-reset"), Some("0"));

    let refused = post(
        &sandbox,
        "/apps/app-7f3/test-suites/run",
        &json!({"base_url": TARGET}),
    );
    assert_eq!(refused.refusal(), (429, "RATE_LIMITED".to_owned()));
    assert_eq!(remaining(&refused), "0");
    let wait = refused.header("retry-after").expect("how long");
    assert_eq!(refused.header("x-ratelimit-reset"), Some(wait));
    let wait: u64 = wait.parse().expect("whole seconds, from now");
    assert!((1..=60).contains(&wait), "{wait}");

    let other = call(&sandbox, "GET", "/jobs")
        .header("x-api-key", READ_ONLY_KEY)
        .send();
    assert_eq!(other.status, 200, "another key has a budget of its own");
    assert_eq!(remaining(&other), "2");
    let ours = other
        .ids_of("job_id")
        .into_iter()
        .filter(|id| !id.starts_with("job-old"));
    assert_eq!(ours.count(), 0, "what was refused did not happen");
}
