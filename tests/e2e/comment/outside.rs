//! What can be in the way of a comment: none of it changes how a job ends.

use std::net::TcpListener;

use proctor_test_support::forge::{Forge, Instead, May};
use proctor_test_support::server::Scripted;
use proctor_test_support::{Proctor, sandbox};
use serde_json::{Value, json};

use super::{OF_JOB, actions, comments, failed, on_github, only, passed, render, results, warned};

const BOT: u64 = 41_898_282;

fn instead(
    method: &'static str,
    status: u16,
    headers: &[(&'static str, &str)],
    body: Value,
) -> Instead {
    Instead {
        method,
        status,
        headers: headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        body,
        is_done: false,
    }
}

#[test]
fn a_fork_has_a_token_that_only_reads() {
    let forge = Forge::github(&[actions(May::Read)]);
    for (tests, code) in [(failed("a"), 1), (passed("a"), 0)] {
        let outcome = comments(&forge, &results(&[tests]))
            .arguments(&["--ci", "github"])
            .end();
        assert!(
            outcome
                .err
                .lines()
                .any(|line| line.starts_with("::warning title=Proctor::no comment was written")),
            "{}",
            outcome.err
        );
        warned(
            outcome,
            code,
            &[
                "(403, \"Resource not accessible by integration\")",
                "pull-requests: write",
                "forks",
            ],
        );
    }
    assert!(forge.state().comments.is_empty());
}

#[test]
fn a_token_that_is_missing_or_no_good_is_told_of() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sample = results(&[failed("a")]);
    let missing = comments(&forge, &sample).without("GITHUB_TOKEN").end();
    warned(
        missing,
        1,
        &["there is no token for GitHub: none of GITHUB_TOKEN, GH_TOKEN is set"],
    );
    let malformed = comments(&forge, &sample)
        .variable("GITHUB_TOKEN", "two words of it")
        .end();
    warned(malformed, 1, &["the key from GITHUB_TOKEN contains blanks"]);
    let unknown = comments(&forge, &sample)
        .variable("GITHUB_TOKEN", "ghs_another-0123456789")
        .end();
    warned(
        unknown,
        1,
        &["GitHub refuses the token of GITHUB_TOKEN (401, \"Bad credentials\")"],
    );
    let elsewhere = comments(&forge, &sample)
        .variable("GITHUB_REPOSITORY", "o/private")
        .end();
    warned(
        elsewhere,
        1,
        &["GitHub does not show pull request 12 of o/private", "(404"],
    );
    let unnamed = comments(&forge, &sample).without("GITHUB_REPOSITORY").end();
    warned(unnamed, 1, &["GITHUB_REPOSITORY"]);
}

#[test]
fn a_token_may_be_in_a_file() {
    let forge = Forge::github(&[actions(May::Write)]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{OF_JOB}\n")).expect("written");
    comments(&forge, &results(&[passed("a")]))
        .without("GITHUB_TOKEN")
        .variable("GITHUB_TOKEN_FILE", &file)
        .end()
        .expect(0);
    assert_eq!(forge.texts(BOT).len(), 1);
}

#[test]
fn a_limit_of_the_rate_is_waited_for_if_that_is_not_long() {
    let limit = json!({"message": "You have exceeded a secondary rate limit."});
    for status in [403, 429] {
        let forge = Forge::github(&[actions(May::Write)]);
        for method in ["GET", "POST"] {
            forge.state().instead.push(instead(
                method,
                status,
                &[("retry-after", "0")],
                limit.clone(),
            ));
        }
        comments(&forge, &results(&[passed("a")])).end().expect(0);
        assert_eq!(forge.texts(BOT).len(), 1, "{status}");
        assert_eq!(forge.calls("POST").len(), 2);
    }
    // "Wait for at least one minute" is what it wants where it says nothing.
    for headers in [
        vec![],
        vec![("retry-after", "3600")],
        vec![
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "9999999999"),
        ],
        // Longer than a clock can tell.
        vec![("retry-after", "18446744073709551615")],
        vec![
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "18446744073709551615"),
        ],
    ] {
        let forge = Forge::github(&[actions(May::Write)]);
        forge
            .state()
            .instead
            .push(instead("POST", 403, &headers, limit.clone()));
        let outcome = comments(&forge, &results(&[failed("a")])).end();
        warned(
            outcome,
            1,
            &["GitHub cannot be asked now: 403", "to be asked again in"],
        );
        assert_eq!(forge.calls("POST").len(), 1, "{headers:?}");
    }
}

#[test]
fn an_answer_that_is_lost_creates_nothing_twice() {
    let forge = Forge::github(&[actions(May::Write)]);
    forge.state().instead.push(Instead {
        is_done: true,
        ..instead("POST", 502, &[], json!("lost"))
    });
    comments(&forge, &results(&[passed("a")])).end().expect(0);
    assert!(only(&forge, BOT).contains("passed"));
    assert_eq!(
        (forge.calls("POST").len(), forge.calls("PATCH").len()),
        (1, 1)
    );
}

