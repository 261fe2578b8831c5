//! A hundred thousand results of one run: collected, reported and merged. A program that is not optimised gets fewer.

use std::fmt::Write as _;

use serde_json::Value;

use super::{sandbox, times, watched};
use proctor_test_support::{KEY, Proctor};

/// Each suite has two steps, and each step is a test.
const TARGETS: usize = 4;
const SUITES: usize = if cfg!(debug_assertions) {
    1_000
} else {
    12_500
};
const TESTS: usize = TARGETS * SUITES * 2;

/// How many suites have a failed step in each target.
const FAILURES: usize = SUITES / 50;

/// In MiB: the results in the host, and what the component holds of them while it writes a report.
const MEMORY: u64 = 1_500;

/// Every kind that goes into a file.
const KINDS: [&str; 10] = [
    "json=results.json",
    "junit=junit.xml",
    "html=report.html",
    "markdown=summary.md",
    "gitlab-codequality=quality.json",
    "gitlab-annotations=annotations.json",
    "dotenv=proctor.env",
    "warnings-ng=warnings.json",
    "sarif=proctor.sarif",
    "ctrf=ctrf-report.json",
];

fn scenario() -> String {
    let mut text = "[keploy]\nallow_private_targets = true\nrequests_per_minute = 100000\nburst = 100000\nqueue_ms = 0\n".to_owned();
    for app in 0..TARGETS {
        let _ = write!(text, "[[keploy.apps]]\nid = \"app-{app}\"\nsuites = [");
        for suite in 0..SUITES {
            let outcome = if suite % 50 == 0 { "fail" } else { "pass" };
            let _ = write!(
                text,
                "{{ id = \"suite {suite}\", outcome = \"{outcome}\", duration_ms = 0 }},"
            );
        }
        text.push_str("]\n");
    }
    text
}

#[test]
fn many_results_are_reported_in_every_form() {
    let sandbox = sandbox(&scenario());
    let (api, system) = (sandbox.service_url("keploy"), sandbox.system_url());
    let config: String = (0..TARGETS)
        .map(|app| {
            format!("[targets.t{app}]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"app-{app}\"\nbase_url = \"{system}\"\n")
        })
        .collect();
    let reports = KINDS.iter().flat_map(|kind| ["--report", kind]);
    let arguments: Vec<&str> = ["run"].into_iter().chain(reports).collect();
    let proctor = Proctor::new(&arguments)
        .file("proctor.toml", &config)
        .key(KEY)
        .variable("PROCTOR_TIMEOUT", "5m");
    let (outcome, memory) = watched(proctor);
    let outcome = outcome.expect(1);
    let results = outcome.results();
    assert_eq!(tests(&results), TESTS);
    assert_eq!(times(&outcome, "junit.xml", "<testcase "), TESTS);
    assert_eq!(
        times(&outcome, "junit.xml", "<failure "),
        TARGETS * FAILURES
    );
    for kind in KINDS {
        let (_, path) = kind.split_once('=').expect("a path");
        let size = std::fs::metadata(outcome.path(path)).expect("it is there");
        assert!(size.len() > 0, "{path}");
    }
    assert!(memory < MEMORY, "{memory} MiB");
    merged(&outcome.read("results.json"));
    println!("{} requests, {memory} MiB", sandbox.received().len());
}

/// Two files are as good as one.
fn merged(results: &str) {
    let render = Proctor::new(&["render", "json=all.json", "junit=all.xml"])
        .arguments(&["--from", "a.json", "--from", "b.json"])
        .file("a.json", results)
        .file("b.json", results);
    let (outcome, memory) = watched(render);
    let outcome = outcome.expect(1);
    let all: Value = serde_json::from_str(&outcome.read("all.json")).expect("JSON");
    assert_eq!(tests(&all), 2 * TESTS);
    assert_eq!(times(&outcome, "all.xml", "<testcase "), 2 * TESTS);
    assert!(memory < 2 * MEMORY, "{memory} MiB");
}

fn tests(results: &Value) -> usize {
    let targets = results["targets"].as_array().expect("a list");
    let each = targets
        .iter()
        .filter_map(|target| target["tests"].as_array());
    each.map(Vec::len).sum()
}
