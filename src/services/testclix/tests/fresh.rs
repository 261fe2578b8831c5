//! A state that an earlier run left is never taken for the new run's.

use std::cell::Cell;

use super::*;
use crate::ports::Clock;
use crate::services::{start, watch};

#[test]
fn a_pass_after_a_pass_counts_once_the_test_was_seen_at_work() {
    let (verdict, report) = of_course("pass", &[(0, "queued"), (9_000, "pass")], &target());
    assert_eq!(verdict, Verdict::Passed, "{report:?}");
}

#[test]
fn the_state_of_the_run_before_is_not_taken_while_the_store_lags() {
    let late = [(8_000, "queued"), (15_000, "processing"), (40_000, "error")];
    let (verdict, report) = of_course("pass", &late, &target());
    assert_eq!(
        (verdict, code(&report)),
        (Verdict::Failed, Some(Code::Failed)),
        "{report:?}"
    );
    assert!(report.duration_ms > 40_000);
}

#[test]
fn a_dip_between_queued_and_processing_is_not_taken_for_the_end() {
    let dip = [
        (0, "queued"),
        (2_000, "pass"),
        (5_500, "processing"),
        (30_000, "error"),
    ];
    let (verdict, report) = of_course("pass", &dip, &target());
    assert_eq!(verdict, Verdict::Failed, "{report:?}");
}

#[test]
fn an_unchanged_state_without_a_sign_of_work_is_inconclusive_after_the_grace() {
    for word in ["pass", "error", "valid", "acknowledged"] {
        let (verdict, report) = of_course(word, &[], &target());
        assert_eq!(
            (verdict, code(&report)),
            (Verdict::Errored, Some(Code::ServiceErrored)),
            "{word}"
        );
        assert!(
            (60_000..70_000).contains(&report.duration_ms),
            "{word}: {}",
            report.duration_ms
        );
        assert!(
            reason(&report).contains("no ") || reason(&report).contains("inconclusive"),
            "{}",
            reason(&report)
        );
    }
}

#[test]
fn the_grace_can_be_set_and_the_deadline_before_it_is_inconclusive_too() {
    let short = with(
        target(),
        Setting {
            name: "grace".into(),
            value: Value::Integer(20),
        },
    );
    let (_, report) = of_course("pass", &[], &short);
    assert!(
        (20_000..30_000).contains(&report.duration_ms),
        "{}",
        report.duration_ms
    );

    let mut hurried = target();
    hurried.timeout = Duration::from_secs(30);
    let (verdict, report) = of_course("pass", &[], &hurried);
    assert_eq!(
        (verdict, code(&report)),
        (Verdict::Errored, Some(Code::ServiceErrored))
    );
    assert!(report.handle.is_some(), "it can be followed later");
}

