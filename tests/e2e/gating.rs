//! Which failures count: quarantine, baselines, tests that are flaky, and targets without a key.

mod keys;

use std::path::Path;

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{KEY, Outcome, Proctor, TRIGGER, sandbox};
use serde_json::Value;

/// A target `api` of which one suite passes and one fails, and what else the file is to say.
fn config(sandbox: &Sandbox, more: &str) -> String {
    format!(
        "{more}\n{}",
        target(
            sandbox,
            "api",
            "app-outcomes",
            "suites = [\"pass\", \"fail\"]"
        )
    )
}

fn target(sandbox: &Sandbox, name: &str, app: &str, more: &str) -> String {
    let (api, system) = (sandbox.service_url("keploy"), sandbox.system_url());
    format!(
        "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"{app}\"\nbase_url = \"{system}\"\n{more}\n"
    )
}

fn quarantine(tests: &str, until: &str) -> String {
    format!("[[quarantine]]\ntests = [\"{tests}\"]\nuntil = {until}\nreason = \"ticket 17\"\n")
}

fn run(config: &str) -> Proctor {
    Proctor::new(&["run", "--report", "json"])
        .file("proctor.toml", config)
        .variable("PROCTOR_TIMEOUT", "120s")
        .key(KEY)
}

/// The test of this verdict of the only target.
fn test(outcome: &Outcome, verdict: &str) -> Value {
    let results = outcome.results();
    let tests = results["targets"][0]["tests"].as_array().expect("a list");
    let found = tests.iter().find(|test| test["verdict"] == verdict);
    found
        .unwrap_or_else(|| panic!("none {verdict}: {results}"))
        .clone()
}

/// Puts something else into a results file.
fn edited(results: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(results).expect("JSON");
    edit(&mut value);
    value.to_string()
}

fn render(folder: &Path, arguments: &[&str]) -> Outcome {
    Proctor::new(&["render", "json=again.json"])
        .within(folder)
        .arguments(arguments)
        .end()
}

#[test]
fn a_failure_in_quarantine_is_reported_and_does_not_count() {
    let sandbox = sandbox("");
    let outcome = run(&config(&sandbox, &quarantine("*fail*", "2999-12-31")))
        .end()
        .expect(0);
    let results = outcome.results();
    assert_eq!(
        (&results["verdict"], &results["exit_code"]),
        (&"failed".into(), &0.into())
    );
    let failed = test(&outcome, "failed");
    assert_eq!(failed["quarantine"]["reason"], "ticket 17");
    assert_eq!(failed["quarantine"]["until"], "2999-12-31");
    assert_eq!(test(&outcome, "passed")["quarantine"], Value::Null);
    assert_eq!(results["targets"][0]["counts"]["quarantined"], 1);
    let other = run(&config(&sandbox, &quarantine("*nothing*", "2999-12-31")))
        .end()
        .expect(1)
        .says("no test is called `*nothing*`, which is in quarantine");
    assert_eq!(test(&other, "failed")["quarantine"], Value::Null);
}

#[test]
fn an_entry_that_has_expired_gates_again_and_is_told_of() {
    let sandbox = sandbox("");
    let config = config(&sandbox, &quarantine("*", "2020-02-29"));
    let told = "the quarantine of `*` (ticket 17) expired on 2020-02-29";
    run(&config).end().expect(1).says(told);
    Proctor::new(&["check"])
        .file("proctor.toml", &config)
        .key(KEY)
        .end()
        .expect(0)
        .says(told);
}

#[test]
fn quarantine_is_for_the_targets_that_it_names() {
    let sandbox = sandbox("");
    let mut entry = quarantine("*", "2999-12-31");
    entry.push_str("targets = [\"shop\"]\n");
    let shop = target(&sandbox, "shop", "app-outcomes", "suites = [\"fail\"]");
    let config = format!("{}{shop}", config(&sandbox, &entry));
    let outcome = run(&config).end().expect(1);
    assert_eq!(outcome.results()["exit_codes"], serde_json::json!([1, 0]));
}

