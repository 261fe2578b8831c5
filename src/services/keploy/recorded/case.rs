//! One recorded test case, as its report tells of it.

use serde_json::Value;

use super::duration;
use crate::api::json;
use crate::model::{TestCase, Verdict};
use crate::services::Description;
use crate::services::case::{one_line, read_word};

/// The test case as a test.
pub fn read(service: &Description, set: &str, value: &Value) -> TestCase {
    let name = json::text(value, service.assumed("test_case_name"));
    let name = name.unwrap_or_else(|| "test case without a name".to_owned());
    let (verdict, why) = match json::text(value, service.assumed("test_case_state")) {
        Some(word) => read_word(service, &word),
        None => (Verdict::Errored, Some("it has no verdict".to_owned())),
    };
    // DOC: what is in it.
    let report = value.get("oss_report").unwrap_or(&Value::Null);
    let took = report.get("time_taken").and_then(Value::as_str);
    let mut test = TestCase::new(set, name, verdict);
    test.duration_ms = took.and_then(duration::milliseconds);
    if matches!(verdict, Verdict::Passed | Verdict::Skipped) {
        return test;
    }
    let differences = differences(report.get("result").unwrap_or(&Value::Null));
    if let Some(first) = differences.first() {
        test.expected = Some(first.expected.clone());
        test.actual = Some(first.actual.clone());
    }
    test.message = match (differences.first(), why, verdict) {
        (Some(first), _, _) => Some(first.told()),
        (None, Some(why), _) => Some(why),
        (None, None, Verdict::Errored) => {
            Some("Keploy marks it as obsolete: what was recorded no longer fits".to_owned())
        }
        (None, None, _) => None,
    };
    test.details = details(report, &differences);
    test
}

/// Something that was not as recorded.
struct Difference {
    what: String,
    expected: String,
    actual: String,
}

impl Difference {
    fn of(what: impl Into<String>, compared: &Value) -> Option<Self> {
        // DOC: `normal` is whether it is as recorded.
        if compared.get("normal").and_then(Value::as_bool) != Some(false) {
            return None;
        }
        let side = |name: &str| compared.get(name).map(json::shown).unwrap_or_default();
        Some(Self {
            what: what.into(),
            expected: side("expected"),
            actual: side("actual"),
        })
    }

    fn told(&self) -> String {
        format!(
            "{}: expected {}, got {}",
            self.what,
            one_line(&self.expected),
            one_line(&self.actual)
        )
    }
}

/// What differs, the status first. DOC: `status_code`, and lists for the headers and the body.
fn differences(result: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(Difference::of("status code", &result["status_code"]));
    for (member, what) in [("headers_result", "header"), ("body_result", "body")] {
        let parts = result.get(member).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let what = match part.get("type").and_then(json::scalar) {
                Some(kind) => format!("{what} ({kind})"),
                None => what.to_owned(),
            };
            found.extend(Difference::of(what, part));
        }
    }
    found
}

/// The request, all that differs, and what Keploy thinks of it. Headers of the request are left out: they may hold
/// credentials.
fn details(report: &Value, differences: &[Difference]) -> Option<String> {
    let text = |place: &str| report.pointer(place).and_then(json::scalar);
    let mut lines = Vec::new();
    if let (Some(method), Some(url)) = (text("/req/method"), text("/req/url")) {
        lines.push(format!("{method} {url}"));
    }
    lines.extend(differences.iter().map(Difference::told));
    if let Some(risk) = text("/failure_info/risk") {
        lines.push(format!("risk: {risk}"));
    }
    let categories = report.pointer("/failure_info/category");
    let categories = categories.and_then(Value::as_array).into_iter().flatten();
    let categories: Vec<String> = categories.filter_map(json::scalar).collect();
    if !categories.is_empty() {
        lines.push(format!("category: {}", categories.join(", ")));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
