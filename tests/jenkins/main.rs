//! Jenkins: the shared library, executed by Groovy with the steps of a pipeline stubbed.
//!
//! The cases are in `groovy/cases`, each file in one process, as Groovy takes seconds to start. They tell themselves in
//! lines; what is asserted here is that every one of them came, and went well.

mod help;
mod init;
mod releases;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::process::Stdio;

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, consumers, program, root, sandbox, secrets::Watch};

/// Runs files of cases and returns their names. None if there is no Groovy.
fn run(files: &[&str], variables: &[(&str, String)]) -> Option<Vec<String>> {
    let mut groovy = consumers::groovy()?;
    let library = std::fs::canonicalize(root()).expect("the source tree");
    let cases = library.join("tests/jenkins/groovy");
    let scratch = tempfile::tempdir().expect("a folder");
    let output = groovy
        // The launcher takes the class path from the first argument alone.
        .args(["-cp".as_ref(), cases.as_path()])
        .arg("-Dfile.encoding=UTF-8")
        .arg(cases.join("run.groovy"))
        .args(files)
        .env("LIBRARY", &library)
        .env("CASES", cases.join("cases"))
        .env("SCRATCH", scratch.path())
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .output()
        .expect("Groovy starts");
    let mut watch = Watch::default();
    for (name, value) in variables {
        watch.variable(name, OsStr::new(value));
    }
    watch.folder(scratch.path());
    watch.look(&[
        ("standard output", &output.stdout),
        ("standard error", &output.stderr),
    ]);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    for file in files {
        let end = format!("end: {file}");
        assert!(said.lines().any(|line| line == end), "{said}\n{errors}");
    }
    let failed: Vec<&str> = said
        .split("\nfailed: ")
        .skip(usize::from(!said.starts_with("failed: ")))
        .map(|rest| rest.split("\nok: ").next().unwrap_or(rest))
        .collect();
    assert!(
        failed.is_empty(),
        "failed:\n{}\n{errors}",
        failed.join("\n")
    );
    let ok = said.lines().filter_map(|line| line.strip_prefix("ok: "));
    Some(ok.map(str::to_owned).collect())
}

/// Asserts that cases were run, and that no two have one name, as a copy whose body was forgotten would.
fn all_told(names: &[String], at_least: usize) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(
        names.len() >= at_least,
        "only {} cases: {names:?}",
        names.len()
    );
}

/// Where everything is: `aborted` serves the build that is stopped, alone, so that its requests tell how far it is.
fn real(sandbox: &Sandbox, aborted: &Sandbox) -> [(&'static str, String); 6] {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port that was free a moment ago");
    [
        ("PROCTOR_BIN", program().display().to_string()),
        ("KEPLOY_URL", sandbox.service_url("keploy")),
        ("ABORTED_URL", aborted.service_url("keploy")),
        ("SYSTEM_URL", sandbox.system_url()),
        ("CLOSED_URL", format!("http://{closed}/v1")),
        ("KEY", KEY.to_owned()),
    ]
}

#[test]
fn arguments_outcomes_and_reports() {
    let files = ["rules", "arguments", "windows", "outcomes", "reports"];
    if let Some(names) = run(&files, &[]) {
        all_told(&names, 150);
    }
}

#[test]
fn the_real_program_in_whole_pipelines() {
    let (sandbox, aborted) = (sandbox(""), proctor_test_support::sandbox(""));
    if let Some(names) = run(&["pipelines", "real"], &real(&sandbox, &aborted)) {
        all_told(&names, 12);
        assert_eq!(
            aborted.count("POST", "/jobs/*/stop"),
            1,
            "the aborted build's run was not stopped"
        );
    }
}
