//! Reports, given to the programs that read them in life.

use proctor_test_support::{Outcome, Proctor, sandbox};

use crate::judges::{json::held_against_the_schema, junit};

fn everything() -> Outcome {
    let sandbox = sandbox("");
    Proctor::run(&sandbox, "app-outcomes").end().expect(3)
}

#[test]
fn junit_is_read_by_junitparser() {
    let outcome = everything();
    let Some(read) = junit::read(&outcome.read("junit.xml")) else {
        return;
    };
    // The target's own problem is a case too, as no test of its suites tells of it.
    let own = 1;
    let counts = outcome.results()["targets"][0]["counts"].clone();
    let count = |verdict: &str| counts[verdict].as_u64().unwrap_or_default();
    let wanted = [
        count("total") + own,
        count("failed"),
        count("errored") + count("unknown") + own,
        count("skipped"),
    ];
    assert_eq!(read["counted"], serde_json::json!(wanted));
}

#[test]
fn results_follow_their_schema() {
    held_against_the_schema(&everything().results());
}

#[test]
fn a_configuration_follows_its_schema() {
    let schema = Proctor::new(&["schema"]).end().expect(0).out;
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource("config.json", serde_json::from_str(&schema).expect("JSON"))
        .expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler
        .compile("config.json", &mut schemas)
        .expect("a schema");
    let good = serde_json::json!({
        "defaults": {"timeout": "20m"},
        "targets": {"api": {"provider": "keploy", "app": "a", "base_url": "https://x", "suites": ["b"]}}
    });
    schemas
        .validate(&good, index)
        .unwrap_or_else(|error| panic!("{error:#}"));
    let bad = serde_json::json!({"targets": {"api": {"provider": "keploy", "base_url": "https://x", "sweets": 1}}});
    assert!(schemas.validate(&bad, index).is_err());
}

#[test]
fn reports_go_where_they_are_asked_for() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .arguments(&[
            "--report",
            "markdown=deep/er/summary.md",
            "--report",
            "junit=-",
        ])
        .end()
        .expect(0);
    assert!(outcome.read("deep/er/summary.md").contains("passed"));
    assert!(outcome.out.contains("<testsuites"), "{}", outcome.out);
}

#[test]
fn a_report_without_a_path_goes_to_the_usual_one() {
    let sandbox = sandbox("");
    let kinds = [
        "gitlab-codequality",
        "gitlab-annotations",
        "dotenv",
        "warnings-ng",
    ];
    let kinds = kinds.map(|kind| ["--report", kind]).concat();
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .arguments(&kinds)
        .end()
        .expect(0);
    assert_eq!(outcome.read("gl-code-quality-report.json"), "[]\n");
    assert_eq!(outcome.read("gl-annotations.json"), "{}\n");
    assert!(
        outcome
            .read("proctor.env")
            .starts_with("PROCTOR_VERDICT=passed\n")
    );
    assert_eq!(outcome.read("warnings-ng.json"), "{\"issues\": []}\n");
}
