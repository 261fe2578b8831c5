//! Record/replay test reports. Source: the OpenAPI file, which types them; ASSUMED: the fields of a test set, and that the
//! lists hold what the full report does.

use std::time::Duration;

use serde_json::{Value, json};

use super::scenario::{App, RecordedCase, TestReport, TestSet};
use super::{Keploy, lists, lock, routes};
use crate::call::{Call, Reply};

/// The most test cases of a set that can be asked for. Source: the OpenAPI file.
const MOST_CASES: usize = 1_000;

/// As many as come if nothing is asked. Source: the OpenAPI file.
const USUAL_CASES: usize = 100;

/// Answers what is below `test-reports` of an app.
pub fn route(keploy: &Keploy, call: &Call, app: &App, rest: &[&str]) -> Reply {
    let [id, below @ ..] = rest else {
        return list(keploy, call, app);
    };
    let Some(report) = app.test_reports.iter().find(|report| report.id == *id) else {
        return routes::missing(keploy, "test report");
    };
    match below {
        [] => keploy.answers.data(200, shown(keploy, app, report)),
        ["full"] => full(keploy, call, app, report),
        ["test-set-reports"] => lists::by_offset(keploy, call, &report.test_sets, set_json),
        ["test-set-reports", set, "test-cases"] => {
            match report.test_sets.iter().find(|known| known.id == *set) {
                Some(set) => lists::by_offset(keploy, call, &set.test_cases, case_json),
                None => routes::missing(keploy, "test set"),
            }
        }
        _ => routes::missing(keploy, "path"),
    }
}

fn list(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    let filters = [
        "branch_id",
        "all_branches",
        "source",
        "status",
        "since",
        "until",
    ];
    routes::unserved(keploy, call, &filters).unwrap_or_else(|| {
        lists::by_offset(keploy, call, &app.test_reports, |report| {
            shown(keploy, app, report)
        })
    })
}

fn count(report: &TestReport, status: &str) -> usize {
    let cases = report.test_sets.iter().flat_map(|set| &set.test_cases);
    cases.filter(|case| case.status == status).count()
}

fn shown(keploy: &Keploy, app: &App, report: &TestReport) -> Value {
    let since = lock(&keploy.began).elapsed();
    let runs = since < Duration::from_millis(report.running_ms);
    let failed = report.failed_total.unwrap_or_else(|| count(report, "FAILED"));
    let status = match &report.status {
        _ if runs => "RUNNING",
        Some(status) => status.as_str(),
        None if failed > 0 => "FAILED",
        None => "PASSED",
    };
    json!({
        "id": report.id, "app_id": app.id, "name": report.name,
        "test_set_count": report.test_sets.len(),
        "passed_count": 0, "failed_count": 0, "ignored_count": 0,
        "tot_passed_tc": count(report, "PASSED"),
        "tot_failed_tc": failed,
        "tot_ignored_tc": count(report, "IGNORED"),
        "status": status, "created_at": 1_735_689_600,
        "coverage": {"fileCoverage": {}, "totalCoverage": "61%", "loc": {}},
        "schema_coverage": {}, "ci_metadata": {"provider": "github", "branch": "main"}, "branch_id": "",
    })
}

fn set_json(set: &TestSet) -> Value {
    json!({"id": set.id, "name": set.name})
}

fn case_json(case: &RecordedCase) -> Value {
    let passed = case.status == "PASSED";
    let actual = if passed { 200 } else { 500 };
    json!({
        "test_case_name": case.name,
        "test_case_id": format!("tc-{}", case.name),
        "status": case.status,
        "oss_report": {
            "kind": "Http", "name": case.name, "status": case.status, "time_taken": case.time_taken,
            "req": {"method": "GET", "url": "http://localhost:8080/orders"},
            "resp": {"status_code": actual},
            "result": {
                "status_code": {"normal": passed, "expected": 200, "actual": actual},
                "headers_result": [],
                "body_result": [{"normal": passed, "type": "JSON", "expected": "{\"id\":1}", "actual": "{\"error\":1}"}],
            },
            "mock_mismatches": null,
            "failure_info": if passed { Value::Null } else { json!({"risk": "HIGH", "category": ["STATUS_CODE_CHANGED"]}) },
        },
    })
}

fn full(keploy: &Keploy, call: &Call, app: &App, report: &TestReport) -> Reply {
    let others = ["failed_only", "mock_mismatches_only", "fields"];
    if let Some(reply) = routes::unserved(keploy, call, &others) {
        return reply;
    }
    let asked = call.parameter("max_test_cases_per_set");
    let asked = asked.map_or(Some(USUAL_CASES), |text| text.parse().ok());
    let Some(asked) = asked.filter(|asked| (1..=MOST_CASES).contains(asked)) else {
        let message = format!("must be from 1 to {MOST_CASES}");
        return keploy.answers.invalid("max_test_cases_per_set", &message);
    };
    let most = asked.min(report.full_cases.unwrap_or(MOST_CASES));
    let with_reports = call.parameter("include_oss_report").as_deref() == Some("true");
    let mut dropped = 0;
    let mut sets = Vec::new();
    for set in &report.test_sets {
        dropped += set.test_cases.len().saturating_sub(most);
        let kept = &set.test_cases[..set.test_cases.len().min(most)];
        let mut shown = set_json(set);
        let names = |case: &RecordedCase| json!({"testName": case.name, "status": case.status, "status_code": 200});
        shown["tests"] = kept.iter().map(names).collect();
        shown["test_cases"] = kept
            .iter()
            .map(|case| {
                let mut case = case_json(case);
                if !with_reports {
                    case["oss_report"] = Value::Null;
                }
                case
            })
            .collect();
        sets.push(shown);
    }
    keploy.answers.data(
        200,
        json!({
            "report": shown(keploy, app, report),
            "test_sets": sets,
            "truncated": {"test_cases_dropped": 0, "test_sets_dropped": 0, "test_cases_capped_dropped": dropped},
        }),
    )
}
