//! Which flows are run.

use std::time::Duration;

use serde_json::json;

use super::server::{Server, all_flows, problem};
use super::{but, code, flows, next, reason, target, website, world};
use crate::error::Code;
use crate::model::Verdict;
use crate::services::tests::scripted::Trouble;
use crate::services::{check, discover};

fn missing(path: &'static str) -> Server {
    Server {
        errors: vec![("GET", path, 404, problem(404, "Not Found", "no route"))],
        ..Server::default()
    }
}

#[test]
fn several_flows_are_one_run_each_and_named_twice_is_run_once() {
    let mut world = world(Server::default());
    let report = world.run(&flows(&["f2", "flow 1", "flow 2", "f1", "contact form"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.executed(), ["f2", "f1", "g&1"]);
    assert_eq!(report.tests.len(), 6);
    assert_eq!(world.ports.count("GET", "/test-flows?"), 1);
    assert_eq!(
        world.ports.count("GET", "/test-runs?"),
        1,
        "the runs before are read once for all"
    );
}

#[test]
fn one_flow_that_fails_fails_the_target() {
    let report = world(Server {
        ends: vec![("f2", json!({"status": "failed"}))],
        ..Server::default()
    })
    .run(&flows(&["f1", "f2"]));
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Failed, Some(Code::Failed))
    );
    let failed: Vec<_> = report
        .tests
        .iter()
        .filter(|test| test.verdict == Verdict::Failed)
        .collect();
    assert_eq!((failed.len(), failed[0].suite.as_str()), (1, "flow 2"));
}

#[test]
fn a_flow_in_error_is_graver_than_one_that_is_late() {
    let mut world = world(Server {
        ends: vec![
            ("f1", json!({"status": "error"})),
            ("f2", json!({"status": "running"})),
        ],
        ..Server::default()
    });
    let report = world.run(&flows(&["f1", "f2"]));
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored)),
        "{report:?}"
    );
    assert!(
        reason(&report).contains("flow 2: the run did not end within"),
        "{}",
        reason(&report)
    );
    assert!(report.handle.is_some(), "the late one goes on");
}

