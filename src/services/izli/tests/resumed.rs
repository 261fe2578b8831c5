//! Runs of a job that was killed, gone on with by another.

use super::*;
use crate::model::{Baseline, Handle, Stage, Trigger};
use crate::ports::Clock;
use crate::services::resume;
use crate::services::tests::lives::{Lives, Moment, at_every_request, lives};

fn target() -> Target {
    Target {
        name: "shop".into(),
        provider: "izli".into(),
        api_url: "https://x/api/v1".into(),
        settings: vec![Setting {
            name: "api_monitor".into(),
            value: Value::Texts(vec!["api_1".into()]),
        }],
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

#[test]
fn wherever_it_is_killed_there_is_one_trigger_at_most_and_the_verdict_of_its_run() {
    for (fresh, later) in [
        (passing as fn() -> Server, 0),
        (nameless, 0),
        (passing, 30),
        (nameless, 30),
    ] {
        let served = Rc::new(RefCell::new(fresh()));
        let mut lost = 0;
        let kills = at_every_request(
            &target(),
            Duration::from_secs(later),
            || {
                let serving = Rc::clone(&served);
                *served.borrow_mut() = fresh();
                lives(move |request, Instant(now)| serving.borrow_mut().serve(request, now))
            },
            |told, known, report| match served.borrow().triggers.len() {
                1 => assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}"),
                none => {
                    lost += 1;
                    assert_eq!(none, 0, "{told}");
                    let known = known.expect("the intent is told before the request");
                    assert_eq!(known.triggers[0].stage, Stage::Sent, "{told}");
                    let code = report.problem.as_ref().map(|problem| problem.code);
                    assert_eq!(code, Some(Code::Unavailable), "{told}: {report:?}");
                }
            },
        );
        assert!(kills > 8 && lost == 1, "{kills} {lost}");
    }
}

/// A job at a service that answers its triggers, from the first on, so before it serves them.
fn turned_away(times: &'static [Option<u16>]) -> Lives {
    let (mut server, mut posts) = (passing(), times.iter());
    lives(move |request, Instant(now)| {
        let is_post = request.method == Method::Post;
        match is_post.then(|| posts.next().copied().flatten()).flatten() {
            Some(status) => Ok(error(status, "NO", "not now")),
            None => server.serve(request, now),
        }
    })
}

#[test]
fn a_trigger_that_was_turned_away_is_told_as_planned_until_it_is_sent_again() {
    use Stage::{Accepted, Planned, Sent};
    let mut lives = turned_away(&[Some(429), Some(429)]);
    let report = lives.live(&target(), None).expect("nobody kills it");
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(
        lives.told_of(0),
        [Sent, Planned, Sent, Planned, Sent, Accepted]
    );
    // Killed while it waits for another attempt: the next life starts the run.
    let mut lives = turned_away(&[Some(429)]);
    let mut at = 0;
    while lives.ports.count("POST", "") == 0 {
        lives = turned_away(&[Some(429)]);
        assert!(lives.live(&target(), Some((at, Moment::InLine))).is_none());
        at += 1;
    }
    assert_eq!(lives.told_of(0), [Sent, Planned]);
    let report = lives.live(&target(), None).expect("nobody kills it");
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(lives.ports.count("POST", ""), 2);
}

#[test]
fn a_later_trigger_that_was_refused_is_sent_by_the_next_life() {
    let mut two = target();
    two.settings.push(texts("journey", &["Login"]));
    let mut lives = turned_away(&[None, Some(422)]);
    let mut at = 0;
    while lives.ports.count("POST", "") < 2 {
        lives = turned_away(&[None, Some(422)]);
        assert!(lives.live(&two, Some((at, Moment::InLine))).is_none());
        at += 1;
    }
    let known = lives.known().expect("the first is followed");
    let stages: Vec<Stage> = known.triggers.iter().map(|each| each.stage).collect();
    assert_eq!(stages, [Stage::Accepted, Stage::Planned]);
    let report = lives.live(&two, None).expect("nobody kills it");
    assert_eq!(lives.ports.count("POST", ""), 3, "{report:?}");
}

fn trigger(subject: &str, stage: Stage) -> Trigger {
    Trigger {
        subject: subject.into(),
        title: subject.into(),
        stage,
        at_ms: Some(1_760_000_000_000),
        baseline: Baseline {
            runs: Some(vec!["run_old".into()]),
            ..Baseline::default()
        },
        ..Trigger::default()
    }
}

fn handle(triggers: Vec<Trigger>) -> Handle {
    Handle {
        provider: "izli".into(),
        triggers,
    }
}

/// What comes of going on, two hours later, with a trigger that was not answered, where these runs are listed.
fn gone_on_with(listed: Vec<Json>) -> Report {
    let mut server = server(Vec::new());
    server.before.extend(listed);
    let mut world = world(server);
    world.ports.wait(Duration::from_secs(7200));
    let sent = handle(vec![trigger("api-monitors/api_1", Stage::Sent)]);
    let report = resume(&target(), &sent, &mut world.ports);
    assert!(world.server.borrow().triggers.is_empty());
    report
}

#[test]
fn a_run_that_somebody_else_has_started_later_is_not_taken_for_the_lost_one() {
    let foreign = || entry("run_foreign", "success", 7_000);
    let report = gone_on_with(vec![foreign()]);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert!(reason(&report).contains("at another time"), "{report:?}");
    assert!(report.handle.is_some());
    // Nor does it count beside the one that is.
    for (word, verdict) in [("failed", Verdict::Failed), ("success", Verdict::Passed)] {
        let report = gone_on_with(vec![entry("run_new", word, 2), foreign()]);
        assert_eq!(report.verdict, verdict, "{report:?}");
        assert_eq!(report.run.map(|run| run.id).as_deref(), Some("run_new"));
    }
    let report = gone_on_with(vec![
        entry("run_new", "success", 2),
        entry("run_other", "success", 9),
    ]);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
}

#[test]
fn a_run_that_does_not_say_when_it_was_is_not_taken_for_the_lost_one() {
    let report = gone_on_with(vec![json!({"id": "run_new", "status": "success"})]);
    assert_eq!(code(&report), Some(Code::Unavailable), "{report:?}");
    assert!(reason(&report).contains("nothing tells when"), "{report:?}");
}

#[test]
fn a_run_without_an_id_is_known_again_by_its_time_and_place() {
    let bare =
        |word: &str, at: i64| json!({"status": word, "checked_at": moment(at), "location": "eu"});
    let report = gone_on_with(vec![bare("failed", 2), bare("success", 7_000)]);
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
}

#[test]
fn only_what_is_left_is_planned_again() {
    let mut world = world(passing());
    let begun = handle(vec![
        Trigger {
            runs: vec!["run_old".into()],
            ..trigger("monitors/mon_1", Stage::Accepted)
        },
        trigger("api-monitors/api_1", Stage::Planned),
    ]);
    let report = crate::services::resume_start(&target(), &begun, &mut world.ports);
    assert_eq!(report.problem, None);
    assert_eq!(world.server.borrow().triggers, ["api-monitors/api_1"]);
    assert_eq!(world.ports.count("GET", "/api-monitors/api_1/runs"), 1);
    // No list of what can be run, and nothing of what was started before.
    assert_eq!(world.ports.sent.len(), 2, "{:?}", world.ports.sent);
}
