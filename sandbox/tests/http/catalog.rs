//! Apps, suites, and both styles of paging.

use crate::support::{Answer, get, sandbox};

fn invalid(answer: &Answer) -> (u16, String, String) {
    let (status, code) = answer.refusal();
    let field = answer.json()["error"]["details"][0]["field"].clone();
    (status, code, field.as_str().unwrap_or_default().to_owned())
}

fn refused(field: &str) -> (u16, String, String) {
    (400, "VALIDATION_ERROR".to_owned(), field.to_owned())
}

#[test]
fn apps_are_listed_and_searched() {
    let sandbox = sandbox("");
    let all = get(&sandbox, "/apps").ids();
    assert_eq!(all.len(), 5);
    assert_eq!(get(&sandbox, "/apps?q=ORDER").ids(), ["app-7f3"]);
    assert_eq!(get(&sandbox, "/apps?q=no+such").ids(), [""; 0]);
    let app = get(&sandbox, "/apps/app-7f3").data();
    assert_eq!(app["name"], "orders");
    assert!(app["created_at"].is_i64() && app["updated_at"].is_i64());
    assert_eq!(
        get(&sandbox, "/apps/nobody").refusal(),
        (404, "RESOURCE_NOT_FOUND".to_owned())
    );
    assert_eq!(get(&sandbox, "/apps/nobody/test-suites").status, 404);
}

#[test]
fn pages_by_offset_make_up_the_list() {
    let sandbox = sandbox("");
    let all = get(&sandbox, "/apps").ids();
    let mut read = Vec::new();
    loop {
        let page = get(&sandbox, &format!("/apps?offset={}&limit=2", read.len()));
        let pagination = page.pagination();
        assert_eq!(pagination["has_previous_page"], !read.is_empty());
        assert_eq!(pagination["total_count"], 5);
        read.extend(page.ids());
        if pagination["has_next_page"] == false {
            break;
        }
        assert_eq!(page.ids().len(), 2);
    }
    assert_eq!(read, all);
    let beyond = get(&sandbox, "/apps?offset=9");
    assert!(beyond.ids().is_empty() && beyond.pagination()["has_next_page"] == false);
}

#[test]
fn limits_are_twenty_by_default_and_a_hundred_at_most() {
    let apps: String = (0..120)
        .map(|n| format!("[[keploy.apps]]\nid = \"a{n}\"\n"))
        .collect();
    let sandbox = sandbox(&apps);
    for (query, count) in [
        ("", 20),
        ("?limit=0", 20),
        ("?limit=100", 100),
        ("?limit=100&offset=90", 30),
    ] {
        assert_eq!(
            get(&sandbox, &format!("/apps{query}")).ids().len(),
            count,
            "{query}"
        );
    }
    for (query, field) in [
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("offset=-1", "offset"),
        ("offset=", "offset"),
    ] {
        for list in ["/apps", "/jobs", "/apps/a0/test-runs"] {
            let answer = get(&sandbox, &format!("{list}?{query}"));
            assert_eq!(invalid(&answer), refused(field), "{list}?{query}");
        }
    }
}

const SEVEN: &str = "/apps/app-outcomes/test-suites";

#[test]
fn pages_by_cursor_make_up_the_list_in_both_directions() {
    let sandbox = sandbox("");
    let all = get(&sandbox, SEVEN).ids();
    assert_eq!(all.len(), 7);
    let page = |query: &str| {
        let answer = get(&sandbox, &format!("{SEVEN}?page_size=3{query}"));
        (answer.ids(), answer.pagination())
    };
    let (first, at) = page("");
    assert_eq!(
        (&at["has_next_page"], &at["has_previous_page"]),
        (&true.into(), &false.into())
    );
    assert!(at["previous_cursor"].is_null() && at["total_count"].is_null());
    let (second, at) = page(&format!(
        "&after={}",
        at["next_cursor"].as_str().expect("a cursor")
    ));
    let back = at["previous_cursor"].as_str().expect("a cursor").to_owned();
    let (third, at) = page(&format!(
        "&after={}",
        at["next_cursor"].as_str().expect("a cursor")
    ));
    assert!(at["has_next_page"] == false && at["next_cursor"].is_null());
    assert_eq!([first.clone(), second, third].concat(), all);
    assert_eq!(page(&format!("&before={back}")).0, first);

    // A page before the second item holds the first alone, however large it may be.
    let start = get(&sandbox, &format!("{SEVEN}?page_size=1")).pagination()["next_cursor"].clone();
    let before = page(&format!("&before={}", start.as_str().expect("a cursor")));
    assert_eq!(before.0, all[..1]);
}

#[test]
fn wrong_cursors_and_sizes_are_refused() {
    let sandbox = sandbox("");
    for (query, field) in [
        ("page_size=0", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=x", "page_size"),
        ("after=cur_3&before=cur_6", "after"),
        ("after=3", "after"),
        ("after=cur_99", "after"),
        ("before=nonsense", "before"),
    ] {
        let answer = get(&sandbox, &format!("{SEVEN}?{query}"));
        assert_eq!(invalid(&answer), refused(field), "{query}");
    }
}

#[test]
fn a_suite_is_found_by_its_encoded_id() {
    let sandbox = sandbox(
        "[[keploy.apps]]\nid = \"a b/c\"\nsuites = [{ id = \"ü\", name = \"Ü\", steps = [\"one\"] }]",
    );
    let suite = get(&sandbox, "/apps/a%20b%2Fc/test-suites/%C3%BC").data();
    assert_eq!(
        (&suite["name"], &suite["steps"][0]["name"]),
        (&"Ü".into(), &"one".into())
    );
    assert_eq!(
        get(&sandbox, "/apps/a%20b%2Fc/test-suites/other").status,
        404
    );
    let filtered = get(&sandbox, "/apps/a%20b%2Fc/test-suites?q=x");
    assert_eq!(
        filtered.refusal().0,
        501,
        "a filter is not passed over in silence"
    );
}
