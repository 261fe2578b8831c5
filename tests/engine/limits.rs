//! What a component may use up, and what is left of its run when it uses more.

use std::{sync::Arc, time::Duration};

use proctor_host::bindings::proctor::ci::types::{Code, Verdict};

use tokio::task::JoinSet;

use crate::{
    server::Server,
    support::{attempt, hostile, problem},
};

const NOWHERE: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn a_panic_is_internal_with_its_message() {
    let attempt = attempt(NOWHERE, &[("mode", "panic"), ("path", "because")]);
    let report = attempt.run().await;
    let (code, message) = problem(&report);
    assert_eq!((code, report.verdict), (Code::Internal, Verdict::Errored));
    assert!(message.contains("on purpose: because"), "{message}");
    assert_eq!(report.target, "target");
    assert_eq!(report.location, attempt.job.target.location);
}

#[tokio::test]
async fn what_was_told_is_not_lost() {
    let report = attempt(NOWHERE, &[("mode", "told-then-trap")]).run().await;
    assert_eq!(problem(&report).0, Code::Internal);
    assert_eq!(
        report
            .handle
            .map(|handle| handle.triggers[0].subject.clone())
            .as_deref(),
        Some("triggered")
    );
    assert_eq!(report.tests.len(), 1);
}

#[tokio::test]
async fn a_run_picked_up_keeps_its_handle() {
    let told = attempt(NOWHERE, &[("mode", "told-then-trap")]);
    let handle = hostile().run(told.job).await.handle.expect("told");
    let report = hostile()
        .watch(attempt(NOWHERE, &[("mode", "panic")]).job, handle.clone())
        .await;
    assert_eq!(
        (problem(&report).0, report.handle),
        (Code::Internal, Some(handle))
    );
}

#[tokio::test]
async fn memory_is_limited() {
    let report = attempt(NOWHERE, &[("mode", "memory")]).run().await;
    let (code, message) = problem(&report);
    assert_eq!(code, Code::Internal);
    assert!(message.contains("memory allocation of"), "{message}");
}

#[tokio::test]
async fn recursion_is_limited() {
    let report = attempt(NOWHERE, &[("mode", "recursion")]).run().await;
    assert_eq!(problem(&report).0, Code::Internal);
}

#[tokio::test]
async fn a_flood_of_events_is_stopped() {
    let attempt = attempt(NOWHERE, &[("mode", "flood")]);
    let report = attempt.run().await;
    let (code, message) = problem(&report);
    assert_eq!(code, Code::Internal);
    assert!(message.contains("more than 250000 events"), "{message}");
    assert_eq!(attempt.told(), 250_000);
}

#[tokio::test]
async fn long_texts_are_cut() {
    let attempt = attempt(NOWHERE, &[("mode", "huge-text")]);
    // As long as one line may be.
    assert_eq!(attempt.outcome().await.concat().len(), 4 << 10);
    assert_eq!(attempt.told(), 1);
}

#[tokio::test]
async fn printing_fills_nothing() {
    assert_eq!(
        attempt(NOWHERE, &[("mode", "print")]).outcome().await,
        ["printed"]
    );
}

/// One thread for all: the loop has to let the other job and the timer go on.
#[tokio::test]
async fn endless_computing_is_stopped_and_holds_nobody_up() {
    let endless = attempt(NOWHERE, &[("mode", "loop")]).timeout(Duration::from_secs(600));
    let endless = tokio::spawn(async move { endless.run().await });
    tokio::task::yield_now().await;
    let other = attempt(NOWHERE, &[("mode", "environment")]).outcome().await;
    assert_eq!(other, ["stdin Ok(0)"]);
    assert!(!endless.is_finished(), "the other had to wait for it");

    let report = endless.await.expect("no panic");
    let (code, message) = problem(&report);
    assert_eq!(code, Code::Internal);
    assert!(message.contains("computed for 10s"), "{message}");
}

#[tokio::test]
async fn hundreds_of_instances_fit() {
    let attempts: Vec<_> = (0..500)
        .map(|_| {
            Arc::new(
                attempt(NOWHERE, &[("mode", "told-then-wait")]).timeout(Duration::from_secs(7200)),
            )
        })
        .collect();
    let mut runs = JoinSet::new();
    for waiting in attempts.clone() {
        runs.spawn(async move { waiting.outcome().await });
    }
    while attempts.iter().any(|waiting| waiting.told() == 0) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // One after the other, as each has a few seconds to end in.
    for waiting in &attempts {
        waiting.stop.tell("SIGTERM");
        let outcome = runs.join_next().await.expect("it was started");
        assert_eq!(outcome.expect("no panic"), ["cancelled by SIGTERM"]);
    }
}

