//! Everything that goes wrong on demand.

use std::io::ErrorKind;

use proctor_sandbox::{FaultKind, Sandbox};
use serde_json::json;

use crate::support::{
    Answer, KEY, TARGET, bare, call, end, fault, get, post, run, sandbox, scenario, text, until,
};

const TRIGGER: &str = "/apps/app-7f3/test-suites/run";

/// A sandbox with a fault on the next request of any kind.
fn with(kind: FaultKind) -> Sandbox {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("*", "**", kind));
    sandbox
}

/// How many jobs were started.
fn started(sandbox: &Sandbox) -> usize {
    let jobs = get(sandbox, "/jobs").ids_of("job_id");
    jobs.iter().filter(|id| !id.starts_with("job-old")).count()
}

fn trigger(sandbox: &Sandbox) -> std::io::Result<Answer> {
    let body = json!({"base_url": TARGET});
    call(sandbox, "POST", TRIGGER).json(&body).try_send()
}

#[test]
fn latency_only_delays() {
    let sandbox = with(FaultKind::Latency { ms: 30 });
    let since = std::time::Instant::now();
    assert_eq!(get(&sandbox, "/apps").ids().len(), 5);
    assert!(since.elapsed().as_millis() >= 30);
}

#[test]
fn a_hanging_request_gets_no_answer_and_is_not_carried_out() {
    let sandbox = with(FaultKind::Hang);
    let body = json!({"base_url": TARGET});
    let mut open = call(&sandbox, "POST", TRIGGER)
        .json(&body)
        .start()
        .expect("a connection");
    assert!(open.is_silent());
    assert_eq!(sandbox.received()[0].status, 0);
    assert_eq!(started(&sandbox), 0, "others are served meanwhile");
}

#[test]
fn connections_are_reset_before_or_after_the_work() {
    for (kind, jobs) in [(FaultKind::ResetBefore, 0), (FaultKind::ResetAfter, 1)] {
        let sandbox = with(kind.clone());
        let error = trigger(&sandbox).expect_err("no answer");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{kind:?}");
        assert_eq!(started(&sandbox), jobs, "{kind:?}");
        assert_eq!(sandbox.count("POST", "/apps/*/test-suites/run"), 1);
        assert_eq!(sandbox.received()[0].status, 0);
    }
}

fn status(status: u16, processed: bool) -> FaultKind {
    FaultKind::Status {
        status,
        body: None,
        error_code: None,
        retry_after: None,
        processed,
    }
}

#[test]
fn a_status_comes_in_the_services_own_form() {
    for (number, code) in [
        (400, "VALIDATION_ERROR"),
        (401, "AUTHENTICATION_REQUIRED"),
        (403, "INSUFFICIENT_SCOPE"),
        (404, "RESOURCE_NOT_FOUND"),
        (409, "CONFLICT"),
        (413, "VALIDATION_ERROR"),
        (429, "RATE_LIMITED"),
        (500, "INTERNAL_ERROR"),
        (503, "INTERNAL_ERROR"),
    ] {
        let sandbox = with(status(number, false));
        let answer = trigger(&sandbox).expect("an answer");
        assert_eq!(answer.refusal(), (number, code.to_owned()));
        assert!(answer.json()["meta"]["request_id"].is_string());
        assert_eq!(
            answer.header("x-ratelimit-remaining"),
            Some("100"),
            "it costs nothing"
        );
        assert_eq!(answer.header("retry-after"), None);
        assert_eq!(sandbox.received()[0].status, number);
        assert_eq!(started(&sandbox), 0);
    }
}

#[test]
fn a_status_has_the_body_code_and_wait_that_it_was_given() {
    let sandbox = with(FaultKind::Status {
        status: 402,
        body: None,
        error_code: Some("QUOTA_EXCEEDED".to_owned()),
        retry_after: Some("Wed, 21 Oct 2015 07:28:00 GMT".to_owned()),
        processed: false,
    });
    let answer = get(&sandbox, "/apps");
    assert_eq!(answer.refusal(), (402, "QUOTA_EXCEEDED".to_owned()));
    assert_eq!(
        answer.header("retry-after"),
        Some("Wed, 21 Oct 2015 07:28:00 GMT")
    );
    let sandbox = with(FaultKind::Status {
        status: 500,
        body: Some("oops".to_owned()),
        error_code: None,
        retry_after: None,
        processed: false,
    });
    let answer = get(&sandbox, "/apps");
    assert_eq!((answer.status, answer.body.as_str()), (500, "oops"));
    assert_eq!(
        answer.header("x-ratelimit-limit"),
        None,
        "it is not the service's answer"
    );
}

#[test]
fn the_work_may_be_done_behind_a_wrong_answer() {
    for processed in [false, true] {
        let kinds = [
            (status(500, processed), 500),
            (
                FaultKind::Html {
                    status: 502,
                    processed,
                },
                502,
            ),
            (FaultKind::WrongJson { processed }, 200),
            (FaultKind::NotJson { processed }, 200),
        ];
        for (kind, status) in kinds {
            let sandbox = with(kind.clone());
            assert_eq!(trigger(&sandbox).expect("an answer").status, status);
            assert_eq!(started(&sandbox), usize::from(processed), "{kind:?}");
        }
    }
}

#[test]
fn bodies_may_be_of_another_kind() {
    let answer = get(
        &with(FaultKind::Html {
            status: 200,
            processed: false,
        }),
        "/apps",
    );
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert!(answer.body.starts_with("<!doctype html>"));

    let answer = get(&with(FaultKind::WrongJson { processed: false }), "/apps");
    assert!(answer.json().is_array());

    let answer = get(&with(FaultKind::NotJson { processed: false }), "/apps");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());

    let answer = get(&with(FaultKind::HugeBody { bytes: 3_000_000 }), "/apps");
    assert_eq!(text(&answer.data()).len(), 3_000_000);
}

