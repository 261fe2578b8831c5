//! Runs that go on when the program ends, whoever looks after them next.

use std::process::Stdio;

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Proctor, SHORT, consumers, read, sandbox, until};
use serde_json::Value;

use super::{
    component::wasm,
    host::{Invocation, hosts},
};

const HANDLE: &str = "proctor-handle.json";

fn start(sandbox: &Sandbox, app: &str) -> Invocation {
    Invocation::run(sandbox, app).arguments(&["--no-wait"])
}

fn wait() -> Invocation {
    Invocation::new(&["wait", HANDLE])
        .variable("KEPLOY_API_KEY", KEY)
        .reporting()
}

#[test]
fn a_run_that_is_started_is_waited_for_under_every_host() {
    for host in hosts() {
        let sandbox = sandbox("");
        let started = start(&sandbox, "app-7f3")
            .end_under(host)
            .expect(0)
            .says("keploy (keploy): started: ")
            .says("follow with `wait proctor-handle.json`");
        assert_eq!(sandbox.count("GET", "/jobs/*"), 0, "{host:?}");
        let waited = wait().after(started).end_under(host).expect(0);
        assert_eq!(waited.results()["verdict"], "passed");
        assert!(!waited.path(HANDLE).exists(), "{host:?}");
        assert_eq!(sandbox.count("POST", "/apps/*/test-suites/run"), 1);
    }
}

#[test]
fn a_run_that_is_started_is_stopped() {
    let sandbox = sandbox("");
    let started = start(&sandbox, "app-stuck").end().expect(0);
    let stopped = Invocation::new(&["cancel", HANDLE])
        .variable("KEPLOY_API_KEY", KEY)
        .after(started)
        .end()
        .expect(0)
        .says("keploy: stopped");
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
    assert!(!stopped.path(HANDLE).exists());
}

#[test]
fn a_run_that_was_stopped_at_its_time_limit_is_done_with_under_every_host() {
    for host in hosts() {
        let sandbox = sandbox("");
        let started = start(&sandbox, "app-stuck").end().expect(0);
        let waited = wait()
            .arguments(&["--timeout", SHORT])
            .after(started)
            .end_under(host)
            .expect(4)
            .says("it was stopped");
        assert!(!waited.err.contains("goes on"), "{}", waited.err);
        assert!(!waited.path(HANDLE).exists(), "{host:?}");
        assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1, "{host:?}");
    }
}

#[test]
fn a_run_that_could_not_be_looked_at_stays_in_the_file() {
    let sandbox = sandbox("");
    let started = start(&sandbox, "app-7f3").end().expect(0);
    let handle = started.read(HANDLE);
    let refused = wait()
        .variable("KEPLOY_API_KEY", "kep_of_somebody_else")
        .after(started)
        .end()
        .expect(5)
        .says("1 run goes on at its service, or may");
    let runs = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["runs"].clone();
    assert_eq!(runs(&refused.read(HANDLE)), runs(&handle));
}

#[test]
fn what_is_told_by_being_seen_at_work_is_looked_at_first() {
    // What it was before is another state, so that its pass counts even if it has ended by then.
    let sandbox = sandbox("[[testclix.tests]]\nid = \"01GDFIXED&01A\"\n");
    let config = format!(
        "[targets.by-id]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n\
         [targets.by-way]\nprovider = \"testclix\"\napi_url = \"{}\"\ntest = \"01GDFIXED&01A\"\n",
        sandbox.service_url("keploy"),
        sandbox.system_url(),
        sandbox.service_url("testclix")
    );
    let key = |invocation: Invocation| invocation.variable("TESTCLIX_API_KEY", "testclix-sandbox");
    let started = key(Invocation::new(&["run", "--no-wait", "--timeout", "120s"]))
        .file("proctor.toml", &config)
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(0);
    let before = sandbox.received().len();
    let waited = key(wait()).after(started).end().expect(0);
    let targets = &waited.results()["targets"];
    let names = [0, 1].map(|at| targets[at]["name"].clone());
    assert_eq!(names, ["by-id", "by-way"]);
    let first = &sandbox.received()[before];
    assert_eq!(first.service, "testclix");
}

#[test]
fn a_run_that_cannot_be_stopped_stays_in_the_file() {
    let sandbox = sandbox("");
    let started = start(&sandbox, "app-stuck").end().expect(0);
    let refused = Invocation::new(&["cancel", HANDLE])
        .variable("KEPLOY_API_KEY", "kep_of_somebody_else")
        .after(started)
        .end()
        .expect(5)
        .says("was not stopped");
    assert!(refused.path(HANDLE).exists());
}

#[test]
fn the_native_program_and_this_one_read_each_others_handles() {
    let sandbox = sandbox("");
    let native = Proctor::start(&sandbox, "app-7f3").end().expect(0);
    wait()
        .file(HANDLE, &native.read(HANDLE))
        .end()
        .expect(0)
        .says("4 passed");
    let ours = start(&sandbox, "app-7f3").end().expect(0);
    Proctor::new(&["wait", HANDLE])
        .file(HANDLE, &ours.read(HANDLE))
        .key(KEY)
        .end()
        .expect(0);
}

#[test]
fn what_is_left_of_a_program_that_was_killed_is_its_handle() {
    let Some(mut host) = consumers::python("wasmtime") else {
        return;
    };
    let sandbox = sandbox("");
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = host
        .current_dir(folder.path())
        .args(["run", "-S", "http", "--dir", ".", "--env"])
        .arg(format!("KEPLOY_API_KEY={KEY}"))
        .arg(wasm())
        .args(["run", "--provider", "keploy", "--set", "app=app-stuck"])
        .args(["--set", &format!("base_url={}", sandbox.system_url())])
        .args(["--api-url", &sandbox.service_url("keploy")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the host starts");
    until("following", || sandbox.count("GET", "/jobs/*") > 0);
    child.kill().expect("it is killed");
    child.wait().expect("it has ended");
    let handle = read(&folder.path().join(HANDLE));
    assert!(!handle.contains(KEY));
    Invocation::new(&["cancel", HANDLE])
        .file(HANDLE, &handle)
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(0);
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
}

#[test]
fn a_file_that_still_names_runs_is_not_overwritten() {
    let sandbox = sandbox("");
    let started = start(&sandbox, "app-stuck").end().expect(0);
    let handle = started.read(HANDLE);
    let refused = start(&sandbox, "app-7f3")
        .after(started)
        .end()
        .expect(2)
        .says("not reported yet");
    assert_eq!(refused.read(HANDLE), handle);
    assert_eq!(sandbox.count("POST", "/apps/*/test-suites/run"), 1);
    // Nobody has asked for this name: a job before may have left the file.
    let passed = Invocation::run(&sandbox, "app-7f3")
        .after(refused)
        .end()
        .expect(0);
    assert_eq!(passed.read(HANDLE), handle);
}

#[test]
fn a_handle_that_names_a_variable_on_its_own_is_refused() {
    let handle = r#"{
        "proctor_handles": 1,
        "runs": [{
            "target": {
                "name": "it", "provider": "http", "api_url": "https://elsewhere.example",
                "settings": [{ "name": "env", "value": { "Texts": ["SECRET_OF_MINE"] } }],
                "overrides": [], "timeout_ms": 1000, "location": null
            },
            "handle": { "provider": "http", "triggers": [] }
        }]
    }"#;
    Invocation::new(&["wait", HANDLE])
        .file(HANDLE, handle)
        .variable("SECRET_OF_MINE", "not for others")
        .end()
        .expect(2)
        .says("SECRET_OF_MINE, which no configuration does");
}
