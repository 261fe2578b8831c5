//! The Common Test Report Format of ctrf.io, version 0.0.0 of its specification.
//!
//! Members that the specification does not know are refused by its schema, but for those in `extra`
//! (`schema/ctrf.schema.json` of ctrf-io/ctrf). A name must not be empty, a duration must be there, and a status is one of
//! five, so the verdict itself stands in `rawStatus`.
//!
//! Readers count only `failed` as a failure. So everything that went wrong is that, whatever its verdict, unless it is set
//! not to count: `other`, as it was neither left out nor did it pass.

use std::collections::BTreeSet;

use super::class::Class;
use super::clean::{cut_middle, link, one_line, visible};
use super::issues::relative;
use super::object::{Object, list, texts};
use super::view::{Trouble, excuse, targets, timestamp, trouble, untold};
use crate::model::{Attachment, Report, Results, TestCase, Verdict};
use crate::verdict::meaning;

/// The version of the specification.
const VERSION: &str = "0.0.0";
/// How long a name may be, in characters.
const MAX_NAME: usize = 512;
/// How long a message may be, in characters.
const MAX_MESSAGE: usize = 2048;
/// How long a trace may be, in bytes.
const MAX_TRACE: usize = 32 * 1024;
/// How much all traces may take, in bytes; after that tests have none. Readers take all of a file into memory.
const ROOM: usize = 24_000_000;
/// How many earlier attempts and attachments of a test are told.
const MOST: usize = 50;

/// Renders the report.
pub(super) fn render(results: &Results) -> String {
    let mut page = Page {
        left: ROOM,
        ..Page::default()
    };
    for (report, exit_code) in targets(results) {
        if let Some(trouble) = trouble(report, exit_code) {
            page.target(&report.target, Some(report), &trouble);
        }
        for test in &report.tests {
            page.test(report, test, exit_code);
        }
    }
    if results.targets.is_empty() && results.conclusion.exit_code != 0 {
        let nothing = Trouble {
            verdict: Verdict::Errored,
            word: results.conclusion.verdict.word(),
            message: meaning(&results.conclusion),
            problem: None,
        };
        page.target("proctor", None, &nothing);
    }
    let tool = Object::default()
        .text("name", "proctor")
        .text("version", &one_line(&results.version, MAX_NAME))
        .finish();
    format!(
        "{{\n\"reportFormat\": \"CTRF\",\n\"specVersion\": \"{VERSION}\",\n\"timestamp\": \"{}\",\n\"generatedBy\": \"proctor\",\n\
         \"results\": {{\n\"tool\": {tool},\n\"summary\": {},\n\"tests\": {}\n}}\n}}\n",
        timestamp(results.started_at_ms.saturating_add(results.duration_ms)),
        page.summary(results),
        super::json::array(&page.tests),
    )
}

/// How a test ended, as the format has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Passed,
    Failed,
    Skipped,
    Other,
}

impl Status {
    const ALL: [Self; 4] = [Self::Passed, Self::Failed, Self::Skipped, Self::Other];

    const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Other => "other",
        }
    }

    const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Skipped => Self::Skipped,
            Verdict::Failed
            | Verdict::Errored
            | Verdict::Cancelled
            | Verdict::TimedOut
            | Verdict::Unknown => Self::Failed,
        }
    }
}

/// The tests that are written already, and what is counted of them.
#[derive(Default)]
struct Page {
    tests: Vec<String>,
    counts: [u64; Status::ALL.len()],
    classes: [u64; Class::ALL.len()],
    suites: BTreeSet<(String, String)>,
    /// What room is left for traces, in bytes.
    left: usize,
}

