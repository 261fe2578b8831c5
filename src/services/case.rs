//! One step, suite or run as services tell of it: a name, a word for the verdict, assertions, links. All fields are
//! looked for at the places that the service's description assumes.

use serde_json::Value;

use super::Description;
use crate::api::json;
use crate::model::{Attachment, TestCase, Verdict};

/// The name of the test that stands for a run whose tests do not account for its verdict.
pub const RUN_AS_A_WHOLE: &str = "run as a whole";

/// The same for a suite.
pub const SUITE_AS_A_WHOLE: &str = "suite as a whole";

/// The same for what was told of the run in answer to its trigger.
pub const ANSWER_TO_THE_TRIGGER: &str = "answer to the trigger";

/// Whether a test of this name stands for something that has no test of its own: it may be there after one run and not
/// after another.
#[must_use]
pub fn is_stand_in(name: &str) -> bool {
    [RUN_AS_A_WHOLE, SUITE_AS_A_WHOLE, ANSWER_TO_THE_TRIGGER].contains(&name)
}

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
    test.attachments = attachments(service, step);
    if verdict == Verdict::Passed {
        return test;
    }
    let mut failures = json::list(step, service.assumed("assertions")).unwrap_or_default();
    failures.retain(|failure| failure.get("passed") != Some(&Value::Bool(true)));
    test.message = failures
        .first()
        .map(|failure| assertion(failure))
        .or_else(|| json::text(step, service.assumed("error_text")))
        .or(why);
    if let Some(first) = failures.first() {
        test.expected = expected(first).map(json::shown);
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
    } else if service.knows("words_errored", word) {
        (Verdict::Errored, None)
    } else if service.knows("words_cancelled", word) {
        (Verdict::Cancelled, None)
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
    match (expected(failure), failure.get("actual"), part("error")) {
        (Some(expected), Some(actual), _) => format!(
            "{what}: expected {}, got {}",
            one_line(&json::shown(expected)),
            one_line(&json::shown(actual))
        ),
        (_, _, Some(error)) => format!("{what}: {error}"),
        _ => format!("{what} failed"),
    }
}

fn expected(failure: &Value) -> Option<&Value> {
    failure.get("expected").or_else(|| failure.get("value"))
}

/// The links to what the service keeps: at each place a URL, a list of URLs, or of objects with `url` and perhaps `name`.
pub fn attachments(service: &Description, value: &Value) -> Vec<Attachment> {
    let mut links = Vec::new();
    for place in service.assumed("links") {
        let name = place.rsplit('.').next().unwrap_or(place);
        let name = name.trim_end_matches("[]").trim_end_matches("_url");
        for found in json::select(value, place) {
            let url = json::scalar(found.get("url").unwrap_or(found));
            let own = found.get("name").and_then(json::scalar);
            match url {
                Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
                    links.push(Attachment {
                        name: own.unwrap_or_else(|| name.to_owned()),
                        url,
                    });
                }
                _ => {}
            }
        }
    }
    links
}

/// The text in one line, cut to a sane length.
pub fn one_line(text: &str) -> String {
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