#[test]
fn what_is_inconclusive_can_be_looked_at_again() {
    let mut test = Test::new(ONE, "pass", "pass");
    test.course = vec![(100_000, "error")];
    let mut world = world(server(vec![test]));
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    let handle = report.handle.expect("nothing shows that it has ended");
    world.ports.wait(Duration::from_secs(60));
    let report = watch(&target(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    assert_eq!((report.handle, world.triggers()), (None, 1));
}

#[test]
fn a_clock_that_is_put_forward_loses_no_run() {
    let mut world = world(passing());
    let served = Rc::clone(&world.server);
    world.server.borrow_mut().tests[0].course = vec![(5_000, "queued"), (20_000, "pass")];
    let ahead = Rc::new(Cell::new(true));
    let is_ahead = Rc::clone(&ahead);
    world.ports = Fake::new(move |request, Instant(now)| {
        let mut response = served.borrow_mut().serve(request, now)?;
        if request.method == Method::Get && is_ahead.get() {
            let tomorrow = "Fri, 10 Oct 2025 08:53:20 GMT".to_owned();
            response.head.headers.push(("date".to_owned(), tomorrow));
        }
        Ok(response)
    });
    let report = world.run(&target());
    assert_eq!(code(&report), Some(Code::ServiceErrored), "{report:?}");
    let handle = report.handle.expect("it goes on");
    ahead.set(false);
    world.ports.wait(Duration::from_secs(6));
    let report = watch(&target(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
}

#[test]
fn a_change_that_a_run_makes_counts_without_a_sign_of_work() {
    for (before, end, expected) in [
        ("error", "pass", Verdict::Passed),
        ("pass", "error", Verdict::Failed),
        ("acknowledged", "pass", Verdict::Passed),
        ("valid", "pass", Verdict::Passed),
        ("not executed", "pass", Verdict::Passed),
        ("not executed", "error", Verdict::Failed),
    ] {
        let (verdict, report) = of_course(before, &[(500, end)], &target());
        assert_eq!(verdict, expected, "{before} {end}: {report:?}");
        assert!(report.duration_ms < 6_000, "{}", report.duration_ms);
    }
}

#[test]
fn a_change_that_people_make_does_not_count_without_a_sign_of_work() {
    for (before, end) in [
        ("error", "acknowledged"),
        ("pass", "valid"),
        ("pass", "not recorded"),
        ("pass", "not executed"),
    ] {
        let lenient = with(
            with(target(), text("acknowledged", "pass")),
            text("treat_valid_as", "pass"),
        );
        let (verdict, report) = of_course(before, &[(500, end)], &lenient);
        assert_eq!(verdict, Verdict::Errored, "{before} {end}: {report:?}");
    }
}

#[test]
fn a_state_that_was_not_known_before_proves_nothing_by_changing() {
    let (verdict, report) = of_course("warming up", &[(500, "pass")], &target());
    assert_eq!(verdict, Verdict::Errored, "{report:?}");
    let (verdict, report) = of_course(
        "warming up",
        &[(500, "processing"), (9_000, "pass")],
        &target(),
    );
    assert_eq!(verdict, Verdict::Passed, "{report:?}");
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("warming up"))
    );
}

#[test]
fn states_after_work_are_mapped() {
    let at_work = |end: &'static str| [(0, "queued"), (3_000, "processing"), (9_000, end)];
    let pass = text("acknowledged", "pass");
    let skip = text("acknowledged", "skip");
    let valid = text("treat_valid_as", "pass");
    let table = [
        ("pass", None, Verdict::Passed),
        ("PASS", None, Verdict::Passed),
        ("error", None, Verdict::Failed),
        ("acknowledged", None, Verdict::Failed),
        ("Acknowledged", Some(&pass), Verdict::Passed),
        ("acknowledged", Some(&skip), Verdict::Skipped),
        ("valid", None, Verdict::Errored),
        ("valid", Some(&valid), Verdict::Passed),
        ("not recorded", None, Verdict::Errored),
        ("Not_Recorded", None, Verdict::Errored),
        ("recorded", None, Verdict::Errored),
        ("not executed", None, Verdict::Errored),
    ];
    for (end, setting, expected) in table {
        let target = setting.map_or_else(target, |setting| with(target(), setting.clone()));
        let (verdict, report) = of_course("pass", &at_work(end), &target);
        assert_eq!(verdict, expected, "{end}: {report:?}");
        assert_eq!(report.problem.is_none(), expected == Verdict::Passed);
    }
}

#[test]
fn an_unknown_state_is_followed_to_the_deadline_and_named() {
    let (verdict, report) = of_course("pass", &[(0, "queued"), (2_000, "marinating")], &target());
    assert_eq!(
        (verdict, code(&report)),
        (Verdict::TimedOut, Some(Code::TimedOut))
    );
    assert!(reason(&report).contains("marinating"));
}

#[test]
fn the_triggers_own_word_counts_only_if_it_is_trusted_and_not_at_once() {
    let trusting = with(target(), yes("trust_trigger_status"));
    let (verdict, report) = of_course("pass", &[], &trusting);
    assert_eq!(verdict, Verdict::Passed, "{report:?}");
    assert!(
        (10_000..25_000).contains(&report.duration_ms),
        "{}",
        report.duration_ms
    );
    let late = [(8_000, "processing"), (30_000, "error")];
    let (verdict, _) = of_course("pass", &late, &trusting);
    assert_eq!(verdict, Verdict::Failed);
}

#[test]
fn what_was_seen_before_a_job_was_lost_counts_afterwards() {
    let mut world = world(passing());
    let mut handle = start(&target(), &mut world.ports).handle.expect("one");
    assert_eq!(
        handle.triggers[0].last_state, None,
        "the trigger's own word is no reading"
    );
    world.server.borrow_mut().tests[0].course = Vec::new();
    let report = watch(&target(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Errored, "{report:?}");

    handle.triggers[0].last_state = Some("processing".into());
    let report = watch(&target(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(world.triggers(), 1);
}

#[test]
fn a_run_that_outlived_its_time_remembers_that_it_was_at_work() {
    let mut world = world(passing());
    let mut hurried = target();
    hurried.timeout = Duration::from_secs(10);
    let report = world.run(&hurried);
    assert_eq!(code(&report), Some(Code::TimedOut));
    let handle = report.handle.expect("it goes on");
    assert_eq!(handle.triggers[0].last_state.as_deref(), Some("processing"));
    let report = watch(&target(), &handle, &mut world.ports);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}

#[test]
fn the_services_own_clock_measures_the_grace() {
    // Its clock is an hour behind ours, in the trigger's answer as in the others.
    let inner = Rc::new(RefCell::new(passing()));
    inner.borrow_mut().tests[0].course = vec![(30_000, "queued"), (45_000, "pass")];
    let served = Rc::clone(&inner);
    let mut ports = Fake::new(move |request, Instant(now)| {
        let mut answer = served.borrow_mut().serve(request, now)?;
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_759_996_400) + now;
        answer
            .head
            .headers
            .push(("date".into(), httpdate::fmt_http_date(time)));
        Ok(answer)
    });
    assert_eq!(run(&target(), &mut ports).verdict, Verdict::Passed);
}

#[test]
fn it_looks_every_second_at_first_and_then_every_five() {
    let (_, report) = of_course("pass", &[], &target());
    assert_eq!(report.verdict, Verdict::Errored);
    let mut world = world(passing());
    world.server.borrow_mut().tests[0].course = vec![(0, "queued"), (60_000, "pass")];
    world.run(&target());
    let looks = world.ports.count("GET", "/status/");
    assert!((20..28).contains(&looks), "{looks}");
    assert!(world.ports.longest_wait <= Duration::from_millis(5_500));
}
