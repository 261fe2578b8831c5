//! Testmo: lists, pages, filters, and what is there by default.

use serde_json::{Value, json};

use crate::testmo::{append, begin, case, create, get, read, run, testmo, wrong_fields};

/// The members of a list's objects with this name.
fn all(list: &Value, member: &str) -> Vec<Value> {
    let items = list["result"].as_array().expect("a list");
    items.iter().map(|item| item[member].clone()).collect()
}

#[test]
fn runs_of_all_kinds_are_there_by_default() {
    let sandbox = testmo("");
    for (id, status, is_completed, success, failure, total) in [
        (101, 2, true, 12, 0, 13),
        (102, 3, true, 225, 7, 235),
        (103, 4, false, 3, 0, 3),
        (104, 4, false, 3, 0, 3),
        (105, 2, true, 0, 0, 0),
    ] {
        let run = run(&sandbox, id);
        assert_eq!(run["status"], status, "{id}");
        assert_eq!(run["is_completed"], is_completed, "{id}");
        assert_eq!(run["success_count"], success, "{id}");
        assert_eq!(run["failure_count"], failure, "{id}");
        assert_eq!(run["total_count"], total, "{id}");
    }
}

#[test]
fn projects_are_listed_and_told() {
    let sandbox = testmo("");
    let list = read(&sandbox, "/projects");
    assert_eq!(all(&list, "name"), ["Web shop", "Back office"]);
    let one = read(&sandbox, "/projects/2");
    assert_eq!(one, json!({"result": list["result"][1], "expands": {}}));
}

#[test]
fn a_long_run_has_several_pages_of_tests() {
    let sandbox = testmo("");
    let mut seen = Vec::new();
    for (page, prev, next, length) in [
        (1, Value::Null, json!(2), 100),
        (2, json!(1), json!(3), 100),
        (3, json!(2), Value::Null, 35),
    ] {
        let list = read(&sandbox, &format!("/automation/runs/102/tests?page={page}"));
        for (member, value) in [
            ("page", json!(page)),
            ("prev_page", prev),
            ("next_page", next),
            ("last_page", json!(3)),
            ("per_page", json!(100)),
            ("total", json!(235)),
            ("expands", json!({})),
        ] {
            assert_eq!(list[member], value, "{member} of page {page}");
        }
        let keys = all(&list, "key");
        assert_eq!(keys.len(), length);
        seen.extend(keys.iter().map(Value::to_string));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 235, "each test is on one page");
    let whole = read(&sandbox, "/automation/runs/102/tests?per_page=1000");
    assert_eq!(all(&whole, "key").len(), 235);
    assert_eq!(whole["next_page"], Value::Null);
}

#[test]
fn an_empty_list_has_no_pages() {
    let sandbox = testmo("");
    let list = read(&sandbox, "/automation/runs/105/tests");
    let expected = json!({"page": null, "prev_page": null, "next_page": null, "last_page": null,
        "per_page": 100, "total": 0, "result": [], "expands": {}});
    assert_eq!(list, expected);
    let beyond = read(&sandbox, "/automation/runs/101/tests?page=9");
    assert_eq!(
        (
            &beyond["result"],
            &beyond["next_page"],
            &beyond["last_page"]
        ),
        (&json!([]), &Value::Null, &json!(1))
    );
}

