//! Results that come in pages.

use super::*;
use crate::model::Verdict;

fn three_pages() -> Vec<Json> {
    vec![
        json!([passing("one"), passing("two")]),
        json!([passing("three")]),
        json!([passing("four")]),
    ]
}

fn names(report: &Report) -> Vec<&str> {
    let tests = report.tests.iter();
    tests.map(|test| test.name.as_str()).collect()
}

/// Answers to requests for results; the rest is the usual service.
fn results(answer: impl FnMut(&Request) -> Response + 'static) -> Fake {
    let mut answer = answer;
    but(Server::default(), move |request| {
        let is_one = request.url.contains("/results");
        is_one.then(|| Ok(answer(request)))
    })
}

#[test]
fn follows_the_paths_of_three_pages() {
    let mut world = world(Server {
        pages: three_pages(),
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(names(&report), ["one", "two", "three", "four"]);
    assert_eq!(world.ports.count("GET", "/results"), 3);
}

#[test]
fn a_failure_on_the_last_page_counts() {
    let mut pages = three_pages();
    pages[2] = json!([{"title": "four", "outcome": "broken"}]);
    let mut world = world(Server {
        pages,
        ..Server::default()
    });
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::Failed), "{report:?}");
}

#[test]
fn puts_cursors_into_the_request_for_a_page() {
    let target = with(
        target(),
        [
            text("results_next", "$.meta.cursor"),
            text(
                "results_page",
                "GET /runs/{run_id}/results?after={next}&size=2",
            ),
        ],
    );
    let mut ports = results(|request| {
        let query = request.url.split_once('?').map_or("", |(_, query)| query);
        let (name, cursor) = match query {
            "" => ("one", json!("a&b=")),
            "after=a%26b%3D&size=2" => ("two", json!(17)),
            "after=17&size=2" => ("three", json!(false)),
            other => panic!("{other}"),
        };
        answer(
            200,
            &json!({"items": [passing(name)], "meta": {"cursor": cursor}}),
        )
    });
    let report = run(&target, &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(names(&report), ["one", "two", "three"]);
}

#[test]
fn follows_link_headers() {
    let target = with(target(), [text("results_next", "link")]);
    let mut ports = results(|request| {
        let page: usize = request
            .url
            .split_once("page=")
            .map_or(1, |(_, number)| number.parse().expect("a number"));
        let mut response = answer(200, &json!({"items": [passing(&format!("p{page}"))]}));
        let base = "https://x/v1/runs/r%201%2F2/results";
        if page < 3 {
            let link = format!(
                "<{base}?page=1>; rel=\"first\", <{base}?page={}>; rel=\"next\"",
                page + 1
            );
            response.head.headers.push(("link".into(), link));
        }
        response
    });
    let report = run(&target, &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(names(&report), ["p1", "p2", "p3"]);
}

#[test]
fn the_last_poll_can_be_the_first_page() {
    let target = without(with(target(), [text("tests", "$.items")]), &["results"]);
    let mut ports = but(Server::default(), |request| {
        if request.method != Method::Get {
            return None;
        }
        let more = request.url.contains("/more");
        let next = if more {
            Json::Null
        } else {
            json!("/runs/more")
        };
        let name = if more { "two" } else { "one" };
        let body = json!({"run": {"status": "ok"}, "items": [passing(name)], "next": next});
        Some(Ok(answer(200, &body)))
    });
    let report = run(&target, &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(names(&report), ["one", "two"]);
}

#[test]
fn a_list_that_is_not_whole_is_no_pass() {
    let table = [
        (json!("/runs/r%201%2F2/results"), "the same page twice"),
        (json!("https://elsewhere/results"), "not below api_url"),
        (json!("//elsewhere/results"), "not below api_url"),
        (json!("/../admin/results"), "not below api_url"),
        (json!("later"), "not below api_url"),
    ];
    for (next, why) in table {
        let body = json!({"items": [passing("one")], "next": next});
        let mut ports = results(move |_| answer(200, &body));
        let report = run(&target(), &mut ports);
        assert_eq!(code(&report), Some(Code::Protocol), "{next}: {report:?}");
        assert!(reason(&report).contains(why), "{next}: {}", reason(&report));
        assert_eq!(names(&report), ["one"], "what was read stays");
        assert!(report.handle.is_some(), "it can be read again");
        let urls = ports.sent.iter().map(|request| request.url.as_str());
        assert!(urls.into_iter().all(|url| url.starts_with("https://x/v1/")));
    }
    let several = with(target(), [text("results_next", "$['next','items'][*]")]);
    let mut ports = results(|_| answer(200, &json!({"items": [1], "next": ["/a", "/b"]})));
    let report = run(&several, &mut ports);
    assert!(reason(&report).contains("several next pages"), "{report:?}");
}

#[test]
fn a_list_without_end_is_given_up() {
    let mut page = 0;
    let mut ports = results(move |_| {
        page += 1;
        let next = format!("/runs/r%201%2F2/results?page={page}");
        answer(200, &json!({"items": [passing("one")], "next": next}))
    });
    let report = run(&target(), &mut ports);
    assert_eq!(code(&report), Some(Code::Protocol));
    assert!(reason(&report).contains("no end"), "{}", reason(&report));
    assert_eq!(report.tests.len(), 500);
}

#[test]
fn a_page_that_cannot_be_read_is_told() {
    let table = [
        (500, Code::Unavailable),
        (404, Code::ServiceErrored),
        (403, Code::Authentication),
    ];
    for (status, expected) in table {
        let mut ports = results(move |request| match request.url.contains("page=2") {
            true => error(status, "oops"),
            false => answer(200, &json!({"items": [passing("one")], "next": "?page=2"})),
        });
        let report = run(&target(), &mut ports);
        assert_eq!(code(&report), Some(expected), "{report:?}");
        assert_eq!(names(&report), ["one"]);
    }
}
