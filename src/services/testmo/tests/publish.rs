//! Publishing files.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::server::{Server, Trouble};
use super::{
    Pieces, code, integer, junit, many, message, named, names, sink, target, text, truth, with,
    world,
};
use crate::error::Code;
use crate::model::{Setting, Tally, Value};
use crate::ports::fake::Fake;
use crate::ports::{Event, Instant, Piece};
use crate::services;

/// The file of which the vendor's client was watched.
const OBSERVED: &str = r#"<testsuites time="3.2"><testsuite name="s">
<testcase classname="a.B" name="ok" time="1"/>
<testcase classname="a.B" name="bad" file="b.py" line="12" time="2.2"><failure message="no" type="E">text</failure></testcase>
<testcase classname="a.B" name="later"><skipped message="why"/></testcase>
</testsuite></testsuites>"#;

#[test]
fn what_is_sent_is_what_the_vendors_client_sends_and_the_thread_is_closed() {
    let mut world = world(Server::default());
    let target = with(
        target(vec![integer("project_id", 1), text("source", "api-tests")]),
        text("name", "R"),
    );
    let publication = world.publish(&target, junit("a.xml", OBSERVED));
    assert_eq!(publication.problem, None);
    assert_eq!((publication.sent, publication.kept), (3, 0));
    assert_eq!(
        publication.read,
        Tally {
            passed: 1,
            failed: 1,
            errored: 0,
            skipped: 1
        }
    );
    assert_eq!(
        publication.run.as_ref().map(|run| run.id.as_str()),
        Some("1")
    );
    let sent = world.sent();
    let expected = [
        (
            "POST /projects/1/automation/runs",
            json!({"name": "R", "source": "api-tests", "fields": [], "links": [], "artifacts": []}),
        ),
        (
            "POST /automation/runs/1/threads",
            json!({"fields": [], "artifacts": [], "elapsed_computed": 3_200_000}),
        ),
        ("POST /automation/runs/threads/2/append", Json::Null),
        ("POST /automation/runs/threads/2/complete", json!({})),
        (
            "POST /automation/runs/1/complete",
            json!({"measure_elapsed": false}),
        ),
    ];
    assert_eq!(sent.len(), expected.len(), "{sent:?}");
    for ((call, body), (expected_call, expected_body)) in sent.iter().zip(&expected) {
        assert_eq!(call, expected_call);
        assert!(
            expected_body.is_null() || body == expected_body,
            "{call}: {body}"
        );
    }
    let append = &sent[2].1;
    assert_eq!(
        append.as_object().map(serde_json::Map::len),
        Some(1),
        "the tests alone"
    );
    let tests = append["tests"].as_array().expect("tests");
    assert_eq!(
        tests[0],
        json!({"key": tests[0]["key"], "name": "ok", "status": "passed", "folder": "a.B", "artifacts": [], "fields": [], "elapsed": 1_000_000})
    );
    assert!(
        tests[0]["key"]
            .as_str()
            .is_some_and(|key| key.starts_with("cd70912ddd6f"))
    );
    assert_eq!(
        tests[1]["fields"],
        json!([{"type": 4, "name": "Failure", "meta": {"message": "no", "type": "E"}, "value": "text", "is_highlight": true}])
    );
    assert_eq!(
        (&tests[1]["status"], &tests[1]["file"], &tests[1]["line"]),
        (&json!("failure"), &json!("b.py"), &json!(12))
    );
    assert_eq!(
        tests[2]["fields"],
        json!([{"type": 4, "name": "Skipped", "value": "why", "is_highlight": true}])
    );
    assert!(tests[2].get("elapsed").is_none());
}

