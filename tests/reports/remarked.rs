//! Results with tests that are new, known, in quarantine or flaky, and with targets that were left out: what the programs
//! that read reports make of them.

use proctor_test_support::Proctor;
use serde_json::{Value, json};

use crate::html::open;
use crate::judges::{ctrf, junit, sarif};

/// A test, with members of its own in the place of the usual ones.
fn test(name: &str, verdict: &str, members: &Value) -> Value {
    let mut test = json!({"suite": "cart", "name": name, "verdict": verdict, "attempts": 1, "attachments": []});
    let own = members.as_object().expect("members").clone();
    test.as_object_mut().expect("an object").extend(own);
    test
}

fn target(name: &str, verdict: &str, members: &Value, tests: &[Value]) -> Value {
    let count = |verdict: &str| {
        tests
            .iter()
            .filter(|test| test["verdict"] == verdict)
            .count()
    };
    let mut target = json!({
        "name": name, "provider": "keploy", "verdict": verdict, "warnings": [], "tests": tests,
        "counts": {
            "passed": count("passed"), "failed": count("failed"), "errored": count("errored"),
            "cancelled": count("cancelled"), "timed_out": count("timed-out"), "skipped": 0, "unknown": 0,
            "total": tests.len()
        },
        "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 61_000
    });
    let own = members.as_object().expect("members").clone();
    target.as_object_mut().expect("an object").extend(own);
    target
}

fn results() -> String {
    let failed = json!({"verdict": "failed", "attempts": 1, "message": "2 items, not 3", "details": "GET /cart"});
    let late = json!({"verdict": "timed-out", "attempts": 1, "duration_ms": 30_000});
    let quarantine = json!({"reason": "the coupon service moves", "until": "2099-12-31"});
    let tests = [
        test("is there", "passed", &json!({})),
        test(
            "counts items",
            "passed",
            &json!({"attempts": 3, "earlier": [late, failed]}),
        ),
        test(
            "adds an item",
            "failed",
            &json!({"message": "status is 500", "standing": "new"}),
        ),
        test(
            "removes an item",
            "failed",
            &json!({"message": "still there", "standing": "known"}),
        ),
        test(
            "applies a coupon",
            "failed",
            &json!({"message": "refused", "quarantine": quarantine}),
        ),
        test(
            "pays",
            "errored",
            &json!({"message": "no answer", "attempts": 2, "earlier": [failed]}),
        ),
        test("is empty at first", "passed", &json!({"attempts": 2})),
    ];
    let left = json!({"reason": "PAYMENTS_KEY is not set", "set_aside": "missing-key"});
    let targets = [
        target("shop", "failed", &json!({}), &tests),
        target("payments", "skipped", &left, &[]),
    ];
    json!({
        "schema": 1, "verdict": "errored", "exit_code": 3, "exit_codes": [3, 0], "version": "0.0.0",
        "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 61_000, "targets": targets
    })
    .to_string()
}

fn rendered(kind: &str) -> String {
    Proctor::new(&["render", kind, "--from", "results.json", "--exit-zero"])
        .file("results.json", &results())
        .end()
        .out
}

#[test]
fn junit_tells_attempts_as_surefire_does() {
    let Some(read) = junit::read(&rendered("junit")) else {
        return;
    };
    // Of eight cases, one of which is the target that was left out.
    assert_eq!(read["counted"], json!([8, 2, 1, 2]));
    let cases = read["cases"].as_array().expect("cases");
    let attempts = read["attempts"].as_array().expect("attempts");
    let told = |name: &str| {
        let place = cases.iter().position(|case| case["name"] == name);
        let place = place.expect("the case");
        let kinds = |list: &Value| -> Vec<String> {
            let all = list.as_array().expect("a list").iter();
            all.map(|each| format!("{}: {}", each["kind"], each["message"]).replace('"', ""))
                .collect()
        };
        (kinds(&cases[place]["outcomes"]), kinds(&attempts[place]))
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(told("is there"), (none.clone(), none.clone()));
    assert_eq!(
        told("counts items"),
        (
            none.clone(),
            vec![
                "FlakyFailure: 2 items, not 3".to_owned(),
                "FlakyError: no reason given".to_owned()
            ]
        )
    );
    assert_eq!(
        told("pays"),
        (
            vec!["Error: no answer".to_owned()],
            vec!["RerunFailure: 2 items, not 3".to_owned()]
        )
    );
    assert_eq!(
        told("applies a coupon"),
        (
            vec![
                "Skipped: in quarantine until 2099-12-31: the coupon service moves; failed: refused"
                    .to_owned()
            ],
            none.clone()
        )
    );
    let (outcomes, attempts) = told("is empty at first");
    assert_eq!((outcomes, attempts.len()), (none, 1));
}

#[test]
fn what_is_flaky_is_flaky_for_the_tools_of_ctrf() {
    let Some(read) = ctrf::read(&rendered("ctrf")) else {
        return;
    };
    assert_eq!(read["flaky"], json!(["counts items", "is empty at first"]));
    assert_eq!(read["stated"]["flaky"], 2);
    assert_eq!(
        read["counted"]["other"], 1,
        "what does not count has not failed"
    );
}

#[test]
fn alerts_tell_what_is_new_from_what_is_known() {
    let results = sarif::read(&rendered("sarif"));
    let told = |name: &str| -> Value {
        let found = results
            .iter()
            .find(|result| result["properties"]["test"] == name)
            .expect("the result");
        json!([
            found["level"],
            found["baselineState"],
            found["suppressions"][0]["kind"]
        ])
    };
    assert_eq!(told("adds an item"), json!(["error", "new", null]));
    // Its target counts as a failure, and nothing says that it does not count itself.
    assert_eq!(told("removes an item"), json!(["error", "unchanged", null]));
    assert_eq!(told("applies a coupon"), json!(["note", null, "external"]));
    assert_eq!(told("counts items"), json!(["note", null, null]));
}

#[test]
fn a_page_can_be_asked_for_what_is_remarked() {
    let outcome = Proctor::new(&[
        "render",
        "html=report.html",
        "--from",
        "results.json",
        "--exit-zero",
    ])
    .file("results.json", &results())
    .end();
    open("remarked", &outcome.path("report.html"));
}
