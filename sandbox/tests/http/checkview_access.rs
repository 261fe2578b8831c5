//! Tokens, scopes, errors and the rate limit of CheckView.

use std::time::{SystemTime, UNIX_EPOCH};

use proctor_sandbox::FaultKind;
use serde_json::json;

use crate::checkview_support::{
    BASE, READ_ONLY, TOKEN, call, call_as, checkview, get, limited, ours, post, problem, refused,
    trigger,
};
use crate::support::{Answer, bare, fault};

#[test]
fn only_a_bearer_token_is_taken() {
    let sandbox = checkview("");
    let ask = |name: &str, value: &str| {
        bare(&sandbox, "GET", &format!("{BASE}/websites"))
            .header(name, value)
            .send()
    };
    for value in [format!("Bearer {TOKEN}"), format!("bearer {TOKEN}")] {
        assert_eq!(ask("authorization", &value).status, 200, "{value}");
    }
    for (name, value) in [
        ("x-nothing", ""),
        ("authorization", ""),
        ("authorization", TOKEN),
        ("authorization", "Bearer"),
        ("authorization", "Bearer cvpat_wrong"),
        ("authorization", "Bearer kep_sandbox"),
        ("authorization", "Basic cvpat_sandbox"),
        ("x-api-key", TOKEN),
    ] {
        assert_eq!(problem(&ask(name, value)).0, 401, "{name}: {value}");
    }
}

#[test]
fn a_second_credential_is_refused() {
    let sandbox = checkview("");
    // The client of these tests takes names that differ in case for two headers.
    let twice = call(&sandbox, "GET", "/websites")
        .header("Authorization", &format!("Bearer {TOKEN}"))
        .send();
    refused(&twice, 401, "once");
    let other = call(&sandbox, "GET", "/websites")
        .header("x-api-key", TOKEN)
        .send();
    refused(&other, 401, "no other key");
}

#[test]
fn scopes_hold_nothing_but_themselves() {
    let sandbox = checkview(
        r#"keys = [{ key = "cvpat_w", scopes = ["write:organization"] },
                   { key = "cvpat_rw", scopes = ["read:organization", "write:organization"] },
                   { key = "cvpat_p", scopes = ["read:profile", "write:profile", "read:tokens",
                     "manage:tokens", "manage:users"] },
                   { key = "cvpat_none", scopes = [] }]"#,
    );
    for (token, read, write) in [
        (TOKEN, 200, 201),
        (READ_ONLY, 200, 403),
        ("cvpat_w", 403, 201),
        ("cvpat_rw", 200, 201),
        ("cvpat_p", 403, 403),
        ("cvpat_none", 403, 403),
    ] {
        let list = call_as(&sandbox, token, "GET", "/test-runs").send();
        assert_eq!(list.status, read, "{token}");
        let start = call_as(&sandbox, token, "POST", "/test-flows/flow-contact/run")
            .header("idempotency-key", token)
            .json(&json!({}))
            .send();
        assert_eq!(start.status, write, "{token}");
        if read == 403 {
            refused(&list, 403, "read:organization");
        }
        if write == 403 {
            refused(&start, 403, "write:organization");
        }
    }
    assert_eq!(ours(&sandbox).len(), 3, "what was refused did not happen");
}

#[test]
fn health_wants_a_token_only_if_told_so() {
    for (settings, status) in [("", 200), ("health_needs_key = true", 401)] {
        let sandbox = checkview(settings);
        for path in ["/health", "/health/ready", "/health/live"] {
            let answer = bare(&sandbox, "GET", &format!("{BASE}{path}")).send();
            assert_eq!(answer.status, status, "{path}");
            assert_eq!(get(&sandbox, path).status, 200, "{path}");
        }
        assert_eq!(get(&sandbox, "/health/other").status, 404);
    }
}

#[test]
fn an_error_is_as_in_the_documented_example() {
    let sandbox = checkview("");
    let answer = get(&sandbox, "/test-flows/abc-123");
    assert_eq!(problem(&answer).0, 404);
    assert_eq!(
        answer.json(),
        json!({
            "type": "https://api.checkview.io/errors/not-found",
            "title": "Not Found",
            "status": 404,
            "detail": "The requested test flow does not exist.",
            "instance": "/api/v1/test-flows/abc-123"
        })
    );
    let plain = checkview("plain_json_errors = true");
    let answer = get(&plain, "/test-flows/abc-123");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["title"], "Not Found");
}