#[test]
fn a_server_that_is_dead_or_talks_nonsense_is_one_warning() {
    let sample = results(&[failed("a")]);
    let forge = Forge::github(&[actions(May::Write)]);
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("bound");
    let dead = comments(&forge, &sample)
        .variable("GITHUB_API_URL", format!("http://{free}/"))
        .end();
    warned(
        dead,
        1,
        &["GitHub cannot be asked now: ", "nothing else is wrong"],
    );
    for (status, body) in [
        (200, "<html>"),
        (200, "{}"),
        (200, "[{\"id\":\"x\"}]"),
        (204, ""),
        (418, "[]"),
        (500, ""),
    ] {
        let server = Scripted::answering(move |_| (status, body.to_owned()));
        let outcome = comments(&forge, &sample)
            .variable("GITHUB_API_URL", &server.url)
            .end();
        warned(outcome, 1, &["no comment was written: "]);
    }
    for url in [
        "http://api.example.com",
        "ftp://x.test",
        "https://u:p@x.test",
        "nowhere",
    ] {
        let outcome = comments(&forge, &sample)
            .variable("GITHUB_API_URL", url)
            .end();
        warned(
            outcome,
            1,
            &["no comment will be written: the variable GITHUB_API_URL cannot be used"],
        );
    }
    assert_eq!(forge.server.asked(), []);
}

#[test]
fn a_server_that_never_ends_is_left() {
    let server = Scripted::start(|_, stream| {
        use std::io::Write as _;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[");
        std::thread::sleep(std::time::Duration::from_secs(300));
    });
    let forge = Forge::github(&[actions(May::Write)]);
    let sample = results(&[failed("a")]);
    let outcome = comments(&forge, &sample)
        .variable("GITHUB_API_URL", &server.url)
        .end_within(120);
    warned(outcome, 1, &["no comment was written: GitHub "]);
}

#[test]
fn the_token_goes_to_no_other_origin() {
    let elsewhere = Forge::github(&[actions(May::Maintain)]);
    let others = elsewhere.api();
    let sample = results(&[failed("a")]);
    for status in [301, 302, 307, 308] {
        for method in ["GET", "POST"] {
            let forge = Forge::github(&[actions(May::Write)]);
            let to = format!("{others}/repos/o/r/issues/12/comments");
            forge
                .state()
                .instead
                .push(instead(method, status, &[("location", &to)], Value::Null));
            let outcome = comments(&forge, &sample).end();
            warned(
                outcome,
                1,
                &[
                    "redirects its API to http://127.0.0.1:",
                    "the token goes nowhere but to",
                ],
            );
        }
    }
    assert_eq!(elsewhere.server.asked(), []);
}

#[test]
fn a_repository_with_a_new_name_is_followed_on_the_same_origin() {
    let forge = Forge::github(&[actions(May::Write)]);
    for method in ["GET", "POST"] {
        let to = "/api/repos/o/r/issues/12/comments";
        forge
            .state()
            .instead
            .push(instead(method, 307, &[("location", to)], Value::Null));
    }
    comments(&forge, &results(&[passed("a")]))
        .variable("GITHUB_REPOSITORY", "o/old")
        .end();
    // The look, which was sent on, and the new comment, which was too.
    assert_eq!(forge.texts(BOT).len(), 1);
}

#[test]
fn the_trace_has_its_requests_and_no_token() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sandbox = sandbox("");
    let outcome = on_github(&forge, Proctor::run(&sandbox, "app-7f3"))
        .arguments(&[
            "--comment",
            "auto",
            "--trace",
            "trace.har",
            "--output",
            "ndjson",
        ])
        .arguments(&["--log", "trace"])
        .variable("GITHUB_TOKEN", OF_JOB)
        .end()
        .expect(0);
    let trace: Value = serde_json::from_str(&outcome.read("trace.har")).expect("JSON");
    let entries = trace["log"]["entries"].as_array().expect("entries");
    let own: Vec<String> = entries
        .iter()
        .filter(|entry| entry["_target"] == "comment")
        .map(|entry| {
            format!(
                "{} {}",
                entry["request"]["method"].as_str().unwrap_or(""),
                entry["response"]["status"]
            )
        })
        .collect();
    assert_eq!(own, ["GET 200", "POST 201", "GET 200"]);
    let last = outcome.out.lines().last().expect("events");
    assert!(
        last.contains("\"result\""),
        "the last line ends the stream: {last}"
    );
}

#[test]
fn the_way_of_the_network_is_the_services() {
    // A proxy that is none: nothing may be sent past it.
    let forge = Forge::github(&[actions(May::Write)]);
    let outcome = comments(&forge, &results(&[failed("a")]))
        .variable("GITHUB_API_URL", "https://api.github.invalid")
        .variable("HTTPS_PROXY", "socks5://127.0.0.1:9")
        .end();
    warned(outcome, 1, &["no comment was written", "SOCKS5"]);
    let outcome = render(&results(&[failed("a")]))
        .arguments(&["--comment", "github", "--ca-file", "missing.pem"])
        .variable("GITHUB_API_URL", "https://api.github.invalid")
        .variable("GITHUB_REPOSITORY", "o/r")
        .variable("GITHUB_REF", "refs/pull/1/merge")
        .variable("GITHUB_TOKEN", OF_JOB)
        .end();
    warned(outcome, 1, &["no comment was written", "missing.pem"]);
}
