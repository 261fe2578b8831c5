//! The pipelines that `proctor init` writes, executed with the real step and the real program.

use proctor_test_support::{KEY, Proctor, TRIGGER, program, sandbox};

use super::{all_told, run};

#[test]
fn what_is_written_runs() {
    let sandbox = sandbox("");
    let system = format!("base_url={}", sandbox.system_url());
    let url = sandbox.service_url("keploy");
    let init = |more: &[&str]| {
        Proctor::new(&["init", "jenkins", "--provider", "keploy", "--api-url", &url])
            .arguments(&["--set", "app=app-7f3", "--set", &system])
            .arguments(more)
    };
    let usual = init(&[]).end().expect(0);
    let elsewhere = init(&[
        "--config",
        "ci/hosted.toml",
        "--pin",
        "0123456789abcdef0123456789abcdef01234567",
    ])
    .file("Jenkinsfile", "node {}\n")
    .end()
    .expect(0);
    let (_, stage) = elsewhere
        .out
        .split_once("@Library('proctor@0123456789abcdef0123456789abcdef01234567') _\n\n")
        .expect("the stage to add is shown");
    let around = format!("pipeline {{\n  agent any\n  stages {{\n{stage}  }}\n}}\n");
    let variables = [
        ("PROCTOR_BIN", program().display().to_string()),
        ("KEY", KEY.to_owned()),
        ("USUAL", usual.read("Jenkinsfile")),
        ("BESIDE", elsewhere.read("Jenkinsfile.proctor")),
        ("ADDED", around),
        ("CONFIG", usual.read("proctor.toml")),
    ];
    if let Some(names) = run(&["init"], &variables) {
        all_told(&names, 4);
        assert_eq!(sandbox.count("POST", TRIGGER), 3);
    }
}
