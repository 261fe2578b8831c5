//! What did not go well as results of an analysis: SARIF 2.1.0, as GitHub's code scanning and others take it.
//!
//! The place of a result is the line of the configuration that defines its target, as that is what the repository has of a
//! test; a result without a place is dropped there. GitHub takes files of up to 10 MB when they are compressed, and keeps
//! 5,000 results of a run (docs.github.com, "SARIF support for code scanning"). It tells results apart by rule, file and
//! `primaryLocationLineHash` alone. Its action would make that of the line, which all tests of a target share, so that
//! they would be one: it is made of their names here.
//!
//! In a message `[text](target)` is a link (section 3.11.6 of the standard), so that what looks like one is broken up.

mod rules;

use super::class::Class;
use super::clean::{cut_middle, link, one_line, visible};
use super::issues::{Issue, first_issues};
use super::object::{Object, list};
use super::view::{self, excuse, plural, timestamp};
use crate::model::{Results, Verdict};
use crate::verdict::meaning;
use rules::Rules;

/// How many results there are at most, with one left for the number of those that are not told.
const MOST: usize = 4_999;
/// How long a title, a message or a name may be, in characters.
const MAX_LINE: usize = 200;
/// How long each text of a message may be, in bytes.
const MAX_TEXT: usize = 1024;
/// How much the further texts of all messages may take, in bytes; after that results have none.
const ROOM: usize = 4_000_000;
/// How many earlier attempts of a test are told.
const MAX_ATTEMPTS: usize = 3;
/// The largest line that readers written for 32 bits take.
const MAX_NUMBER: u32 = i32::MAX.unsigned_abs();

/// Renders the results.
pub(super) fn render(results: &Results) -> String {
    let (issues, more) = first_issues(results, MOST);
    let mut rules = Rules::default();
    let mut left = ROOM;
    let mut rows: Vec<String> = issues
        .iter()
        .map(|issue| row(issue, &mut rules, &mut left))
        .collect();
    if more > 0 {
        let text = format!(
            "{} not told here: read the results",
            plural(more, "more failure")
        );
        let row = started(&mut rules, "more", "note", &text);
        let place = place("proctor.toml", 1);
        let row = row.json("locations", &list(&[place.finish()]));
        rows.push(
            row.json("partialFingerprints", &fingerprint("proctor-more"))
                .finish(),
        );
    }
    let driver = Object::default()
        .text("name", "Proctor")
        .text("version", &one_line(&results.version, MAX_LINE))
        .text("informationUri", env!("CARGO_PKG_REPOSITORY"))
        .json("rules", &rules.written());
    format!(
        "{{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": \"2.1.0\",\n\"runs\": [{{\n\
         \"tool\": {{\"driver\": {}}},\n\"invocations\": [{}],\n\
         \"originalUriBaseIds\": {{\"%SRCROOT%\": {{\"description\": {{\"text\": \"The top of the repository.\"}}}}}},\n\
         \"columnKind\": \"utf16CodeUnits\",\n\"results\": {}\n}}]\n}}\n",
        driver.finish(),
        invocation(results),
        super::json::array(&rows),
    )
}

/// How Proctor itself fared. Tests that failed are what it was to find.
fn invocation(results: &Results) -> String {
    let conclusion = &results.conclusion;
    let end = results.started_at_ms.saturating_add(results.duration_ms);
    let successful = matches!(conclusion.exit_code, 0 | 1);
    Object::default()
        .json(
            "executionSuccessful",
            if successful { "true" } else { "false" },
        )
        .number("exitCode", conclusion.exit_code.into())
        .text("exitCodeDescription", meaning(conclusion))
        .text("startTimeUtc", &timestamp(results.started_at_ms))
        .text("endTimeUtc", &timestamp(end))
        .finish()
}

/// A result with its rule, level and message.
fn started(rules: &mut Rules, word: &'static str, level: &str, text: &str) -> Object {
    let (id, index) = rules.add(word);
    let message = Object::default().text("text", text).finish();
    Object::default()
        .text("ruleId", &id)
        .number("ruleIndex", index as u64)
        .text("level", level)
        .json("message", &message)
}

