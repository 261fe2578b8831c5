//! Answers that no service would write: of the wrong length, shape or type, without an end, or with the key in them.

use std::io::ErrorKind;

use proctor_sandbox::{FaultKind, Form, Place, Sandbox};
use serde_json::Value;

use crate::support::{KEY, call, fault, get, run, sandbox, text};

/// A sandbox with a fault on the next request of any kind.
fn with(kind: FaultKind) -> Sandbox {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("*", "**", kind));
    sandbox
}

#[test]
fn an_answer_says_that_it_is_longer_or_shorter() {
    let usual = get(&sandbox(""), "/apps");
    let error = call(&with(FaultKind::WrongLength { by: 9 }), "GET", "/apps")
        .try_send()
        .expect_err("less than was promised");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let short = get(&with(FaultKind::WrongLength { by: -9 }), "/apps");
    assert_eq!(short.status, 200);
    assert_eq!(short.body.len(), usual.body.len() - 9);
}

#[test]
fn a_slow_head_is_whole_in_the_end() {
    let sandbox = with(FaultKind::SlowHead { ms: 1 });
    let slow = get(&sandbox, "/apps");
    assert_eq!(slow.ids(), get(&sandbox, "/apps").ids());
    assert_eq!(slow.header("connection"), Some("close"));
}

#[test]
fn values_are_others_and_names_stay() {
    let nulls = get(&with(FaultKind::Nulls), "/apps").json();
    assert_eq!(nulls["data"][0]["id"], Value::Null);
    assert_eq!(nulls["data"].as_array().map(Vec::len), Some(5));
    let types = get(&with(FaultKind::WrongTypes), "/apps").json();
    assert_eq!(types["data"][0]["id"], 7);
}

#[test]
fn lists_are_in_lists() {
    let kind = FaultKind::DeepJson {
        depth: 1000,
        processed: false,
    };
    let answer = get(&with(kind), "/apps");
    assert_eq!(answer.body.matches('[').count(), 1000);
    assert_eq!(answer.body.len(), 2000);
}

#[test]
fn a_body_goes_on_without_end() {
    let sandbox = with(FaultKind::EndlessBody);
    let mut open = call(&sandbox, "GET", "/apps").open().expect("a head");
    for _ in 0..50 {
        open.piece().expect("no error").expect("no end");
    }
    drop(open);
    assert_eq!(get(&sandbox, "/apps").ids().len(), 5, "others are served");
}

#[test]
fn a_stream_repeats_itself_without_end() {
    let sandbox = sandbox("");
    let kind = FaultKind::StreamEndless { ms: 0 };
    sandbox.add_fault(fault("GET", "/jobs/*/events", kind));
    let job = run(&sandbox, "app-7f3");
    let mut open = call(&sandbox, "GET", &format!("/jobs/{job}/events"))
        .open()
        .expect("a stream");
    let mut piece = || open.piece().expect("no error").expect("no end");
    let first = piece();
    for _ in 0..50 {
        assert_eq!(piece(), first);
    }
}

#[test]
fn the_key_is_repeated_where_and_as_it_is_wanted() {
    let leak = |place, form| {
        let kind = FaultKind::Leak {
            status: 400,
            place,
            form,
        };
        get(&with(kind), "/apps")
    };
    for form in [Form::Plain, Form::Base64, Form::Hex, Form::Percent] {
        let key = form.write(KEY);
        for place in [Place::Message, Place::Drops] {
            let answer = leak(place, form);
            assert!(text(&answer.json()["error"]["message"]).contains(&key));
        }
        assert_eq!(leak(Place::Header, form).header("x-key"), Some(&*key));
        let answer = leak(Place::Location, form);
        assert!(
            answer
                .header("location")
                .is_some_and(|to| to.ends_with(&key))
        );
        assert!(leak(Place::Stream, form).body.contains(&key));
        let answer = leak(Place::ContentType, form);
        assert!(
            answer
                .header("content-type")
                .is_some_and(|kind| kind.ends_with(&key))
        );
    }
}