impl Page {
    /// What a target itself has to say.
    fn target(&mut self, name: &str, report: Option<&Report>, trouble: &Trouble<'_>) {
        let name = named(name);
        let next = trouble.problem.map(|problem| {
            let id = problem.request_id.as_deref();
            let id = id.map(|id| format!("\nrequest id: {id}"));
            format!(
                "who: {}\nnext: {}{}",
                problem.who,
                problem.next,
                id.unwrap_or_default()
            )
        });
        let status = Status::of(trouble.verdict);
        let test = Object::default()
            .text("name", "run")
            .text("status", status.word())
            .number("duration", 0)
            .json("suite", &texts(&[&name]))
            .text("message", &one_line(trouble.message, MAX_MESSAGE))
            .maybe_json("trace", self.trace(next.as_deref()))
            .text("rawStatus", trouble.word);
        self.counts[status as usize] += 1;
        self.suites.insert((name, String::new()));
        self.tests.push(placed(test, report).finish());
    }

    fn test(&mut self, report: &Report, test: &TestCase, exit_code: u8) {
        let class = Class::of(report, test);
        let status = match class {
            Class::Quarantined => Status::Other,
            Class::Known if !class.counts(report, exit_code) => Status::Other,
            Class::LeftOut => Status::Skipped,
            _ => Status::of(test.verdict),
        };
        let (target, suite) = (named(&report.target), one_line(&test.suite, MAX_NAME));
        let suites = match suite.is_empty() {
            true => texts(&[&target]),
            false => texts(&[&target, &suite]),
        };
        let retried = test.attempts > 1;
        let written = Object::default()
            .text("name", &named(&test.name))
            .text("status", status.word())
            .number("duration", test.duration_ms.unwrap_or_default())
            .json("suite", &suites)
            .maybe_text("message", message(test, class).as_deref())
            .maybe_json("trace", self.trace(trace(test).as_deref()))
            .text("rawStatus", test.verdict.word())
            .maybe_json("tags", class.word().map(|word| texts(&[word])))
            .maybe_json("retries", retried.then(|| (test.attempts - 1).to_string()))
            .maybe_json("retryAttempts", self.attempts(test))
            .maybe_json("flaky", (class == Class::Flaky).then(|| "true".to_owned()))
            .maybe_json("attachments", attachments(&test.attachments))
            .maybe_json("extra", extra(test, class));
        self.counts[status as usize] += 1;
        self.classes[class as usize] += 1;
        self.suites.insert((target, suite));
        self.tests.push(placed(written, Some(report)).finish());
    }

    /// What came of a test before it was run again.
    fn attempts(&mut self, test: &TestCase) -> Option<String> {
        let mut number: u64 = 1;
        let mut attempts = Vec::new();
        for attempt in test.earlier.iter().take(MOST) {
            let message = attempt.message.as_deref();
            let message = message.map(|message| one_line(message, MAX_MESSAGE));
            let written = Object::default()
                .number("attempt", number)
                .text("status", Status::of(attempt.verdict).word())
                .maybe_json("duration", attempt.duration_ms.map(|ms| ms.to_string()))
                .maybe_text("message", message.as_deref())
                .maybe_json("trace", self.trace(trace(attempt).as_deref()));
            attempts.push(written.finish());
            number += u64::from(attempt.attempts.max(1));
        }
        (!attempts.is_empty()).then(|| list(&attempts))
    }

    /// A trace as JSON, as long as there is room.
    fn trace(&mut self, text: Option<&str>) -> Option<String> {
        let text = super::json::quoted(&visible(&cut_middle(text?, MAX_TRACE)));
        self.left = self.left.checked_sub(text.len())?;
        Some(text)
    }

