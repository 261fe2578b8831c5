//! Which tests are executed, what is read before, and what is reported.

use super::*;
use crate::services::{cancel, check, discover, start, validate, watch};

fn two() -> Server {
    server(vec![
        Test::new(ONE, "pass", "pass"),
        Test::new(TWO, "error", "pass"),
    ])
}

#[test]
fn a_run_passes_with_one_test_and_the_note() {
    let mut world = world(passing());
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(report.tests.len(), 1);
    assert_eq!(report.tests[0].suite, ONE);
    assert_eq!(report.run, None, "the service has no runs");
    assert_eq!(report.handle, None);
    let notes = report
        .warnings
        .iter()
        .filter(|warning| warning.contains("Evaluation period"));
    assert_eq!(notes.count(), 1);
    assert!(report.queued_ms.is_some_and(|ms| ms < 6_000));
    let posts: Vec<&Request> = world
        .ports
        .sent
        .iter()
        .filter(|request| request.method == Method::Post)
        .collect();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].url, "https://x/v1/api/execute/01GD%2607A");
}

#[test]
fn several_tests_are_reported_by_their_names_with_one_note() {
    let mut world = world(two());
    let target = with(
        with(bare_target(), texts("test", &[ONE, TWO])),
        texts("names", &["Login", "Checkout"]),
    );
    let report = world.run(&target);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let names: Vec<&str> = report
        .tests
        .iter()
        .map(|test| test.suite.as_str())
        .collect();
    assert_eq!(names, ["Login", "Checkout"]);
    assert_eq!(world.triggers(), 2);
    let notes = report
        .warnings
        .iter()
        .filter(|warning| warning.contains("Evaluation period"));
    assert_eq!(notes.count(), 1);
}

#[test]
fn one_failing_test_fails_the_target_and_says_which() {
    let mut server = two();
    server.tests[1].course = vec![(0, "queued"), (5_000, "error")];
    let mut world = world(server);
    let target = with(bare_target(), texts("test", &[ONE, TWO]));
    let report = world.run(&target);
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Failed, Some(Code::Failed))
    );
    assert!(reason(&report).contains(TWO), "{}", reason(&report));
}

#[test]
fn the_failing_tests_of_the_status_list_are_executed() {
    for items in [
        json!([TWO]),
        json!([{"test_id": TWO, "name": "Checkout", "status": "error"}]),
        json!([{"id": TWO}, {"id": TWO}]),
    ] {
        let mut server = two();
        let count = items.as_array().map(Vec::len);
        server.details =
            json!({"status": "error", "tests": {"error": {"count": count, "items": items}}});
        let mut world = world(server);
        let report = world.run(&with(bare_target(), yes("failing")));
        assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
        assert_eq!(world.server.borrow().tests[0].triggers, 0);
        assert_eq!(world.server.borrow().tests[1].triggers, 1);
    }
}

#[test]
fn a_status_list_that_names_nothing_or_not_all_triggers_nothing() {
    let table = [
        (json!({"error": {"count": 0, "items": []}}), Code::NoTests),
        (
            json!({"error": {"count": 2, "items": [ONE]}}),
            Code::Protocol,
        ),
        (
            json!({"error": {"count": 1, "items": [{"x": 1}]}}),
            Code::Protocol,
        ),
        (json!({}), Code::Protocol),
        (
            json!({"error": {"count": 1, "items": ["Checkout by name"]}}),
            Code::Usage,
        ),
    ];
    for (tests, expected) in table {
        let mut server = two();
        server.details = json!({"status": "error", "tests": tests});
        let mut world = world(server);
        let report = world.run(&with(bare_target(), yes("failing")));
        assert_eq!(code(&report), Some(expected), "{tests}: {report:?}");
        assert_eq!(world.triggers(), 0);
    }
}

#[test]
fn two_failing_tests_of_one_name_are_told_apart() {
    let mut server = two();
    server.details = json!({"tests": {"error": {"count": 2, "items": [
        {"id": ONE, "name": "Login"}, {"id": TWO, "name": "Login"}]}}});
    let mut world = world(server);
    let report = world.run(&with(bare_target(), yes("failing")));
    let names: Vec<&str> = report
        .tests
        .iter()
        .map(|test| test.suite.as_str())
        .collect();
    assert_eq!(names, ["Login", "Login (01GD&07B)"]);
}

#[test]
fn a_gateway_that_wants_the_bare_ampersand_is_learned_before_the_trigger() {
    let mut server = passing();
    server.bare = true;
    let mut world = world(server);
    let report = world.run(&target());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
    assert_eq!(world.ports.count("POST", "/execute/"), 1);
    assert_eq!(world.ports.count("POST", "/execute/01GD&07A"), 1);
    assert_eq!(
        world.ports.count("GET", "%26"),
        1,
        "the other form is asked for once"
    );
}

#[test]
fn the_form_of_the_id_is_remembered_in_the_handle() {
    let mut server = passing();
    server.bare = true;
    let mut world = world(server);
    let handle = start(&target(), &mut world.ports).handle.expect("one");
    assert_eq!(handle.triggers[0].job.as_deref(), Some(ONE));
    assert_eq!(
        watch(&target(), &handle, &mut world.ports).verdict,
        Verdict::Passed
    );
    assert_eq!(world.ports.count("GET", "%26"), 1);
}

#[test]
fn an_id_that_could_leave_its_segment_is_encoded_in_either_form() {
    use super::super::status::segment;
    assert_eq!(segment("a&../b?c", false), "a%26..%2Fb%3Fc");
    assert_eq!(segment("a&../b?c", true), "a&..%2Fb%3Fc");
}