#[test]
fn what_no_test_explains_counts_in_spite_of_quarantine() {
    let sandbox = sandbox("");
    let everything = quarantine("*", "2999-12-31");
    for (app, suites, code) in [
        ("app-outcomes", "suites = [\"pass\", \"unknown\"]", 3),
        ("app-empty", "", 9),
    ] {
        let config = format!("{everything}{}", target(&sandbox, "api", app, suites));
        run(&config).end().expect(code);
    }
    let config = format!("{everything}{}", target(&sandbox, "api", "app-7f3", ""));
    run(&config).key("kep_wrong").end().expect(5);
}

/// Targets at services that are peculiar in how they tell of failures.
const OTHERS: [(&str, &str, &str, &str); 3] = [
    (
        "testclix",
        "TESTCLIX_API_KEY",
        "testclix-sandbox",
        "test = \"01GDFAIL&01AAAA\"",
    ),
    (
        "checkview",
        "CHECKVIEW_API_TOKEN",
        "cvpat_sandbox",
        "flow = \"flow-fail\"",
    ),
    (
        "izli",
        "IZLI_API_KEY",
        "izli_agent_sandbox",
        "api_monitor = \"apm_failed\"",
    ),
];

#[test]
fn quarantine_accounts_for_what_any_service_says_of_a_failed_test() {
    let scenario = "[[testclix.tests]]\nid = \"01GDFAIL&01AAAA\"\nprocessing_ms = 5000\n[[izli.api_monitors]]\nid = \"apm_failed\"\n";
    let scenario = Scenario::from_toml(scenario).unwrap_or_else(|error| panic!("{error}"));
    let address = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start(address, scenario).expect("a free port");
    for (provider, variable, key, what) in OTHERS {
        let api = sandbox.service_url(provider);
        let target =
            format!("[targets.it]\nprovider = \"{provider}\"\napi_url = \"{api}\"\n{what}\n");
        let run = |config: &str| run(config).variable(variable, key).end();
        run(&target).expect(1);
        let outcome = run(&format!("{}{target}", quarantine("*", "2999-12-31"))).expect(0);
        assert_eq!(outcome.results()["verdict"], "failed", "{provider}");
    }
}

#[test]
fn only_new_failures_count_where_that_was_asked_for() {
    let sandbox = sandbox("");
    let config = config(&sandbox, "");
    let first = run(&config).end().expect(1).read("results.json");
    let compared = |baseline: &str| {
        run(&config)
            .arguments(&["--baseline", "main.json", "--fail-on", "new"])
            .file("main.json", baseline)
            .end()
    };
    let outcome = compared(&first).expect(0);
    assert_eq!(test(&outcome, "failed")["standing"], "known");
    assert_eq!(outcome.results()["verdict"], "failed");
    let passing = edited(&first, |results| {
        let target = &mut results["targets"][0];
        target["tests"].as_array_mut().expect("a list").clear();
        for (_, count) in target["counts"].as_object_mut().expect("an object") {
            *count = 0.into();
        }
    });
    let outcome = compared(&passing).expect(1);
    assert_eq!(test(&outcome, "failed")["standing"], "new");
    assert_eq!(test(&outcome, "passed")["standing"], Value::Null);
    // Without `new` it is only told.
    let outcome = run(&config)
        .variable("PROCTOR_BASELINE", "main.json")
        .file("main.json", &first)
        .end()
        .expect(1);
    assert_eq!(test(&outcome, "failed")["standing"], "known");
}

