//! One step of a suite. Its shape is that of the vendor's webhook guide, which is ASSUMED to be that of the reports.

use serde_json::Value;

use crate::api::json;
use crate::model::{TestCase, Verdict};
use crate::services::Description;

/// The step as a test.
pub fn test(service: &Description, suite: &str, index: usize, step: &Value) -> TestCase {
    let name = json::text(step, service.assumed("step_name"))
        .unwrap_or_else(|| format!("step {}", index + 1));
    let (verdict, why) = match json::text(step, service.assumed("step_verdict")) {
        Some(word) => read_word(service, &word),
        None => (Verdict::Errored, Some("it has no verdict".to_owned())),
    };
    let mut test = TestCase::new(suite, name, verdict);
    test.duration_ms = duration_ms(service, step);
    if verdict == Verdict::Passed {
        return test;
    }
    let failures = json::list(step, service.assumed("assertions")).unwrap_or_default();
    test.message = failures
        .first()
        .map(|failure| assertion(failure))
        .or_else(|| json::text(step, service.assumed("error_text")))
        .or(why);
    if let Some(first) = failures.first() {
        test.expected = first.get("expected").map(json::shown);
        test.actual = first.get("actual").map(json::shown);
    }
    test.details = details(step, &failures);
    test
}

/// What a word of a suite or step means. An unknown one is `unknown`, which never passes.
pub fn read_word(service: &Description, word: &str) -> (Verdict, Option<String>) {
    if service.knows("words_passed", word) {
        (Verdict::Passed, None)
    } else if service.knows("words_failed", word) || service.knows("words_buggy", word) {
        (Verdict::Failed, None)
    } else if service.knows("words_skipped", word) {
        (Verdict::Skipped, None)
    } else if service.knows("words_unfinished", word) {
        (
            Verdict::Errored,
            Some(format!("it had not ended when the job had ({word})")),
        )
    } else {
        (
            Verdict::Unknown,
            Some(format!(
                "the service told of a verdict that is not known: {word:?}"
            )),
        )
    }
}

/// The duration in milliseconds, if there is a sensible one.
pub fn duration_ms(service: &Description, value: &Value) -> Option<u64> {
    let ms = json::number(value, service.assumed("duration_ms"))?;
    (0.0..1e12).contains(&ms).then_some(ms as u64)
}

/// One failed assertion in one line.
fn assertion(failure: &Value) -> String {
    let part = |name: &str| failure.get(name).and_then(json::scalar);
    let what = match (part("type"), part("key")) {
        (Some(kind), Some(key)) => format!("{kind} {key}"),
        (Some(kind), None) => kind,
        (None, Some(key)) => key,
        (None, None) => "assertion".to_owned(),
    };
    match (
        failure.get("expected"),
        failure.get("actual"),
        part("error"),
    ) {
        (Some(expected), Some(actual), _) => format!(
            "{what}: expected {}, got {}",
            one_line(&json::shown(expected)),
            one_line(&json::shown(actual))
        ),
        (_, _, Some(error)) => format!("{what}: {error}"),
        _ => format!("{what} failed"),
    }
}

fn one_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let line = words.join(" ");
    if line.len() <= LONGEST {
        return line;
    }
    format!("{}…", &line[..line.floor_char_boundary(LONGEST)])
}

/// All failed assertions, the request and the answer. Headers are left out: they may hold credentials.
fn details(step: &Value, failures: &[&Value]) -> Option<String> {
    let mut lines: Vec<String> = failures.iter().map(|failure| assertion(failure)).collect();
    let part = |path: &str| {
        json::select(step, path)
            .first()
            .and_then(|value| json::scalar(value))
    };
    if let (Some(method), Some(url)) = (part("requestSent.method"), part("requestSent.url")) {
        lines.push(format!("request: {method} {url}"));
    }
    if let Some(body) = part("requestSent.body") {
        lines.push(format!("request body: {body}"));
    }
    if let Some(status) = part("responseReceived.status") {
        lines.push(format!("response: {status}"));
    }
    if let Some(body) = part("responseReceived.body") {
        lines.push(format!("response body: {body}"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
