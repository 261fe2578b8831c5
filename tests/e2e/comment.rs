//! Results as a comment on a pull or merge request, at servers that have the APIs of GitHub and GitLab.

mod github;
mod gitlab;
mod hostile;
mod outside;
mod wishes;

use proctor_test_support::forge::{Account, Comment, Forge, May};
use proctor_test_support::{Outcome, Proctor};
use serde_json::{Value, json};

/// A token as GitHub gives each job.
const OF_JOB: &str = "ghs_of-a-job-0123456789";

/// A token of a person.
const OF_PERSON: &str = "ghp_of-a-person-0123456789";

/// What marks the comment of the jobs below.
const MARKER: &str = "<!-- proctor:Hosted%20tests/e2e -->";

/// The account of GitHub Actions.
const fn actions(may: May) -> Account {
    Account {
        token: OF_JOB,
        id: 41_898_282,
        kind: "Bot",
        may,
    }
}

const fn person(may: May) -> Account {
    Account {
        token: OF_PERSON,
        id: 5,
        kind: "User",
        may,
    }
}

/// A failed test.
fn failed(name: &str) -> Value {
    json!({
        "suite": "checkout", "name": name, "verdict": "failed", "attempts": 1,
        "message": "it is broken", "attachments": [],
    })
}

fn passed(name: &str) -> Value {
    json!({"suite": "checkout", "name": name, "verdict": "passed", "attempts": 1, "attachments": []})
}

/// The results of one target with these tests, of which one at least has failed, or none.
fn results(tests: &[Value]) -> Value {
    let count = |verdict: &str| {
        tests
            .iter()
            .filter(|test| test["verdict"] == verdict)
            .count()
    };
    let (verdict, code) = match count("failed") {
        0 => ("passed", 0),
        _ => ("failed", 1),
    };
    json!({
        "schema": 1, "verdict": verdict, "exit_code": code, "exit_codes": [code], "version": "0.1.0",
        "started_at": "2026-01-02T03:04:05.000Z", "duration_ms": 1000,
        "targets": [{
            "name": "api", "provider": "keploy", "verdict": verdict, "reason": null, "error": null,
            "run": {"id": "run-1", "url": "https://keploy.example/runs/1"},
            "counts": {
                "passed": count("passed"), "failed": count("failed"), "errored": 0, "cancelled": 0, "timed_out": 0,
                "skipped": 0, "unknown": 0, "total": tests.len(),
            },
            "tests": tests, "warnings": [], "started_at": "2026-01-02T03:04:05.000Z", "duration_ms": 1000,
        }],
    })
}

/// `proctor render` with these results.
fn render(results: &Value) -> Proctor {
    Proctor::new(&["render", "--from", "results.json"]).file("results.json", &results.to_string())
}

/// What GitHub Actions tells a job of the pull request 12.
fn on_github(forge: &Forge, proctor: Proctor) -> Proctor {
    [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_API_URL", &forge.api()),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_REF", "refs/pull/12/merge"),
        ("GITHUB_RUN_ID", "77"),
        ("GITHUB_WORKFLOW", "Hosted tests"),
        ("GITHUB_JOB", "e2e"),
    ]
    .into_iter()
    .fold(proctor, |proctor, (name, value)| {
        proctor.variable(name, value)
    })
}

/// A job of GitHub's that comments on some results.
fn comments(forge: &Forge, results: &Value) -> Proctor {
    on_github(forge, render(results))
        .arguments(&["--comment", "auto"])
        .variable("GITHUB_TOKEN", OF_JOB)
}

/// That the exit code is that of the results, and one warning says this.
#[track_caller]
fn warned(outcome: Outcome, code: i32, says: &[&str]) {
    let outcome = outcome.expect(code);
    let warnings: Vec<&str> = outcome
        .err
        .lines()
        .filter(|line| line.starts_with("warning:"))
        .collect();
    assert_eq!(warnings.len(), 1, "{}", outcome.err);
    for text in says {
        assert!(
            warnings[0].contains(text),
            "{text:?} is not in {}",
            warnings[0]
        );
    }
}

/// The one comment of this author.
#[track_caller]
fn only(forge: &Forge, author: u64) -> String {
    let texts = forge.texts(author);
    assert_eq!(texts.len(), 1, "{texts:?}");
    texts[0].clone()
}

fn bodies(comments: &[Comment]) -> Vec<&str> {
    comments
        .iter()
        .map(|comment| comment.body.as_str())
        .collect()
}
