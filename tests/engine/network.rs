//! What a component learns when the network fails: above all, whether its request may have had an effect.

use std::time::Duration;

use crate::{
    server::Server,
    support::{attempt, hostile},
};

async fn get(origin: &str, path: &str) -> (String, String) {
    let url = format!("{origin}{path}");
    let attempt = attempt(origin, &[("mode", "get"), ("url", &url)]);
    let outcome = attempt.outcome().await.concat();
    (outcome, attempt.debug())
}

#[tokio::test]
async fn a_request_that_was_not_sent_says_so() {
    let (outcome, debug) = get("http://127.0.0.1:1", "/x?token=1").await;
    assert_eq!(outcome, "ErrorCode::ConnectionRefused");
    assert!(
        debug.starts_with("GET /x: ") && debug.to_lowercase().contains("refused"),
        "{debug}"
    );
    assert!(!debug.contains("token"), "{debug}");

    let (outcome, debug) = get("https://no-such-host.invalid", "/").await;
    assert!(outcome.starts_with("ErrorCode::DnsError"), "{outcome}");
    assert!(
        debug.contains("no-such-host.invalid cannot be resolved"),
        "{debug}"
    );
}

#[tokio::test]
async fn tls_that_fails_was_not_sent() {
    let own = Server::start().await;
    let (outcome, _) = get(&format!("https://{}", own.address), "/").await;
    assert!(outcome.starts_with("ErrorCode::Tls"), "{outcome}");
    assert_eq!(own.heads().len(), 0);
}

#[tokio::test]
async fn a_request_that_may_have_arrived_says_so() {
    let own = Server::start().await;
    assert_eq!(
        get(&own.origin, "/reset").await.0,
        "ErrorCode::ConnectionTerminated"
    );
    assert_eq!(
        get(&own.origin, "/nonsense").await.0,
        "ErrorCode::HttpProtocolError"
    );
    assert!(
        get(&own.origin, "/cut").await.0.starts_with("200  body: "),
        "cut"
    );
    assert_eq!(own.heads().len(), 3, "nothing was sent twice");
}

#[tokio::test]
async fn answers_have_limits() {
    let own = Server::start().await;
    let (outcome, _) = get(&own.origin, "/zipped").await;
    assert!(
        outcome.starts_with("ErrorCode::HttpResponseContentCoding"),
        "{outcome}"
    );
    let (outcome, _) = get(&own.origin, "/heads").await;
    assert!(
        outcome.starts_with("ErrorCode::HttpResponseHeaderSectionSize"),
        "{outcome}"
    );
    let (outcome, _) = get(&own.origin, "/large").await;
    assert!(
        outcome.starts_with("200  body: "),
        "{}",
        &outcome[..200.min(outcome.len())]
    );
}

#[tokio::test]
async fn connections_are_kept_for_all_targets() {
    let own = Server::start().await;
    let url = format!("{}/plain", own.origin);
    for mode in ["get-twice", "get"] {
        attempt(&own.origin, &[("mode", mode), ("url", &url)])
            .outcome()
            .await;
    }
    assert_eq!((own.heads().len(), own.connections()), (3, 1));
}

#[tokio::test]
async fn a_post_carries_its_body() {
    let own = Server::start().await;
    let url = format!("{}/echo", own.origin);
    let outcome = attempt(&own.origin, &[("mode", "post"), ("url", &url)])
        .outcome()
        .await;
    assert!(
        outcome[0].to_lowercase().contains("content-length: 7"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_time_limit_ends_a_request_that_hangs() {
    let own = Server::start().await;
    let url = format!("{}/hang", own.origin);
    let attempt =
        attempt(&own.origin, &[("mode", "get"), ("url", &url)]).timeout(Duration::from_millis(100));
    assert_eq!(attempt.outcome().await, ["ErrorCode::HttpResponseTimeout"]);
}

#[tokio::test]
async fn turns_are_shared_by_the_account() {
    let own = Server::start().await;
    let job = |settings: &[(&str, &str)]| attempt(&own.origin, settings).job;
    let first = hostile().check(job(&[("mode", "turns")])).await;
    assert_eq!(
        first,
        Ok(vec!["granted".to_owned(), "not within".to_owned()])
    );
    let second = attempt(&own.origin, &[("mode", "turns")])
        .timeout(Duration::from_secs(5))
        .run()
        .await;
    assert_eq!(second.warnings, ["not within", "not within"]);
}