#[test]
fn tests_are_filtered_and_sorted() {
    let sandbox = testmo("");
    let (id, first) = begin(&sandbox);
    let path = format!("/automation/runs/{id}/threads");
    let second = create(&sandbox, &path, &json!({}));
    let timed = |key: &str, status: &str, elapsed: u64| {
        let mut test = case(key, status);
        test["elapsed"] = json!(elapsed);
        test
    };
    append(
        &sandbox,
        first,
        &[timed("b", "passed", 3), timed("a", "failed", 1)],
    );
    append(
        &sandbox,
        second,
        &[timed("c", "skipped", 2), timed("d", "error", 9)],
    );
    let keys = |query: &str| {
        let list = read(&sandbox, &format!("/automation/runs/{id}/tests{query}"));
        all(&list, "key")
    };
    for (query, expected) in [
        ("", vec!["d", "c", "a", "b"]),
        ("?order=asc", vec!["b", "a", "c", "d"]),
        (
            "?sort=automation_run_tests:id&order=desc",
            vec!["d", "c", "a", "b"],
        ),
        (
            "?sort=automation_run_tests:name&order=asc",
            vec!["a", "b", "c", "d"],
        ),
        (
            "?sort=automation_run_tests:elapsed&order=asc",
            vec!["a", "c", "b", "d"],
        ),
        (
            "?sort=automation_run_tests:status&order=asc",
            vec!["c", "b", "a", "d"],
        ),
        (
            "?sort=automation_run_tests:created_at&order=asc",
            vec!["b", "a", "c", "d"],
        ),
        ("?status_id=3&order=asc", vec!["a", "d"]),
        ("?status_id=1,2&order=asc", vec!["b", "c"]),
        ("?status_id=1%2C2&order=asc", vec!["b", "c"]),
        ("?status_id=4", vec![]),
    ] {
        assert_eq!(keys(query), expected, "{query}");
    }
    assert_eq!(keys(&format!("?thread_id={second}")), ["d", "c"]);
    assert_eq!(keys(&format!("?thread_id={first}&status_id=3")), ["a"]);
    assert_eq!(keys("?thread_id=1").len(), 0);
}

#[test]
fn runs_are_filtered_and_sorted() {
    let sandbox = testmo("");
    let body = json!({"name": "R", "source": "api", "config": "Chrome", "milestone": "v2.0",
        "tags": ["fix-1"]});
    let new = create(&sandbox, "/projects/1/automation/runs", &body);
    let source = run(&sandbox, new)["source_id"].clone();
    let ids = |query: &str| {
        let list = read(&sandbox, &format!("/projects/1/automation/runs?{query}"));
        all(&list, "id")
    };
    let new = json!(new);
    assert_eq!(ids("").len(), 6);
    assert_eq!(ids("")[0], new, "the newest is first");
    assert_eq!(ids("order=asc")[0], 101);
    assert_eq!(ids("sort=automation_runs:created_at&order=asc")[5], new);
    for (query, expected) in [
        (format!("source_id={source}"), vec![new.clone()]),
        ("config_id=1".to_owned(), vec![new.clone()]),
        ("config_id=3".to_owned(), vec![]),
        ("milestone_id=1".to_owned(), vec![new.clone()]),
        ("tags=other,fix-1".to_owned(), vec![new.clone()]),
        ("created_by=7".to_owned(), vec![]),
        ("status=3".to_owned(), vec![json!(102)]),
        (
            "status=2&order=asc".to_owned(),
            vec![json!(101), json!(105)],
        ),
        (
            "status=2,3&order=asc".to_owned(),
            vec![json!(101), json!(102), json!(105)],
        ),
        (
            "created_before=2025-01-02T00:00:00Z&order=asc".to_owned(),
            vec![json!(101), json!(102), json!(105)],
        ),
        (
            "created_after=2025-01-02T00:00:00.000Z&status=4&tags=main&order=asc".to_owned(),
            vec![json!(103), json!(104)],
        ),
        ("created_after=2999-01-01T00%3A00%3A00Z".to_owned(), vec![]),
    ] {
        assert_eq!(ids(&query), expected, "{query}");
    }
    assert_eq!(
        read(&sandbox, "/projects/2/automation/runs")["total"],
        0,
        "each project has its own"
    );
}

#[test]
fn runs_come_in_pages_too() {
    let sandbox = testmo("");
    for number in 0..12 {
        let body = json!({"name": format!("R{number}"), "source": "api"});
        create(&sandbox, "/projects/1/automation/runs", &body);
    }
    let page = |number: u64| {
        let path = format!("/projects/1/automation/runs?per_page=15&page={number}");
        read(&sandbox, &path)
    };
    assert_eq!(all(&page(1), "id").len(), 15);
    assert_eq!(page(1)["next_page"], 2);
    assert_eq!(all(&page(2), "id").len(), 2);
    assert_eq!(page(2)["next_page"], Value::Null);
}

