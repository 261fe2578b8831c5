//! Which entries are taken for the new run.

use super::*;

#[test]
fn the_run_that_the_answer_names_is_found_in_whatever_form() {
    for answered in [
        json!({"success": true, "data": {"run_id": "run_new"}}),
        json!({"success": true, "data": {"runId": "run_new"}}),
        json!({"success": true, "data": {"run": {"id": "run_new"}}}),
        json!({"success": true, "data": {"execution_id": "run_new"}}),
        json!({"success": true, "data": {"id": "run_new", "status": "pending"}}),
        json!({"success": true, "data": [{"id": "run_new"}]}),
        json!({"success": true, "data": ["run_new"]}),
        json!({"success": true, "data": {"id": "batch", "runs": [{"id": "run_new"}]}}),
        json!({"id": "jrn_1", "runId": "run_new"}),
    ] {
        let mut server = passing();
        server.answered = (202, answered.clone());
        // A run of the schedule passes while ours fails.
        server.planned = vec![
            planned(1_000, entry("run_new", "running", 1)),
            planned(2_000, entry("run_other", "success", 2)),
            planned(30_000, entry("run_new", "failed", 1)),
        ];
        let report = world(server).run(&login());
        assert_eq!(report.verdict, Verdict::Failed, "{answered}: {report:?}");
        assert!(!by_time(&report), "{answered}");
    }
}

#[test]
fn without_a_name_the_new_run_is_found_and_that_is_said() {
    for answered in [
        (204, Json::Null),
        (200, Json::Null),
        (202, json!({})),
        (202, json!({"success": true, "data": null})),
        (
            202,
            json!({"success": true, "data": {"id": "jrn_1", "name": "Login", "status": "active"}}),
        ),
        (
            202,
            json!({"success": true, "data": {"id": "jrn_1", "status": "up", "duration_ms": 3}}),
        ),
    ] {
        let mut server = passing();
        server.answered = answered.clone();
        let report = world(server).run(&login());
        assert_eq!(report.verdict, Verdict::Passed, "{answered:?}: {report:?}");
        assert!(by_time(&report), "{answered:?}");
    }
}

#[test]
fn an_old_entry_is_never_taken_whatever_it_says() {
    let mut server = nameless();
    server.planned = Vec::new();
    // Known before; unknown but too old; scheduled.
    server.before.push(entry("run_older", "success", -30));
    server.planned = vec![planned(500, entry("run_late", "success", -120)), {
        let mut scheduled = entry("run_scheduled", "success", 3);
        scheduled["triggered_by"] = json!("schedule");
        planned(500, scheduled)
    }];
    let report = world(server).run(&login());
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    assert_eq!(shown(&report), ["Login/run as a whole timed-out"]);
}

#[test]
fn a_run_that_says_it_was_asked_for_is_preferred() {
    let mut server = nameless();
    let mut asked = entry("run_new", "failed", 2);
    asked["source"] = json!("API");
    server.planned = vec![
        planned(500, asked),
        planned(600, entry("run_other", "success", 2)),
    ];
    let report = world(server).run(&login());
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    assert_eq!(report.run.map(|run| run.id).as_deref(), Some("run_new"));
}

#[test]
fn of_several_new_runs_the_worst_counts() {
    let mut server = nameless();
    server.planned = vec![
        planned(500, entry("run_a", "success", 2)),
        planned(600, entry("run_b", "failed", 1)),
    ];
    assert_eq!(world(server).run(&login()).verdict, Verdict::Failed);
    // One that still goes on is waited for: it may be ours.
    let mut server = nameless();
    server.planned = vec![
        planned(500, entry("run_a", "success", 2)),
        planned(600, entry("run_b", "running", 1)),
        planned(20_000, entry("run_b", "failed", 1)),
    ];
    assert_eq!(world(server).run(&login()).verdict, Verdict::Failed);
}

