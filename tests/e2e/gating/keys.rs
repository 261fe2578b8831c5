//! Targets without a key, as in a pull request from a fork.

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Outcome, Proctor, TRIGGER, sandbox};
use serde_json::{Value, json};

use super::target;

/// Two targets, one of which has a variable of its own for its key.
fn config(sandbox: &Sandbox) -> String {
    let other = target(sandbox, "shop", "app-7f3", "key_env = \"SHOP_KEY\"");
    format!("{}{other}", target(sandbox, "api", "app-7f3", ""))
}

fn run(config: &str) -> Proctor {
    Proctor::new(&["run", "--report", "json", "--on-missing-key", "skip"])
        .file("proctor.toml", config)
        .variable("PROCTOR_TIMEOUT", "30s")
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.out.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn without_any_key_nothing_is_run_and_nothing_passes() {
    let sandbox = sandbox("");
    let outcome = run(&config(&sandbox))
        // As GitHub gives a secret that a fork does not have.
        .variable("KEPLOY_API_KEY", "")
        .end()
        .expect(0)
        .says("api is left out: there is no key, as KEPLOY_API_KEY is empty")
        .says("shop is left out: there is no key, as SHOP_KEY is not set");
    let results = outcome.results();
    assert_eq!(results["verdict"], "skipped");
    assert_eq!(results["exit_codes"], json!([0, 0]));
    for target in results["targets"].as_array().expect("a list") {
        assert_eq!(target["verdict"], "skipped");
        assert_eq!(target["set_aside"], "missing-key");
        assert_eq!(target["error"], Value::Null);
        let reason = target["reason"].as_str().expect("a text");
        assert!(reason.contains("_KEY is "), "{reason}");
    }
    assert!(sandbox.received().is_empty());
}

#[test]
fn without_being_allowed_a_missing_key_is_2() {
    let sandbox = sandbox("");
    Proctor::new(&["run"])
        .file("proctor.toml", &config(&sandbox))
        .end()
        .expect(2)
        .says("is missing: set KEPLOY_API_KEY");
    run(&config(&sandbox))
        .arguments(&["--on-missing-key", "pass"])
        .end()
        .expect(2);
}

#[test]
fn the_targets_that_have_a_key_are_run() {
    let sandbox = sandbox("");
    let outcome = run(&config(&sandbox))
        .variable("SHOP_KEY", KEY)
        .end()
        .expect(0);
    let results = outcome.results();
    assert_eq!(results["verdict"], "skipped", "not all of it has passed");
    let told = |at: usize, member: &str| results["targets"][at][member].clone();
    assert_eq!(
        (told(0, "name"), told(0, "verdict")),
        (json!("api"), json!("skipped"))
    );
    assert_eq!(
        (told(1, "name"), told(1, "verdict")),
        (json!("shop"), json!("passed"))
    );
    assert_eq!(
        (told(0, "set_aside"), told(1, "set_aside")),
        (json!("missing-key"), Value::Null)
    );
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
    // Merged with others it stays what it is.
    let merged = Proctor::new(&["render", "json=merged.json", "--from", "results.json"])
        .within(outcome.folder.path())
        .end()
        .expect(0);
    let merged: Value = serde_json::from_str(&proctor_test_support::read(
        &outcome.folder.path().join("merged.json"),
    ))
    .unwrap_or_else(|error| panic!("{error}: {}", merged.out));
    assert_eq!(merged["verdict"], "skipped");
    assert_eq!(merged["targets"][0]["set_aside"], "missing-key");
}

#[test]
fn what_fails_counts_beside_what_is_left_out() {
    let sandbox = sandbox("");
    let failing = target(
        &sandbox,
        "web",
        "app-outcomes",
        "suites = [\"fail\"]\nkey_env = \"SHOP_KEY\"",
    );
    let outcome = run(&format!("{}{failing}", config(&sandbox)))
        .variable("SHOP_KEY", KEY)
        .end()
        .expect(1);
    assert_eq!(outcome.results()["exit_codes"], json!([0, 0, 1]));
    assert_eq!(outcome.results()["verdict"], "failed");
}

#[test]
fn a_key_that_is_wrong_is_not_one_that_is_missing() {
    let sandbox = sandbox("");
    let refused = |name: &str, value: &str, told: &str| {
        run(&target(
            &sandbox,
            "api",
            "app-7f3",
            "key_env = \"SHOP_KEY\"",
        ))
        .variable(name, value)
        .end()
        .expect(2)
        .says(told);
    };
    refused("SHOP_KEY", "not a key", "contains blanks");
    refused("SHOP_KEY_FILE", "missing.txt", "cannot be read");
    // The usual variable is there, and the file names another: a mistake of whoever wrote it.
    refused("KEPLOY_API_KEY", KEY, "is missing: set SHOP_KEY");
    assert!(sandbox.received().is_empty());
}

#[test]
fn what_is_left_out_is_told_as_lines_of_json_too() {
    let sandbox = sandbox("");
    let outcome = run(&config(&sandbox))
        .arguments(&["--output", "ndjson"])
        .variable("SHOP_KEY", KEY)
        .end()
        .expect(0);
    let lines = lines(&outcome);
    let ended = lines
        .iter()
        .find(|line| line["type"] == "ended" && line["target"] == "api");
    let ended = ended.expect("it is told of");
    assert_eq!(
        (&ended["verdict"], &ended["set_aside"]),
        (&json!("skipped"), &json!("missing-key"))
    );
    let last = lines.last().expect("a line");
    assert_eq!(
        (&last["type"], &last["verdict"]),
        (&json!("result"), &json!("skipped"))
    );
    assert_eq!(last["targets"][0]["set_aside"], "missing-key");
    assert_eq!(last["targets"][1]["set_aside"], Value::Null);
}

#[test]
fn check_leaves_out_what_run_would() {
    let sandbox = sandbox("");
    let check = |arguments: &[&str]| {
        Proctor::new(&["check", "--on-missing-key", "skip"])
            .arguments(arguments)
            .file("proctor.toml", &config(&sandbox))
            .variable("SHOP_KEY", KEY)
            .end()
            .expect(0)
    };
    check(&[])
        .says("api (keploy): skipped\n  there is no key")
        .says("shop (keploy): ready");
    let outcome = Proctor::new(&["check"])
        .file("proctor.toml", &config(&sandbox))
        .variable("PROCTOR_ON_MISSING_KEY", "skip")
        .variable("PROCTOR_OUTPUT", "ndjson")
        .end()
        .expect(0);
    let lines = lines(&outcome);
    let checked: Vec<&Value> = lines
        .iter()
        .filter(|line| line["type"] == "checked")
        .collect();
    assert_eq!(checked.len(), 2, "{}", outcome.out);
    assert!(
        checked
            .iter()
            .all(|line| line["set_aside"] == "missing-key" && line["ready"] == false)
    );
}

#[test]
fn runs_are_started_and_waited_for_without_what_is_left_out() {
    let sandbox = sandbox("");
    let config = config(&sandbox);
    let started = Proctor::new(&["run", "--no-wait", "--on-missing-key", "skip"])
        .file("proctor.toml", &config)
        .variable("SHOP_KEY", KEY)
        .end()
        .expect(0)
        .says("api is left out")
        .says("shop (keploy): started");
    let folder = started.folder.path();
    let wait = |key: &str| {
        Proctor::new(&["wait", "proctor-handle.json", "--report", "json"])
            .within(folder)
            .arguments(&["--on-missing-key", "skip"])
            .variable("PROCTOR_TIMEOUT", "30s")
            .variable("SHOP_KEY", key)
            .end()
            .expect(0)
    };
    let results = || -> Value {
        serde_json::from_str(&proctor_test_support::read(&folder.join("results.json")))
            .expect("JSON")
    };
    wait("").says("shop is left out");
    assert_eq!(results()["verdict"], "skipped");
    assert!(
        folder.join("proctor-handle.json").exists(),
        "it can be waited for later"
    );
    wait(KEY);
    assert_eq!(results()["verdict"], "passed");
    assert!(!folder.join("proctor-handle.json").exists());
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn a_job_that_waits_knows_that_all_of_it_was_left_out() {
    let sandbox = sandbox("");
    let started = Proctor::new(&["run", "--no-wait", "--on-missing-key", "skip"])
        .file("proctor.toml", &config(&sandbox))
        .end()
        .expect(0)
        .says("nothing was started");
    let folder = started.folder.path();
    let handle = started.read("proctor-handle.json");
    let waited = Proctor::new(&["wait", "proctor-handle.json", "--report", "json"])
        .within(folder)
        .end()
        .expect(0)
        .says("api is left out: there is no key");
    let results: Value =
        serde_json::from_str(&proctor_test_support::read(&folder.join("results.json")))
            .unwrap_or_else(|error| panic!("{error}: {}", waited.out));
    assert_eq!(results["verdict"], "skipped");
    for (at, name) in ["api", "shop"].into_iter().enumerate() {
        let target = &results["targets"][at];
        assert_eq!(target["name"], name);
        assert_eq!(target["set_aside"], "missing-key");
    }
    assert!(!folder.join("proctor-handle.json").exists());
    let cancelled = Proctor::new(&["cancel", "h.json"])
        .file("h.json", &handle)
        .end()
        .expect(0)
        .says("there is nothing to stop");
    assert!(!cancelled.path("h.json").exists());
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_place_to_publish_at_without_a_key_is_left_out() {
    let sandbox = sandbox("");
    let publish = format!(
        "[publish.testmo]\napi_url = \"{}\"\nproject_id = 1\nsource = \"tests\"\n",
        sandbox.service_url("testmo")
    );
    let config = format!("{publish}{}", target(&sandbox, "api", "app-7f3", ""));
    let outcome = run(&config)
        .arguments(&["--publish", "testmo"])
        .key(KEY)
        .end()
        .expect(0)
        .says("the results will not be published: there is no key");
    assert_eq!(outcome.results()["verdict"], "passed");
}

#[test]
fn state_is_left_alone_of_what_is_left_out() {
    let sandbox = sandbox("");
    run(&config(&sandbox))
        .arguments(&["--state", "kept", "--state-key", "job"])
        .end()
        .expect(0);
    assert!(sandbox.received().is_empty());
}
