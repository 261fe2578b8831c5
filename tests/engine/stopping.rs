//! Being told to stop, and the time limit.

use std::time::{Duration, Instant};

use proctor_host::bindings::proctor::ci::types::{Code, Verdict};

use crate::{
    server::Server,
    support::{attempt, problem},
};

/// Far less than what is hung up here would take, and enough for a machine that has other things to do.
const BOUND: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_wait_ends_with_the_word_which_is_told_once() {
    let attempt = attempt("http://127.0.0.1:1", &[("mode", "wait-twice")]);
    let stop = attempt.stop.clone();
    let begun = Instant::now();
    let run = tokio::spawn(async move { attempt.outcome().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.tell("SIGTERM");
    assert_eq!(
        run.await.expect("no panic"),
        ["cancelled by SIGTERM", "elapsed"]
    );
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_request_in_flight_ends_with_the_word() {
    let own = Server::start().await;
    for path in ["/hang", "/stream"] {
        let url = format!("{}{path}", own.origin);
        let attempt = attempt(&own.origin, &[("mode", "get"), ("url", &url)]);
        let stop = attempt.stop.clone();
        let begun = Instant::now();
        let known = own.heads().len();
        let run = tokio::spawn(async move { attempt.outcome().await });
        while own.heads().len() == known {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.tell("SIGINT");
        let outcome = run.await.expect("no panic").concat();
        assert!(
            outcome.ends_with("ErrorCode::ConnectionTerminated")
                || outcome.starts_with("200  body: "),
            "{outcome}"
        );
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_request_after_the_word_is_short() {
    let own = Server::start().await;
    let url = format!("{}/hang", own.origin);
    let attempt = attempt(&own.origin, &[("mode", "get"), ("url", &url)]);
    attempt.stop.tell("SIGINT");
    let begun = Instant::now();
    assert_eq!(attempt.outcome().await, ["ErrorCode::HttpResponseTimeout"]);
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_component_that_does_not_stop_is_dropped_within_four_seconds() {
    let attempt = attempt("http://127.0.0.1:1", &[("mode", "told-then-hang")]);
    let stop = attempt.stop.clone();
    let run = tokio::spawn(async move { attempt.run().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let told = Instant::now();
    stop.tell("SIGTERM");
    let report = run.await.expect("no panic");
    let took = told.elapsed();
    assert!(
        (Duration::from_millis(3900)..BOUND).contains(&took),
        "{took:?}"
    );
    assert_eq!(
        (problem(&report).0, report.verdict),
        (Code::Interrupted, Verdict::Cancelled)
    );
    assert_eq!(report.reason.as_deref(), Some("interrupted by SIGTERM"));
    assert_eq!(
        report
            .handle
            .map(|handle| handle.triggers[0].subject.clone())
            .as_deref(),
        Some("triggered")
    );
    assert_eq!(report.tests.len(), 1);
}

/// Virtual time: no request is made, so nothing but timers is waited for.
#[tokio::test(start_paused = true)]
async fn a_component_that_does_not_end_is_dropped_after_its_time_limit() {
    let begun = tokio::time::Instant::now();
    let report = attempt("http://127.0.0.1:1", &[("mode", "told-then-hang")])
        .run()
        .await;
    assert_eq!(
        (problem(&report).0, report.verdict),
        (Code::TimedOut, Verdict::TimedOut)
    );
    assert_eq!(begun.elapsed().as_secs(), 60 + 35);
    assert!(report.handle.is_some());
}
