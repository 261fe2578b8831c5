//! Streams of events, and stopping.

use serde_json::Value;

use crate::support::{Open, call, end, get, run, sandbox};

fn stream(sandbox: &proctor_sandbox::Sandbox, job: &str) -> Open {
    let open = call(sandbox, "GET", &format!("/jobs/{job}/events")).open();
    let open = open.expect("a stream");
    assert_eq!(open.status, 200);
    open
}

/// A run told to its end: the count never falls, and the last word is the job's.
fn tells_a_run(events: &[Value], job: &str) {
    let mut done = 0;
    for event in events {
        assert_eq!(event["job_id"], job);
        let now = event["completed_suites"].as_u64().expect("a number");
        assert!(now >= done, "{events:?}");
        done = now;
    }
    let last = events.last().expect("an event");
    assert_eq!((last["status"].as_str(), done), (Some("COMPLETED"), 2));
}

#[test]
fn a_run_is_told_as_ndjson() {
    let sandbox = sandbox("");
    let job = run(&sandbox, "app-7f3");
    let mut open = stream(&sandbox, &job);
    assert_eq!(open.header("content-type"), Some("application/x-ndjson"));
    let text = open.pieces().expect("a proper end").concat();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    tells_a_run(&events, &job);
    assert_eq!(
        get(&sandbox, &format!("/jobs/{job}")).data()["job_status"],
        "COMPLETED"
    );
}

#[test]
fn a_run_is_told_as_server_sent_events() {
    let sandbox = sandbox("events = \"sse\"");
    let job = run(&sandbox, "app-7f3");
    let mut open = stream(&sandbox, &job);
    assert_eq!(open.header("content-type"), Some("text/event-stream"));
    let text = open.pieces().expect("a proper end").concat();
    let events: Vec<Value> = text
        .split_terminator("\n\n")
        .map(|block| {
            block
                .strip_prefix("event: progress\ndata: ")
                .expect("a block")
        })
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect();
    tells_a_run(&events, &job);
}

#[test]
fn a_silent_stream_gives_signs_of_life_and_ends_with_its_job() {
    for (events, sign) in [("ndjson", "\n"), ("sse", ": alive\n\n")] {
        let sandbox = sandbox(&format!("events = \"{events}\"\nheartbeat_ms = 10"));
        let job = run(&sandbox, "app-slow");
        let mut open = stream(&sandbox, &job);
        let mut signs = 0;
        while signs < 3 {
            let piece = open.piece().expect("no break").expect("no end");
            signs += usize::from(piece == sign);
        }
        assert_eq!(
            call(&sandbox, "POST", &format!("/jobs/{job}/stop"))
                .send()
                .status,
            200
        );
        let rest = open.pieces().expect("a proper end").concat();
        assert!(rest.contains("\"status\":\"STOPPED\""), "{rest}");
    }
}

#[test]
fn the_stream_of_an_ended_job_tells_its_end() {
    let sandbox = sandbox("");
    let job = run(&sandbox, "app-7f3");
    end(&sandbox, &job);
    let pieces = stream(&sandbox, &job).pieces().expect("a proper end");
    assert_eq!(pieces.len(), 1);
    assert!(pieces[0].contains("COMPLETED"));
}

#[test]
fn a_job_that_nobody_knows_is_not_found() {
    let sandbox = sandbox("");
    for (method, path) in [("GET", ""), ("GET", "/events"), ("POST", "/stop")] {
        let answer = call(&sandbox, method, &format!("/jobs/nobody{path}")).send();
        assert_eq!(answer.refusal(), (404, "RESOURCE_NOT_FOUND".to_owned()));
    }
}

#[test]
fn a_running_job_is_stopped_for_good() {
    for (settings, word) in [
        ("", "STOPPED"),
        ("stopped_job_word = \"CANCELLED\"", "CANCELLED"),
    ] {
        for app in ["app-slow", "app-stuck"] {
            let sandbox = sandbox(settings);
            let job = run(&sandbox, app);
            assert_ne!(
                get(&sandbox, &format!("/jobs/{job}")).data()["job_status"],
                word
            );
            let stop = || call(&sandbox, "POST", &format!("/jobs/{job}/stop")).send();
            assert_eq!(stop().status, 200);
            assert_eq!(
                get(&sandbox, &format!("/jobs/{job}")).data()["job_status"],
                word
            );
            assert_eq!(stop().refusal(), (409, "CONFLICT".to_owned()));
        }
    }
}

#[test]
fn stopping_a_finished_job_answers_as_the_scenario_says() {
    for (status, code) in [
        (409, Some("CONFLICT")),
        (404, Some("RESOURCE_NOT_FOUND")),
        (200, None),
    ] {
        let sandbox = sandbox(&format!("stop_finished_status = {status}"));
        let job = run(&sandbox, "app-7f3");
        end(&sandbox, &job);
        let answer = call(&sandbox, "POST", &format!("/jobs/{job}/stop")).send();
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["error"]["code"].as_str(), code);
        assert_eq!(
            end(&sandbox, &job)["job_status"],
            "COMPLETED",
            "the verdict stays"
        );
    }
}
