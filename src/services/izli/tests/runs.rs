//! What is triggered, and what is reported.

use super::*;
use crate::services::{cancel, check, discover, start, validate, watch};

#[test]
fn a_journey_passes_with_its_run() {
    let mut world = world(passing());
    let report = world.run(&login());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(shown(&report), ["Login/run as a whole passed"]);
    assert_eq!(
        report.run.as_ref().map(|run| run.id.as_str()),
        Some("run_new")
    );
    assert_eq!(report.tests[0].duration_ms, Some(245));
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(report.handle, None);
    assert_eq!(
        world.ports.count("POST", "/journeys/jrn_1/run-now"),
        1,
        "by name, and triggered by its own word"
    );
}

#[test]
fn each_kind_has_its_own_word_and_several_go_into_one_target() {
    let mut world = world(passing());
    let mixed = target(vec![
        texts("journey", &["jrn_1"]),
        texts("api_monitor", &["Orders"]),
        texts("monitor", &["mon_1", "Home"]),
    ]);
    let report = world.run(&mixed);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(
        world.server.borrow().triggers,
        ["journeys/jrn_1", "api-monitors/api_1", "monitors/mon_1"],
        "what is named twice is run once"
    );
    assert_eq!(report.tests.len(), 3);
}

#[test]
fn steps_are_reported_under_the_run_with_errors_links_and_what_was_not_reached() {
    let mut failed = entry("run_new", "failed", 1);
    failed["steps"] = json!([
        {"name": "open", "status": "success", "duration_ms": 12},
        {"name": "pay", "status": "failed", "error": {"code": "E1", "message": "button is gone"},
         "screenshot_url": "https://files.example.com/1.png",
         "assertions": [
            {"type": "status_code", "expected": 200, "actual": 200, "passed": true},
            {"type": "status_code", "expected": 200, "actual": 503, "passed": false}]},
    ]);
    let mut server = server(vec![planned(9_000, failed)]);
    server.things[1].1["steps"] = json!([{"name": "open"}, {"name": "pay"}, {"name": "receipt"}]);
    let mut world = world(server);
    let report = world.run(&target(vec![texts("api_monitor", &["Orders"])]));
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Failed, Some(Code::Failed))
    );
    assert_eq!(
        shown(&report),
        [
            "Orders/open passed",
            "Orders/pay failed",
            "Orders/receipt skipped"
        ]
    );
    let pay = &report.tests[1];
    assert_eq!(
        pay.message.as_deref(),
        Some("status_code: expected 200, got 503")
    );
    assert_eq!(
        (pay.expected.as_deref(), pay.actual.as_deref()),
        (Some("200"), Some("503"))
    );
    assert_eq!(pay.attachments.len(), 1);
}

#[test]
fn a_failed_step_spoils_a_run_that_says_it_passed() {
    let mut odd = entry("run_new", "success", 1);
    odd["steps"] = json!([{"name": "pay", "status": "failed"}]);
    let report = world(server(vec![planned(1_000, odd)])).run(&login());
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
}

#[test]
fn a_run_without_steps_tells_its_error() {
    for (error, expected) in [
        (json!("connection refused"), "connection refused"),
        (json!({"code": "E", "message": "no route"}), "no route"),
        (json!(null), "the state of the run is down"),
    ] {
        let mut down = entry("run_new", "down", 1);
        down["error"] = error;
        let report = world(server(vec![planned(1_000, down)]))
            .run(&target(vec![texts("monitor", &["Home"])]));
        assert_eq!(report.verdict, Verdict::Failed);
        assert_eq!(report.tests[0].message.as_deref(), Some(expected));
    }
}

#[test]
fn a_name_is_found_on_the_third_page() {
    let mut server = passing();
    server.per_page = 2;
    for number in 0..3 {
        let id = format!("jrn_x{number}");
        server
            .things
            .insert(0, ("journeys", json!({"id": id, "name": id})));
    }
    server
        .things
        .push(("journeys", json!({"id": "jrn_9", "name": "Last"})));
    let mut world = world(server);
    let last = target(vec![texts("journey", &["Last"])]);
    let report = world.run(&last);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.server.borrow().triggers, ["journeys/jrn_9"]);
    assert_eq!(world.ports.count("GET", "/journeys?per_page=100&page=3"), 1);
}

