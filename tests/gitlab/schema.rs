//! What can be said of the component without running it: its inputs, what they lead to, and GitLab's schema.

use std::path::Path;
use std::process::Command;

use proctor_test_support::{consumers, root};
use regex::Regex;
use serde_json::{Value, json};

use crate::template::{Template, documents, text};

/// Holds a document against GitLab's schema.
#[track_caller]
pub fn hold_against_schema(document: &Value) {
    let Some(mut checker) = consumers::python("check-jsonschema") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("document.json");
    std::fs::write(&file, document.to_string()).expect("the folder can be written to");
    let output = checker
        .args(["--builtin-schema", "vendor.gitlab-ci"])
        .arg(&file)
        .output()
        .expect("it starts");
    assert!(
        output.status.success(),
        "{}{document:#}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// Another value for each input.
fn everything() -> Value {
    json!({
        "stage": "verify",
        "job-name": "e2e:shop/api",
        "image": "registry.example.com/ci/shell:2",
        "version": "image",
        "checksums": format!("{}  proctor-x86_64-unknown-linux-musl\n", "0".repeat(64)),
        "download-url": "https://mirror.example.com/proctor",
        "config": "ci/proctor.toml",
        "targets": "api\nthe shop\n",
        "provider": "keploy",
        "set": "app=7\nsuites=a,b\n",
        "api-url": "https://keploy.example.com/client/v1",
        "timeout": "1h 30m",
        "job-timeout": "2 hours",
        "fail-on": "failed, errored",
        "allow-empty": true,
        "allow-failure-exit-codes": [4, 6, 7],
        "retry": 2,
        "publish": "testmo",
        "comment": "auto",
        "reports": "junit html=x.html",
        "reports-dir": "out/hosted-tests_1.0",
        "expire-in": "1 week",
        "interruptible": false,
        "args": "--jobs\n2\n",
    })
}

#[test]
fn gitlab_takes_both_documents() {
    let template = Template::read();
    hold_against_schema(&template.header);
    hold_against_schema(&template.render(&json!({})).expect("defaults are right"));
    hold_against_schema(&template.render(&everything()).expect("all is right"));
}

#[test]
fn the_schema_sees_what_is_wrong() {
    let Some(mut checker) = consumers::python("check-jsonschema") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("document.json");
    std::fs::write(&file, r#"{"job": {"script": "x", "retry": 5}}"#).expect("it is written");
    let output = checker
        .args(["--builtin-schema", "vendor.gitlab-ci"])
        .arg(&file)
        .output();
    assert!(!output.expect("it starts").status.success());
}

#[test]
fn each_input_is_described_has_a_default_and_leads_to_something() {
    let template = Template::read();
    let everything = everything();
    for (name, input) in template.inputs() {
        let description = input["description"].as_str().unwrap_or_default();
        // The schema's limit.
        assert!((10..1024).contains(&description.len()), "{name}");
        assert!(!input["default"].is_null(), "{name} has a default");
        assert_ne!(everything[name], Value::Null, "{name} is not in the test");
        let mut without = everything.clone();
        without
            .as_object_mut()
            .expect("inputs")
            .remove(name)
            .expect("it is there");
        assert_ne!(
            template.render(&everything),
            template.render(&without),
            "{name} leads to nothing"
        );
    }
}

#[test]
fn no_input_is_put_into_the_script() {
    let body = Template::read().body;
    let (_, job) = body
        .as_object()
        .expect("jobs")
        .iter()
        .next()
        .expect("a job");
    assert!(!job["script"].to_string().contains("$[["));
    for (name, value) in job["variables"].as_object().expect("variables") {
        let value = value.as_str().expect("a text");
        let whole =
            value.starts_with("$[[") && value.ends_with("]]") && value.matches("$[[").count() == 1;
        let truth = value == "allow-empty: $[[ inputs.allow-empty ]]";
        assert!(whole || truth || name == "GIT_DEPTH", "{name}: {value}");
    }
}

#[test]
fn gitlab_refuses_inputs_that_cannot_be_right() {
    let template = Template::read();
    let cases = [
        ("targets", json!(["api"]), "not a string"),
        ("retry", json!(3), "allowed options"),
        ("allow-empty", json!("yes"), "not a boolean"),
        ("allow-failure-exit-codes", json!(7), "not a array"),
        ("version", json!("latest"), "pattern"),
        ("version", json!("0.1.0/../x"), "pattern"),
        ("version", json!("v0.1.0"), "pattern"),
        ("download-url", json!("http://example.com/x"), "pattern"),
        (
            "download-url",
            json!("http://localhost.example.com/"),
            "pattern",
        ),
        ("download-url", json!("ftp://example.com"), "pattern"),
        ("reports-dir", json!("/tmp/x"), "pattern"),
        ("reports-dir", json!("../x"), "pattern"),
        ("reports-dir", json!("a/../../x"), "pattern"),
        ("reports-dir", json!("a b"), "pattern"),
        ("reports-dir", json!("-a"), "pattern"),
        ("reports-dir", json!(""), "pattern"),
        ("reports-dir", json!("$(id)"), "pattern"),
        ("timeout", json!("5m; id"), "pattern"),
        ("fail-on", json!("$(id)"), "pattern"),
        ("key", json!("kep_1"), "unknown input"),
    ];
    for (name, value, told) in cases {
        let refusal = template.render(&json!({ name: value })).expect_err(name);
        assert!(refusal.contains(told), "{name}: {refusal}");
    }
    for value in ["http://127.0.0.1:80/x", "http://localhost/x", "https://x"] {
        let taken = template.render(&json!({ "download-url": value }));
        assert!(taken.is_ok(), "{value}: {taken:?}");
    }
}

#[test]
fn a_job_fails_only_for_reasons_that_were_not_allowed_and_is_run_again_only_if_that_is_said() {
    let (name, job) = Template::read().job(&json!({}));
    assert_eq!(name, "hosted-tests");
    assert_eq!(job["allow_failure"], json!({"exit_codes": [0]}));
    assert_eq!(job["retry"], json!({"max": 0, "exit_codes": [7]}));
    let (_, job) =
        Template::read().job(&json!({"allow-failure-exit-codes": [4, 6, 7], "retry": 2}));
    assert_eq!(job["allow_failure"], json!({"exit_codes": [4, 6, 7]}));
    assert_eq!(job["retry"]["max"], 2);
}

#[test]
fn reports_are_kept_whatever_happens_and_shown_in_the_merge_request() {
    let (_, job) = Template::read().job(&json!({"reports-dir": "out/x"}));
    let artifacts = &job["artifacts"];
    assert_eq!(artifacts["when"], "always");
    // No pattern: with `expose_as` a path may have no `*`, or the whole pipeline is refused (the same file, which no schema
    // tells of).
    assert_eq!(
        artifacts["paths"],
        json!(["out/x/", "proctor-unsent.jsonl"])
    );
    // Letters, digits, blanks, `-` and `_`: lib/gitlab/ci/config/entry/artifacts.rb of gitlab-org/gitlab.
    let shown = artifacts["expose_as"].as_str().expect("a text");
    assert!(
        Regex::new(r"\A[\w -]{1,100}\z")
            .expect("a pattern")
            .is_match(shown)
    );
    assert_eq!(
        artifacts["reports"],
        json!({
            "junit": "out/x/junit.xml",
            "codequality": "out/x/gl-code-quality-report.json",
            "annotations": "out/x/gl-annotations.json",
            "dotenv": "out/x/proctor.env",
        })
    );
}

/// The platforms that are released, but for Windows, whose runners have no POSIX shell.
pub const ASSETS: [(&str, &str, &str); 6] = [
    ("Linux", "x86_64", "proctor-x86_64-unknown-linux-musl"),
    ("Linux", "aarch64", "proctor-aarch64-unknown-linux-musl"),
    ("Linux", "arm64", "proctor-aarch64-unknown-linux-musl"),
    ("Darwin", "x86_64", "proctor-x86_64-apple-darwin"),
    ("Darwin", "arm64", "proctor-aarch64-apple-darwin"),
    ("Linux", "riscv64", ""),
];

/// The lines of the file between which a release writes its checksums.
pub const MARKERS: [&str; 2] = ["      # checksums: begin", "      # checksums: end"];

#[test]
fn the_component_has_the_version_of_the_program_and_checksums_of_nothing_else() {
    let version = env!("CARGO_PKG_VERSION");
    let template = Template::read();
    assert_eq!(template.inputs()["version"]["default"], version);
    let text = text();
    assert_eq!(text.matches(&format!("\n      own={version}\n")).count(), 1);
    let lines: Vec<&str> = text.lines().collect();
    let places = MARKERS.map(|marker| {
        assert_eq!(
            lines.iter().filter(|line| **line == marker).count(),
            1,
            "{marker}"
        );
        lines
            .iter()
            .position(|line| *line == marker)
            .expect("it is there")
    });
    let released = &lines[places[0] + 1..places[1]];
    let line = Regex::new("^      [0-9a-f]{64}  (proctor[^ ]*)$").expect("a pattern");
    for checksum in released {
        assert!(line.is_match(checksum), "{checksum}");
    }
    // Either nothing was released yet, or all is there that jobs in containers may ask for.
    for (_, _, asset) in ASSETS.iter().filter(|(system, ..)| *system == "Linux") {
        let known = released
            .iter()
            .any(|line| line.ends_with(&format!("  {asset}")));
        assert_eq!(known, !released.is_empty() && !asset.is_empty(), "{asset}");
    }
}

#[test]
fn the_script_is_one_item_without_shell_checks_complaints() {
    let (_, job) = Template::read().job(&json!({}));
    let script = job["script"].as_array().expect("a list");
    assert_eq!(
        script.len(),
        1,
        "what comes before `exec` must not be lost by it"
    );
    let script = script[0].as_str().expect("a text");
    assert_eq!(
        script.trim_end().lines().last(),
        Some("exec \"$program\" \"$@\"")
    );
    let Some(checker) = consumers::program("shellcheck") else {
        return;
    };
    shellcheck(checker, script);
}

fn shellcheck(mut checker: Command, script: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("script.sh");
    std::fs::write(&file, script).expect("it is written");
    let output = checker.args(["--shell", "sh"]).arg(&file).output();
    let output = output.expect("it starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// GitLab takes a component from `templates/NAME/template.yml` alone.
#[test]
fn the_file_is_where_gitlab_looks_for_it() {
    assert!(
        Path::new(&root())
            .join("templates/run/template.yml")
            .is_file()
    );
    assert_eq!(documents(&text()).len(), 2);
}