fn row(issue: &Issue<'_>, rules: &mut Rules, left: &mut usize) -> String {
    let mut text = format!(
        "{}: {}",
        plain(&one_line(&issue.title, MAX_LINE)),
        plain(&one_line(&issue.message, MAX_LINE))
    );
    let further = further(issue);
    if let Some(rest) = left.checked_sub(further.len()) {
        *left = rest;
        text.push_str(&further);
    }
    let (file, line) = issue.place();
    let mut location = place(&file, line);
    if let Some(test) = issue.test {
        let target = issue.report.map_or("", |report| &report.target);
        let name = format!("{target} / {}", view::title(test));
        let logical = Object::default()
            .text("fullyQualifiedName", &one_line(&name, MAX_LINE))
            .text("kind", "function");
        location = location.json("logicalLocations", &list(&[logical.finish()]));
    }
    let run = issue.report.and_then(|report| report.run.as_ref());
    let url = issue
        .test
        .and_then(|test| test.url.as_deref())
        .or(run.and_then(|run| run.url.as_deref()));
    started(rules, issue.word, level(issue), &text)
        .json("locations", &list(&[location.finish()]))
        .json("partialFingerprints", &fingerprint(&issue.fingerprint))
        .maybe_text("baselineState", baseline(issue))
        .maybe_json("suppressions", suppressions(issue))
        .maybe_text("hostedViewerUri", url.and_then(link).as_deref())
        .json("properties", &properties(issue))
        .finish()
}

/// Text without anything that is a link in a message.
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

/// What is known beyond the first line of a message.
fn further(issue: &Issue<'_>) -> String {
    let problem = issue.report.and_then(|report| report.problem.as_ref());
    let problem = problem.filter(|_| issue.test.is_none());
    let mut parts: Vec<(&str, String)> = Vec::new();
    if let Some(test) = issue.test {
        for (name, text) in [
            ("Expected", &test.expected),
            ("Actual", &test.actual),
            ("Details", &test.details),
        ] {
            parts.extend(text.as_ref().map(|text| (name, text.clone())));
        }
        for (attempt, came) in view::earlier(test).into_iter().take(MAX_ATTEMPTS) {
            parts.push(("Before", format!("{attempt}: {came}")));
        }
    }
    if let Some(problem) = problem {
        parts.push(("Who", problem.who.clone()));
        parts.push(("Next", problem.next.clone()));
        parts.extend(problem.request_id.clone().map(|id| ("Request id", id)));
    }
    let mut written = String::new();
    for (name, text) in parts {
        let text = plain(&visible(&cut_middle(&text, MAX_TEXT)));
        written.push_str(&format!("\n{name}: {}", text.trim_end()));
    }
    written
}