#[test]
fn what_is_not_served_is_told_from_what_is_not_there() {
    let sandbox = checkview("");
    for (method, path, status) in [
        ("GET", "", 404),
        ("GET", "/nothing", 404),
        ("GET", "/websites/nobody", 404),
        ("GET", "/websites/", 404),
        ("GET", "/test-runs/nobody", 404),
        ("GET", "/test-flows/flow-contact/run", 404),
        ("PUT", "/websites", 404),
        ("HEAD", "/nothing", 404),
        ("DELETE", "/test-runs/run-old-flow-contact-0", 404),
        ("POST", "/test-runs/run-old-flow-contact-0/cancel", 404),
        ("GET", "/ux-audits", 501),
        ("POST", "/audits", 501),
        ("GET", "/teams/1", 501),
        ("GET", "/notifications", 501),
        ("GET", "/tokens", 501),
        ("GET", "/profile", 501),
        ("POST", "/websites", 501),
        ("POST", "/test-flows", 501),
        ("PUT", "/test-flows/flow-contact", 501),
        ("PATCH", "/test-flows/flow-contact", 501),
        ("DELETE", "/websites/site-shop", 501),
    ] {
        let call = call(&sandbox, method, path).header("idempotency-key", path);
        if method == "HEAD" {
            assert_eq!(call.open().expect("a head").status, status);
        } else {
            assert_eq!(problem(&call.send()).0, status, "{method} {path}");
        }
    }
    let beside = bare(&sandbox, "GET", "/checkview/websites").send();
    assert_eq!(beside.header("content-type"), Some("text/plain"));
}

/// What an answer tells of the rate limit: the limit, what is left, and when it is renewed.
fn budget(answer: &Answer) -> (u64, u64, u64) {
    let number = |name: &str| {
        let value = answer.header(name).expect("on every answer");
        value.parse().expect("a number")
    };
    (
        number("x-ratelimit-limit"),
        number("x-ratelimit-remaining"),
        number("x-ratelimit-reset"),
    )
}

fn now_s() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}

#[test]
fn every_answer_tells_the_budget() {
    let sandbox = limited("");
    let before = now_s();
    let answers = [
        (200, get(&sandbox, "/websites")),
        (200, get(&sandbox, "/health")),
        (404, get(&sandbox, "/nothing")),
        (400, get(&sandbox, "/websites?limit=0")),
        (501, get(&sandbox, "/profile")),
        (201, trigger(&sandbox, "flow-contact", "k")),
        (422, trigger(&sandbox, "flow-checkout", "k")),
        (
            401,
            bare(&sandbox, "GET", &format!("{BASE}/websites")).send(),
        ),
    ];
    let (_, _, reset) = budget(&answers[0].1);
    assert!((before + 60..=now_s() + 61).contains(&reset), "{reset}");
    for (place, (status, answer)) in answers.iter().enumerate() {
        assert_eq!(answer.status, *status, "{answer:?}");
        assert_eq!(budget(answer), (60, 59 - place as u64, reset));
        assert_eq!(answer.header("retry-after"), None);
        assert!(answer.header("date").is_some());
    }
}

#[test]
fn all_tokens_share_one_budget() {
    let sandbox = limited("requests_per_minute = 3");
    assert_eq!(budget(&get(&sandbox, "/websites")).1, 2);
    let other = call_as(&sandbox, READ_ONLY, "GET", "/websites").send();
    assert_eq!(budget(&other).1, 1);
    assert_eq!(budget(&get(&sandbox, "/nothing")).1, 0, "errors cost too");
    for _ in 0..2 {
        let answer = trigger(&sandbox, "flow-contact", "k");
        refused(&answer, 429, "too many requests");
        let (limit, remaining, reset) = budget(&answer);
        assert_eq!((limit, remaining), (3, 0));
        let wait = answer.header("retry-after").expect("how long");
        let wait: u64 = wait.parse().expect("whole seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(reset.abs_diff(now_s() + wait) <= 2, "{reset} {wait}");
    }
    assert_eq!(bare(&sandbox, "POST", "/_sandbox/reset").send().status, 200);
    assert_eq!(ours(&sandbox).len(), 0, "what was refused did not happen");
}

#[test]
fn the_reset_may_be_in_milliseconds() {
    let sandbox = limited("reset_unit = \"milliseconds\"");
    let (_, _, reset) = budget(&get(&sandbox, "/websites"));
    assert!(
        reset > 100_000_000_000 && reset / 1000 <= now_s() + 60,
        "{reset}"
    );
}

#[test]
fn faults_come_in_the_services_own_form_and_cost_nothing() {
    let sandbox = limited("");
    sandbox.add_fault(fault(
        "*",
        "/websites",
        FaultKind::Status {
            status: 503,
            body: None,
            error_code: Some("maintenance".to_owned()),
            retry_after: None,
            processed: false,
        },
    ));
    let answer = get(&sandbox, "/websites");
    refused(&answer, 503, "as the sandbox was told");
    let kind = "https://api.checkview.io/errors/maintenance";
    assert_eq!(answer.json()["type"], kind);
    assert_eq!(budget(&answer).1, 60);
    sandbox.add_fault(fault("*", "/websites", FaultKind::EchoKey { status: 401 }));
    refused(&get(&sandbox, "/websites"), 401, TOKEN);
}

#[test]
fn a_reset_forgets_runs_answers_and_the_budget() {
    let sandbox = limited("");
    let first = trigger(&sandbox, "flow-contact", "k").json()["id"].clone();
    bare(&sandbox, "POST", "/_sandbox/reset").send();
    let gone = get(
        &sandbox,
        &format!("/test-runs/{}", first.as_str().expect("an id")),
    );
    assert_eq!(problem(&gone).0, 404);
    assert_eq!(budget(&gone).1, 59);
    let body = json!({"other": "body"});
    let again = post(&sandbox, "/test-flows/flow-contact/run", "k", &body);
    assert_eq!(again.status, 201, "the key is free again");
}
