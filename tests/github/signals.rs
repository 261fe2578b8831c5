//! A cancelled workflow: the runner tells the top process of the step, and it alone.

use std::process::Command;

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, program as proctor, read, sandbox, until};
use serde_json::Value;

use crate::release::runner;
use crate::releases::{ASSET, Answer, Releases, program, sha256};
use crate::runner::Runner;
use crate::step::Ended;

/// The version of the action's checkout.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// Runs something that never ends, tells the step to stop, and returns what came of it.
fn cancel(runner: &mut Runner, sandbox: &Sandbox, more: &[(&str, &str)], signal: &str) -> Ended {
    let set = format!("app=app-stuck\nbase_url={}", sandbox.system_url());
    let api_url = sandbox.service_url("keploy");
    let mut with = vec![("provider", "keploy"), ("api-url", &api_url), ("set", &set)];
    with.extend(more);
    let step = runner.start(&with);
    until("following", || sandbox.count("GET", "/jobs/*") > 0);
    step.signal(signal);
    step.end()
}

fn assert_stopped(runner: &Runner, sandbox: &Sandbox, ended: &Ended, code: i32) {
    assert_eq!(
        sandbox.count("POST", "/jobs/*/stop"),
        1,
        "the run at the service is stopped"
    );
    assert_eq!(
        (ended.output("verdict"), ended.output("exit-code")),
        ("cancelled", code.to_string().as_str())
    );
    let results: Value =
        serde_json::from_str(&read(&runner.workspace().join("results.json"))).expect("JSON");
    assert_eq!(results["exit_code"], code);
    assert!(runner.workspace().join("junit.xml").exists() && !ended.summary.is_empty());
}

#[test]
fn the_run_is_stopped_and_the_reports_are_written() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let sandbox = sandbox("");
        let mut runner = Runner::new().variable("KEPLOY_API_KEY", KEY);
        let binary = proctor();
        let with = [("binary", binary.to_str().expect("UTF-8"))];
        let ended = cancel(&mut runner, &sandbox, &with, signal).expect(code);
        assert_stopped(&runner, &sandbox, &ended, code);
    }
}

#[test]
fn the_same_after_an_installation() {
    let sandbox = sandbox("");
    // The program under test is too large to be served.
    let released = format!("#!/bin/sh\nexec '{}' \"$@\"\n", proctor().display()).into_bytes();
    let sum = sha256(&released);
    let releases = Releases::new().with(OWN, ASSET, &[Answer::Whole(released)]);
    let mut runner = runner(&releases, OWN, &sum).variable("KEPLOY_API_KEY", KEY);
    let ended = cancel(&mut runner, &sandbox, &[], "INT").expect(130);
    assert_stopped(&runner, &sandbox, &ended, 130);
    assert!(
        ended.log.contains("verified and installed"),
        "{}",
        ended.log
    );
}

/// Asserts that nothing was run and nothing of it is left.
fn assert_nothing_begun(runner: &Runner, ended: &Ended, code: i32) {
    assert_eq!(
        (ended.output("verdict"), ended.output("exit-code")),
        ("cancelled", code.to_string().as_str())
    );
    assert!(
        ended
            .log
            .contains("told to stop before it had started anything"),
        "{}",
        ended.log
    );
    assert_eq!(
        std::fs::read_dir(runner.workspace())
            .expect("a folder")
            .count(),
        0
    );
    assert_eq!(ended.paths, Vec::<String>::new());
}

#[test]
fn a_download_is_broken_off() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let releases = Releases::new().with("1.2.3", ASSET, &[Answer::Hang(program("1.2.3"))]);
        let mut runner = runner(&releases, "1.2.3", &"0".repeat(64));
        let step = runner.start(&[("version", "1.2.3"), ("provider", "keploy")]);
        until("downloading", || !releases.requests().is_empty());
        step.signal(signal);
        let ended = step.end().expect(code);
        assert_nothing_begun(&runner, &ended, code);
        let folder = runner.cached("1.2.3");
        let left: Vec<_> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_build_is_broken_off_with_all_that_it_started() {
    let cargo = "sleep 600 & echo $! >\"$RUNNER_TEMP/rustc\"; wait";
    let mut runner = Runner::new().program("cargo", cargo);
    let step = runner.start(&[("version", "source"), ("provider", "keploy")]);
    let file = runner.path("temp/rustc");
    until("building", || {
        std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'))
    });
    step.signal("INT");
    let ended = step.end().expect(130);
    assert_nothing_begun(&runner, &ended, 130);
    let compiler = read(&file);
    until("the end of what cargo started", || {
        let state = Command::new("ps")
            .args(["-o", "stat=", "-p", compiler.trim()])
            .output()
            .expect("ps");
        // One that nobody waits for stays as a zombie where there is no init.
        let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
        state.is_empty() || state.starts_with('Z')
    });
}

#[test]
fn the_end_of_gh_is_not_waited_for() {
    let releases = crate::release::serving("1.2.3");
    let sum = sha256(&program("1.2.3"));
    let gh = "case $* in *--help) echo --signer-workflow; exit 0 ;; esac\ntouch \"$RUNNER_TEMP/asked\"\nexec sleep 600";
    let mut runner = runner(&releases, "1.2.3", &sum).program("gh", gh);
    let step = runner.start(&[("version", "1.2.3"), ("provider", "keploy")]);
    let asked = runner.path("temp/asked");
    until("asking", || asked.exists());
    step.signal("INT");
    let ended = step.end().expect(130);
    assert_nothing_begun(&runner, &ended, 130);
}
