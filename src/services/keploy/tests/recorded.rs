//! Test reports that are read back.

use super::small::{Told, serve, told};
use super::*;

fn report_target() -> Target {
    let mut target = target();
    target.settings = vec![text("app", "a1"), text("test_report", "tr-9")];
    target
}

/// A report that is complete after a minute.
#[derive(Clone)]
struct Recorded {
    status: &'static str,
    /// Passed, failed, ignored.
    totals: Json,
    cases: Vec<(&'static str, &'static str)>,
    /// How many of them the full report has.
    full: usize,
    /// Whether there is a full report, and lists.
    has: (bool, bool),
}

impl Default for Recorded {
    fn default() -> Self {
        Self {
            status: "PASSED",
            totals: json!([2, 0, 1]),
            cases: vec![("list", "PASSED"), ("pay", "PASSED"), ("old", "IGNORED")],
            full: 1_000,
            has: (true, true),
        }
    }
}

impl Recorded {
    fn route(&self, call: &str, query: &str, now: Duration) -> Told {
        let status = match now {
            now if now < Duration::from_secs(20) => "PENDING",
            now if now < Duration::from_secs(60) => "RUNNING",
            _ => self.status,
        };
        let cases = || self.cases.iter().map(|(name, status)| case(name, status));
        Some(match call {
            "GET /apps/a1/test-reports/tr-9" => (
                200,
                json!({"id": "tr-9", "name": "test-run-9", "status": status,
                "tot_passed_tc": self.totals[0], "tot_failed_tc": self.totals[1], "tot_ignored_tc": self.totals[2]}),
            ),
            "GET /apps/a1/test-reports/tr-9/full" if self.has.0 => {
                let all: Vec<Json> = cases().take(self.full).collect();
                let dropped = self.cases.len().saturating_sub(self.full);
                let tests: Vec<Json> = all.iter().map(|case| json!({"testName": case["test_case_name"], "status": case["status"]})).collect();
                (
                    200,
                    json!({"report": {}, "test_sets": [{"id": "ts-1", "name": "set one", "tests": tests, "test_cases": all}],
                    "truncated": {"test_cases_dropped": dropped, "test_sets_dropped": 0, "test_cases_capped_dropped": 0}}),
                )
            }
            "GET /apps/a1/test-reports/tr-9/test-set-reports" if self.has.1 => {
                (200, json!([{"id": "ts-1", "name": "set one"}]))
            }
            "GET /apps/a1/test-reports/tr-9/test-set-reports/ts-1/test-cases" if self.has.1 => {
                let offset = query
                    .split("offset=")
                    .nth(1)
                    .and_then(|text| text.parse().ok());
                let page: Vec<Json> = cases().skip(offset.unwrap_or(0)).take(100).collect();
                (200, json!(page))
            }
            _ => return None,
        })
    }
}

fn case(name: &str, status: &str) -> Json {
    let failed = status == "FAILED";
    json!({"test_case_name": name, "status": status, "oss_report": {"time_taken": "1.5s",
        "req": {"method": "GET", "url": "http://localhost/orders", "header": {"Authorization": "secret"}},
        "result": {"status_code": {"normal": !failed, "expected": 200, "actual": 500}, "headers_result": [],
            "body_result": [{"normal": !failed, "type": "JSON", "expected": "{}", "actual": "[]"}]},
        "failure_info": {"risk": "HIGH", "category": ["STATUS_CODE_CHANGED"]}}})
}

fn end(recorded: Recorded) -> (Report, Fake) {
    let mut ports = Fake::new(serve(move |call, query, _, now| {
        recorded.route(call, query, now)
    }));
    let report = run(&report_target(), &mut ports);
    assert_eq!(ports.count("POST", ""), 0, "nothing is started");
    (report, ports)
}

