use proctor_test_support::sandbox;

use super::{config, proctor, tests};

fn app(report: &str, cases: &str) -> String {
    format!(
        "[[keploy.apps]]\nid = \"shop\"\n[[keploy.apps.test_reports]]\nid = \"tr-9\"\nname = \"nightly\"\n{report}\n\
         [[keploy.apps.test_reports.test_sets]]\nid = \"ts-1\"\nname = \"set one\"\ntest_cases = [{cases}]\n"
    )
}

#[test]
fn a_report_is_waited_for_and_read_back() {
    let cases = "{ name = \"list\" }, { name = \"pay\", status = \"FAILED\", time_taken = \"1.5s\" }, { name = \"old\", status = \"IGNORED\" }";
    let sandbox = sandbox(&app("running_ms = 1500", cases));
    let outcome = proctor(&config(&sandbox, "test_report = \"tr-9\""))
        .end()
        .expect(1);
    assert_eq!(
        tests(&outcome),
        [
            "set one/list: passed",
            "set one/pay: failed",
            "set one/old: skipped"
        ]
    );
    let results = outcome.results();
    assert_eq!(results["targets"][0]["tests"][1]["duration_ms"], 1500);
    assert_eq!(
        results["targets"][0]["run"]["url"],
        "https://app.keploy.io/tr/tr-9?appId=shop"
    );
    outcome.says("status code: expected 200, got 500");
    assert_eq!(sandbox.count("POST", "**"), 0, "nothing is started");
}

#[test]
fn what_the_full_report_leaves_out_is_read_from_its_lists() {
    let cases: Vec<String> = (0..130)
        .map(|n| format!("{{ name = \"case {n}\" }}"))
        .collect();
    let sandbox = sandbox(&app("full_cases = 20", &cases.join(", ")));
    let outcome = proctor(&config(&sandbox, "test_report = \"tr-9\""))
        .end()
        .expect(0);
    assert_eq!(tests(&outcome).len(), 130);
    outcome.says("cut short");
    assert_eq!(
        sandbox.count(
            "GET",
            "/apps/*/test-reports/*/test-set-reports/*/test-cases"
        ),
        2
    );
}

#[test]
fn failures_that_only_the_totals_know_fail() {
    let sandbox = sandbox(&app(
        "failed_total = 2\nstatus = \"PASSED\"",
        "{ name = \"list\" }",
    ));
    proctor(&config(&sandbox, "test_report = \"tr-9\""))
        .end()
        .expect(1)
        .says("counts 2 failed test cases");
}

#[test]
fn a_report_that_is_not_there_is_2() {
    let sandbox = sandbox(&app("", ""));
    proctor(&config(&sandbox, "test_report = \"tr-1\""))
        .end()
        .expect(2);
    proctor(&config(&sandbox, "test_report = \"tr-9\"\nbranch = \"x\""))
        .end()
        .expect(2)
        .says("has no meaning for a test report");
}