#[test]
fn many_tests_go_in_batches_in_order() {
    let mut world = world(Server::default());
    let publication = world.publish_observed(
        &sink(),
        [
            junit("a.xml", &named("a", 400)),
            junit("b.xml", &named("b", 300)),
        ]
        .concat(),
        Some(Duration::from_secs(65)),
    );
    assert_eq!((publication.problem, publication.sent), (None, 700));
    assert_eq!(world.tests(), [names("a", 400), names("b", 300)].concat());
    let server = world.server.borrow();
    assert_eq!(server.runs.len(), 1);
    let thread = &server.runs[0].threads[0];
    assert_eq!(
        thread.made,
        json!({"elapsed_observed": 65_000_000, "fields": [], "artifacts": []})
    );
    assert_eq!(
        thread.completed,
        json!({"elapsed_computed": 700_000}),
        "told once"
    );
    assert_eq!(world.ports.count("POST", "/append"), 3);
    assert!(server.runs[0].is_completed);
}

#[test]
fn the_time_of_the_file_counts_before_that_of_its_tests() {
    let mut world = world(Server::default());
    let xml = many(300).replacen(
        "<testsuite>",
        "<testsuite time=\"9\"><properties><property name=\"os\" value=\"x\"/></properties>",
        1,
    );
    world.publish(&sink(), junit("a.xml", &xml));
    assert_eq!(
        world.server.borrow().runs[0].threads[0].completed,
        json!({"elapsed_computed": 9_000_000})
    );
    let last = &world.sent()[3].1;
    assert_eq!(
        last["fields"][0]["name"], "os",
        "the thread's fields go with the last tests"
    );
}

#[test]
fn nothing_is_created_without_tests() {
    let empty = || junit("a.xml", "<testsuite/>");
    let mut bare = world(Server::default());
    let publication = bare.publish(&sink(), empty());
    assert_eq!(code(&publication), Some(Code::NoTests));
    assert_eq!(bare.ports.sent.len(), 0);
    let publication = bare.publish(&with(sink(), truth("allow_empty", true)), empty());
    assert_eq!((publication.problem, bare.ports.sent.len()), (None, 0));
    assert_eq!(code(&bare.publish(&sink(), vec![])), Some(Code::NoTests));
    // Whoever comes last completes the run, whatever there was to be sent.
    let mut shared = world(Server::with_run());
    let last = target(vec![text("run", "1"), truth("complete", true)]);
    assert_eq!(code(&shared.publish(&last, empty())), Some(Code::NoTests));
    assert!(shared.server.borrow().runs[0].is_completed);
}

#[test]
fn a_run_that_was_there_gets_a_thread_and_stays_open() {
    let mut world = world(Server::with_run());
    let join = target(vec![text("run", "1")]);
    for prefix in ["a", "b"] {
        let publication = world.publish(&join, junit("x.xml", &named(prefix, 2)));
        assert_eq!(publication.problem, None);
    }
    {
        let server = world.server.borrow();
        assert_eq!((server.runs.len(), server.runs[0].threads.len()), (1, 2));
        assert!(
            server.runs[0]
                .threads
                .iter()
                .all(|thread| thread.is_completed)
        );
        assert!(!server.runs[0].is_completed);
    }
    let last = with(join.clone(), truth("complete", true));
    assert_eq!(
        world.publish(&last, junit("x.xml", &named("c", 2))).problem,
        None
    );
    assert!(world.server.borrow().runs[0].is_completed);
    assert_eq!(
        world.sent().last().map(|sent| sent.1.clone()),
        Some(json!({"measure_elapsed": true}))
    );
    let publication = world.publish(&join, junit("x.xml", &named("d", 2)));
    assert_eq!(code(&publication), Some(Code::Usage), "it is complete");
    assert_eq!((publication.sent, publication.kept), (0, 2));
    let unknown = target(vec![text("run", "99")]);
    assert_eq!(
        code(&world.publish(&unknown, junit("x.xml", &many(1)))),
        Some(Code::Usage)
    );
}

#[test]
fn the_words_for_statuses_are_the_users() {
    let mut world = world(Server::default());
    let mut target = sink();
    target.overrides.push(Setting {
        name: "status_failure".into(),
        value: Value::Texts(vec!["failed".into()]),
    });
    world.publish(&target, junit("a.xml", OBSERVED));
    assert_eq!(
        world.server.borrow().runs[0].threads[0].tests[1]["status"],
        "failed"
    );
}

