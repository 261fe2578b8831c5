//! How much of an app's OpenAPI schema its tests cover, as a gate. DOC: that there is a percentage. ASSUMED: where, and
//! in which unit; a number that could be either is none.

use serde_json::Value;

use super::app_path;
use super::attribution::{Untold, unread};
use crate::api::{Client, Phase, json as read};
use crate::error::{Code, Problem};
use crate::model::{Target, TestCase, Verdict};
use crate::services::{Description, Found, Judged};
use crate::verdict::worst;

/// The setting that says how much is wanted.
pub const SETTING: &str = "min_schema_coverage";

/// The suite that the gate is reported under.
const SUITE: &str = "schema coverage";

/// Whether a test of the target is the gate: no part of what was run.
pub fn is_gate(target: &Target, test: &TestCase) -> bool {
    let least = target.integer(SETTING);
    test.suite == SUITE && least.is_some_and(|least| test.name == wanted(least))
}

/// The name of the gate as a test.
fn wanted(least: i64) -> String {
    format!(">= {least} %")
}

/// Reads the coverage after a run, as a test.
pub fn gate(
    client: &mut Client,
    app: &str,
    least: i64,
    has_ended: bool,
) -> Result<TestCase, Problem> {
    if !has_ended {
        return Ok(test(least, Err("the run had not ended".to_owned())));
    }
    let read = match client.get(&app_path(app, "/schema-coverage")) {
        Ok(answer) => percent(client.service(), &answer.json),
        Err(failure) => match (unread(&failure), client.interrupted()) {
            (_, Some(by)) => {
                let why = format!("interrupted by {by}");
                return Err(Problem::new(Code::Interrupted, why));
            }
            (Untold::Unread(problem), None) => return Err(problem),
            (Untold::Evidence(why), None) => Err(format!("it cannot be read: {why}")),
        },
    };
    Ok(test(least, read))
}

fn test(least: i64, read: Result<f64, String>) -> TestCase {
    let expected = wanted(least);
    let test = |verdict| TestCase::new(SUITE, expected.clone(), verdict);
    let judged = match read {
        Err(why) => test(Verdict::Errored).because(why),
        Ok(percent) => {
            let shown = read::shown_number(percent);
            let actual = Some(format!("{shown} %"));
            let judged = match percent >= least as f64 {
                true => test(Verdict::Passed),
                false => test(Verdict::Failed).because(format!(
                    "the tests cover {shown} % of the schema, which is less than {least} %"
                )),
            };
            TestCase { actual, ..judged }
        }
    };
    TestCase {
        expected: Some(expected),
        ..judged
    }
}

/// The gate together with what the suites amount to. That no suite ran is no better for it.
///
/// The gate is one of the tests and tells itself what is wrong. It is a reason only beside another: one that stands alone
/// would be something that no test accounts for, also where both the gate and the suites that failed are in quarantine.
pub fn beside(judged: Judged, gate: TestCase, found: &mut Found) -> Judged {
    let own = gate.verdict;
    let why = gate.message.clone().unwrap_or_default();
    found.tests.push(gate);
    if own == Verdict::Passed {
        return judged;
    }
    let verdict = match judged.verdict {
        Verdict::Skipped => own,
        other => worst([other, own]),
    };
    let judged = Judged { verdict, ..judged };
    match judged.reason {
        Some(_) => judged.beside(&format!("{SUITE}: {why}")),
        None => judged,
    }
}

/// The coverage in percent.
fn percent(service: &Description, answer: &Value) -> Result<f64, String> {
    let places = service.assumed("schema_coverage");
    let told = read::text(answer, places).ok_or_else(|| {
        format!(
            "the answer holds no coverage at any of {}",
            places.join(", ")
        )
    })?;
    let wrong = |why: &str| {
        Err(format!(
            "the service tells of a coverage of {told:?}, {why}"
        ))
    };
    let (number, is_percent) = match told.strip_suffix('%') {
        Some(number) => (number.trim(), true),
        None => (told.as_str(), false),
    };
    let Some(number) = read::read_number(number) else {
        return wrong("which is no number");
    };
    let unit = service.assumed("schema_coverage_unit").first();
    let percent = match unit.map(String::as_str) {
        _ if is_percent => number,
        Some("percent") => number,
        Some("fraction") => number * 100.0,
        Some("auto") if number > 0.0 && number <= 1.0 => {
            return wrong(
                "which may be a percentage or a fraction; say which with `schema_coverage_unit` in `[targets.NAME.api]`",
            );
        }
        Some("auto") => number,
        _ => return wrong("and `schema_coverage_unit` is none of auto, percent and fraction"),
    };
    match (0.0..=100.0).contains(&percent) {
        // A fraction times a hundred is rarely whole to the last digit.
        true => Ok((percent * 1e6).round() / 1e6),
        false => wrong("which is no share"),
    }
}