#[test]
fn entries_without_ids_are_known_by_time_and_place() {
    let bare = |status: &str, at: i64| json!({"status": status, "checked_at": moment(at), "location": "eu-west"});
    let mut server = nameless();
    server.before = vec![bare("failed", -40)];
    server.planned = vec![planned(500, bare("success", 2))];
    let report = world(server).run(&target(vec![texts("monitor", &["Home"])]));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(by_time(&report));
    assert_eq!(report.run, None);
}

#[test]
fn entries_without_id_and_time_prove_nothing() {
    let mut server = nameless();
    server.before = vec![json!({"status": "success"})];
    server.planned = vec![planned(500, json!({"status": "success"}))];
    let report = world(server).run(&login());
    assert_eq!(
        (report.verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored))
    );
    assert!(reason(&report).contains("neither an id nor a time"));
}

#[test]
fn an_entry_that_could_not_be_known_before_is_not_new_by_its_id_later() {
    let mut server = nameless();
    server.before = vec![json!({"status": "success"})];
    server.planned = vec![planned(500, entry("run_old", "success", -5))];
    let report = world(server).run(&login());
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
}

#[test]
fn a_run_that_was_there_before_is_not_ours_whatever_names_it() {
    // It is known from before; it is dated too early; a minute may be the clocks'.
    for (named, at, expected) in [
        ("run_old", -600, Verdict::TimedOut),
        ("run_new", -62, Verdict::TimedOut),
        ("run_new", -58, Verdict::Passed),
    ] {
        let mut server = server(vec![planned(500, entry(named, "success", at))]);
        server.answered = (200, json!({"data": {"run_id": named}}));
        let report = world(server).run(&login());
        assert_eq!(report.verdict, expected, "{named} {at}: {report:?}");
        let told = reason(&report).contains("an earlier run under the id");
        assert_eq!(told, expected != Verdict::Passed, "{report:?}");
    }
}

#[test]
fn a_list_of_runs_that_could_not_be_read_before_leaves_the_named_run_alone() {
    let blind = |mut inner: Server| {
        Fake::new(move |request, Instant(now)| {
            if request.url.contains("/runs") && inner.triggered.is_none() {
                return Ok(error(404, "NOT_FOUND", "no runs yet"));
            }
            inner.serve(request, now)
        })
    };
    let report = run(&login(), &mut blind(passing()));
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    // The old run is not known as such: only its time tells.
    let mut server = nameless();
    server.before = vec![entry("run_old", "success", -5)];
    server.planned = vec![planned(9_000, entry("run_new", "failed", 9))];
    let report = run(&login(), &mut blind(server));
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
}

#[test]
fn all_locations_are_waited_for_and_the_worst_counts() {
    for (last, expected) in [
        ("success", Verdict::Passed),
        ("down", Verdict::Failed),
        ("timeout", Verdict::Errored),
    ] {
        let mut server = nameless();
        server.planned = vec![
            planned(1_000, at(entry("r1", "success", 1), "eu-west")),
            planned(40_000, at(entry("r2", last, 2), "us-east")),
        ];
        let report = world(server).run(&everywhere());
        assert_eq!(report.verdict, expected, "{report:?}");
        assert_eq!(report.tests.len(), 2);
        assert!(
            report
                .tests
                .iter()
                .any(|test| test.suite == "Everywhere (us-east)")
        );
        assert!(report.duration_ms > 40_000);
    }
}

#[test]
fn a_location_without_result_is_no_pass() {
    let mut server = nameless();
    server.planned = vec![planned(1_000, at(entry("r1", "success", 1), "eu-west"))];
    let report = world(server).run(&everywhere());
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    assert_eq!(
        shown(&report),
        [
            "Everywhere (eu-west)/run as a whole passed",
            "Everywhere (us-east)/run as a whole timed-out"
        ]
    );
    assert!(reason(&report).contains("1 of 2 results"));
}

