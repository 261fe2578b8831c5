//! Websites, test flows, and paging.

use proctor_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::checkview_support::{checkview, get, ids, ours, refused, start, trigger};
use crate::support::{Answer, text};

/// A cursor as it must be put into a query.
fn escaped(cursor: &str) -> String {
    cursor
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}

/// All pages of a list.
fn pages(sandbox: &Sandbox, path: &str) -> Vec<Answer> {
    let mut pages = vec![get(sandbox, path)];
    while let Some(cursor) = pages[pages.len() - 1].header("x-next-cursor") {
        assert!(pages.len() < 20, "no end");
        let sign = if path.contains('?') { '&' } else { '?' };
        let next = get(sandbox, &format!("{path}{sign}cursor={}", escaped(cursor)));
        pages.push(next);
    }
    pages
}

#[test]
fn what_is_there_without_a_scenario_can_be_listed() {
    let sandbox = checkview("");
    let websites = get(&sandbox, "/websites").json();
    let shop = json!({"id": "site-shop", "name": "Shop", "url": "https://shop.example.com", "paused": false});
    assert_eq!(websites[0], shop);
    assert_eq!(get(&sandbox, "/websites/site-shop").json(), shop);
    let flow = get(&sandbox, "/test-flows/flow-newsletter").json();
    assert_eq!(
        flow,
        json!({"id": "flow-newsletter", "name": "Newsletter", "website_id": "site-shop", "mode": "fast", "paused": false})
    );
    let flows = get(&sandbox, "/test-flows?limit=100").json();
    let of = |website: &str| {
        let flows = flows.as_array().expect("a list");
        let of = flows.iter().filter(|flow| flow["website_id"] == website);
        of.count()
    };
    assert_eq!((of("site-many"), of("site-twenty")), (45, 20));
    assert_eq!((of("site-outcomes"), of("site-empty")), (9, 0));
    let paused = get(&sandbox, "/websites/site-paused").json();
    assert_eq!(paused["paused"], true);
}

#[test]
fn pages_follow_each_other_by_headers() {
    let sandbox = checkview("");
    let pages = pages(&sandbox, "/test-flows");
    let sizes: Vec<_> = pages.iter().map(|page| ids(page).len()).collect();
    assert_eq!(sizes, [20, 20, 20, 20, 1], "twenty unless told");
    let mut all: Vec<_> = pages.iter().flat_map(ids).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 81);
    for page in &pages {
        let more = page.header("x-next-cursor").is_some();
        assert_eq!(page.header("x-has-more"), Some(more.to_string().as_str()));
        assert_eq!(page.header("x-total-count"), Some("81"));
    }
}

#[test]
fn a_website_of_forty_five_flows_takes_three_pages() {
    let sandbox = checkview("filters = \"apply\"");
    let path = "/test-flows?website_id=site-many";
    let sizes = |path: &str| -> Vec<usize> {
        let pages = pages(&sandbox, path);
        pages.iter().map(|page| ids(page).len()).collect()
    };
    assert_eq!(sizes(path), [20, 20, 5]);
    assert_eq!(sizes(&format!("{path}&limit=45")), [45]);
    assert_eq!(sizes("/test-flows?website_id=nobody"), [0]);
}

#[test]
fn limits_and_cursors_are_checked() {
    let sandbox = checkview("");
    assert_eq!(ids(&get(&sandbox, "/test-flows?limit=1")).len(), 1);
    assert_eq!(ids(&get(&sandbox, "/test-flows?limit=100")).len(), 81);
    for limit in ["0", "101", "-1", "ten", ""] {
        let answer = get(&sandbox, &format!("/test-flows?limit={limit}"));
        refused(&answer, 400, "limit");
    }
    let first = get(&sandbox, "/test-flows?limit=3");
    let cursor = first.header("x-next-cursor").expect("a cursor");
    for path in [
        "/test-flows?cursor=".to_owned(),
        "/test-flows?cursor=20".to_owned(),
        "/test-flows?cursor=flow-contact".to_owned(),
        // Not escaped, and of another list.
        format!("/test-flows?cursor={cursor}"),
        format!("/test-runs?cursor={}", escaped(cursor)),
    ] {
        refused(&get(&sandbox, &path), 400, "cursor");
    }
    let path = format!("/test-flows?limit=2&cursor={}", escaped(cursor));
    let second = ids(&get(&sandbox, &path));
    let all = ids(&get(&sandbox, "/test-flows?limit=5"));
    assert_eq!(second, all[3..]);
}

#[test]
fn a_new_run_does_not_move_the_pages() {
    let sandbox = checkview("scheduled_runs = 0");
    let first = get(&sandbox, "/test-runs?limit=5");
    let cursor = first.header("x-next-cursor").expect("a cursor").to_owned();
    let expected = ids(&get(&sandbox, "/test-runs?limit=10"));
    start(&sandbox, "flow-contact");
    let path = format!("/test-runs?limit=5&cursor={}", escaped(&cursor));
    assert_eq!(ids(&get(&sandbox, &path)), expected[5..]);
    assert_eq!(ids(&get(&sandbox, "/test-runs"))[0], "run-0001");
}

