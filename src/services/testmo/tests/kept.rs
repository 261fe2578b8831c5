//! What was kept is sent again, and nothing twice.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::server::{Server, Trouble};
use super::{
    World, code, integer, junit, many, message, named, names, pieces, sink, target, text, truth,
    with, world,
};
use crate::error::Code;
use crate::model::{Setting, Value};
use crate::ports::Piece;

/// A publication of 600 tests that went wrong at a call, the first being 0.
fn halted(call: usize, trouble: Trouble) -> World {
    halted_by([vec![Trouble::None; call], vec![trouble]].concat())
}

fn halted_by(troubles: Vec<Trouble>) -> World {
    let mut world = world(Server::failing(troubles));
    let publication = world.publish(&sink(), junit("a.xml", &many(600)));
    assert!(publication.problem.is_some());
    world
}

fn header(world: &World) -> Json {
    let line = world
        .kept
        .split(|&byte| byte == b'\n')
        .next()
        .expect("a line");
    serde_json::from_slice(line).expect("JSON")
}

#[test]
fn the_rest_goes_into_a_new_run_in_order() {
    let mut world = halted(3, Trouble::Refused(422));
    assert_eq!(
        world
            .kept
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .count(),
        3
    );
    let publication = world.publish_kept(&target(vec![]));
    assert_eq!(publication.problem, None);
    assert_eq!((publication.sent, publication.read.passed), (350, 350));
    assert_eq!(world.tests(), names("t", 600));
    let server = world.server.borrow();
    let runs: Vec<_> = server
        .runs
        .iter()
        .map(|run| run.body["name"].clone())
        .collect();
    assert_eq!(runs, ["api-tests #812", "api-tests #812 (part 2)"]);
    assert!(server.runs.iter().all(|run| run.is_completed));
    assert_eq!(
        server.runs[0].threads[0].completed,
        json!({"elapsed_computed": 250_000})
    );
    assert_eq!(
        server.runs[1].threads[0].completed,
        json!({"elapsed_computed": 350_000})
    );
}

#[test]
fn a_run_that_is_still_open_is_gone_on_with() {
    // Nothing can be closed either.
    let mut world = halted_by([vec![Trouble::None; 3], vec![Trouble::Refused(401); 9]].concat());
    assert_eq!(header(&world)["is_run_open"], true);
    assert!(!world.server.borrow().runs[0].is_completed);
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    assert_eq!(world.tests(), names("t", 600));
    let server = world.server.borrow();
    assert_eq!((server.runs.len(), server.runs[0].threads.len()), (1, 1));
    assert!(server.runs[0].is_completed);
    assert_eq!(
        server.runs[0].threads[0].completed,
        json!({"elapsed_computed": 600_000})
    );
}

#[test]
fn a_thread_with_other_tests_than_ours_is_not_gone_on_with() {
    let mut world = halted_by([vec![Trouble::None; 3], vec![Trouble::Refused(401); 9]].concat());
    world.server.borrow_mut().runs[0].threads[0].total = Some(251);
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    assert_eq!(world.tests(), names("t", 600));
    assert_eq!(world.server.borrow().runs[0].threads.len(), 2);
}

#[test]
fn tests_in_doubt_are_looked_for_first() {
    for trouble in [Trouble::LostAfter, Trouble::LostBefore] {
        // The second batch is not answered, and the service cannot be asked about it.
        let mut world = halted_by(
            [
                vec![Trouble::None; 3],
                vec![trouble],
                vec![Trouble::LostBefore; 40],
            ]
            .concat(),
        );
        assert_eq!(
            (&header(&world)["sent"], &header(&world)["in_doubt"]),
            (&json!(250), &json!(250))
        );
        let publication = world.publish_kept(&target(vec![]));
        assert_eq!(
            (publication.problem, publication.sent),
            (None, 350),
            "{trouble:?}"
        );
        assert_eq!(world.tests(), names("t", 600), "{trouble:?}");
        assert!(world.server.borrow().runs[0].is_completed);
    }
}

