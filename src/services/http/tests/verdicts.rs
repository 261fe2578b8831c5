//! What is sent, and what the answers amount to.

use super::*;
use crate::model::Verdict;
use crate::services::{check, discover, named};

fn summary(report: &Report) -> Vec<String> {
    let tests = report.tests.iter();
    tests
        .map(|test| format!("{}/{} {}", test.suite, test.name, test.verdict.word()))
        .collect()
}

#[test]
fn a_run_passes_with_its_tests_and_its_page() {
    let mut world = world(Server::default());
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(summary(&report), ["shop/one passed", "shop/two passed"]);
    assert_eq!(report.tests[0].duration_ms, Some(1_500));
    assert_eq!(report.tests[0].url.as_deref(), Some("https://x/t"));
    let run = report.run.expect("one");
    assert_eq!(
        (run.id.as_str(), run.url.as_deref()),
        ("r 1/2", Some("https://x/runs/1"))
    );
    assert_eq!(world.triggers(), 1);
    assert_eq!(report.handle, None);
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    assert!(report.queued_ms.is_some_and(|ms| ms >= 1_900));
}

#[test]
fn values_stay_inside_the_texts_of_a_body() {
    let body = r#"{"note": "{env.NOTE}", "{env.PROJECT}": ["{unknown}", "{{env.NOTE}}", {}, "{"], "n": 1}"#;
    let mut world = world(Server::default());
    world.run(&with(bare(), [text("trigger_body", body)]));
    let sent = &world.ports.sent[0];
    let note = "say \"hi\"\n\\";
    let sent_body: Json = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!(
        sent_body,
        json!({
            "note": note,
            "a/b c": ["{unknown}", format!("{{{note}}}"), {}, "{"],
            "n": 1
        })
    );
    assert!(
        sent.headers
            .contains(&("content-type".to_owned(), "application/json".to_owned()))
    );
}

#[test]
fn braces_and_queries_are_sent_as_written() {
    let path = "POST /a{{b}}/{env.PROJECT}?x=1&note={env.NOTE}&y={{}}";
    let mut world = world(Server::default());
    world.run(&with(bare(), [text("trigger", path)]));
    assert_eq!(
        world.ports.sent[0].url,
        "https://x/v1/a%7Bb%7D/a%2Fb%20c?x=1&note=say%20%22hi%22%0A%5C&y=%7B%7D"
    );
    assert!(world.ports.sent[0].body.is_empty());
}

#[test]
fn without_results_the_run_is_one_test() {
    let table = [
        ("done", Verdict::Passed, None),
        ("Broken", Verdict::Failed, Some(Code::Failed)),
        ("CRASHED", Verdict::Errored, Some(Code::ServiceErrored)),
        ("stopped", Verdict::Cancelled, Some(Code::ServiceErrored)),
        ("left-out", Verdict::Skipped, Some(Code::NoTests)),
    ];
    for (word, verdict, expected) in table {
        let mut world = world(Server {
            end: json!(word),
            ..Server::default()
        });
        let report = world.run(&bare());
        assert_eq!(
            (report.verdict, code(&report)),
            (verdict, expected),
            "{word}"
        );
        assert_eq!(report.tests.len(), 1, "{word}");
        assert_eq!(report.tests[0].verdict, verdict, "{word}");
        assert_eq!(
            report.tests[0].message.is_none(),
            verdict == Verdict::Passed
        );
        assert!(
            expected.is_none() || reason(&report).contains(word),
            "{word}"
        );
    }
}

