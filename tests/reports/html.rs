//! The page for people, opened in a browser.
//!
//! What is done there stands in `html.cjs`, one scenario for each test here. The browser reaches nothing: whatever the
//! page asks for is counted and refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use proctor_test_support::{Outcome, Proctor, consumers, root, sandbox};
use serde_json::{Value, json};

/// Opens a page and goes through a scenario; nothing if there is no browser here.
pub fn open(scenario: &str, page: &Path) {
    let (Some(browser), Some(mut node)) = (
        consumers::program("chromium"),
        consumers::node(&["playwright-core"]),
    ) else {
        return;
    };
    let pictures = pictures();
    fs::create_dir_all(&pictures).expect("a folder for pictures");
    let Output {
        status,
        stdout,
        stderr,
    } = node
        .arg(root().join("tests/reports/html.cjs"))
        .arg(scenario)
        .arg(page)
        .arg(browser.get_program())
        .arg(&pictures)
        .output()
        .expect("node starts");
    assert!(
        status.success(),
        "{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
}

/// Where the browser leaves what it saw, for people to look at.
fn pictures() -> PathBuf {
    let program = proctor_test_support::program();
    let target = program
        .ancestors()
        .nth(2)
        .expect("the program lies in target/debug");
    target.join("html-pictures")
}

/// The page that comes of results.
fn rendered(results: &Value) -> Outcome {
    let outcome = Proctor::new(&["render", "html", "--from", "results.json", "--exit-zero"])
        .file("results.json", &results.to_string())
        .end()
        .expect(0);
    fs::write(outcome.path("report.html"), &outcome.out).expect("the folder can be written to");
    outcome
}

/// A test of which nothing is known but this.
fn test(suite: &str, name: &str, verdict: &str) -> Value {
    json!({"suite": suite, "name": name, "verdict": verdict, "queued_ms": null, "duration_ms": null, "attempts": 1,
        "message": null, "details": null, "expected": null, "actual": null, "url": null, "attachments": []})
}

fn target(name: &str, tests: &[Value]) -> Value {
    let count = |verdict: &str| {
        tests
            .iter()
            .filter(|test| test["verdict"] == verdict)
            .count()
    };
    let counts = json!({"total": tests.len(), "passed": count("passed"), "failed": count("failed"),
        "errored": count("errored"), "cancelled": 0, "timed_out": 0, "skipped": count("skipped"), "unknown": 0});
    json!({"name": name, "provider": "keploy", "verdict": "failed", "reason": null, "error": null, "run": null,
        "counts": counts, "tests": tests, "warnings": [], "started_at": "2026-01-02T03:04:05.678Z",
        "duration_ms": 200_000, "queued_ms": 4_000, "location": null})
}

fn results(targets: &[Value]) -> Value {
    json!({"schema": 1, "verdict": "failed", "exit_code": 1, "exit_codes": targets.iter().map(|_| 1).collect::<Vec<_>>(),
        "version": "0.1.0", "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 245_000, "targets": targets})
}

/// Of 20,000 tests each twentieth is skipped, each thousandth failed, and one errored.
fn many() -> Value {
    let tests: Vec<Value> = (0..20_000)
        .map(|number| {
            let verdict = match number {
                7 => "errored",
                _ if number % 1_000 == 0 => "failed",
                _ if number % 20 == 1 => "skipped",
                _ => "passed",
            };
            let suite = format!("suite {}", number / 100);
            let mut test = test(&suite, &format!("case {number} of many"), verdict);
            test["duration_ms"] = json!(number * 7 % 1_000);
            if verdict == "failed" {
                test["message"] = json!(format!("case {number} broke"));
                test["details"] =
                    json!(format!("needle-{number} {}", "line of a log\n".repeat(50)));
            }
            test
        })
        .collect();
    let (one, other) = tests.split_at(12_000);
    results(&[target("api", one), target("shop", other)])
}

/// Everything that a service could say to harm whoever reads the page.
fn hostile() -> Value {
    let texts = [
        "<script>window.harmed = 1</script>",
        "<img src=x onerror=\"window.harmed = 1\">",
        "\"><svg onload=window.harmed=1>",
        "'><iframe srcdoc=\"<script>parent.harmed=1</script>\">",
        "</template></li></ol></main><h1 id=injected>injected</h1>",
        "</title></style></script><script>alert(1)</script>",
        "<!-- <!--> --> ]]> &lt;b&gt; &#60;b&#62;",
        "<base href=https://evil.test/><meta http-equiv=refresh content=0;url=https://evil.test/>",
        "::error::forged\n##[error]forged \u{1b}[2J\u{202e}desrever\u{0}",
        "javascript:window.harmed=1",
    ];
    let tests: Vec<Value> = texts
        .iter()
        .map(|text| {
            let mut test = test(text, text, "failed");
            for member in ["message", "details", "expected"] {
                test[member] = json!(text);
            }
            test["actual"] = json!(format!("{text}\n{text}"));
            test["url"] = json!(text);
            test["attachments"] = json!([
                {"name": text, "url": "javascript:window.harmed=1"},
                {"name": text, "url": "data:text/html,<script>opener.harmed=1</script>"},
                {"name": text, "url": "file:///etc/passwd"},
                {"name": text, "url": format!("https://files.test/{text}")},
            ]);
            test
        })
        .collect();
    let mut target = target(texts[0], &tests);
    target["provider"] = json!(texts[1]);
    target["reason"] = json!(texts[2]);
    target["warnings"] = json!(texts);
    target["run"] = json!({"id": texts[3], "url": "javascript:window.harmed=1"});
    target["location"] = json!({"file": texts[5], "line": 1});
    target["error"] = json!({"code": "failed", "message": texts[4], "who": texts[5], "retriable": false,
        "next": texts[6], "request_id": texts[7]});
    let mut results = results(&[target.clone(), target]);
    results["version"] = json!(texts[5]);
    results
}

#[test]
fn a_real_run_is_read_filtered_and_walked_through() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--report", "html"])
        .end()
        .expect(3);
    open("real", &outcome.path("report.html"));
}

#[test]
fn twenty_thousand_tests_stay_usable() {
    let outcome = rendered(&many());
    open("many", &outcome.path("report.html"));
}

#[test]
fn hostile_text_does_nothing_in_a_browser() {
    let outcome = rendered(&hostile());
    open("hostile", &outcome.path("report.html"));
}

#[test]
fn failures_are_read_without_a_script() {
    let outcome = rendered(&many());
    open("plain", &outcome.path("report.html"));
}