#[test]
fn what_cannot_be_told_is_kept_again() {
    let mut world = halted_by(
        [
            vec![Trouble::None; 3],
            vec![Trouble::LostAfter],
            vec![Trouble::LostBefore; 40],
        ]
        .concat(),
    );
    world.server.borrow_mut().runs[0].threads[0].total = Some(300);
    let before = header(&world);
    let publication = world.publish_kept(&target(vec![]));
    assert_eq!(
        (code(&publication), publication.sent, publication.kept),
        (Some(Code::ServiceErrored), 0, 350)
    );
    assert!(message(&publication).contains("cannot be told whether the first of the kept tests"));
    assert_eq!(header(&world), before);
    world.server.borrow_mut().runs[0].threads[0].total = None;
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    assert_eq!(world.tests(), names("t", 600));
}

#[test]
fn a_run_that_is_gone_is_left_unless_tests_are_in_doubt() {
    let mut sure = halted(3, Trouble::Refused(422));
    sure.server.borrow_mut().runs.clear();
    let publication = sure.publish_kept(&target(vec![]));
    assert_eq!((publication.problem, publication.sent), (None, 350));
    assert_eq!(sure.tests(), names("t", 600)[250..]);

    let lost = vec![Trouble::LostAfter; 40];
    let mut unsure = halted_by([vec![Trouble::None; 3], lost].concat());
    unsure.server.borrow_mut().runs.clear();
    let publication = unsure.publish_kept(&target(vec![]));
    assert_eq!(
        (code(&publication), publication.kept),
        (Some(Code::Usage), 350)
    );
    let next = publication.problem.expect("one").next;
    assert!(next.contains("set in_doubt to 0"), "{next}");
    assert_eq!(unsure.server.borrow().runs.len(), 0);
}

#[test]
fn a_run_that_was_only_left_open_is_closed_later() {
    let mut world = world(Server::failing(
        [vec![Trouble::None; 3], vec![Trouble::Refused(403); 9]].concat(),
    ));
    let publication = world.publish(&sink(), junit("a.xml", &many(3)));
    assert_eq!((publication.sent, publication.kept), (3, 0));
    assert_eq!(code(&publication), Some(Code::Authentication));
    assert!(
        message(&publication).contains("run 1 could not be completed and is open"),
        "{}",
        message(&publication)
    );
    let again = with(target(vec![]), truth("allow_empty", true));
    assert_eq!(world.publish_kept(&again).problem, None);
    assert!(world.server.borrow().runs[0].is_completed);
    assert_eq!(world.tests(), names("t", 3));
}

#[test]
fn a_run_that_may_have_been_made_is_found_later() {
    let mut world = halted_by([vec![Trouble::LostAfter], vec![Trouble::LostBefore; 40]].concat());
    assert_eq!(
        (&header(&world)["run"], &header(&world)["is_run_in_doubt"]),
        (&json!(null), &json!(true))
    );
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    assert_eq!(world.tests(), names("t", 600));
    assert_eq!(world.server.borrow().runs.len(), 1, "it is used");
}

#[test]
fn several_runs_of_one_name_are_not_guessed_between() {
    let mut server = Server::failing_at(0, Trouble::LostAfter);
    server.create(json!({"name": "api-tests #812", "source": "api-tests"}));
    let mut world = world(server);
    let publication = world.publish(&sink(), junit("a.xml", &many(3)));
    assert_eq!(
        (code(&publication), publication.kept),
        (Some(Code::Unavailable), 3)
    );
    assert!(
        message(&publication).contains("2 open runs named"),
        "{}",
        message(&publication)
    );
    assert!(world.tests().is_empty());
}

#[test]
fn a_thread_in_a_run_of_others() {
    let troubles = [vec![Trouble::None; 3], vec![Trouble::Refused(422)]].concat();
    let mut server = Server::with_run();
    server.troubles = troubles;
    let mut world = world(server);
    let join = target(vec![text("run", "1")]);
    let publication = world.publish(&join, junit("a.xml", &many(600)));
    assert_eq!((publication.sent, publication.kept), (250, 350));
    assert!(!world.server.borrow().runs[0].is_completed, "others use it");
    assert!(world.server.borrow().runs[0].threads[0].is_completed);
    let kept = world.kept.clone();
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    assert_eq!(world.tests(), names("t", 600));
    assert_eq!(world.server.borrow().runs[0].threads.len(), 2);
    // Once the run is complete, the user has to say where else they are to go.
    world.server.borrow_mut().runs[0].is_completed = true;
    world.kept = kept.clone();
    let publication = world.publish_kept(&target(vec![]));
    assert_eq!(
        (code(&publication), publication.kept),
        (Some(Code::Usage), 350)
    );
    world.kept = kept;
    assert_eq!(world.publish_kept(&sink()).problem, None);
    assert_eq!(world.server.borrow().runs.len(), 2);
}