/// What is told of the coverage before a run.
pub fn check(client: &mut Client, app: &str, least: i64) -> Result<String, Problem> {
    let answer = client
        .get(&app_path(app, "/schema-coverage"))
        .map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    Ok(match percent(client.service(), &answer.json) {
        Ok(percent) => {
            let shown = read::shown_number(percent);
            format!("the tests cover {shown} % of the schema; {least} % are asked for")
        }
        Err(why) => format!("the coverage of the schema would not pass: {why}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Setting, Value as Given};
    use crate::services::{Service, keploy::Keploy};

    fn service(unit: Option<&str>) -> Description {
        let unit = unit.map(|unit| Setting {
            name: "schema_coverage_unit".into(),
            value: Given::Texts(vec![unit.into()]),
        });
        let overrides: Vec<Setting> = unit.into_iter().collect();
        Keploy.description().corrected(&overrides)
    }

    #[test]
    fn a_coverage_is_read_in_every_form_that_is_plain() {
        let plain = [
            (json!({"coverage_percentage": 61.5}), None, 61.5),
            (json!({"coveragePercentage": 100}), None, 100.0),
            (json!({"percentage": "61%"}), None, 61.0),
            (json!({"percentage": "0.5 %"}), None, 0.5),
            (json!({"coverage": "83"}), None, 83.0),
            (json!({"coverage": 0}), None, 0.0),
            (json!({"coverage": 1}), Some("percent"), 1.0),
            (json!({"coverage": 1}), Some("fraction"), 100.0),
            (json!({"coverage": 0.61}), Some("fraction"), 61.0),
            (json!({"coverage": 0.61}), Some("percent"), 0.61),
            (
                json!({"coverage": {"percentage": 3}, "percentage": 7}),
                None,
                7.0,
            ),
        ];
        for (data, unit, expected) in plain {
            let answer = json!({"data": data});
            assert_eq!(percent(&service(unit), &answer), Ok(expected), "{answer}");
        }
    }

    #[test]
    fn what_is_not_plain_is_no_coverage() {
        for (data, unit, why) in [
            (
                json!({}),
                None,
                "no coverage at any of data.coverage_percentage",
            ),
            (json!({"coverage": {"lines": 5}}), None, "no coverage"),
            (
                json!({"coverage": 1}),
                None,
                "may be a percentage or a fraction",
            ),
            (
                json!({"coverage": 0.8}),
                None,
                "may be a percentage or a fraction",
            ),
            (json!({"coverage": "much"}), None, "is no number"),
            (json!({"coverage": true}), None, "is no number"),
            (json!({"coverage": "NaN"}), None, "is no number"),
            (json!({"coverage": 101}), None, "is no share"),
            (json!({"coverage": -1}), None, "is no share"),
            (json!({"coverage": 61}), Some("fraction"), "is no share"),
            (json!({"coverage": 61}), Some("points"), "none of auto"),
        ] {
            let told = percent(&service(unit), &json!({"data": data})).expect_err(why);
            assert!(told.contains(why), "{data}: {told}");
        }
    }

    #[test]
    fn the_gate_fails_below_and_never_saves_what_went_wrong() {
        use Verdict::{Errored, Failed, Passed, Skipped};
        let read = |percent: f64| Ok(percent);
        for (suites, read, expected) in [
            (Passed, read(80.0), Passed),
            (Passed, read(79.9), Failed),
            (Passed, Err("why".to_owned()), Errored),
            (Failed, read(100.0), Failed),
            (Errored, read(100.0), Errored),
            (Skipped, read(100.0), Skipped),
            (Skipped, read(1.0), Failed),
        ] {
            let mut found = Found::default();
            let gate = test(80, read.clone());
            assert_eq!(gate.expected.as_deref(), Some(">= 80 %"));
            assert_eq!(gate.actual.is_some(), read.is_ok());
            let judged = beside(Judged::plain(suites), gate, &mut found);
            assert_eq!(judged.verdict, expected, "{suites} {read:?}");
            assert_eq!(judged.reason, None, "a test says it");
            assert_eq!(found.tests.len(), 1);
        }
    }
}
