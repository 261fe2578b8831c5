//! What Keploy has beside runs: load tests, branches, the coverage of a schema, recorded tests, generating suites.

use serde_json::{Value, json};

use crate::support::{READ_ONLY_KEY, TARGET, call, get, post, sandbox, until};

fn load_test() -> Value {
    json!({"base_url": TARGET, "virtual_users": 10, "duration_secs": 60, "profile": "constant"})
}

/// The same without a member, or with another value of it.
fn with(mut body: Value, member: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(body.as_object_mut().expect("an object").remove(member)),
        value => body[member] = value,
    }
    body
}

#[test]
fn a_load_test_goes_its_way_and_can_be_read() {
    let sandbox = sandbox("");
    let started = post(&sandbox, "/apps/app-7f3/load-tests", &load_test());
    assert_eq!(started.status, 202);
    let id = started.data()["run_id"].as_str().expect("an id").to_owned();
    let path = format!("/apps/app-7f3/load-tests/{id}");
    until("the end", || {
        get(&sandbox, &path).data()["status"] == "COMPLETED"
    });
    let report = get(&sandbox, &path).data();
    assert_eq!(
        (&report["virtual_users"], &report["p95_ms"]),
        (&json!(10), &json!(240))
    );
    assert_eq!(
        get(&sandbox, "/apps/app-7f3/load-tests").data()[0]["id"],
        id
    );
    assert_eq!(get(&sandbox, "/apps/app-slow/load-tests").data(), json!([]));
    assert_eq!(
        get(&sandbox, &format!("/apps/app-slow/load-tests/{id}")).status,
        404
    );
    assert_eq!(
        post(&sandbox, &format!("{path}/stop"), &json!({})).status,
        409
    );
    let events = call(&sandbox, "GET", &format!("{path}/events")).open();
    let text = events.expect("a stream").pieces().expect("an end").concat();
    assert!(text.contains("\"COMPLETED\""), "{text}");
}

#[test]
fn a_load_test_is_stopped() {
    let sandbox = sandbox("[[keploy.apps]]\nid = \"a\"\nload_ms = 600000");
    let id = post(&sandbox, "/apps/a/load-tests", &load_test()).data()["run_id"].clone();
    let path = format!("/apps/a/load-tests/{}", id.as_str().expect("an id"));
    assert_eq!(
        post(&sandbox, &format!("{path}/stop"), &json!({})).status,
        200
    );
    let report = get(&sandbox, &path).data();
    assert_eq!(report["status"], "STOPPED");
}

#[test]
fn requests_that_are_not_as_documented_are_refused() {
    let sandbox = sandbox("");
    let generation = json!({"base_url": TARGET});
    let branch = json!({"name": "pr-1", "git_ref": {"provider": "github", "pr_number": 1}});
    for (path, body, field) in [
        (
            "load-tests",
            with(load_test(), "base_url", Value::Null),
            "base_url",
        ),
        (
            "load-tests",
            with(load_test(), "base_url", json!("http://10.0.0.1")),
            "base_url",
        ),
        (
            "load-tests",
            with(load_test(), "virtual_users", Value::Null),
            "virtual_users",
        ),
        (
            "load-tests",
            with(load_test(), "virtual_users", json!(0)),
            "virtual_users",
        ),
        (
            "load-tests",
            with(load_test(), "duration_secs", json!("60")),
            "duration_secs",
        ),
        (
            "load-tests",
            with(load_test(), "profile", json!(1)),
            "profile",
        ),
        ("load-tests", with(load_test(), "limits", json!([])), "body"),
        ("test-suites/generate", json!({}), "base_url"),
        (
            "test-suites/generate",
            with(generation.clone(), "base_url", json!("http://localhost")),
            "base_url",
        ),
        (
            "test-suites/generate",
            with(generation.clone(), "schema", json!({})),
            "schema",
        ),
        (
            "test-suites/generate",
            with(generation.clone(), "max_test_suites", json!(0)),
            "max_test_suites",
        ),
        (
            "test-suites/generate",
            with(generation, "prompt", json!("x")),
            "body",
        ),
        (
            "branches/ci",
            with(branch.clone(), "name", Value::Null),
            "name",
        ),
        (
            "branches/ci",
            with(branch.clone(), "git_ref", json!("x")),
            "git_ref",
        ),
        (
            "branches/ci",
            with(branch.clone(), "git_ref", json!({"pr_number": "1"})),
            "git_ref",
        ),
        (
            "branches/ci",
            with(branch, "git_ref", json!({"commit": "1"})),
            "git_ref",
        ),
    ] {
        let refused = post(&sandbox, &format!("/apps/app-7f3/{path}"), &body);
        assert_eq!(refused.status, 400, "{path} {body}");
        let answer = refused.json();
        assert_eq!(
            answer["error"]["details"][0]["field"], field,
            "{path} {body}"
        );
    }
    for path in ["load-tests", "test-suites/generate", "branches/ci"] {
        let path = format!("/apps/app-7f3/{path}");
        let refused = call(&sandbox, "POST", &path).header("x-api-key", READ_ONLY_KEY);
        assert_eq!(refused.json(&load_test()).send().status, 403);
    }
}