#[test]
fn siblings_of_a_named_run_are_collected_where_more_locations_are_due() {
    let mut server = passing();
    server.planned = vec![
        planned(1_000, at(entry("run_new", "success", 1), "eu-west")),
        planned(2_000, at(entry("again", "success", 2), "eu-west")),
        planned(9_000, at(entry("sibling", "down", 2), "us-east")),
    ];
    let report = world(server).run(&everywhere());
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    assert_eq!(report.tests.len(), 2);
    assert!(by_time(&report), "the sibling was not named");
}

#[test]
fn every_named_run_has_to_end() {
    let mut server = passing();
    server.answered = (
        202,
        json!({"success": true, "data": [{"id": "r1"}, {"id": "r2"}]}),
    );
    server.planned = vec![
        planned(1_000, entry("r1", "success", 1)),
        planned(50_000, entry("r2", "failed", 1)),
    ];
    let report = world(server).run(&login());
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
}

#[test]
fn the_number_of_locations_can_be_set() {
    let runs = || {
        vec![
            planned(1_000, at(entry("r1", "success", 1), "eu-west")),
            planned(40_000, at(entry("r2", "down", 2), "us-east")),
        ]
    };
    let table = [
        ("first", Verdict::Passed),
        ("1", Verdict::Passed),
        ("2", Verdict::Failed),
        ("all", Verdict::Failed),
        ("3", Verdict::TimedOut),
    ];
    for (locations, expected) in table {
        let server = Server {
            planned: runs(),
            ..nameless()
        };
        let report = world(server).run(&with(everywhere(), text("locations", locations)));
        assert_eq!(report.verdict, expected, "{locations}: {report:?}");
    }
    // Nobody tells how many there are.
    let report = world(passing()).run(&with(login(), text("locations", "all")));
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    assert!(reason(&report).contains("locations = all"));
}

#[test]
fn a_retry_of_a_journey_that_shows_as_its_own_run_counts() {
    let retried = || {
        let mut server = nameless();
        server.things[0].1["max_retries"] = json!(1);
        server.planned = vec![
            planned(1_000, entry("try_1", "failed", 1)),
            planned(14_000, entry("try_2", "running", 9)),
            planned(30_000, entry("try_2", "success", 9)),
        ];
        server
    };
    let report = world(retried()).run(&login());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(report.tests[0].attempts, 2);
    let at_once = with(login(), number("settle", 0));
    assert_eq!(world(retried()).run(&at_once).verdict, Verdict::Failed);
    // Without retries nothing is waited for.
    let mut server = retried();
    server.things[0].1["max_retries"] = json!(0);
    let report = world(server).run(&login());
    assert_eq!(report.verdict, Verdict::Failed);
    assert!(report.duration_ms < 9_000);
    // And a failure without a retry stays one.
    let mut server = retried();
    server.planned.truncate(1);
    let report = world(server).run(&login());
    assert_eq!(report.verdict, Verdict::Failed);
    assert!(report.duration_ms > 15_000);
}

/// A journey with one retry, of which the trigger's answer names the first try, and what is in the list at which time.
fn named_first(planned: Vec<Planned>) -> Report {
    let mut server = server(planned);
    server.things[0].1["max_retries"] = json!(1);
    world(server).run(&login())
}

