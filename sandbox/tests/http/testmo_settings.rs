//! Testmo: what a scenario changes.

use proctor_sandbox::Scenario;
use serde_json::{Value, json};

use crate::support::until;
use crate::testmo::{
    append, begin, case, create, done, post, read, run, testmo, tests, wrong_fields,
};

#[test]
fn projects_sources_runs_and_statuses_are_replaced() {
    let sandbox = testmo(
        r#"
        sources = [{ name = "gone", project = 7, retired = true }]
        [[testmo.projects]]
        id = 7
        name = "Other"
        milestones = ["m"]
        [[testmo.runs]]
        id = 9000
        project = 7
        name = "old"
        source = "api"
        tags = ["x"]
        passed = 2
        failed = 1
        [[testmo.statuses]]
        id = 24
        name = "Fine"
        aliases = ["passed", "fine"]
        outcome = "success"
        "#,
    );
    assert_eq!(read(&sandbox, "/projects")["total"], 1);
    let old = run(&sandbox, 9000);
    assert_eq!(
        (
            &old["status24_count"],
            &old["untested_count"],
            &old["success_count"]
        ),
        (&json!(2), &json!(1), &json!(2)),
        "`failed` is no alias here"
    );
    let body = json!({"name": "R", "source": "api", "milestone": "m"});
    let new = create(&sandbox, "/projects/7/automation/runs", &body);
    assert!(new > 9000, "ids go on behind the largest");
    let thread = create(
        &sandbox,
        &format!("/automation/runs/{new}/threads"),
        &json!({}),
    );
    assert_eq!(append(&sandbox, thread, &[case("k", "fine")]).status, 204);
    let refused = append(&sandbox, thread, &[case("k", "failed")]);
    assert_eq!(wrong_fields(&refused), ["tests.0.status"]);
    let sources = read(&sandbox, "/projects/7/automation/sources?is_retired=1");
    assert_eq!(sources["result"][0]["name"], "gone");
}

#[test]
fn an_unknown_status_may_be_taken_as_untested() {
    let sandbox = testmo("unknown_status = \"neutral\"");
    let (id, thread) = begin(&sandbox);
    let tests_sent = [case("k1", "marinated"), case("k2", "passed")];
    assert_eq!(append(&sandbox, thread, &tests_sent).status, 204);
    let run = run(&sandbox, id);
    for (member, count) in [
        ("total_count", 2),
        ("completed_count", 1),
        ("untested_count", 1),
        ("success_count", 1),
        ("failure_count", 0),
    ] {
        assert_eq!(run[member], count, "{member}");
    }
    assert_eq!(tests(&sandbox, id)[0]["status_id"], 1);
}

#[test]
fn completing_again_answers_as_told() {
    for (setting, status) in [("", 204), ("complete_again_status = 422", 422)] {
        let sandbox = testmo(setting);
        let (id, thread) = begin(&sandbox);
        for path in [
            format!("/automation/runs/threads/{thread}/complete"),
            format!("/automation/runs/{id}/complete"),
        ] {
            done(&sandbox, &path, &json!({}));
            let before = run(&sandbox, id)["completed_at"].clone();
            let again = post(&sandbox, &path, &json!({"elapsed_observed": 1}));
            // A run's completion has no such member.
            let wanted = if path.contains("threads") {
                status
            } else {
                422
            };
            assert_eq!(again.status, wanted, "{path}");
            assert_eq!(post(&sandbox, &path, &json!({})).status, status, "{path}");
            assert_eq!(run(&sandbox, id)["completed_at"], before);
        }
        assert_eq!(run(&sandbox, id)["elapsed"], 0, "it changes nothing");
    }
}

#[test]
fn a_request_may_be_too_large() {
    let sandbox = testmo("max_tests = 2");
    let (id, thread) = begin(&sandbox);
    let sent = ["a", "b", "c"].map(|key| case(key, "passed"));
    let refused = append(&sandbox, thread, &sent);
    assert_eq!(refused.status, 413);
    assert!(refused.json()["message"].is_string());
    assert_eq!(run(&sandbox, id)["total_count"], 0);
    assert_eq!(append(&sandbox, thread, &sent[..2]).status, 204);
}