    fn summary(&self, results: &Results) -> String {
        let count = |status: Status| self.counts[status as usize];
        let class = |class: Class| self.classes[class as usize];
        let conclusion = &results.conclusion;
        let extra = Object::default()
            .text("verdict", conclusion.verdict.word())
            .number("exitCode", conclusion.exit_code.into())
            .number("new", class(Class::New))
            .number("known", class(Class::Known))
            .number("quarantined", class(Class::Quarantined));
        Object::default()
            .number("tests", self.tests.len() as u64)
            .number("passed", count(Status::Passed))
            .number("failed", count(Status::Failed))
            .number("skipped", count(Status::Skipped))
            .number("pending", 0)
            .number("other", count(Status::Other))
            .number("flaky", class(Class::Flaky))
            .number("suites", self.suites.len() as u64)
            .number("start", results.started_at_ms)
            .number(
                "stop",
                results.started_at_ms.saturating_add(results.duration_ms),
            )
            .number("duration", results.duration_ms)
            .json("extra", &extra.finish())
            .finish()
    }
}

/// A name that is not empty.
fn named(name: &str) -> String {
    match one_line(name, MAX_NAME) {
        name if name.is_empty() => "unnamed".to_owned(),
        name => name,
    }
}

/// With the place where the target is defined.
fn placed(test: Object, report: Option<&Report>) -> Object {
    let Some(location) = report.and_then(|report| report.location.as_ref()) else {
        return test;
    };
    test.text("filePath", &relative(&location.file))
        .number("line", location.line.into())
}

fn message(test: &TestCase, class: Class) -> Option<String> {
    let said = test.message.as_deref();
    let message = match (class, &test.quarantine) {
        (Class::Quarantined, Some(quarantine)) => {
            let said = said.unwrap_or(test.verdict.word());
            format!("{} ({said})", excuse(quarantine))
        }
        (Class::Flaky, _) => untold(test).or_else(|| said.map(str::to_owned))?,
        _ => said?.to_owned(),
    };
    Some(one_line(&message, MAX_MESSAGE))
}