#[test]
fn cases_without_a_name_are_left_out_and_told_of() {
    let mut world = world(Server::default());
    let publication = world.publish(
        &sink(),
        junit(
            "a.xml",
            "<testsuite><testcase/><testcase name=\"x\"/><testcase name=\"\"/></testsuite>",
        ),
    );
    assert_eq!((publication.sent, publication.problem), (1, None));
    assert!(
        publication.warnings[0].contains("2 test cases without a name"),
        "{:?}",
        publication.warnings
    );
}

#[test]
fn a_broken_file_is_sent_up_to_there_and_the_others_whole() {
    let mut world = world(Server::default());
    let cut = named("b", 5).replace("</testsuite>", "");
    let files = [
        junit("a.xml", &named("a", 300)),
        junit("b.xml", &cut),
        junit("c.xml", &named("c", 3)),
    ];
    let publication = world.publish(&sink(), files.concat());
    assert_eq!(code(&publication), Some(Code::Usage));
    assert!(
        message(&publication).starts_with("308 of 308 tests were sent: b.xml, line 1"),
        "{}",
        message(&publication)
    );
    assert_eq!(
        world.tests(),
        [names("a", 300), names("b", 5), names("c", 3)].concat()
    );
    assert!(world.server.borrow().runs[0].is_completed);
    let mut other = super::world(Server::default());
    let long = format!("<html>{}</html>", "x".repeat(10_000));
    let publication = other.publish(
        &sink(),
        [junit("page.html", &long), junit("a.xml", &many(1))].concat(),
    );
    assert_eq!(
        (code(&publication), publication.sent),
        (Some(Code::Usage), 1)
    );
}

#[test]
fn a_lost_answer_at_any_call_sends_no_test_twice() {
    let all = [
        Trouble::NotSent,
        Trouble::LostAfter,
        Trouble::LostBefore,
        Trouble::FailedAfter,
        Trouble::FailedBefore,
        Trouble::Throttled,
        Trouble::Html,
        Trouble::Shapeless,
    ];
    for trouble in all {
        for call in 0..7 {
            let mut world = world(Server::failing_at(call, trouble));
            let publication = world.publish(&sink(), junit("a.xml", &many(600)));
            assert_eq!(publication.problem, None, "{trouble:?} at {call}");
            assert_eq!(world.tests(), names("t", 600), "{trouble:?} at {call}");
            assert_eq!((publication.sent, publication.kept), (600, 0));
            let server = world.server.borrow();
            assert_eq!(server.runs.len(), 1, "{trouble:?} at {call}: an orphan");
            assert_eq!(
                server.runs[0].threads.len(),
                1,
                "{trouble:?} at {call}: an orphan"
            );
            assert!(server.runs[0].is_completed, "{trouble:?} at {call}");
            assert!(world.kept.is_empty());
        }
    }
}

#[test]
fn a_refusal_stops_closes_and_keeps() {
    for (status, call, expected) in [
        (401, 0, Code::Authentication),
        (404, 0, Code::Usage),
        (422, 0, Code::Usage),
        (401, 1, Code::Authentication),
        (403, 2, Code::Authentication),
        (422, 3, Code::Usage),
        (404, 3, Code::ServiceErrored),
        (405, 3, Code::Protocol),
    ] {
        let mut world = world(Server::failing_at(call, Trouble::Refused(status)));
        let publication = world.publish(&sink(), junit("a.xml", &many(600)));
        assert_eq!(code(&publication), Some(expected), "{status} at {call}");
        let sent = if call == 3 { 250 } else { 0 };
        assert_eq!(
            (publication.sent, publication.kept),
            (sent, 600 - sent),
            "{status} at {call}"
        );
        let told = message(&publication);
        assert!(
            told.starts_with(&format!(
                "{sent} of 600 tests were sent, {} were kept: POST /",
                600 - sent
            )),
            "{told}"
        );
        assert!(
            publication
                .problem
                .expect("one")
                .next
                .contains("`proctor publish` sends the kept file again")
        );
        assert!(
            world
                .server
                .borrow()
                .runs
                .iter()
                .all(|run| run.is_completed),
            "{status} at {call}"
        );
        assert_eq!(
            world.ports.count("POST", "/append"),
            call.saturating_sub(1),
            "{status} at {call}"
        );
    }
}

