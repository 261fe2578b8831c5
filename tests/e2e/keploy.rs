//! What Keploy can do beside running suites: load tests, branches, the coverage of a schema, reports of recorded tests,
//! and generating suites.

mod branches;
mod generate;
mod load;
mod recorded;

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Outcome, Proctor};

/// `proctor.toml` with one target of the app `shop`.
fn config(sandbox: &Sandbox, lines: &str) -> String {
    format!(
        "[targets.it]\nprovider = \"keploy\"\napp = \"shop\"\napi_url = \"{}\"\n{lines}\n",
        sandbox.service_url("keploy")
    )
}

/// The same with the system under test.
fn with_system(sandbox: &Sandbox, lines: &str) -> String {
    let system = format!("base_url = \"{}\"\n{lines}", sandbox.system_url());
    config(sandbox, &system)
}

/// `proctor run` with this configuration.
fn proctor(config: &str) -> Proctor {
    Proctor::new(&["run", "--report", "json", "--report", "junit"])
        .file("proctor.toml", config)
        .variable("PROCTOR_TIMEOUT", "30s")
        .key(KEY)
}

/// Each test as `suite/name: verdict`.
fn tests(outcome: &Outcome) -> Vec<String> {
    let results = outcome.results();
    let tests = results["targets"][0]["tests"].as_array().expect("tests");
    let text = |test: &serde_json::Value, name: &str| test[name].as_str().unwrap_or("").to_owned();
    tests
        .iter()
        .map(|test| {
            format!(
                "{}/{}: {}",
                text(test, "suite"),
                text(test, "name"),
                text(test, "verdict")
            )
        })
        .collect()
}