#[test]
fn totals_may_lag_behind() {
    let sandbox = testmo("totals_lag_ms = 3600000");
    let (id, thread) = begin(&sandbox);
    assert_eq!(append(&sandbox, thread, &[case("a", "failed")]).status, 204);
    done(
        &sandbox,
        &format!("/automation/runs/{id}/complete"),
        &json!({}),
    );
    let now = run(&sandbox, id);
    assert_eq!(
        (&now["total_count"], &now["threads"][0]["total_count"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(now["status"], 2, "the failure is not seen yet");
    assert_eq!(tests(&sandbox, id).len(), 0);
    assert_eq!(
        run(&sandbox, 101)["total_count"],
        13,
        "old tests do not lag"
    );

    let sandbox = testmo("totals_lag_ms = 30");
    let (id, thread) = begin(&sandbox);
    assert_eq!(append(&sandbox, thread, &[case("a", "failed")]).status, 204);
    until("the test is counted", || {
        run(&sandbox, id)["failure_count"] == 1
    });
    assert_eq!(tests(&sandbox, id).len(), 1);
}

#[test]
fn a_key_that_comes_again_is_kept_replaced_or_refused() {
    let keys = |setting: &str| {
        let sandbox = testmo(setting);
        let (id, thread) = begin(&sandbox);
        append(
            &sandbox,
            thread,
            &[case("a", "passed"), case("b", "passed")],
        );
        let status = append(&sandbox, thread, &[case("a", "failed")]).status;
        let keys: Vec<Value> = tests(&sandbox, id)
            .iter()
            .map(|test| json!([test["key"], test["status_id"]]))
            .collect();
        (status, Value::from(keys))
    };
    let kept = json!([["a", 2], ["b", 2], ["a", 3]]);
    assert_eq!(keys(""), (204, kept.clone()));
    assert_eq!(keys("duplicate_keys = \"keep\""), (204, kept));
    let replaced = json!([["b", 2], ["a", 3]]);
    assert_eq!(keys("duplicate_keys = \"replace\""), (204, replaced));
    let refused = json!([["a", 2], ["b", 2]]);
    assert_eq!(keys("duplicate_keys = \"refuse\""), (422, refused));

    let sandbox = testmo("duplicate_keys = \"refuse\"");
    let (_, thread) = begin(&sandbox);
    let twice = append(
        &sandbox,
        thread,
        &[case("a", "passed"), case("a", "passed")],
    );
    assert_eq!(wrong_fields(&twice), ["tests.1.key"]);
}

#[test]
fn the_limits_of_the_vendors_client_may_be_off() {
    let sandbox = testmo("client_limits = false");
    let body = json!({"name": "n".repeat(2000), "source": "my suite", "tags": ["feature/x"],
        "fields": vec![json!({"type": 4, "name": "n", "value": "v".repeat(20_000)}); 30]});
    create(&sandbox, "/projects/1/automation/runs", &body);
    let (_, thread) = begin(&sandbox);
    let mut test = case(&"k".repeat(65), "passed");
    let refused = append(&sandbox, thread, std::slice::from_ref(&test));
    assert_eq!(
        wrong_fields(&refused),
        ["tests.0.key"],
        "a documented limit"
    );
    test["key"] = json!("k");
    test["fields"] = json!(vec![json!({"type": 1, "name": "n"}); 30]);
    assert_eq!(append(&sandbox, thread, &[test]).status, 204);
    let note = json!({"name": "R", "source": "api",
        "links": [{"name": "n", "url": "https://x.example", "note": "n".repeat(81)}]});
    let refused = post(&sandbox, "/projects/1/automation/runs", &note);
    assert_eq!(wrong_fields(&refused), ["links.0.note"], "another");
}

#[test]
fn unknown_members_may_be_passed_over() {
    let sandbox = testmo("unknown_members = \"ignore\"");
    let body = json!({"name": "R", "source": "api", "colour": "red", "fields": [{"type": 1, "name": "n", "x": 1}]});
    create(&sandbox, "/projects/1/automation/runs", &body);
}

#[test]
fn the_statuses_of_success_are_told() {
    let sandbox = testmo("created_status = 200\ndone_status = 202");
    let body = json!({"name": "R", "source": "api"});
    let created = post(&sandbox, "/projects/1/automation/runs", &body);
    assert_eq!(created.status, 200);
    let path = format!("/automation/runs/{}/complete", created.json()["id"]);
    let completed = post(&sandbox, &path, &json!({}));
    assert_eq!((completed.status, completed.body.as_str()), (202, ""));
}

#[test]
fn a_run_may_say_early_how_it_goes() {
    let sandbox = testmo("status_while_running = \"early\"");
    let (id, thread) = begin(&sandbox);
    let status = || run(&sandbox, id)["status"].clone();
    assert_eq!(status(), 4);
    append(&sandbox, thread, &[case("a", "passed")]);
    assert_eq!(status(), 2);
    append(&sandbox, thread, &[case("b", "failed")]);
    assert_eq!(status(), 3);
    assert_eq!(run(&sandbox, id)["is_completed"], false);
}

#[test]
fn all_statuses_may_be_expanded() {
    let sandbox = testmo("expanded_statuses = \"all\"");
    let answer = read(&sandbox, "/automation/runs/105?expands=statuses");
    let statuses = answer["expands"]["statuses"].as_array().expect("a list");
    assert_eq!(statuses.len(), 6);
}

#[test]
fn tests_may_be_told_in_words_or_hardly_at_all() {
    let sandbox = testmo("test_entries = \"words\"");
    let test = &tests(&sandbox, 101)[12];
    assert_eq!(
        (&test["status"], test.get("status_id")),
        (&json!("skipped"), None)
    );
    let sandbox = testmo("test_entries = \"bare\"");
    let test = &tests(&sandbox, 101)[0];
    let members: Vec<_> = test.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["id", "repository_case_id"]);
}

#[test]
fn what_a_scenario_says_wrongly_is_refused_with_its_place() {
    for (text, line, word) in [
        ("[testmo]\nmax = 3\n", 2, "max"),
        ("[testmo]\nmax_tests = -1\n", 2, "max_tests"),
        ("[testmo]\nunknown_status = \"guess\"\n", 2, "guess"),
        (
            "[testmo]\nkeys = [{ key = \"k\", role = \"root\" }]\n",
            2,
            "root",
        ),
        ("[[testmo.runs]]\nid = 1\nname = \"R\"\n", 1, "source"),
        (
            "[[testmo.statuses]]\nid = 25\nname = \"S\"\naliases = []\noutcome = \"neutral\"\n",
            2,
            "from 1 to 24",
        ),
    ] {
        let error = Scenario::from_toml(text).expect_err(text).to_string();
        assert!(
            error.contains(&format!("line {line}")) && error.contains(word),
            "{error}"
        );
    }
}