#[test]
fn an_unknown_id_is_wrong_usage_and_nothing_is_triggered() {
    for id in ["01GD&nope", "plain"] {
        let mut world = world(two());
        let target = with(bare_target(), texts("test", &[ONE, id]));
        let report = world.run(&target);
        assert_eq!(code(&report), Some(Code::Usage), "{report:?}");
        assert_eq!(world.triggers(), 0);
        assert!(report.problem.expect("one").next.contains(id));
        let forms = if id.contains('&') { 2 } else { 1 };
        let asked = world
            .ports
            .sent
            .iter()
            .filter(|request| request.url.ends_with("nope") || request.url.ends_with("plain"));
        assert_eq!(asked.count(), forms);
    }
}

#[test]
fn a_test_that_cannot_be_run_is_wrong_usage() {
    for before in ["not recorded", "Recorded", "not_recorded"] {
        let mut world = world(server(vec![Test::new(ONE, before, "pass")]));
        let report = world.run(&target());
        assert_eq!(code(&report), Some(Code::Usage), "{before}");
        assert!(reason(&report).contains(before));
        assert_eq!(world.triggers(), 0);
    }
}

#[test]
fn somebody_elses_run_is_waited_for_before_the_trigger() {
    let busy = Rc::new(RefCell::new(passing()));
    let served = Rc::clone(&busy);
    let mut ports = Fake::new(move |request, Instant(now)| {
        let mut server = served.borrow_mut();
        if server.tests[0].triggered.is_none() {
            server.tests[0].before = if now < Duration::from_secs(33) {
                "processing"
            } else {
                "error"
            };
        }
        assert!(request.method == Method::Get || now > Duration::from_secs(33));
        server.serve(request, now)
    });
    let report = run(&target(), &mut ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let told = report
        .warnings
        .iter()
        .filter(|warning| warning.contains("somebody else"));
    assert_eq!(told.count(), 1);
}

#[test]
fn somebody_elses_run_without_end_triggers_nothing() {
    let mut world = world(server(vec![Test::new(ONE, "queued", "pass")]));
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert!(report.duration_ms < 320_000);
    let mut hurried = target();
    hurried.timeout = Duration::from_secs(60);
    let report = world.run(&hurried);
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    assert_eq!(world.triggers(), 0);
    assert_eq!(report.handle, None);
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    let grace = |seconds| Setting {
        name: "grace".into(),
        value: Value::Integer(seconds),
    };
    let table = [
        (vec![], "give the ids"),
        (vec![texts("test", &[ONE]), yes("failing")], "not both"),
        (vec![texts("test", &[ONE, ONE])], "given twice"),
        (vec![texts("test", &[ONE, " "])], "is empty"),
        (
            vec![texts("test", &[ONE, TWO]), texts("names", &["a"])],
            "1 names for 2 tests",
        ),
        (
            vec![yes("failing"), texts("names", &["a"])],
            "1 names for 0",
        ),
        (
            vec![texts("test", &[ONE, TWO]), texts("names", &["a", "a"])],
            "are called",
        ),
        (vec![texts("test", &[ONE]), grace(-1)], "0 to 86400"),
        (vec![texts("test", &[ONE]), grace(90_000)], "0 to 86400"),
    ];
    for (settings, expected) in table {
        let target = Target {
            settings,
            ..bare_target()
        };
        let mistakes = validate(&target);
        assert_eq!(mistakes.len(), 1, "{expected}: {mistakes:?}");
        assert!(mistakes[0].message.contains(expected), "{mistakes:?}");
    }
    assert_eq!(validate(&target()), []);
    assert_eq!(validate(&with(bare_target(), yes("failing"))), []);
    assert_eq!(validate(&with(target(), grace(0))), []);
}

#[test]
fn checking_and_listing_trigger_nothing() {
    let mut server = two();
    server.details =
        json!({"tests": {"error": {"count": 1, "items": [{"id": TWO, "name": "Checkout"}]}}});
    let mut world = world(server);
    let both = with(bare_target(), texts("test", &[ONE, TWO]));
    let facts = check(&both, &mut world.ports).expect("all right");
    assert_eq!(facts.len(), 3, "{facts:?}");
    assert!(facts[2].contains("error"), "{facts:?}");
    let items = discover(&bare_target(), &mut world.ports).expect("a list");
    assert_eq!(
        (items[0].id.as_str(), items[0].name.as_str()),
        (TWO, "Checkout")
    );
    let unknown = with(bare_target(), texts("test", &["nope"]));
    assert_eq!(
        check(&unknown, &mut world.ports).map_err(|problem| problem.code),
        Err(Code::Usage)
    );
    assert_eq!(world.triggers(), 0);
}

#[test]
fn a_run_cannot_be_stopped_and_says_so() {
    let mut world = world(passing());
    let handle = start(&target(), &mut world.ports).handle.expect("one");
    let refused = cancel(&target(), &handle, &mut world.ports).expect_err("no such call");
    assert_eq!(refused.code, Code::Usage);
    assert!(refused.message.contains("cannot stop"));
}

#[test]
fn an_assumption_can_be_corrected() {
    let mut target = target();
    target.overrides = vec![texts("states_running", &["cooking"])];
    let (verdict, report) = of_course("pass", &[(0, "cooking"), (9_000, "pass")], &target);
    assert_eq!(verdict, Verdict::Passed, "{report:?}");
}