#[test]
fn a_baseline_that_is_none_is_found_before_anything_is_triggered() {
    let sandbox = sandbox("");
    let config = config(&sandbox, "");
    let with = |arguments: &[&str]| run(&config).arguments(arguments).end().expect(2);
    with(&["--baseline", "missing.json"]).says("missing.json cannot be read");
    with(&["--baseline", "proctor.toml"]).says("proctor.toml is no results file");
    with(&["--fail-on", "new"]).says("--baseline FILE");
    with(&["--baseline", "last"]).says("--state DIR");
    with(&["--baseline", "last", "--state", "kept"]).says("--commit ID or PROCTOR_COMMIT");
    with(&["--baseline", ""]).says("--baseline: the path is empty");
    with(&["--fail-on", "newest"]).says("there is no verdict `newest`");
    Proctor::new(&["run", "--no-wait", "--fail-on", "failed,new"])
        .file("proctor.toml", &config)
        .key(KEY)
        .end()
        .expect(2)
        .says("--fail-on new is about tests, and with --no-wait none are looked at");
    assert_eq!(sandbox.count("POST", TRIGGER), 0);
}

#[test]
fn without_anything_kept_every_failure_is_new() {
    let sandbox = sandbox("");
    let outcome = run(&config(&sandbox, ""))
        .arguments(&["--baseline", "last", "--fail-on", "new", "--state", "kept"])
        .arguments(&["--state-key", "job", "--commit", "c0ffee"])
        .end()
        .expect(1)
        .says("every failure is taken for a new one");
    assert_eq!(test(&outcome, "failed")["standing"], "new");
}

#[test]
fn a_commit_that_is_tested_once_more_is_not_compared_with_itself() {
    let sandbox = sandbox("");
    let state = tempfile::tempdir().expect("a folder");
    let run = |commit: &str| {
        run(&config(&sandbox, ""))
            .arguments(&["--baseline", "last", "--fail-on", "new", "--state"])
            .arguments(&[&state.path().to_string_lossy(), "--state-key", "job"])
            .variable("PROCTOR_COMMIT", commit)
            .end()
    };
    run("a").expect(1);
    run("a").expect(1);
    run("b").expect(0);
}

#[test]
fn results_are_judged_anew_only_if_that_was_asked_for() {
    let sandbox = sandbox("");
    let config = config(&sandbox, "");
    let outcome = run(&config).end().expect(1);
    let folder = outcome.folder.path();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).expect("the folder can be written to");
    };
    let entry = quarantine("*", "2999-12-31");
    write("proctor.toml", &format!("{entry}{config}"));
    let from = ["--from", "results.json"];
    let with = |more: &[&str]| render(folder, &[&from, more].concat());
    with(&[]).expect(1);
    with(&["--fail-on", "failed"]).expect(0);
    write("proctor.toml", &config);
    with(&["--fail-on", "failed"]).expect(1);
    with(&["--fail-on", "errored"]).expect(0);
    with(&["--fail-on", "new", "--baseline", "results.json"]).expect(0);
    with(&["--fail-on", "new"])
        .expect(2)
        .says("--baseline FILE");
    // A target whose results are missing fails, whatever counts.
    let shop = target(&sandbox, "shop", "app-7f3", "");
    write("proctor.toml", &format!("{config}{shop}"));
    with(&["--fail-on", "errored"]).expect(0);
    let missing = with(&["--fail-on", "passed", "--all-targets"]).expect(3);
    let again: Value = serde_json::from_str(&missing_results(folder)).expect("JSON");
    assert_eq!(
        again["exit_codes"],
        serde_json::json!([0, 3]),
        "{}",
        missing.out
    );
}

fn missing_results(folder: &Path) -> String {
    proctor_test_support::read(&folder.join("again.json"))
}