#[test]
fn the_total_may_be_missing() {
    let sandbox = checkview("total_count = false");
    let answer = get(&sandbox, "/websites");
    assert_eq!(answer.header("x-total-count"), None);
    assert_eq!(answer.header("x-has-more"), Some("false"));
}

#[test]
fn pages_may_have_no_end() {
    let sandbox = checkview("endless_pages = true");
    let first = get(&sandbox, "/websites?limit=5");
    let cursor = first.header("x-next-cursor").expect("a cursor").to_owned();
    let path = format!("/websites?limit=5&cursor={}", escaped(&cursor));
    for _ in 0..2 {
        let last = get(&sandbox, &path);
        assert_eq!(ids(&last).len(), 3);
        assert_eq!(last.header("x-has-more"), Some("true"));
        assert_eq!(last.header("x-next-cursor"), Some(cursor.as_str()));
    }
}

#[test]
fn filters_are_ignored_applied_or_refused() {
    let flows = "/test-flows?limit=100&website_id=site-shop";
    let runs = "/test-runs?limit=100&test_flow_id=flow-contact";
    let ignoring = checkview("");
    assert_eq!(ids(&get(&ignoring, flows)).len(), 81);
    assert_eq!(ids(&get(&ignoring, runs)).len(), 81);
    let applying = checkview("filters = \"apply\"");
    let shop = ["flow-contact", "flow-checkout", "flow-newsletter"];
    assert_eq!(ids(&get(&applying, flows)), shop);
    assert_eq!(ids(&get(&applying, runs)), ["run-old-flow-contact-0"]);
    let refusing = checkview("filters = \"refuse\"");
    refused(&get(&refusing, flows), 400, "website_id");
    refused(&get(&refusing, runs), 400, "test_flow_id");
    assert_eq!(get(&refusing, "/test-flows").status, 200);
}

/// The members of an object.
fn members(value: &Value) -> Vec<String> {
    let object = value.as_object().expect("an object");
    object.keys().cloned().collect()
}

#[test]
fn lists_may_be_wrapped() {
    for (lists, flows, runs) in [
        ("data", "data", "data"),
        ("items", "items", "items"),
        ("results", "results", "results"),
        ("named", "test_flows", "test_runs"),
    ] {
        let sandbox = checkview(&format!("lists = \"{lists}\""));
        for (path, member) in [("/test-flows", flows), ("/test-runs", runs)] {
            let body = get(&sandbox, path).json();
            assert_eq!(members(&body), [member]);
            assert_eq!(body[member].as_array().map(Vec::len), Some(20));
        }
    }
    let camel = checkview("lists = \"named\"\nspelling = \"camel\"");
    assert_eq!(members(&get(&camel, "/test-flows").json()), ["testFlows"]);
    assert_eq!(members(&get(&camel, "/websites").json()), ["websites"]);
}

#[test]
fn single_objects_may_be_wrapped() {
    let paths = [
        ("/websites/site-shop", "website", "website"),
        ("/test-flows/flow-contact", "test_flow", "testFlow"),
        ("/test-runs/run-old-flow-contact-0", "test_run", "testRun"),
    ];
    for (path, snake, camel) in paths {
        for (settings, member) in [
            ("wrap = \"data\"", "data"),
            ("wrap = \"named\"", snake),
            ("wrap = \"named\"\nspelling = \"camel\"", camel),
        ] {
            let body = get(&checkview(settings), path).json();
            assert_eq!(members(&body), [member]);
            assert!(path.ends_with(&text(&body[member]["id"])));
        }
    }
    let sandbox = checkview("wrap = \"named\"");
    let started = trigger(&sandbox, "flow-contact", "k").json();
    assert_eq!(started["test_run"]["id"], "run-0001");
}

#[test]
fn names_may_be_titles_in_camel_case() {
    let sandbox = checkview("naming = \"title\"\nspelling = \"camel\"");
    let website = get(&sandbox, "/websites/site-blog").json();
    assert_eq!(
        website,
        json!({"id": "site-blog", "title": "Blog", "domain": "blog.example.com", "paused": false})
    );
    let flow = get(&sandbox, "/test-flows/flow-contact").json();
    assert_eq!(flow["title"], "Contact form");
    assert_eq!(flow["websiteId"], "site-shop");
}

#[test]
fn runs_are_listed_newest_first_unless_told() {
    for (settings, newest_first) in [("", true), ("oldest_first = true", false)] {
        let sandbox = checkview(settings);
        trigger(&sandbox, "flow-contact", "a");
        trigger(&sandbox, "flow-contact", "b");
        let mut expected = ["run-0001", "run-0002"];
        if newest_first {
            expected.reverse();
        }
        assert_eq!(ours(&sandbox), expected);
    }
}