#[test]
fn the_worst_of_tests_and_state_counts() {
    let of = |words: &[&str]| -> Json {
        let tests = words.iter().enumerate();
        tests
            .map(|(n, word)| json!({"title": format!("t{n}"), "outcome": word}))
            .collect()
    };
    let table = [
        ("done", of(&["ok", "ok"]), Verdict::Passed, ""),
        ("done", of(&["ok", "left out"]), Verdict::Passed, ""),
        ("done", of(&["ok", "broken"]), Verdict::Failed, ""),
        ("done", of(&["broken", "crashed"]), Verdict::Errored, ""),
        ("done", of(&["broken", "stopped"]), Verdict::Cancelled, ""),
        ("done", of(&["ok", "going"]), Verdict::Errored, ""),
        ("done", of(&["ok", "sublime"]), Verdict::Unknown, ""),
        (
            "done",
            of(&["left out"]),
            Verdict::Skipped,
            "every test of the run was skipped",
        ),
        ("done", of(&[]), Verdict::Skipped, "no results"),
        (
            "broken",
            of(&[]),
            Verdict::Failed,
            "broken, and it has no results",
        ),
        (
            "crashed",
            of(&[]),
            Verdict::Errored,
            "crashed, and it has no results",
        ),
        (
            "broken",
            of(&["ok"]),
            Verdict::Failed,
            "though its tests do not say so",
        ),
        ("broken", of(&["broken"]), Verdict::Failed, ""),
        (
            "broken",
            of(&["left out"]),
            Verdict::Failed,
            "though its tests",
        ),
        (
            "crashed",
            of(&["broken"]),
            Verdict::Errored,
            "though its tests",
        ),
        (
            "stopped",
            of(&["ok"]),
            Verdict::Cancelled,
            "though its tests",
        ),
        (
            "left out",
            of(&["ok"]),
            Verdict::Skipped,
            "though its tests",
        ),
        ("left out", of(&["broken"]), Verdict::Failed, ""),
        (
            "left out",
            of(&["left out"]),
            Verdict::Skipped,
            "every test of the run was skipped",
        ),
        ("left out", of(&[]), Verdict::Skipped, "no results"),
    ];
    for (end, tests, verdict, why) in table {
        let mut world = world(Server {
            end: json!(end),
            pages: vec![tests.clone()],
            ..Server::default()
        });
        let report = world.run(&target());
        assert_eq!(report.verdict, verdict, "{end} {tests}: {report:?}");
        assert_eq!(report.problem.is_none(), verdict == Verdict::Passed);
        assert!(reason(&report).contains(why), "{end} {tests}: {report:?}");
        assert_eq!(
            why.is_empty(),
            report.reason.is_none(),
            "{end} {tests}: {report:?}"
        );
    }
}

#[test]
fn a_result_that_tells_no_verdict_never_passes() {
    let table = [
        (json!({"title": "t"}), Verdict::Errored, "it has no verdict"),
        (
            json!({"outcome": null}),
            Verdict::Errored,
            "it has no verdict",
        ),
        (
            json!({"outcome": ""}),
            Verdict::Errored,
            "it has no verdict",
        ),
        (
            json!({"outcome": {"ok": true}}),
            Verdict::Errored,
            "it has no verdict",
        ),
        (json!("ok"), Verdict::Errored, "it has no verdict"),
        (json!({"outcome": "fine"}), Verdict::Unknown, "fine"),
        (json!({"outcome": true}), Verdict::Unknown, "true"),
        (
            json!({"outcome": "going"}),
            Verdict::Errored,
            "had not ended",
        ),
    ];
    for (result, verdict, why) in table {
        let mut world = world(Server {
            pages: vec![json!([passing("one"), result])],
            ..Server::default()
        });
        let report = world.run(&target());
        assert_eq!(report.verdict, verdict, "{result}: {report:?}");
        let message = report.tests[1].message.as_deref().unwrap_or_default();
        assert!(message.contains(why), "{result}: {message}");
    }
    let several = with(target(), [text("test_verdict", "$['outcome','title']")]);
    let report = world(Server::default()).run(&several);
    assert_eq!(report.verdict, Verdict::Unknown, "{report:?}");
}