#[test]
fn a_batch_that_is_too_long_is_split() {
    for most in [249, 100, 1] {
        let mut server = Server::default();
        server.most = most;
        let mut world = world(server);
        let publication = world.publish(&sink(), junit("a.xml", &many(300)));
        assert_eq!(
            (publication.problem, publication.sent),
            (None, 300),
            "{most}"
        );
        assert_eq!(world.tests(), names("t", 300), "{most}");
    }
    let troubles = [vec![Trouble::None; 2], vec![Trouble::Refused(413); 20]].concat();
    let mut never = world(Server::failing(troubles));
    let publication = never.publish(&sink(), junit("a.xml", &many(4)));
    assert_eq!(
        (code(&publication), publication.kept),
        (Some(Code::Usage), 4)
    );
}

#[test]
fn a_429_is_waited_for_at_least_a_minute_if_nothing_is_said() {
    let server = Rc::new(std::cell::RefCell::new(Server::default()));
    let served = Rc::clone(&server);
    let mut refused = 0;
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/append") && refused < 2 {
            refused += 1;
            return Ok(super::server::refusal(429));
        }
        served.borrow_mut().serve(request, now)
    });
    let mut input = Pieces::of(junit("a.xml", &many(3)));
    let publication = services::publish(&sink(), &mut ports, &mut input, None);
    assert_eq!(publication.problem, None);
    let waits: Vec<_> = ports
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Retrying { wait, .. } => Some(wait.as_secs()),
            _ => None,
        })
        .collect();
    assert_eq!(waits, [60, 120]);
    assert_eq!(server.borrow().tests(), names("t", 3));
}

#[test]
fn totals_that_agree_with_nothing_stop_the_sending() {
    let mut world = world(Server::failing_at(3, Trouble::LostAfter));
    let server = Rc::clone(&world.server);
    let served = Rc::clone(&server);
    world.ports = Fake::new(move |request, Instant(now)| {
        let mut server = served.borrow_mut();
        if let Some(run) = server.runs.first_mut() {
            for thread in &mut run.threads {
                thread.total = Some(33);
            }
        }
        server.serve(request, now)
    });
    let publication = world.publish(&sink(), junit("a.xml", &many(600)));
    assert_eq!((publication.sent, publication.kept), (250, 350));
    assert!(
        message(&publication).contains("the thread has 33 tests, and it should have 250 or 500"),
        "{}",
        message(&publication)
    );
    assert!(
        world.ports.longest_wait >= Duration::from_secs(5),
        "it was read twice"
    );
    assert!(server.borrow().runs[0].is_completed);
    // What is told again by then decides.
    world.server.borrow_mut().runs[0].threads[0].total = None;
    assert_eq!(world.publish_kept(&target(vec![])).problem, None);
    assert_eq!(world.tests(), names("t", 600));
}

#[test]
fn an_interrupt_at_any_time_closes_and_keeps() {
    for hundredths in 0..30 {
        let mut world = world(Server::default());
        world.ports.stop_at = Some(Duration::from_millis(hundredths * 10));
        let publication = world.publish(&sink(), junit("a.xml", &many(900)));
        assert_eq!(publication.sent + publication.kept, 900, "{hundredths}");
        assert_eq!(world.tests().len() as u64, publication.sent, "{hundredths}");
        assert!(
            world
                .server
                .borrow()
                .runs
                .iter()
                .all(|run| run.is_completed),
            "{hundredths}"
        );
        match publication.kept {
            0 => assert_eq!(publication.problem, None),
            _ => {
                assert_eq!(code(&publication), Some(Code::Interrupted), "{hundredths}");
                assert!(message(&publication).contains("SIGTERM"));
            }
        }
        if publication.kept > 0 {
            assert_eq!(world.publish_kept(&target(vec![])).problem, None);
            assert_eq!(world.tests(), names("t", 900), "{hundredths}");
        }
    }
}