/// All that is known beyond the message.
fn trace(test: &TestCase) -> Option<String> {
    let labelled =
        |label: &str, text: &Option<String>| text.as_ref().map(|text| format!("{label}: {text}"));
    let parts = [
        test.details.clone(),
        labelled("expected", &test.expected),
        labelled("actual", &test.actual),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// Files at the service. Those without an address of the web are left out, lest a reader open them here.
fn attachments(attachments: &[Attachment]) -> Option<String> {
    let known = attachments
        .iter()
        .filter_map(|attachment| Some((attachment, link(&attachment.url)?)));
    let written: Vec<String> = known
        .take(MOST)
        .map(|(attachment, url)| {
            Object::default()
                .text("name", &named(&attachment.name))
                .text("contentType", content_type(&attachment.name))
                .text("path", &url)
                .finish()
        })
        .collect();
    (!written.is_empty()).then(|| list(&written))
}

/// The type of a file by its name, which is all that is known of it.
fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "json" | "har" => "application/json",
        "txt" | "log" => "text/plain",
        "html" => "text/html",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

/// What the format has no member for.
fn extra(test: &TestCase, class: Class) -> Option<String> {
    let url = test.url.as_deref().and_then(link);
    let quarantine = test.quarantine.as_ref();
    let quarantine = quarantine.filter(|_| class == Class::Quarantined);
    if url.is_none() && quarantine.is_none() {
        return None;
    }
    let until = quarantine.map(|quarantine| {
        Object::default()
            .text("reason", &one_line(&quarantine.reason, MAX_MESSAGE))
            .text("until", &one_line(&quarantine.until, MAX_NAME))
            .finish()
    });
    let extra = Object::default()
        .maybe_text("url", url.as_deref())
        .maybe_json("quarantine", until);
    Some(extra.finish())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{ROOM, render};
    use crate::model::Results;
    use crate::report::sample::{any_results, many, remarked, results, total};

    fn read(results: &Results) -> Value {
        let read: Value = serde_json::from_str(&render(results)).unwrap();
        let (summary, tests) = (&read["results"]["summary"], tests(&read));
        assert_eq!(summary["tests"], tests.len());
        for status in ["passed", "failed", "skipped", "pending", "other"] {
            let count = tests.iter().filter(|test| test["status"] == status);
            assert_eq!(summary[status], count.count(), "{status}");
        }
        let flaky = tests.iter().filter(|test| test["flaky"] == true);
        assert_eq!(summary["flaky"], flaky.count());
        read
    }

    fn tests(report: &Value) -> &[Value] {
        report["results"]["tests"].as_array().unwrap()
    }

    #[test]
    fn what_is_told_apart_is_told() {
        let report = read(&remarked());
        let summary = &report["results"]["summary"];
        assert_eq!(
            summary["extra"],
            json!({"verdict": "failed", "exitCode": 1, "new": 1, "known": 1, "quarantined": 1})
        );
        let tests = tests(&report);
        let told: Vec<String> = tests
            .iter()
            .map(|test| {
                let tag = test["tags"][0].as_str().unwrap_or("-");
                let text = |field: &str| test[field].as_str().unwrap();
                format!("{} {} {tag}", text("name"), text("status"))
            })
            .collect();
        assert_eq!(
            told,
            [
                "is there passed -",
                "counts items passed flaky",
                "applies a coupon other quarantined",
                "removes an item failed known",
                "warm-up failed -",
                "adds an item failed new",
                "is empty at first passed flaky",
                "run skipped -",
                "run skipped -",
                "first passed -",
                "second skipped left-out",
            ]
        );
        assert_eq!(
            tests[1]["retryAttempts"],
            json!([
                {"attempt": 1, "status": "failed", "duration": 30_000},
                {"attempt": 2, "status": "failed", "message": "2 items, not 3"},
            ])
        );
        assert_eq!(tests[1]["retries"], 2);
        assert_eq!(tests[2]["extra"]["quarantine"]["until"], "2026-12-31");
        assert_eq!(tests[5]["filePath"], "ci/proctor.toml");
        assert_eq!(tests[5]["suite"], json!(["shop", "cart"]));
        assert_eq!(tests[7]["message"], "PAYMENTS_KEY is not set");
    }

    #[test]
    fn what_is_known_and_does_not_count_is_no_failure() {
        let mut results = remarked();
        results.targets[0]
            .tests
            .retain(|test| test.name.contains("removes"));
        results.conclusion.exit_codes = vec![0, 0, 0];
        results.conclusion.exit_code = 0;
        let report = read(&results);
        let known = &tests(&report)[0];
        assert_eq!(
            (&known["status"], &known["rawStatus"]),
            (&json!("other"), &json!("failed"))
        );
        assert_eq!(report["results"]["summary"]["extra"]["known"], 1);
        results.conclusion.exit_codes = vec![1, 0, 0];
        assert_eq!(tests(&read(&results))[0]["status"], "failed");
    }

    #[test]
    fn a_run_without_targets_is_not_silent() {
        let report = read(&results(Vec::new()));
        assert_eq!(tests(&report)[0]["status"], "failed");
        assert_eq!(tests(&report)[0]["message"], "no tests ran");
    }

    #[test]
    fn traces_go_before_tests() {
        let text = render(&many(1_000, &"x".repeat(40_000)));
        assert!(text.len() < ROOM + 1_000_000, "{}", text.len());
        let report: Value = serde_json::from_str(&text).unwrap();
        let tests = tests(&report);
        assert_eq!(tests.len(), 1_000);
        assert!(tests[0].get("trace").is_some() && tests[999].get("trace").is_none());
        assert_eq!(tests[999]["message"], "it broke");
    }

    proptest! {
        #[test]
        fn any_run_is_counted_and_named(results in any_results()) {
            let report = read(&results);
            let tests = tests(&report);
            prop_assert!(tests.len() >= total(&results));
            prop_assert!(tests.iter().all(|test| test["name"] != ""));
            let failed = &report["results"]["summary"]["failed"];
            prop_assert!(results.conclusion.exit_code == 0 || *failed != 0, "a failure is never green");
        }
    }
}