#[test]
fn branches_are_found_or_created_and_have_suites_of_their_own() {
    let sandbox = sandbox(
        "[[keploy.apps]]\nid = \"a\"\nsuites = [{ id = \"s1\" }]\n[[keploy.apps.branches]]\nid = \"b7\"\nname = \"pr-12\"\nsuites = [{ id = \"s9\" }]",
    );
    let suites = |query: &str| get(&sandbox, &format!("/apps/a/test-suites{query}")).data();
    assert_eq!(suites("?branch_id=b7")[0]["id"], "s9");
    assert_eq!(suites("")[0]["id"], "s1");
    assert_eq!(
        get(&sandbox, "/apps/a/test-suites?branch_id=b1").status,
        404
    );
    let branch = |name: &str| post(&sandbox, "/apps/a/branches/ci", &json!({"name": name})).data();
    assert_eq!(branch("pr-12")["id"], "b7");
    let created = branch("pr-13")["id"].clone();
    assert_eq!(branch("pr-13")["id"], created);
    let all = get(&sandbox, "/apps/a/branches").data();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(
        get(&sandbox, "/apps/a/branches?status=merged").data(),
        json!([])
    );
    assert_eq!(get(&sandbox, "/apps/a/branches?status=odd").status, 400);
}

#[test]
fn generated_suites_appear_and_can_be_run() {
    let sandbox =
        sandbox("[[keploy.apps]]\nid = \"a\"\ngenerates = [{ id = \"x\" }, { id = \"y\" }]");
    let body = json!({"base_url": TARGET, "schema": "openapi: 3.1.0", "max_test_suites": 1});
    let started = post(&sandbox, "/apps/a/test-suites/generate", &body);
    assert_eq!(started.status, 202);
    let job = started.data()["job_id"].as_str().expect("an id").to_owned();
    let path = format!("/jobs/{job}");
    until("the end", || {
        get(&sandbox, &path).data()["job_status"] == "COMPLETED"
    });
    let suites = get(&sandbox, "/apps/a/test-suites").data();
    assert_eq!(suites.as_array().map(Vec::len), Some(1), "{suites}");
    let runs = get(&sandbox, "/apps/a/test-runs").data().to_string();
    assert!(!runs.contains(&job), "it is no run: {runs}");
    let run = json!({"base_url": TARGET, "test_suite_ids": [suites[0]["id"]]});
    assert_eq!(post(&sandbox, "/apps/a/test-suites/run", &run).status, 202);
}

#[test]
fn recorded_tests_and_the_coverage_are_read() {
    let cases: Vec<String> = (0..130).map(|n| format!("{{ name = \"c{n}\" }}")).collect();
    let sandbox = sandbox(&format!(
        "[[keploy.apps]]\nid = \"a\"\nschema_coverage = \"61%\"\n[[keploy.apps.test_reports]]\nid = \"tr-9\"\n\
         [[keploy.apps.test_reports.test_sets]]\nid = \"ts-1\"\nname = \"one\"\ntest_cases = [{}, {{ name = \"z\", status = \"FAILED\" }}]",
        cases.join(", ")
    ));
    let coverage = get(&sandbox, "/apps/a/schema-coverage").data();
    assert_eq!(coverage["coverage_percentage"], "61%");
    let report = get(&sandbox, "/apps/a/test-reports/tr-9").data();
    assert_eq!(
        (
            &report["status"],
            &report["tot_passed_tc"],
            &report["tot_failed_tc"]
        ),
        (&json!("FAILED"), &json!(130), &json!(1))
    );
    for (query, listed, dropped) in [("", 100, 31), ("?max_test_cases_per_set=1000", 131, 0)] {
        let full = get(&sandbox, &format!("/apps/a/test-reports/tr-9/full{query}")).data();
        let cases = full["test_sets"][0]["test_cases"].as_array().map(Vec::len);
        assert_eq!(cases, Some(listed));
        assert_eq!(full["truncated"]["test_cases_capped_dropped"], dropped);
    }
    let refused = get(
        &sandbox,
        "/apps/a/test-reports/tr-9/full?max_test_cases_per_set=1001",
    );
    assert_eq!(refused.status, 400);
    let page = "/apps/a/test-reports/tr-9/test-set-reports/ts-1/test-cases?limit=100&offset=100";
    assert_eq!(
        get(&sandbox, page).data().as_array().map(Vec::len),
        Some(31)
    );
    assert_eq!(get(&sandbox, "/apps/a/test-reports/tr-1").status, 404);
    assert_eq!(
        get(&sandbox, "/apps/a/test-reports?limit=5").data()[0]["id"],
        "tr-9"
    );
}