#[test]
fn a_truncated_body_ends_before_its_length() {
    let sandbox = with(FaultKind::TruncatedBody);
    let open = call(&sandbox, "GET", "/apps").open().expect("a head");
    assert_eq!(open.status, 200);
    assert!(open.header("content-length").is_some());
    let sandbox = with(FaultKind::TruncatedBody);
    let error = call(&sandbox, "GET", "/apps")
        .try_send()
        .expect_err("half an answer");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(sandbox.received()[0].status, 200);
}

#[test]
fn a_slow_body_is_whole_in_the_end() {
    let sandbox = with(FaultKind::SlowBody { ms: 1 });
    let slow = get(&sandbox, "/apps");
    assert_eq!(slow.ids(), get(&sandbox, "/apps").ids());
}

#[test]
fn half_characters_stand_for_those_that_cannot_be_read() {
    let app = "[[keploy.apps]]\nid = \"shop\"\nname = \"a\\ufffdb\"\n";
    let sandbox = scenario(app);
    assert!(get(&sandbox, "/apps").body.contains("a\u{fffd}b"));
    sandbox.add_fault(fault("GET", "/apps", FaultKind::HalfCharacters));
    let answer = get(&sandbox, "/apps");
    assert!(answer.body.contains("a\\ud83db"), "{}", answer.body);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());
}

#[test]
fn a_redirect_leads_where_it_was_told() {
    let location = "https://elsewhere.example/apps".to_owned();
    let answer = get(
        &with(FaultKind::Redirect {
            location: location.clone(),
        }),
        "/apps",
    );
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, Some(location.as_str()))
    );
}

#[test]
fn an_error_may_repeat_the_key() {
    let sandbox = with(FaultKind::EchoKey { status: 401 });
    let answer = get(&sandbox, "/apps");
    assert_eq!(answer.status, 401);
    assert!(text(&answer.json()["error"]["message"]).contains(KEY));
    sandbox.add_fault(fault("GET", "/apps", FaultKind::EchoKey { status: 400 }));
    let answer = bare(&sandbox, "GET", "/keploy/client/v1/apps")
        .header("authorization", "Bearer kep_other")
        .send();
    assert!(answer.body.contains("kep_other"), "the one that was sent");
}

/// The stream of a job, with a fault on it.
fn stream(kind: FaultKind) -> (Sandbox, crate::support::Open) {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("GET", "/jobs/*/events", kind));
    let job = run(&sandbox, "app-7f3");
    let open = call(&sandbox, "GET", &format!("/jobs/{job}/events")).open();
    (sandbox, open.expect("a stream"))
}

#[test]
fn a_stream_may_stall_break_or_end_early() {
    let (sandbox, mut open) = stream(FaultKind::StreamStall);
    let first = open.piece().expect("an event").expect("an event");
    assert!(first.ends_with('\n'));
    end(&sandbox, "job-0001");
    assert!(open.is_silent(), "not even the end of the job is told");

    let (_sandbox, mut open) = stream(FaultKind::StreamBreakMidLine);
    assert!(
        open.piece()
            .expect("an event")
            .expect("an event")
            .ends_with('\n')
    );
    let broken = open.piece().expect("a piece").expect("a piece");
    assert!(
        broken.starts_with('{') && !broken.ends_with('\n'),
        "{broken}"
    );
    open.piece().expect_err("no proper end");

    let (_sandbox, mut open) = stream(FaultKind::StreamEarlyEnd);
    assert_eq!(open.pieces().expect("a proper end").len(), 1);
}

#[test]
fn stream_faults_leave_other_answers_whole() {
    for kind in [
        FaultKind::StreamStall,
        FaultKind::StreamBreakMidLine,
        FaultKind::StreamEarlyEnd,
    ] {
        assert_eq!(get(&with(kind), "/apps").ids().len(), 5);
    }
}

#[test]
fn a_fault_hits_what_it_names_and_as_often_as_it_says() {
    let sandbox = scenario(
        r#"
        [[faults]]
        method = "get"
        path = "/apps/*"
        skip = 1
        times = 2
        kind = "status"
        status = 500
        "#,
    );
    let ask = |path: &str| get(&sandbox, path).status;
    assert_eq!(ask("/apps"), 200, "another path");
    assert_eq!(
        ask("/apps/app-7f3/test-suites"),
        200,
        "a star stays in its segment"
    );
    assert_eq!(
        post(&sandbox, "/apps/app-7f3", &json!({})).status,
        404,
        "another method"
    );
    let statuses: Vec<_> = (0..5).map(|_| ask("/apps/app-7f3")).collect();
    assert_eq!(statuses, [200, 500, 500, 200, 200]);
}

#[test]
fn faults_follow_each_other_and_may_last() {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("*", "**", status(500, false)));
    let mut lasting = fault("*", "**", status(503, false));
    lasting.times = 0;
    sandbox.add_fault(lasting);
    let statuses: Vec<_> = (0..4).map(|_| get(&sandbox, "/apps").status).collect();
    assert_eq!(statuses, [500, 503, 503, 503]);
}

#[test]
fn a_request_that_nobody_waits_for_is_still_carried_out() {
    let sandbox = with(FaultKind::Latency { ms: 20 });
    let body = json!({"base_url": TARGET});
    drop(
        call(&sandbox, "POST", TRIGGER)
            .json(&body)
            .start()
            .expect("a connection"),
    );
    until("the trigger is carried out", || started(&sandbox) == 1);
}