#[test]
fn a_report_is_waited_for_and_read() {
    let (report, _) = end(Recorded::default());
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert!(report.duration_ms >= 40_000);
    assert_eq!(
        told(&report),
        [
            "set one/list: passed",
            "set one/pay: passed",
            "set one/old: skipped"
        ]
    );
    assert_eq!(report.tests[0].duration_ms, Some(1_500));
    let url = report.run.and_then(|run| run.url);
    assert_eq!(
        url.as_deref(),
        Some("https://app.keploy.io/tr/tr-9?appId=a1")
    );
}

#[test]
fn what_differed_is_told() {
    let (report, _) = end(Recorded {
        status: "FAILED",
        totals: json!([1, 1, 0]),
        cases: vec![("list", "PASSED"), ("pay", "FAILED")],
        ..Recorded::default()
    });
    assert_eq!(code(&report), Some(Code::Failed), "{report:?}");
    let test = &report.tests[1];
    assert_eq!(
        test.message.as_deref(),
        Some("status code: expected 200, got 500")
    );
    assert_eq!(
        (test.expected.as_deref(), test.actual.as_deref()),
        (Some("200"), Some("500"))
    );
    let details = test.details.as_deref().unwrap_or_default();
    for part in [
        "GET http://localhost/orders",
        "body (JSON): expected {}, got []",
        "risk: HIGH",
        "STATUS_CODE_CHANGED",
    ] {
        assert!(details.contains(part), "{details}");
    }
    assert!(!details.contains("secret"), "{details}");
}

#[test]
fn what_a_full_report_leaves_out_is_looked_for_in_the_lists() {
    let many: Vec<(&str, &str)> = (0..250)
        .map(|number| {
            (
                &*Box::leak(format!("case {number}").into_boxed_str()),
                "PASSED",
            )
        })
        .collect();
    for (full, has) in [(10, (true, true)), (0, (false, true))] {
        let (report, ports) = end(Recorded {
            totals: json!([250, 0, 0]),
            cases: many.clone(),
            full,
            has,
            ..Recorded::default()
        });
        assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.reason);
        assert_eq!(report.tests.len(), 250);
        assert_eq!(ports.count("GET", "/test-cases"), 3);
        assert!(!report.warnings.is_empty());
    }
    // With nothing but a part of them, the totals count.
    for (totals, verdict) in [
        (json!([249, 1, 0]), Verdict::Failed),
        (json!([250, 0, 0]), Verdict::Errored),
    ] {
        let (report, _) = end(Recorded {
            totals,
            cases: many.clone(),
            full: 10,
            has: (true, false),
            ..Recorded::default()
        });
        assert_eq!(report.verdict, verdict, "{:?}", report.reason);
    }
}

#[test]
fn words_of_a_report_and_its_cases_never_pass_for_another() {
    for (status, case, totals, expected) in [
        ("PASSED", "OBSOLETE", json!([0, 0, 0]), Verdict::Errored),
        ("OBSOLETE", "PASSED", json!([1, 0, 0]), Verdict::Errored),
        ("FAILED", "PASSED", json!([1, 0, 0]), Verdict::Failed),
        ("PASSED", "RUNNING", json!([0, 0, 0]), Verdict::Errored),
        ("PASSED", "SPLENDID", json!([0, 0, 0]), Verdict::Unknown),
        ("IGNORED", "IGNORED", json!([0, 0, 1]), Verdict::Skipped),
        ("PASSED", "PASSED", json!([null, 0, 0]), Verdict::Errored),
    ] {
        let (report, _) = end(Recorded {
            status,
            totals: totals.clone(),
            cases: vec![("it", case)],
            ..Recorded::default()
        });
        assert_eq!(
            report.verdict, expected,
            "{status} {case} {totals}: {report:?}"
        );
    }
}

#[test]
fn a_report_that_does_not_end_or_is_not_there_is_no_pass() {
    let (report, _) = end(Recorded {
        status: "SPLENDID",
        ..Recorded::default()
    });
    assert_eq!(code(&report), Some(Code::TimedOut), "{report:?}");
    let mut ports = Fake::new(serve(|_, _, _, _| None));
    let report = run(&report_target(), &mut ports);
    assert_eq!(code(&report), Some(Code::Usage), "{report:?}");
}