#[test]
fn what_is_listed_twice_is_one() {
    let mut server = passing();
    server
        .things
        .push(("journeys", json!({"id": "jrn_1", "name": "Login"})));
    let mut world = world(server);
    let report = world.run(&login());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
}

#[test]
fn an_unknown_or_ambiguous_name_triggers_nothing() {
    let mut server = passing();
    server
        .things
        .push(("journeys", json!({"id": "jrn_2", "name": "Login"})));
    let mut world = world(server);
    for (word, expected) in [("Logout", "no journey"), ("Login", "jrn_1, jrn_2")] {
        let report = world.run(&target(vec![texts("journey", &[word])]));
        assert_eq!(code(&report), Some(Code::Usage));
        assert!(reason(&report).contains(expected), "{}", reason(&report));
    }
    assert_eq!(world.triggers(), 0);
    let both = world.run(&target(vec![texts("journey", &["jrn_1", "jrn_2"])]));
    assert_eq!(
        shown(&both),
        [
            "Login/run as a whole passed",
            "Login (journey jrn_2)/run as a whole passed"
        ]
    );
}

#[test]
fn a_key_that_may_not_list_takes_names_for_ids() {
    let mut inner = passing();
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/journeys?") {
            return Ok(error(403, "FORBIDDEN", "scope agent"));
        }
        inner.serve(request, now)
    });
    let report = run(&target(vec![texts("journey", &["jrn_1"])]), &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(report.warnings[0].contains("taken for ids"));
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    let journey = || texts("journey", &["Login"]);
    let table = [
        (vec![], "at least one"),
        (vec![texts("monitor", &["", "Home"])], "is empty"),
        (vec![journey(), text("locations", "some")], "a number from"),
        (vec![journey(), text("locations", "0")], "a number from"),
        (vec![journey(), number("settle", -1)], "0 to 3600"),
        (vec![journey(), number("settle", 9_999)], "0 to 3600"),
    ];
    for (settings, expected) in table {
        let mistakes = validate(&target(settings));
        assert_eq!(mistakes.len(), 1, "{expected}: {mistakes:?}");
        assert!(mistakes[0].message.contains(expected), "{mistakes:?}");
    }
    for good in ["first", "all", "3"] {
        assert_eq!(validate(&with(login(), text("locations", good))), []);
    }
}

#[test]
fn checking_and_listing_trigger_nothing() {
    let mut world = world(passing());
    let items = discover(&target(Vec::new()), &mut world.ports).expect("lists");
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["jrn_1", "api_1", "mon_1", "mon_2"]);
    let facts = check(&login(), &mut world.ports).expect("all right");
    assert!(facts[1].contains("jrn_1"), "{facts:?}");
    let unknown = target(vec![texts("journey", &["nope"])]);
    assert_eq!(
        check(&unknown, &mut world.ports).map_err(|problem| problem.code),
        Err(Code::Usage)
    );
    assert_eq!(world.triggers(), 0);
}

#[test]
fn a_started_run_is_watched_later_and_cannot_be_stopped() {
    let mut world = world(passing());
    let handle = start(&login(), &mut world.ports).handle.expect("one");
    assert_eq!(handle.triggers[0].runs, ["run_new"]);
    assert_eq!(
        handle.triggers[0].baseline.runs.as_deref(),
        Some(&["run_old".to_owned()][..])
    );
    let refused = cancel(&login(), &handle, &mut world.ports).expect_err("no such call");
    assert_eq!(refused.code, Code::Usage);
    let report = watch(&login(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
}

#[test]
fn an_assumption_can_be_corrected() {
    let server = server(vec![planned(1_000, entry("run_new", "splendid", 1))]);
    let mut target = login();
    target.overrides = vec![texts("states_passed", &["Splendid"])];
    assert_eq!(world(server).run(&target).verdict, Verdict::Passed);
}