#[test]
fn what_was_wrong_in_the_target_can_be_corrected() {
    let wrong = with(
        target(vec![integer("project_id", 9), text("source", "api-tests")]),
        text("milestone", "gone"),
    );
    let mut world = world(Server::default());
    let publication = world.publish(&wrong, junit("a.xml", &many(3)));
    assert_eq!(
        (code(&publication), publication.kept),
        (Some(Code::Usage), 3)
    );
    let mut right = target(vec![integer("project_id", 1), text("source", "e2e")]);
    right.overrides.push(Setting {
        name: "status_passed".into(),
        value: Value::Texts(vec!["fine".into()]),
    });
    assert_eq!(world.publish_kept(&right).problem, None);
    let server = world.server.borrow();
    let body = &server.runs[0].body;
    assert_eq!(
        (&body["source"], body.get("milestone")),
        (&json!("e2e"), None)
    );
    assert!(
        body["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("api-tests 2025")),
        "as it was"
    );
    assert_eq!(server.runs[0].threads[0].tests[0]["status"], "fine");
}

#[test]
fn a_broken_file_is_told_of_and_sent_up_to_there() {
    let whole = halted(3, Trouble::Refused(422)).kept;
    let lines: Vec<&[u8]> = whole.split(|&byte| byte == b'\n').collect();
    let cut = whole[..whole.len() - 10].to_vec();
    let other = [b"{\"proctor_kept\":2}\n".as_slice(), lines[1]].concat();
    let no_tests = [lines[0], b"\n{\"tests\":[{\"name\":\"x\"}]}"].concat();
    let endless = [lines[0], b"\n", &[b'x'; 9 * 1024 * 1024]].concat();
    for (bytes, line, sent, why) in [
        (cut, 3, 250, "no JSON"),
        (b"<xml/>".to_vec(), 1, 0, "no JSON"),
        (Vec::new(), 1, 0, "empty"),
        (lines[1].to_vec(), 1, 0, "where it belongs"),
        (other, 1, 0, "another version"),
        (no_tests, 2, 0, "no tests"),
        (endless, 2, 0, "too long"),
    ] {
        let mut world = halted(3, Trouble::Refused(422));
        world.kept = bytes;
        let publication = world.publish_kept(&target(vec![]));
        assert_eq!(
            (code(&publication), publication.sent),
            (Some(Code::Usage), sent),
            "{why}"
        );
        let told = message(&publication);
        assert!(
            told.contains(&format!("kept.ndjson, line {line}: ")) && told.contains(why),
            "{told}"
        );
    }
}

#[test]
fn kept_and_new_files_go_each_to_their_own_run() {
    let mut world = halted(3, Trouble::Refused(422));
    let kept = pieces(Piece::Kept("kept".into()), &world.kept.clone());
    let all = [
        junit("b.xml", &named("b", 2)),
        kept,
        junit("c.xml", &named("c", 2)),
    ]
    .concat();
    world.server.borrow_mut().troubles.clear();
    let publication = world.publish(&with(sink(), text("name", "New")), all);
    assert_eq!((publication.problem, publication.sent), (None, 354));
    let expected = [
        names("t", 250),
        names("b", 2),
        names("t", 600)[250..].to_vec(),
        names("c", 2),
    ];
    assert_eq!(world.tests(), expected.concat());
    let server = world.server.borrow();
    let runs: Vec<_> = server
        .runs
        .iter()
        .map(|run| run.body["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        runs,
        ["api-tests #812", "New", "New (part 2)", "New (part 2)"]
    );
}

#[test]
fn files_after_a_halt_are_kept_whole_and_sent_later() {
    let mut world = halted(3, Trouble::Refused(422));
    let kept = pieces(Piece::Kept("kept".into()), &world.kept.clone());
    let all = [
        junit("b.xml", &named("b", 2)),
        kept,
        junit("c.xml", &named("c", 2)),
    ]
    .concat();
    let mut server = world.server.borrow_mut();
    server.troubles = vec![Trouble::None; server.requests];
    server.troubles.push(Trouble::Refused(401));
    drop(server);
    let publication = world.publish(&sink(), all);
    assert_eq!(
        (code(&publication), publication.sent, publication.kept),
        (Some(Code::Authentication), 0, 354)
    );
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    let expected = [
        names("t", 250),
        names("b", 2),
        names("t", 600)[250..].to_vec(),
        names("c", 2),
    ];
    assert_eq!(world.tests(), expected.concat());
}

fn any_trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        8 => Just(Trouble::None),
        1 => Just(Trouble::NotSent),
        1 => Just(Trouble::LostAfter),
        1 => Just(Trouble::LostBefore),
        1 => Just(Trouble::FailedAfter),
        1 => Just(Trouble::FailedBefore),
        1 => Just(Trouble::Throttled),
        1 => Just(Trouble::Html),
        1 => Just(Trouble::Shapeless),
        1 => prop::sample::select(vec![401, 403, 404, 408, 413, 422]).prop_map(Trouble::Refused),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_fails_every_test_arrives_exactly_once_and_in_order(
        first in proptest::collection::vec(any_trouble(), 0..30),
        second in proptest::collection::vec(any_trouble(), 0..30),
        stop_at in proptest::option::of(0u64..20_000),
        no_turn_from in proptest::option::of(0u64..20_000),
        most in prop::sample::select(vec![0usize, 0, 200]),
        is_shared in any::<bool>(),
    ) {
        let mut server = if is_shared { Server::with_run() } else { Server::default() };
        server.troubles = first;
        server.most = most;
        let mut world = world(server);
        world.ports.stop_at = stop_at.map(Duration::from_millis);
        world.ports.no_turn_from = no_turn_from.map(Duration::from_millis);
        let target = if is_shared { with(target(vec![text("run", "1")]), truth("complete", true)) } else { sink() };
        // What it is called when it is sent again, with nothing else said.
        let again = with(super::target(vec![]), truth("allow_empty", true));

        let publication = world.publish(&target, junit("a.xml", &many(600)));
        prop_assert_eq!(publication.sent + publication.kept, 600);
        let there = world.tests();
        prop_assert!(there == names("t", there.len()), "{} tests, not in order", there.len());
        prop_assert!(there.len() as u64 >= publication.sent);
        prop_assert!(publication.problem.is_none() || code(&publication) != Some(Code::Internal));
        prop_assert_eq!(publication.problem.is_none(), world.kept.is_empty());

        if !world.kept.is_empty() {
            // It may go wrong again.
            let kept = std::mem::take(&mut world.kept);
            let requests = world.server.borrow().requests;
            world.server.borrow_mut().troubles = [vec![Trouble::None; requests], second].concat();
            world.ports.stop_at = None;
            let publication = world.publish(&again, pieces(Piece::Kept("kept".into()), &kept));
            let there = world.tests();
            prop_assert!(there == names("t", there.len()), "{} tests, not in order", there.len());
            prop_assert_eq!(publication.problem.is_none(), world.kept.is_empty(), "{:?}", publication);
        }
        if !world.kept.is_empty() {
            let is_closed = is_shared && world.server.borrow().runs[0].is_completed;
            // A run that is complete takes no more, so the rest goes elsewhere.
            let again = if is_closed { sink() } else { again };
            let publication = world.publish_kept(&again);
            prop_assert!(publication.kept == 0 && world.kept.is_empty(), "{:?}", publication);
        }
        prop_assert!(world.tests() == names("t", 600), "{} tests", world.tests().len());
        for run in &world.server.borrow().runs {
            prop_assert!(run.is_completed, "run {} was left open", run.id);
        }
    }
}
