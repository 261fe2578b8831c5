//! Reports, given to the programs that read them in life.

use std::process::Command;

use proctor_test_support::{Outcome, Proctor, sandbox};

fn everything() -> Outcome {
    let sandbox = sandbox("");
    Proctor::run(&sandbox, "app-outcomes").end().expect(3)
}

#[test]
fn junit_is_read_by_junitparser() {
    let outcome = everything();
    let script = "
import sys
from junitparser import JUnitXml
xml = JUnitXml.fromfile(sys.argv[1])
cases = [case for suite in xml for case in suite]
names = [(case.classname, case.name) for case in cases]
assert len(names) == len(set(names)), 'names are not unique'
xml_counts = (xml.tests, xml.failures, xml.errors, xml.skipped)
xml.update_statistics()
assert xml_counts == (xml.tests, xml.failures, xml.errors, xml.skipped), xml_counts
print(xml.tests, xml.failures, xml.errors, xml.skipped)
";
    let read = Command::new("python3")
        .args(["-c", script])
        .arg(outcome.path("junit.xml"))
        .output();
    let Ok(read) = read else {
        eprintln!("skipped: python3 is not there");
        return;
    };
    let told = String::from_utf8_lossy(&read.stderr);
    if told.contains("No module named 'junitparser'") {
        eprintln!("skipped: junitparser is not there");
        return;
    }
    assert!(read.status.success(), "{told}");
    // The target's own problem is a case too, as no test of its suites tells of it.
    let own = 1;
    let counts = outcome.results()["targets"][0]["counts"].clone();
    let count = |verdict: &str| counts[verdict].as_u64().unwrap_or_default();
    let wanted = format!(
        "{} {} {} {}",
        count("total") + own,
        count("failed"),
        count("errored") + count("unknown") + own,
        count("skipped")
    );
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), wanted);
}

#[test]
fn results_follow_their_schema() {
    let outcome = everything();
    let schema = Proctor::new(&["schema", "results"]).end().expect(0).out;
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource("results.json", serde_json::from_str(&schema).expect("JSON"))
        .expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler
        .compile("results.json", &mut schemas)
        .expect("a schema");
    schemas
        .validate(&outcome.results(), index)
        .unwrap_or_else(|error| panic!("{error:#}"));
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