#[test]
fn time_that_is_over_closes_and_keeps() {
    let mut world = world(Server::default());
    world.ports.no_turn_from = Some(Duration::from_millis(70));
    let publication = world.publish(&sink(), junit("a.xml", &many(900)));
    assert_eq!(code(&publication), Some(Code::TimedOut));
    assert!(publication.sent >= 250 && publication.kept > 0);
    assert!(world.server.borrow().runs[0].is_completed);
    assert!(world.ports.turns < 20);
}

#[test]
fn no_more_than_two_batches_are_held_whatever_the_size() {
    const TESTS: usize = 20_000;
    let xml = many(TESTS);
    let server = Rc::new(std::cell::RefCell::new(Server::default()));
    let served = Rc::clone(&server);
    let mut input = Pieces::of(junit("a.xml", &xml));
    let taken = Rc::clone(&input.taken);
    let each = xml.len() / TESTS;
    let mut sent = 0;
    let mut ahead = 0;
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/append") {
            // What was read and is neither sent nor in this request.
            let read = *taken.borrow() / each;
            ahead = ahead.max(read.saturating_sub(sent + 250));
            assert!(
                ahead <= 300,
                "{ahead} tests were read ahead of what is sent"
            );
            sent += 250;
        }
        served.borrow_mut().serve(request, now)
    });
    let publication = services::publish(&sink(), &mut ports, &mut input, None);
    assert_eq!(
        (publication.problem, publication.sent),
        (None, TESTS as u64)
    );
    assert_eq!(ports.count("POST", "/append"), TESTS / 250);
    assert_eq!(server.borrow().tests(), names("t", TESTS));
}

#[test]
fn the_next_batch_is_made_while_one_is_under_way() {
    let mut input = Pieces::of(junit("a.xml", &many(500)));
    let taken = Rc::clone(&input.taken);
    let server = Rc::new(std::cell::RefCell::new(Server::default()));
    let served = Rc::clone(&server);
    let mut at_append = Vec::new();
    let log = Rc::new(std::cell::RefCell::new(Vec::new()));
    let told = Rc::clone(&log);
    let mut ports = Fake::new(move |request, Instant(now)| {
        if request.url.contains("/append") {
            at_append.push(*taken.borrow());
            told.borrow_mut().clone_from(&at_append);
        }
        served.borrow_mut().serve(request, now)
    });
    services::publish(&sink(), &mut ports, &mut input, None);
    // Requests took 20 ms each; waiting for the first append's answer began only once all had been read.
    let log = log.borrow();
    assert!(log[0] < log[1]);
    assert_eq!(log[1], *input.taken.borrow());
}

#[test]
fn settings_that_cannot_be_right_publish_nothing() {
    let mut world = world(Server::default());
    for target in [
        target(vec![]),
        target(vec![integer("project_id", 1)]),
        target(vec![text("source", "e2e")]),
        target(vec![integer("project_id", 1), text("source", "a b")]),
    ] {
        let publication = world.publish(
            &target,
            [junit("a.xml", &many(2)), junit("b.xml", &many(2))].concat(),
        );
        assert_eq!(code(&publication), Some(Code::Usage));
        assert_eq!(world.ports.sent.len(), 0);
    }
}

#[test]
fn a_piece_before_any_file_is_passed_over() {
    let mut world = world(Server::default());
    let pieces = [
        vec![Piece::Bytes(b"<x/>".to_vec())],
        junit("a.xml", &many(1)),
    ]
    .concat();
    assert_eq!(world.publish(&sink(), pieces).sent, 1);
}
