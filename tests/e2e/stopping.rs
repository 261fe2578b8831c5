//! Runs that are not worth going on with: those of older builds, those beside a failed one, those that do not begin. And the
//! results that are kept for later runs.

mod fail_fast;
mod last;
mod queue;
mod supersede;

use std::path::Path;

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Proctor, sandbox};

/// Apps that pass, fail, take their time and never end.
const APPS: &str = r#"
    requests_per_minute = 10000
    burst = 1000
    [[keploy.apps]]
    id = "app-pass"
    suites = [{ id = "first" }]
    [[keploy.apps]]
    id = "app-fail"
    suites = [{ id = "fail" }]
    [[keploy.apps]]
    id = "app-long"
    suites = [{ id = "first", duration_ms = 3000 }]
    [[keploy.apps]]
    id = "app-endless"
    suites = [{ id = "first", duration_ms = 600000 }]
"#;

fn apps() -> Sandbox {
    sandbox(APPS)
}

/// A target that runs an app, with more settings.
fn target(sandbox: &Sandbox, name: &str, app: &str, more: &str) -> String {
    format!(
        "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{}\"\nbase_url = \"{}\"\napp = \"{app}\"\n{more}\n",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    )
}

/// A run of these targets.
fn run(config: &str) -> Proctor {
    Proctor::new(&["run", "--report", "json"])
        .file("proctor.toml", config)
        .variable("PROCTOR_TIMEOUT", "60s")
        .key(KEY)
}

/// A build on GitHub of one commit, which keeps what it begins in a directory that builds share.
fn on_github(proctor: Proctor, state: &Path, number: u32, reference: &str) -> Proctor {
    proctor
        .arguments(&["--state", &state.to_string_lossy()])
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_SERVER_URL", "https://github.com")
        .variable("GITHUB_REPOSITORY", "o/r")
        .variable("GITHUB_WORKFLOW", "tests")
        .variable("GITHUB_JOB", "hosted")
        .variable("GITHUB_RUN_ID", format!("1000{number}"))
        .variable("GITHUB_RUN_NUMBER", number.to_string())
        .variable("GITHUB_REF", reference)
        .variable("GITHUB_SHA", format!("c0ffee{number}"))
}

/// How many requests have stopped a run.
fn stops(sandbox: &Sandbox) -> usize {
    sandbox.count("POST", "/jobs/*/stop")
}