#[test]
fn a_retry_counts_though_the_trigger_was_answered_with_the_first_try() {
    let first = || planned(1_000, entry("run_new", "failed", 1));
    let report = named_first(vec![
        first(),
        planned(9_000, entry("try_2", "running", 9)),
        planned(14_000, entry("try_2", "success", 9)),
    ]);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(report.tests[0].is_flaky() && by_time(&report));
    let failed = planned(9_000, entry("try_2", "failed", 9));
    let report = named_first(vec![first(), failed]);
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    assert_eq!(report.tests[0].attempts, 2);
    // What is not a retry of it: two of them, one elsewhere, one from before its end, one that does not say when.
    let success = |id: &str| planned(9_000, entry(id, "success", 9));
    let elsewhere = {
        let mut entry = entry("try_2", "success", 9);
        entry["location"] = json!("elsewhere");
        planned(9_000, entry)
    };
    let ended = {
        let mut entry = entry("run_new", "failed", 1);
        entry["completed_at"] = json!(moment(20));
        planned(1_000, entry)
    };
    let undated = planned(9_000, json!({"id": "try_2", "status": "success"}));
    for others in [
        vec![first(), success("try_2"), success("try_3")],
        vec![first(), elsewhere],
        vec![ended, success("try_2")],
        vec![first(), undated],
    ] {
        let report = named_first(others);
        assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
        assert_eq!(report.tests[0].attempts, 1);
    }
    // A first try that passed has none, whatever others run meanwhile.
    let passed = planned(1_000, entry("run_new", "success", 1));
    let foreign = planned(1_000, entry("run_other", "failed", 2));
    assert_eq!(named_first(vec![passed, foreign]).verdict, Verdict::Passed);
}

#[test]
fn an_answer_that_is_the_result_counts_where_no_list_shows_the_run() {
    for (status, expected) in [
        ("success", Verdict::Passed),
        ("failed", Verdict::Failed),
        ("timeout", Verdict::Errored),
        ("completed", Verdict::Errored),
    ] {
        let mut server = server(Vec::new());
        server.answered = (
            200,
            json!({"success": true, "data": {"status": status, "duration_ms": 31}}),
        );
        let report = world(server).run(&login());
        assert_eq!(report.verdict, expected, "{status}: {report:?}");
        assert!(reason(&report).contains(status));
    }
}

#[test]
fn an_answer_that_is_the_result_outlives_a_look_that_failed() {
    let mut server = server(Vec::new());
    server.answered = (
        200,
        json!({"success": true, "data": {"status": "success", "duration_ms": 31}}),
    );
    // The fourth request is the first look.
    server.troubles = vec![Trouble::None, Trouble::None, Trouble::None, Trouble::Failed];
    let report = world(server).run(&login());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}

#[test]
fn an_answer_that_is_the_result_is_no_better_than_the_list() {
    for (answered, listed, expected) in [
        ("success", "failed", Verdict::Failed),
        ("failed", "success", Verdict::Failed),
        ("success", "success", Verdict::Passed),
    ] {
        let mut server = server(vec![planned(500, entry("run_new", listed, 1))]);
        server.answered = (
            200,
            json!({"success": true, "data": {"run_id": "run_new", "status": answered}}),
        );
        let report = world(server).run(&login());
        assert_eq!(report.verdict, expected, "{answered} {listed}: {report:?}");
    }
}

#[test]
fn a_receipt_that_names_a_run_and_says_ok_is_no_result() {
    let mut server = server(Vec::new());
    server.answered = (
        202,
        json!({"success": true, "data": {"run_id": "run_new", "status": "ok", "message": "queued"}}),
    );
    let report = world(server).run(&login());
    assert_eq!(report.verdict, Verdict::TimedOut, "{report:?}");
}

#[test]
fn success_beside_the_data_is_no_result() {
    for data in [
        json!({"message": "accepted"}),
        json!({"success": true}),
        json!({"status": "success"}),
        json!({"id": "jrn_1", "status": "success", "duration_ms": 5}),
        json!({"status": "success", "duration_ms": 5, "completed_at": moment(-900)}),
    ] {
        let mut server = server(Vec::new());
        server.answered = (200, json!({"success": true, "data": data}));
        let report = world(server).run(&login());
        assert_eq!(report.verdict, Verdict::TimedOut, "{data}: {report:?}");
    }
}

#[test]
fn a_list_that_begins_with_the_oldest_is_read_at_its_end() {
    let mut server = nameless();
    server.oldest_first = true;
    server.per_page = 3;
    server.before = (0..7)
        .map(|number| entry(&format!("old_{number}"), "failed", -600 + number))
        .collect();
    let mut world = world(server);
    let report = world.run(&login());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(world.ports.count("GET", "/runs?per_page=100&page=3") > 0);
}