#[test]
fn a_flow_that_is_listed_twice_is_one() {
    let twice = json!([{"id": "f1", "name": "flow 1"}, {"id": "f1", "name": "flow 1"}]);
    let mut world = world(Server {
        errors: vec![("GET", "/test-flows", 200, twice)],
        ..Server::default()
    });
    let report = world.run(&flows(&["flow 1"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.executed(), ["f1"]);
}

#[test]
fn lists_are_read_over_three_pages() {
    let mut world = world(Server {
        page: 5,
        ..Server::default()
    });
    let report = world.run(&flows(&["contact form", "t2"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.executed(), ["g&1", "t2"]);
    assert_eq!(world.ports.count("GET", "/test-flows?"), 3);
}

#[test]
fn a_flow_that_is_not_in_the_list_is_asked_for_itself() {
    let mut world = world(Server::default());
    let report = world.run(&flows(&["hidden"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(report.tests[0].suite, "not in the list");

    let mut without_list = super::world(missing("/test-flows"));
    let report = without_list.run(&flows(&["hidden"]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(
        report.warnings[0].contains("list of flows"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn a_flow_that_is_nowhere_is_told_before_anything_is_triggered() {
    let mut world = world(Server::default());
    let report = world.run(&flows(&["f1", "contct form"]));
    assert_eq!(code(&report), Some(Code::Usage));
    assert!(
        reason(&report).contains("did you mean \"contact form\"?"),
        "{}",
        reason(&report)
    );
    assert!(world.executed().is_empty() && report.handle.is_none());

    let report = super::world(missing("/test-flows")).run(&flows(&["nothing"]));
    assert_eq!(code(&report), Some(Code::Usage));
    assert!(next(&report).contains("api_url"), "{}", next(&report));
}

#[test]
fn a_name_that_two_flows_have_is_refused_and_their_ids_are_told() {
    let mut world = world(Server::default());
    let report = world.run(&flows(&["twin"]));
    assert_eq!(code(&report), Some(Code::Usage));
    assert!(reason(&report).contains("t1, t2"), "{}", reason(&report));
    assert!(world.executed().is_empty());
    let by_id = world.run(&flows(&["t1", "t2"]));
    assert_eq!(by_id.verdict, Verdict::Passed);
    assert_eq!(by_id.tests[0].suite, "twin (t1)");
    assert_eq!(by_id.tests[3].suite, "twin (t2)");
}

#[test]
fn a_website_stands_for_all_of_its_flows() {
    for word in ["w1", "Shop", "shop.example.com", "https://shop.example.com"] {
        let mut world = world(Server {
            page: 4,
            ..Server::default()
        });
        let report = world.run(&website(word));
        assert_eq!(report.verdict, Verdict::Passed, "{word}: {report:?}");
        assert_eq!(world.executed().len(), 9, "{word}");
    }
    let mut blog = world(Server::default());
    assert_eq!(
        blog.run(&website("blog.example.com")).verdict,
        Verdict::Passed
    );
    assert_eq!(blog.executed(), ["g&1"]);
}

#[test]
fn a_website_without_flows_or_without_a_trace_is_no_pass() {
    let table = [
        ("w4", Code::NoTests, "has no flows"),
        ("w9", Code::Usage, "no website"),
        ("shp.example.com", Code::Usage, "did you mean"),
    ];
    for (word, expected, told) in table {
        let mut world = world(Server::default());
        let report = world.run(&website(word));
        assert_eq!(code(&report), Some(expected), "{word}: {report:?}");
        assert!(
            reason(&report).contains(told),
            "{word}: {}",
            reason(&report)
        );
        assert!(world.executed().is_empty());
    }
    let mut silent = world(Server {
        errors: vec![(
            "GET",
            "/test-flows",
            200,
            json!([{"id": "f1", "name": "one"}]),
        )],
        ..Server::default()
    });
    let report = silent.run(&website("w1"));
    assert_eq!(code(&report), Some(Code::Protocol), "{report:?}");
    assert!(next(&report).contains("flow_website"), "{}", next(&report));
}

#[test]
fn a_website_is_found_by_its_flows_where_there_is_no_list_of_websites() {
    let mut world = world(missing("/websites"));
    let report = world.run(&website("w2"));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.executed(), ["g&1"]);
}

#[test]
fn a_list_that_is_not_whole_is_not_taken_for_all_flows_of_a_website() {
    // The second page is lost for good.
    let mut world = world(Server {
        page: 5,
        troubles: [vec![Trouble::None; 2], vec![Trouble::Html; 40]].concat(),
        ..Server::default()
    });
    let report = world.run(&website("w1"));
    assert_eq!(code(&report), Some(Code::Protocol), "{report:?}");
    assert!(world.executed().is_empty());
}

#[test]
fn lists_websites_then_flows_and_checks_without_triggering() {
    let mut world = world(Server::default());
    let websites = discover(&target(Vec::new()), &mut world.ports).expect("websites");
    assert_eq!(websites.len(), 4);
    assert_eq!(
        (websites[0].kind.as_str(), websites[0].note.as_deref()),
        ("website", Some("https://shop.example.com/"))
    );
    let listed = discover(&website("Shop"), &mut world.ports).expect("flows");
    assert_eq!((listed.len(), listed[0].parent.as_deref()), (9, Some("w1")));

    let facts = check(&website("w1"), &mut world.ports)
        .expect("all right")
        .join("\n");
    assert!(
        facts.contains("9 test runs of the plan's monthly allowance"),
        "{facts}"
    );
    assert!(facts.contains("flow f3 is \"flow 3\""), "{facts}");
    assert!(facts.contains("POST /test-flows/f1/run"), "{facts}");
    let unknown = check(&flows(&["nothing like it"]), &mut world.ports);
    assert_eq!(unknown.map_err(|problem| problem.code), Err(Code::Usage));
    assert!(world.executed().is_empty());

    let mut without = super::world(missing("/websites"));
    let all = discover(&target(Vec::new()), &mut without.ports).expect("flows instead");
    assert_eq!(all.len(), all_flows().len());
}

#[test]
fn twenty_flows_share_half_of_the_budget_of_a_minute() {
    let listed: Vec<_> = (0..20)
        .map(|n| json!({"id": format!("n{n}"), "name": format!("n {n}")}))
        .collect();
    let mut world = world(Server {
        errors: vec![("GET", "/test-flows", 200, json!(listed))],
        takes: Duration::from_secs(300),
        ..Server::default()
    });
    let words: Vec<String> = (0..20).map(|n| format!("n{n}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let report = world.run(&flows(&words));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.executed().len(), 20);
    let looks = world.ports.count("GET", "/test-runs/");
    let minutes = world.now().as_secs_f64() / 60.0;
    // One by one they would be looked at every 10 s, which is 120 looks a minute. The first looks come sooner.
    assert!(
        (looks as f64) < 36.0 * minutes,
        "{looks} looks in {minutes} minutes"
    );
}

#[test]
fn a_path_can_be_corrected_with_its_body() {
    let mut world = world(Server {
        errors: vec![
            ("POST", "/flows/start", 201, json!({"run_id": "run-0"})),
            (
                "GET",
                "/v2/runs/run-0",
                200,
                json!({"id": "run-0", "status": "passed"}),
            ),
        ],
        ..Server::default()
    });
    let mut corrected = flows(&["contact form"]);
    for (name, value) in [
        ("path_trigger", "PUT /never"),
        ("path_trigger", "POST /flows/start"),
        (
            "trigger_body",
            r#"{"test_flow_id": "{flow_id}", "n": [1, "{flow_id}"]}"#,
        ),
        ("path_run", "/v2/runs/{run_id}"),
        ("path_runs", "/test-runs?flow={flow_id}"),
    ] {
        corrected = but(corrected, name, &[value]);
    }
    let report = world.run(&corrected);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let trigger = world
        .ports
        .sent
        .iter()
        .find(|request| request.method.name() == "POST")
        .expect("one");
    let body: serde_json::Value = serde_json::from_slice(&trigger.body).expect("JSON");
    assert_eq!(body, json!({"test_flow_id": "g&1", "n": [1, "g&1"]}));
    assert_eq!(
        world.ports.count("GET", "/test-runs?flow=g%261&limit=100"),
        1
    );
}