#[test]
fn wrong_queries_are_refused() {
    let sandbox = testmo("");
    let runs = "/projects/1/automation/runs";
    let tests = "/automation/runs/101/tests";
    for (path, query, field) in [
        (runs, "per_page=10", "per_page"),
        (runs, "per_page=1000", "per_page"),
        (runs, "per_page=", "per_page"),
        (runs, "page=0", "page"),
        (runs, "page=x", "page"),
        (runs, "sort=created_at", "sort"),
        (runs, "order=up", "order"),
        (runs, "status=1", "status"),
        (runs, "status=2;3", "status"),
        (runs, "source_id=api", "source_id"),
        (runs, "created_after=yesterday", "created_after"),
        (runs, "created_before=2025-01-01", "created_before"),
        (runs, "expands=everything", "expands"),
        (runs, "source=api", "source"),
        (runs, "page=1&page=2", "page"),
        (tests, "per_page=50", "per_page"),
        (tests, "per_page=1001", "per_page"),
        (tests, "status_id=5", "status_id"),
        (tests, "thread_id=x", "thread_id"),
        (tests, "sort=id", "sort"),
        ("/projects/1/automation/sources", "per_page=99", "per_page"),
        (
            "/projects/1/automation/sources",
            "is_retired=maybe",
            "is_retired",
        ),
        ("/projects", "per_page=1", "per_page"),
        ("/automation/runs/101", "expand=statuses", "expand"),
        ("/user", "x=1", "x"),
    ] {
        let answer = get(&sandbox, &format!("{path}?{query}"));
        assert_eq!(wrong_fields(&answer), [field], "{path}?{query}");
    }
}

#[test]
fn sources_are_listed_and_told() {
    let sandbox = testmo("");
    let list = read(
        &sandbox,
        "/projects/1/automation/sources?order=asc&expands=users",
    );
    assert_eq!(
        all(&list, "name"),
        ["old-suite", "backend-api", "e2e-web", "smoke"]
    );
    assert_eq!(all(&list, "status"), [1, 2, 3, 2]);
    assert_eq!(all(&list, "run_count"), [0, 2, 2, 1]);
    assert_eq!(list["expands"]["users"][0]["id"], 1);
    let names = |query: &str| {
        let path = format!("/projects/1/automation/sources?{query}");
        all(&read(&sandbox, &path), "name")
    };
    assert_eq!(names("is_retired=1"), ["old-suite"]);
    assert_eq!(names("is_retired=0").len(), 3);
    assert_eq!(
        names("sort=automation_sources:retired_at&order=desc")[0],
        "old-suite"
    );
    assert_eq!(
        names("sort=automation_sources:ran_at&order=asc")[..2],
        ["old-suite", "smoke"]
    );
    let one = read(&sandbox, "/automation/sources/2");
    assert_eq!(
        (&one["result"], &one["expands"]),
        (&list["result"][1], &json!({}))
    );
    assert_eq!(one["result"]["test_count_average"], 8);
}

#[test]
fn expands_are_given_when_they_are_asked_for() {
    let sandbox = testmo("");
    let bare = read(&sandbox, "/automation/runs/101");
    assert_eq!(bare["expands"], json!({}));
    let statuses = read(&sandbox, "/automation/runs/101?expands=statuses");
    let first = &statuses["expands"]["statuses"][0];
    for (member, value) in [
        ("id", json!(1)),
        ("name", json!("Passed")),
        ("system_name", json!("passed")),
        ("is_passed", json!(true)),
        ("is_failed", json!(false)),
        ("aliases", json!(["passed"])),
    ] {
        assert_eq!(first[member], value, "{member}");
    }
    let ids: Vec<_> = statuses["expands"]["statuses"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|status| status["id"].clone())
        .collect();
    assert_eq!(ids, [1, 5], "those that the run refers to");
    let body = json!({"name": "R", "source": "api", "config_id": 2, "milestone_id": 1});
    create(&sandbox, "/projects/1/automation/runs", &body);
    let kinds = "automation_sources,configs,milestones,statuses,users";
    let list = read(
        &sandbox,
        &format!("/projects/1/automation/runs?expands={kinds}"),
    );
    let expands = list["expands"].as_object().expect("a map");
    assert_eq!(expands.len(), 5);
    assert_eq!(expands["configs"][0]["name"], "Firefox");
    assert_eq!(expands["milestones"][0]["name"], "v2.0");
    let sources = expands["automation_sources"].as_array().expect("a list");
    assert_eq!(sources.len(), 4);
    assert_eq!(expands["users"].as_array().map(Vec::len), Some(1));
}