#[test]
fn a_test_that_passed_at_last_counts_where_that_was_asked_for() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-7f3").end().expect(0);
    let folder = outcome.folder.path();
    let flaky = edited(&outcome.read("results.json"), |results| {
        results["targets"][0]["tests"][0]["attempts"] = 2.into();
    });
    std::fs::write(folder.join("flaky.json"), flaky).expect("the folder can be written to");
    let with = |more: &[&str]| render(folder, &[&["--from", "flaky.json"], more].concat());
    with(&[]).expect(0);
    with(&["--fail-on", "failed"]).expect(0);
    with(&["--fail-on", "flaky"]).expect(1);
    let again: Value = serde_json::from_str(&missing_results(folder)).expect("JSON");
    assert_eq!(again["verdict"], "failed");
    with(&["--fail-on", "flaky,errored"]).expect(1);
    // It was flaky before, and so nothing new.
    let known = ["--fail-on", "flaky,new", "--baseline", "flaky.json"];
    with(&known).expect(0);
    let new = ["--fail-on", "flaky,new", "--baseline", "results.json"];
    with(&new).expect(1);
    // What was judged like that can be merged with others, and stays what it is.
    Proctor::new(&["render", "--from", "again.json"])
        .within(folder)
        .end()
        .expect(1);
    std::fs::write(folder.join("proctor.toml"), quarantine("*", "2999-12-31"))
        .expect("the folder can be written to");
    with(&["--fail-on", "flaky"]).expect(0);
}

#[test]
fn what_a_service_itself_runs_again_and_passes_then_is_flaky() {
    // Whether the trigger's answer names the first try or nothing, the second one is a run of its own.
    for trigger in ["run-id", "nothing"] {
        let scenario = Scenario::from_toml(&format!("[izli]\ntrigger = \"{trigger}\"\n"));
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let sandbox = Sandbox::start(address, scenario).expect("a free port");
        let api = sandbox.service_url("izli");
        let target = format!(
            "[targets.it]\nprovider = \"izli\"\napi_url = \"{api}\"\njourney = \"jrn_flaky\"\n"
        );
        let run = || run(&target).variable("IZLI_API_KEY", "izli_agent_sandbox");
        let outcome = run().end().expect(0).says("flaky");
        let results = outcome.results();
        let tests = results["targets"][0]["tests"].as_array().expect("tests");
        assert!(!tests.is_empty());
        for test in tests {
            let told = (&test["verdict"], &test["attempts"], &test["flaky"]);
            assert_eq!(
                told,
                (&"passed".into(), &2.into(), &true.into()),
                "{trigger}"
            );
        }
        run().arguments(&["--fail-on", "flaky"]).end().expect(1);
        assert_eq!(sandbox.count("POST", "/journeys/*/run-now"), 2, "{trigger}");
    }
}

#[test]
fn a_gate_in_quarantine_is_excused_beside_a_suite_that_is() {
    let sandbox = sandbox(
        "[[keploy.apps]]\nid = \"shop\"\nschema_coverage = 40.5\n\
         suites = [{ id = \"s1\", name = \"checkout\", outcome = \"fail\" }, { id = \"s2\" }]\n",
    );
    let target = target(&sandbox, "api", "shop", "min_schema_coverage = 80");
    run(&target).end().expect(1);
    let all = quarantine("*", "2999-12-31");
    let outcome = run(&format!("{all}{target}")).end().expect(0);
    assert_eq!(outcome.results()["verdict"], "failed");
    for one in ["checkout/*", "schema coverage/*"] {
        let one = quarantine(one, "2999-12-31");
        run(&format!("{one}{target}")).end().expect(1);
    }
}

#[test]
fn an_edited_file_is_no_pass() {
    let sandbox = sandbox("");
    let outcome = run(&config(&sandbox, &quarantine("*fail*", "2999-12-31")))
        .end()
        .expect(0);
    let passed = edited(&outcome.read("results.json"), |results| {
        results["verdict"] = "passed".into();
    });
    let folder = outcome.folder.path();
    std::fs::write(folder.join("edited.json"), passed).expect("the folder can be written to");
    render(folder, &["--from", "edited.json"])
        .expect(2)
        .says("it is `passed`, which not every target has");
}

#[test]
fn a_quarantine_of_the_environment_of_runs_is_not_that_of_publishing() {
    Proctor::new(&["publish", "junit.xml", "--fail-on", "failed,flaky"])
        .file("junit.xml", "<testsuites/>")
        .end()
        .expect(2)
        .says("--fail-on: `flaky` and `new`");
}