#[tokio::test]
async fn a_plugin_makes_no_reports() {
    assert_eq!(hostile().providers().await.expect("described").len(), 1);
    let refused = hostile().report_kinds().await.expect_err("no reports");
    assert_eq!(refused.code, Code::Internal);
    let problem = hostile()
        .discover(attempt(NOWHERE, &[]).job)
        .await
        .expect_err("its own");
    assert_eq!(problem.code, Code::Usage);
}

/// Whoever reads what comes every few milliseconds hardly computes.
#[tokio::test]
async fn reading_a_chatty_stream_is_no_computing() {
    let own = Server::start().await;
    let url = format!("{}/chatty", own.origin);
    let outcome = attempt(&own.origin, &[("mode", "get"), ("url", &url)])
        .outcome()
        .await
        .concat();
    assert!(outcome.starts_with("200  :"), "{outcome}");
    assert!(outcome.len() > 100, "{}", outcome.len());
}

#[tokio::test]
async fn requests_under_way_are_limited() {
    let own = Server::start().await;
    let url = format!("{}/hang", own.origin);
    let outcome = attempt(&own.origin, &[("mode", "hold-requests"), ("url", &url)])
        .outcome()
        .await;
    assert_eq!(outcome, ["16 open, 84 refused"]);
    assert_eq!(own.connections(), 16);
}

#[tokio::test]
async fn what_is_held_of_the_host_is_limited() {
    let own = Server::start().await;
    let url = format!("{}/hang", own.origin);
    for mode in ["open-endlessly", "hoard-timers"] {
        let report = attempt(&own.origin, &[("mode", mode), ("url", &url)])
            .run()
            .await;
        let (code, message) = problem(&report);
        assert_eq!(code, Code::Internal);
        assert!(
            message.contains("more than 1000 things of the host's"),
            "{mode}: {message}"
        );
    }
}

#[tokio::test]
async fn requests_have_limits() {
    let own = Server::start().await;
    let url = format!("{}/plain", own.origin);
    let outcome = attempt(&own.origin, &[("mode", "send-too-much"), ("url", &url)])
        .outcome()
        .await;
    assert!(!outcome[0].contains("200"), "{outcome:?}");
    let report = attempt(&own.origin, &[("mode", "huge-headers")])
        .run()
        .await;
    assert!(problem(&report).1.contains("size of fields"), "{report:?}");
    assert_eq!(own.heads().len(), 0);
}

#[tokio::test]
async fn arguments_that_nobody_would_choose_harm_nobody() {
    let own = Server::start().await;
    let url = format!("{}/plain", own.origin);
    let outcome = attempt(&own.origin, &[("mode", "extremes"), ("url", &url)])
        .outcome()
        .await;
    assert_eq!(
        outcome,
        [
            "granted",
            "granted",
            "not within",
            "timer false",
            "timer false",
            "65536 random bytes",
            "10000 ready, 4 read",
        ]
    );
    for mode in ["all-randomness", "huge-event", "huge-handles", "exit"] {
        let report = attempt(&own.origin, &[("mode", mode)]).run().await;
        assert_eq!(problem(&report).0, Code::Internal, "{mode}");
    }
}

#[tokio::test]
async fn reports_have_limits() {
    for (mode, what) in [
        ("too-many-tests", "more than 250000 tests"),
        ("too-much-text", "more than 67108864 bytes of text"),
    ] {
        let report = attempt(NOWHERE, &[("mode", mode)]).run().await;
        let (code, message) = problem(&report);
        assert_eq!(code, Code::Internal);
        assert!(message.contains(what), "{message}");
        assert_eq!((report.tests.len(), report.verdict), (0, Verdict::Errored));
    }
}

#[tokio::test]
async fn a_handle_is_of_the_targets_own_provider() {
    let report = attempt(NOWHERE, &[("mode", "forge-handle")]).run().await;
    let handle = report.handle.expect("a handle");
    assert_eq!(handle.provider, "hostile");
    let told = attempt(NOWHERE, &[("mode", "told-then-trap")]);
    let report = told.run().await;
    assert_eq!(report.handle.expect("a handle").provider, "hostile");
}

/// A stream that never pauses is read without being taken for computing.
#[tokio::test]
async fn a_stream_that_never_pauses_is_no_computing() {
    let own = Server::start().await;
    let drain = async |path: &str| {
        let url = format!("{}{path}", own.origin);
        let outcome = attempt(&own.origin, &[("mode", "drain"), ("url", &url)])
            .outcome()
            .await;
        outcome.concat()
    };
    let outcome = drain("/pouring").await;
    assert!(outcome.ends_with(" bytes"), "{outcome}");
    // The words by which the component that ships tells it from a connection that broke.
    let outcome = drain("/large").await;
    assert!(outcome.contains("body size exceeds limit"), "{outcome}");
}