#[test]
fn fields_of_a_result_are_read_with_care() {
    let result = |extra: Json| {
        let mut result = json!({"outcome": "broken"});
        result
            .as_object_mut()
            .expect("an object")
            .extend(extra.as_object().expect("an object").clone());
        let mut world = world(Server {
            pages: vec![json!([result])],
            ..Server::default()
        });
        world.run(&target()).tests.remove(0)
    };
    let plain = result(json!({}));
    assert_eq!((plain.suite.as_str(), plain.name.as_str()), ("", "test 1"));
    assert_eq!(
        (plain.duration_ms, plain.url, plain.message),
        (None, None, None)
    );
    for (took, ms) in [
        (json!(0), Some(0)),
        (json!(0.0004), Some(0)),
        (json!("2.5"), Some(2_500)),
        (json!(-1), None),
        (json!(1e300), None),
        (json!("soon"), None),
        (json!([1]), None),
    ] {
        assert_eq!(result(json!({"took": took})).duration_ms, ms, "{took}");
    }
    assert_eq!(result(json!({"page": "javascript:alert(1)"})).url, None);
    let told = result(json!({"why": "expected 1\n  got 2\n"}));
    assert_eq!(told.message.as_deref(), Some("expected 1"));
    assert_eq!(told.details.as_deref(), Some("expected 1\n  got 2\n"));
    let object = result(json!({"why": {"expected": 1}}));
    assert_eq!(object.message.as_deref(), Some(r#"{"expected":1}"#));
    assert_eq!(object.details, None);
}

#[test]
fn results_that_are_missing_are_no_empty_list() {
    let single = with(target(), [text("tests", "$.things")]);
    let report = world(Server::default()).run(&single);
    assert_eq!(code(&report), Some(Code::Protocol), "{report:?}");
    assert!(
        reason(&report).contains("`tests` leads to nothing"),
        "{report:?}"
    );
    let many = with(target(), [text("tests", "$.things[*]")]);
    let report = world(Server::default()).run(&many);
    assert_eq!(code(&report), Some(Code::NoTests), "{report:?}");
}

#[test]
fn the_last_poll_may_hold_the_results_in_nested_lists() {
    let target = without(
        with(target(), [text("tests", "$.run.groups[*].items")]),
        &["results", "results_next"],
    );
    let groups = json!([{"items": [passing("one")]}, {"items": []}, {"items": [passing("two")]}]);
    let mut ports = but(Server::default(), move |request| {
        let is_poll = request.method == Method::Get;
        is_poll.then(|| {
            Ok(answer(
                200,
                &json!({"run": {"status": "ok", "groups": groups}}),
            ))
        })
    });
    let report = run(&target, &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(summary(&report), ["shop/one passed", "shop/two passed"]);
    assert_eq!(ports.count("GET", "/results"), 0);
}

#[test]
fn the_functions_of_json_path_are_there() {
    let paths = [
        "$.items[?length(@.title) == 3]",
        "$.items[?count(@.*) > 2 && @.outcome == 'OK']",
        "$.items[?value(@.title) != 'x']",
        "$..items[0:2]",
    ];
    for path in paths {
        let report = world(Server::default()).run(&with(target(), [text("tests", path)]));
        assert_eq!(report.verdict, Verdict::Passed, "{path}: {report:?}");
        assert_eq!(report.tests.len(), 2, "{path}");
    }
}

#[test]
fn check_shows_what_would_be_sent_and_sends_nothing() {
    let mut world = world(Server::default());
    let shown = with(
        target(),
        [
            text("trigger_body", r#"{"note": "{env.NOTE}"}"#),
            text("results_next", "$.cursor"),
            text("results_page", "GET /runs/{run_id}/results?after={next}"),
        ],
    );
    let facts = check(&shown, &mut world.ports).expect("all right");
    assert_eq!(
        facts,
        [
            r#"triggers: POST https://x/v1/projects/{env.PROJECT}/runs with the key as a bearer token, with the body {"note": "{env.NOTE}"}"#,
            "polls: GET https://x/v1/runs/{run_id} for $.run.status; {run_id} is $.run.id of the trigger's answer",
            "passed: done, ok",
            "failed: broken",
            "errored: crashed",
            "cancelled: stopped",
            "skipped: left out",
            "queued: waiting",
            "running: going",
            "results: GET https://x/v1/runs/{run_id}/results, $.items[*] with the verdict at $.outcome, page by page with $.cursor as {next} in GET https://x/v1/runs/{run_id}/results?after={next}",
            "stops a run: DELETE https://x/v1/runs/{run_id}",
            "nothing was sent: whether the key is accepted shows at the first run",
        ]
    );
    assert!(world.ports.sent.is_empty());
    let secret = facts
        .iter()
        .any(|fact| fact.contains("a/b c") || fact.contains("say"));
    assert!(!secret, "{facts:?}");
    for (auth, how) in [
        ("none", "without a key"),
        ("basic", "as user and password"),
        ("X-Key", "in the header X-Key"),
    ] {
        let facts = check(&with(bare(), [text("auth", auth)]), &mut world.ports).expect("right");
        assert!(facts[0].contains(how), "{facts:?}");
        assert!(facts.iter().any(|fact| fact.contains("counts as one test")));
        assert!(facts.iter().any(|fact| fact.contains("cannot stop a run")));
    }
}

#[test]
fn it_says_that_it_cannot_list() {
    let mut world = world(Server::default());
    let refused = discover(&bare(), &mut world.ports).expect_err("nothing to list");
    assert_eq!(refused.code, Code::Usage);
    assert!(refused.message.contains("cannot list"));
    assert!(world.ports.sent.is_empty());
}

#[test]
fn every_parameter_is_explained() {
    let guide = include_str!("../../../../docs/http-provider.md");
    let provider = named("http").expect("registered").description().provider;
    assert!(provider.api_url.is_empty());
    for parameter in provider.parameters {
        let row = format!("| `{}` |", parameter.name);
        assert!(guide.contains(&row), "{row}");
    }
}
