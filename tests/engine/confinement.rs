//! What a component must not reach, it does not reach.

use std::fs;

use proctor_host::bindings::proctor::ci::types::Verdict;

use crate::{
    server::Server,
    support::{KEY, attempt},
};

#[tokio::test]
async fn another_origin_gets_nothing() {
    let own = Server::start().await;
    let other = Server::start().await;
    for url in [
        other.origin.clone(),
        format!("https://{}/", own.address),
        format!("http://me@{}/", own.address),
        format!(
            "http://localhost:{}/",
            own.address.rsplit(':').next().expect("a port")
        ),
        "http://example.com/".to_owned(),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let attempt = attempt(&own.origin, &[("mode", "get"), ("url", &url)]);
        assert_eq!(
            attempt.outcome().await,
            ["ErrorCode::HttpRequestDenied"],
            "{url}"
        );
        assert!(
            attempt.debug().contains("only http://127.0.0.1:"),
            "{}",
            attempt.debug()
        );
    }
    assert_eq!((own.connections(), other.connections()), (0, 0));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_leads_nowhere() {
    let own = Server::start().await;
    let other = Server::start().await;
    let url = format!("{}/redirect?{}/stolen", own.origin, other.origin);
    let outcome = attempt(&own.origin, &[("mode", "follow"), ("url", &url)])
        .outcome()
        .await;
    assert_eq!(outcome[0], format!("302 {}/stolen ", other.origin));
    assert_eq!(outcome[1], "ErrorCode::HttpRequestDenied");
    assert_eq!((own.heads().len(), other.connections()), (1, 0));
}

#[tokio::test]
async fn headers_that_say_who_asks_are_the_hosts() {
    let own = Server::start().await;
    let url = format!("{}/plain", own.origin);
    let attempt = attempt(&own.origin, &[("mode", "get-with-headers"), ("url", &url)]);
    let outcome = attempt.outcome().await;
    let through: Vec<_> = outcome
        .iter()
        .filter(|line| line.contains("fine"))
        .collect();
    assert_eq!(
        through,
        ["accept-encoding: 200  fine", "range: 200  fine"],
        "{outcome:?}"
    );
    for head in own.heads() {
        assert!(
            head.contains(&format!("authorization: bearer {KEY}")),
            "{head}"
        );
        assert!(
            !head.contains("stolen") && !head.contains("elsewhere"),
            "{head}"
        );
        assert!(!head.contains("gzip") && !head.contains("range:"), "{head}");
    }
}

#[tokio::test]
async fn the_key_does_not_come_back() {
    let own = Server::start().await;
    for path in ["/echo", "/split"] {
        let url = format!("{}{path}", own.origin);
        let attempt = attempt(&own.origin, &[("mode", "get"), ("url", &url)]);
        let outcome = attempt.outcome().await.concat();
        assert!(
            outcome
                .to_lowercase()
                .contains("authorization: bearer ***\r\n"),
            "{outcome}"
        );
        assert!(!outcome.contains(KEY), "{outcome}");
    }
    let url = format!("{}/redirect?{}/{KEY}", own.origin, own.origin);
    let outcome = attempt(&own.origin, &[("mode", "get"), ("url", &url)])
        .outcome()
        .await;
    assert_eq!(outcome, [format!("302 {}/*** ", own.origin)]);
}

#[tokio::test]
async fn there_are_no_files() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, "content").expect("written");
    let path = file.to_str().expect("text");
    let outcome = attempt("http://127.0.0.1:1", &[("mode", "files"), ("path", path)])
        .outcome()
        .await;
    assert_eq!(outcome.len(), 4);
    assert!(
        outcome.iter().all(|line| line.contains(": refused")),
        "{outcome:?}"
    );
    assert_eq!(fs::read_to_string(&file).expect("readable"), "content");
}

#[tokio::test]
async fn there_is_no_environment() {
    let outcome = attempt("http://127.0.0.1:1", &[("mode", "environment")])
        .outcome()
        .await;
    assert_eq!(outcome, ["stdin Ok(0)"]);
}

#[tokio::test]
async fn there_are_no_sockets() {
    let own = Server::start().await;
    let outcome = attempt(&own.origin, &[("mode", "sockets"), ("path", &own.address)])
        .outcome()
        .await;
    assert_eq!(outcome.len(), 4);
    assert!(
        outcome.iter().all(|line| line.contains(": refused")),
        "{outcome:?}"
    );
    assert_eq!(own.connections(), 0);
}

#[tokio::test]
async fn a_report_is_about_its_target() {
    let attempt = attempt("http://127.0.0.1:1", &[("mode", "environment")]);
    let report = attempt.run().await;
    assert_eq!(
        (report.target.as_str(), report.verdict),
        ("target", Verdict::Passed)
    );
    assert_eq!(report.location, attempt.job.target.location);
}