/// What fails the run, or would, is an error, but for what was cancelled; what does not count is a note.
const fn level(issue: &Issue<'_>) -> &'static str {
    match (issue.counts, issue.verdict) {
        (false, _) | (true, Verdict::Skipped) => "note",
        (true, Verdict::Cancelled) => "warning",
        (true, _) => "error",
    }
}

/// Where it is: the line of a file, from the top of the repository.
fn place(file: &str, line: u32) -> Object {
    let artifact = Object::default()
        .text("uri", &uri(file))
        .text("uriBaseId", "%SRCROOT%")
        .finish();
    let region = Object::default()
        .number("startLine", line.min(MAX_NUMBER).into())
        .finish();
    let physical = Object::default()
        .json("artifactLocation", &artifact)
        .json("region", &region);
    Object::default().json("physicalLocation", &physical.finish())
}

/// A path as a URI reference. Everything but letters, digits and a few signs is percent-encoded, so that no part of it is
/// taken for a scheme or a query.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

fn fingerprint(fingerprint: &str) -> String {
    Object::default()
        .text("primaryLocationLineHash", fingerprint)
        .text("proctor/v1", fingerprint)
        .finish()
}

/// Whether it was there at the baseline, where there is one.
fn baseline(issue: &Issue<'_>) -> Option<&'static str> {
    use crate::model::Standing;
    match issue.test?.standing? {
        _ if issue.class == Class::Flaky => None,
        Standing::New => Some("new"),
        Standing::Known => Some("unchanged"),
    }
}

fn suppressions(issue: &Issue<'_>) -> Option<String> {
    let quarantine = issue.test?.quarantine.as_ref();
    let quarantine = quarantine.filter(|_| issue.class == Class::Quarantined)?;
    let suppression = Object::default()
        .text("kind", "external")
        .text("status", "accepted")
        .text("justification", &one_line(&excuse(quarantine), MAX_LINE));
    Some(list(&[suppression.finish()]))
}

/// What the standard has no place for.
fn properties(issue: &Issue<'_>) -> String {
    let line = |text: &str| one_line(text, MAX_LINE);
    let report = issue.report;
    let test = issue.test;
    Object::default()
        .maybe_text(
            "target",
            report.map(|report| line(&report.target)).as_deref(),
        )
        .maybe_text(
            "provider",
            report.map(|report| line(&report.provider)).as_deref(),
        )
        .maybe_text("suite", test.map(|test| line(&test.suite)).as_deref())
        .maybe_text("test", test.map(|test| line(&test.name)).as_deref())
        .text("verdict", issue.verdict.word())
        .maybe_json("attempts", test.map(|test| test.attempts.to_string()))
        .finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{ROOM, render, uri};
    use crate::model::{Results, TestCase, Verdict};
    use crate::report::sample::{any_results, hostile, many, remarked, report, results, usual};

    fn read(results: &Results) -> Value {
        serde_json::from_str(&render(results)).unwrap()
    }

    fn found(log: &Value) -> &[Value] {
        log["runs"][0]["results"].as_array().unwrap()
    }

    #[test]
    fn what_is_told_apart_is_told() {
        let log = read(&remarked());
        let results = found(&log);
        let told: Vec<String> = results
            .iter()
            .map(|result| {
                let text = |field: &str| result[field].as_str().unwrap_or("-");
                format!(
                    "{} {} {}",
                    text("ruleId"),
                    text("level"),
                    text("baselineState")
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "proctor/missing-key note -",
                "proctor/fail-fast note -",
                "proctor/failed error new",
                "proctor/timed-out error -",
                "proctor/failed error unchanged",
                "proctor/failed note new",
                "proctor/flaky note -",
                "proctor/flaky note -",
            ]
        );
        let justified = &results[5]["suppressions"][0];
        assert_eq!(
            justified["justification"],
            "in quarantine until 2026-12-31: the coupon service moves"
        );
        assert_eq!(
            results[2]["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": {"uri": "ci/proctor.toml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 4},
            })
        );
        assert_eq!(
            results[2]["message"]["text"],
            "shop: cart / adds an item: new: status is 500, not 201\nDetails: POST /cart/items\n\
             Before: attempt 1: failed (900ms): status is 503, not 201"
        );
    }

    #[test]
    fn what_counts_is_an_error_whatever_is_remarked_of_it() {
        let levels = |exit_codes: Vec<u8>| -> Vec<String> {
            let mut results = remarked();
            results.targets[0]
                .tests
                .retain(|test| test.name.contains("removes"));
            results.conclusion.exit_codes = exit_codes;
            let log = read(&results);
            let known = found(&log).iter();
            let known = known.filter(|result| result["baselineState"] == "unchanged");
            known.map(|result| result["level"].to_string()).collect()
        };
        assert_eq!(levels(vec![1, 0, 0]), ["\"error\""]);
        assert_eq!(levels(vec![0, 0, 0]), ["\"note\""]);
        let mut flaky = TestCase::new("", "t", Verdict::Passed);
        flaky.attempts = 2;
        let mut results = results(vec![report("api", Verdict::Passed, vec![flaky])]);
        assert_eq!(found(&read(&results))[0]["level"], "note");
        results.conclusion.exit_codes = vec![1];
        let log = read(&results);
        assert!(found(&log).iter().all(|result| result["level"] == "error"));
    }

    #[test]
    fn a_run_that_could_not_be_judged_is_no_successful_one() {
        let refused = read(&usual());
        let invocation = &refused["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["exitCode"], 5);
        let failed = read(&many(1, "x"));
        assert_eq!(
            failed["runs"][0]["invocations"][0]["executionSuccessful"],
            true
        );
        assert_eq!(found(&read(&results(Vec::new())))[0]["level"], "error");
    }

    #[test]
    fn a_message_has_no_links() {
        for result in found(&read(&hostile())) {
            let text = result["message"]["text"].as_str().unwrap();
            assert!(!text.contains("]("), "{text}");
            assert!(text.contains("] (javascript"), "{text}");
        }
    }

    #[test]
    fn a_path_is_no_address() {
        assert_eq!(uri("ci/proctor.toml"), "ci/proctor.toml");
        assert_eq!(uri("a b:ü?#%.toml"), "a%20b%3A%C3%BC%3F%23%25.toml");
    }

    #[test]
    fn it_stays_below_what_github_takes() {
        let results = many(6_000, &"x".repeat(4_000));
        let text = render(&results);
        assert!(text.len() < ROOM + 5_000_000, "{}", text.len());
        let log: Value = serde_json::from_str(&text).unwrap();
        let results = found(&log);
        assert_eq!(results.len(), 5_000);
        assert_eq!(
            results[4_999]["message"]["text"],
            "1001 more failures not told here: read the results"
        );
    }

    proptest! {
        #[test]
        fn any_result_has_a_rule_a_place_and_a_fingerprint(results in any_results()) {
            let log = read(&results);
            let rules = &log["runs"][0]["tool"]["driver"]["rules"];
            let mut seen = BTreeSet::new();
            for result in found(&log) {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                prop_assert_eq!(&rules[index]["id"], &result["ruleId"]);
                let place = &result["locations"][0]["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                prop_assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains(':'), "{}", uri);
                prop_assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
                prop_assert!(!result["message"]["text"].as_str().unwrap().contains("]("));
                let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
                prop_assert!(seen.insert(hash.to_owned()));
            }
            let error = found(&log).iter().any(|result| result["level"] != "note");
            prop_assert!(error || results.conclusion.exit_code == 0, "a failure is always shown");
        }
    }
}
