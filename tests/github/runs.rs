//! Whole runs of the action against the sandbox: what the workflow, the pull request and the reader see.

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, TRIGGER, program, read, sandbox};
use serde_json::Value;

use crate::runner::Runner;
use crate::step::Ended;

fn runner() -> Runner {
    Runner::new().variable("KEPLOY_API_KEY", KEY)
}

/// The inputs that run an app of the sandbox with the program under test, and more.
fn run(runner: &mut Runner, sandbox: &Sandbox, app: &str, more: &[(&str, &str)]) -> Ended {
    let binary = program();
    let set = format!("app={app}\nbase_url={}", sandbox.system_url());
    let api_url = sandbox.service_url("keploy");
    let mut with = vec![
        ("binary", binary.to_str().expect("UTF-8")),
        ("provider", "keploy"),
        ("api-url", &api_url),
        ("set", &set),
    ];
    with.extend(more);
    runner.run(&with)
}

/// A configuration file for one target.
fn config(sandbox: &Sandbox, app: &str) -> String {
    format!(
        "# services\n[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"{app}\"\nbase_url = \"{}\"\n",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    )
}

#[test]
fn a_run_that_passes() {
    let sandbox = sandbox("");
    let mut runner = runner();
    let ended = run(&mut runner, &sandbox, "app-7f3", &[]).expect(0);
    let expected = [
        ("verdict", "passed"),
        ("exit-code", "0"),
        ("passed", "4"),
        ("failed", "0"),
        ("errored", "0"),
        ("skipped", "0"),
        ("junit", "junit.xml"),
        ("results", "results.json"),
        ("html", ""),
    ];
    for (name, value) in expected {
        assert_eq!(ended.output(name), value, "{name}");
    }
    let program = std::fs::canonicalize(program()).expect("the program");
    assert_eq!(
        std::fs::canonicalize(ended.output("binary")).expect("a path"),
        program
    );
    assert_eq!(ended.errors(), []);
    assert!(!ended.summary.is_empty());
    let results: Value =
        serde_json::from_str(&read(&runner.workspace().join("results.json"))).expect("JSON");
    assert_eq!(results["verdict"], "passed");
    assert!(runner.workspace().join("junit.xml").exists());
}

#[test]
fn a_run_that_fails() {
    let sandbox = sandbox("");
    let mut runner = runner().file("proctor.toml", &config(&sandbox, "app-outcomes"));
    let binary = program();
    let with = [
        ("binary", binary.to_str().expect("UTF-8")),
        ("set", "suites=pass,fail"),
        ("reports", "json=out/r.json, html=out/r.html"),
    ];
    let ended = runner.run(&with).expect(1);
    let expected = [
        ("verdict", "failed"),
        ("exit-code", "1"),
        ("failed", "1"),
        ("junit", ""),
        ("results", "out/r.json"),
        ("html", "out/r.html"),
    ];
    for (name, value) in expected {
        assert_eq!(ended.output(name), value, "{name}");
    }
    let errors = ended.errors();
    assert!(!errors.is_empty() && errors.len() <= 10);
    for error in errors {
        assert_eq!(
            (error.property("file"), error.property("line")),
            ("proctor.toml", "2")
        );
    }
    assert!(ended.summary.contains("fail"), "{}", ended.summary);
    assert!(runner.workspace().join("out/r.json").exists());
    assert!(runner.workspace().join("out/r.html").exists());
}

#[test]
fn places_are_told_from_the_top_of_the_workspace() {
    let sandbox = sandbox("");
    let mut runner = runner().file(
        "services/shop/proctor.toml",
        &config(&sandbox, "app-outcomes"),
    );
    let binary = program();
    let with = [
        ("binary", binary.to_str().expect("UTF-8")),
        ("working-directory", "services/shop"),
        ("set", "suites=fail"),
        ("reports", "junit=../junit.xml, json"),
    ];
    let ended = runner.run(&with).expect(1);
    assert_eq!(
        ended.errors()[0].property("file"),
        "services/shop/proctor.toml"
    );
    assert_eq!(ended.output("junit"), "services/junit.xml");
    assert_eq!(ended.output("results"), "services/shop/results.json");
    for name in ["junit", "results"] {
        assert!(
            runner.workspace().join(ended.output(name)).is_file(),
            "{name}"
        );
    }
    let mut wrong = Runner::new().file(
        "services/shop/proctor.toml",
        "[targets.a]\nprovider = \"keplow\"\n",
    );
    let ended = wrong.run(&with[..2]).expect(2);
    assert_eq!(
        ended.errors()[0].property("file"),
        "services/shop/proctor.toml"
    );
}

#[test]
fn a_mistake_triggers_nothing() {
    let sandbox = sandbox("");
    let mut runner = runner();
    for more in [
        [("timeout", "soon")],
        [("args", "--frob")],
        [("reports", "pdf")],
        [("jobs", "-1")],
    ] {
        run(&mut runner, &sandbox, "app-7f3", &more).refused(2, "");
    }
    let mut without_a_key = Runner::new();
    run(&mut without_a_key, &sandbox, "app-7f3", &[]).refused(2, "KEPLOY_API_KEY");
    assert_eq!(sandbox.count("POST", TRIGGER), 0);
}

#[test]
fn values_reach_the_service_as_they_were_written() {
    let sandbox = sandbox(
        "[[keploy.apps]]\nid = \"it's $(id); `x` é\"\n[[keploy.apps.suites]]\nid = \"a b\"\n",
    );
    let mut runner = runner();
    let ended = run(
        &mut runner,
        &sandbox,
        "it's $(id); `x` é",
        &[("args", "--set\nsuites=a b")],
    );
    assert_eq!(ended.expect(0).output("passed"), "2");
}

#[test]
fn the_key_is_masked_first_and_shown_nowhere() {
    let sandbox = sandbox("");
    let mut runner = runner();
    let ended = run(&mut runner, &sandbox, "app-7f3", &[("args", "--verbose")]).expect(0);
    let (masked, rest) = ended
        .log
        .split_once(&format!("::add-mask::{KEY}\n"))
        .expect("a mask");
    assert!(
        !masked.contains(KEY) && !rest.contains(KEY),
        "{}",
        ended.log
    );
}

#[test]
fn a_later_step_finds_the_program() {
    let sandbox = sandbox("");
    let mut runner = runner();
    let ended = run(&mut runner, &sandbox, "app-7f3", &[]).expect(0);
    let path = format!(
        "{}:{}",
        ended.paths[0],
        std::env::var("PATH").expect("a PATH")
    );
    let rendered = std::process::Command::new("sh")
        .args(["-c", "proctor render markdown --from results.json"])
        .env("PATH", path)
        .current_dir(runner.workspace())
        .output()
        .expect("sh starts");
    assert!(
        rendered.status.success(),
        "{}",
        String::from_utf8_lossy(&rendered.stderr)
    );
    assert!(!rendered.stdout.is_empty());
}
