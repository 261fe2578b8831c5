//! What a hostile service might write, and what has to become of it.

use serde_json::{Value, json};

/// What stands in a text here for half a character, which no text of Rust can hold.
pub const HALF: char = '\u{f8ff}';

/// A text, and how it looks on one line once it is cleaned: no escape sequences, every other control and every mark
/// that reorders text as U+FFFD, blanks run together. Nothing else may change.
pub struct Hostile {
    pub raw: String,
    pub clean: &'static str,
}

const TEXTS: [(&str, &str); 22] = [
    (
        "::error file=a.js,line=1::forged",
        "::error file=a.js,line=1::forged",
    ),
    (
        "  ::set-output name=verdict::passed",
        "::set-output name=verdict::passed",
    ),
    ("##[error]forged", "##[error]forged"),
    ("100%0A::add-mask::e%25%3A", "100%0A::add-mask::e%25%3A"),
    (
        "line\n::stop-commands::t\n##vso[task.complete]\nend",
        "line ::stop-commands::t ##vso[task.complete] end",
    ),
    (
        "]]><testcase name='forged'/><!-- &amp; <![CDATA[",
        "]]><testcase name='forged'/><!-- &amp; <![CDATA[",
    ),
    (
        "\u{1b}[31mred\u{1b}[0m\u{1b}[2J\u{1b}]0;title\u{7} text",
        "red text",
    ),
    (
        "\u{1b}[0Ksection_end:1:proctor_progress\r\u{1b}[0K",
        "section_end:1:proctor_progress",
    ),
    (
        "nul:\0 bell:\u{7} csi:\u{9b}2J end",
        "nul:\u{fffd} bell:\u{fffd} csi: end",
    ),
    (
        "half \u{f8ff} of a character",
        "half \u{fffd} of a character",
    ),
    (
        "\u{202e}desrever\u{2066}x\u{2069}\u{200f}",
        "\u{fffd}desrever\u{fffd}x\u{fffd}\u{fffd}",
    ),
    (
        "@everyone and @octocat, a@b.test",
        "@everyone and @octocat, a@b.test",
    ),
    (
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
    ),
    (
        "</code></pre></details><iframe src=https://evil.test>",
        "</code></pre></details><iframe src=https://evil.test>",
    ),
    (
        "EOF\nproctor_x\nverdict=passed\nverdict<<EOF\npassed\nEOF",
        "EOF proctor_x verdict=passed verdict<<EOF passed EOF",
    ),
    (
        "| `b` | *c* ~d~ $e$ [f](javascript:alert(1)) ![g](https://evil.test/p.png) #1",
        "| `b` | *c* ~d~ $e$ [f](javascript:alert(1)) ![g](https://evil.test/p.png) #1",
    ),
    ("```\n````\n~~~", "``` ```` ~~~"),
    ("[[ATTACHMENT|/etc/passwd]]", "[[ATTACHMENT|/etc/passwd]]"),
    ("a\r\nb\rc\u{2028}d\te\u{b}f", "a b c d e\u{fffd}f"),
    (
        "%%{init: {}}%% section x : crit, 0, 1 ; # click a href",
        "%%{init: {}}%% section x : crit, 0, 1 ; # click a href",
    ),
    (
        "$(id) `id` $HOME ${{ secrets.KEY }} {{7*7}}",
        "$(id) `id` $HOME ${{ secrets.KEY }} {{7*7}}",
    ),
    ("größe 日本 👩‍🚀 🇺🇳", "größe 日本 👩‍🚀 🇺🇳"),
];

/// All of them.
pub fn all() -> Vec<Hostile> {
    let hostile = |(raw, clean): (&str, &'static str)| Hostile {
        raw: raw.to_owned(),
        clean,
    };
    TEXTS.into_iter().map(hostile).collect()
}

/// A message of more than a megabyte, and how it begins.
pub fn long() -> Hostile {
    Hostile {
        raw: format!("begins {} ends", "long ".repeat(220_000)),
        clean: "begins long long",
    }
}

/// Addresses that must not become links, or not as they are.
const URLS: [&str; 7] = [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "https://x.test/a)](https://evil.test)",
    "https://x.test/\"><script>alert(1)</script>",
    "https://x.test/$(id)?a=`b`&c='d'#\u{202e}e",
    "https://x.test/\n::error::forged",
];

/// Results in which every text from outside is hostile: a target with a failed test for each text, one that could not be
/// judged, one that passed.
pub fn results() -> String {
    let texts: Vec<Hostile> = all().into_iter().chain([long()]).collect();
    let tests: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| test(at, &text.raw))
        .collect();
    let passed =
        json!({"suite": "s", "name": "t", "verdict": "passed", "attempts": 1, "attachments": []});
    let targets = [
        target("api", "failed", tests, problem("failed", "tests failed")),
        target(
            &texts[0].raw,
            "errored",
            Vec::new(),
            problem("protocol", &texts[0].raw),
        ),
        target(&texts[12].raw, "passed", vec![passed], Value::Null),
    ];
    document(&targets, &[1, 8, 0])
}

/// Results of targets with hostile names, none of which has a test.
pub fn results_of_targets() -> String {
    let texts = all();
    let targets: Vec<Value> = texts
        .iter()
        .map(|text| {
            let problem = problem("protocol", &text.raw);
            target(&text.raw, "errored", Vec::new(), problem)
        })
        .collect();
    document(&targets, &vec![8; targets.len()])
}

fn document(targets: &[Value], exit_codes: &[u8]) -> String {
    let results = json!({
        "schema": 1, "verdict": "errored", "exit_code": 8, "exit_codes": exit_codes, "version": "0.0.0",
        "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 61_000, "targets": targets
    });
    results.to_string().replace(HALF, "\\ud83d")
}

fn target(name: &str, verdict: &str, tests: Vec<Value>, error: Value) -> Value {
    json!({
        "name": name, "provider": name, "verdict": verdict, "reason": null, "error": error,
        "run": {"id": name, "url": "https://x.test/runs/1"},
        "counts": counts(&tests), "tests": tests, "warnings": [name],
        "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 61_000, "queued_ms": null, "location": null
    })
}

fn problem(code: &str, message: &str) -> Value {
    json!({
        "code": code, "message": message, "who": message, "retriable": false, "next": message, "request_id": message
    })
}

/// How many tests have each verdict.
fn counts(tests: &[Value]) -> Value {
    let count = |verdict: &str| {
        tests
            .iter()
            .filter(|test| test["verdict"] == verdict)
            .count()
    };
    json!({
        "passed": count("passed"), "failed": count("failed"), "errored": 0, "cancelled": 0, "timed_out": 0,
        "skipped": 0, "unknown": 0, "total": tests.len()
    })
}

fn test(at: usize, text: &str) -> Value {
    // A megabyte is for messages; a name of that length would be another case.
    let name = if text.len() > 10_000 {
        "a megabyte"
    } else {
        text
    };
    json!({
        "suite": "suite", "name": name, "verdict": "failed", "duration_ms": at, "attempts": 1,
        "message": text, "details": text, "expected": text, "actual": text,
        "url": URLS[at % URLS.len()],
        "attachments": [{"name": name, "url": URLS[(at + 3) % URLS.len()]}]
    })
}
