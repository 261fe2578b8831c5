//! `proctor matrix` for GitLab: the child pipeline, as its schema and a program that runs pipelines see it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use proctor_test_support::{KEY, consumers, program, sandbox};
use serde_json::Value;

use super::matrix::HOSTILE;
use super::{Workspace, names, target};

/// The search path with the program under test before all others.
fn search_path() -> std::ffi::OsString {
    let program = program();
    let folder = program.parent().expect("it lies in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).expect("a search path")
}

fn made(workspace: &Workspace, arguments: &[&str]) -> Value {
    workspace
        .proctor(&["matrix", "--for", "gitlab", "--output", "pipeline.yml"])
        .arguments(arguments)
        .end()
        .expect(0);
    serde_json::from_str(&workspace.read("pipeline.yml")).expect("JSON")
}

fn jobs(pipeline: &Value) -> Vec<(&String, &Value)> {
    let members = pipeline.as_object().expect("an object");
    let jobs = members.iter().filter(|(_, job)| job["script"].is_array());
    jobs.collect()
}

/// Holds the file against the schema of GitLab; nothing if that is not there.
fn held_against_the_schema(file: &Path) {
    let Some(mut command) = consumers::python("check-jsonschema") else {
        return;
    };
    let output = command
        .args(["--builtin-schema", "vendor.gitlab-ci"])
        .arg(file)
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn pipelines_fit_the_schema() {
    let sandbox = sandbox("");
    let config: String = HOSTILE
        .iter()
        .map(|name| target(&sandbox, name, "app-7f3", ""))
        .collect();
    let workspace = Workspace::new(&config);
    let cases: [&[&str]; 3] = [
        &[],
        &[
            "--shards",
            "2",
            "--image",
            "registry.example/ci:1",
            "--template",
            "ci/proctor.yml",
        ],
        &["--config", "proctor.toml", "--", HOSTILE[0], HOSTILE[2]],
    ];
    for arguments in cases {
        let pipeline = made(&workspace, arguments);
        held_against_the_schema(&workspace.path().join("pipeline.yml"));
        for (name, _) in jobs(&pipeline) {
            assert!(name.len() <= 255, "{name}");
            let odd = name
                .chars()
                .find(|c| !c.is_alphanumeric() && !" ,.-_:…".contains(*c));
            assert_eq!(odd, None, "{name}");
        }
    }
    let pipeline = workspace.read("pipeline.yml");
    assert!(!pipeline.contains("##[") && !pipeline.contains('\u{202e}'));
}

#[cfg(unix)]
#[test]
fn scripts_run_the_targets_whatever_their_names() {
    let sandbox = sandbox("");
    let config: String = HOSTILE
        .iter()
        .map(|name| target(&sandbox, name, "app-7f3", "suites = [\"search\"]"))
        .collect();
    let workspace = Workspace::new("");
    workspace.write("it's $(touch pwned).toml", &config);
    let mut arguments = vec!["--shards=2", "--config=it's $(touch pwned).toml", "--"];
    arguments.extend(HOSTILE);
    let pipeline = made(&workspace, &arguments);
    let jobs = jobs(&pipeline);
    assert_eq!(jobs.len(), 3);
    for (name, job) in jobs {
        let script = job["script"][0].as_str().expect("a line");
        let output = Command::new("sh")
            .args(["-euc", script])
            .current_dir(workspace.path())
            .env_clear()
            .env("PATH", search_path())
            .env("KEPLOY_API_KEY", KEY)
            .env("GITLAB_CI", "true")
            .stdin(Stdio::null())
            .output()
            .expect("there is a shell");
        assert!(output.status.success(), "{name}: {script}\n{output:?}");
    }
    assert!(!workspace.path().join("pwned").exists());
    let results = workspace.results("results.json");
    let mut all = names(&results);
    all.sort_unstable();
    let mut expected = HOSTILE.to_vec();
    expected.sort_unstable();
    assert_eq!(all, expected);
}

/// A repository with the pipeline and a template for its jobs, run as GitLab would.
struct Repository(Workspace);

impl Repository {
    fn new(config: &str, template: &str, arguments: &[&str]) -> Self {
        let workspace = Workspace::new(config);
        workspace.write("proctor-jobs.yml", template);
        let mut all = vec!["--template", "proctor-jobs.yml"];
        all.extend(arguments);
        made(&workspace, &all);
        for arguments in [
            &["init", "-q", "-b", "main"][..],
            &[
                "remote",
                "add",
                "origin",
                "git@gitlab.example:group/project.git",
            ],
            &["config", "user.email", "a@example.com"],
            &["config", "user.name", "a"],
            &["add", "."],
            &["commit", "-qm", "all"],
        ] {
            let git = Command::new("git")
                .args(arguments)
                .current_dir(workspace.path())
                .status();
            assert!(git.expect("git is there").success(), "{arguments:?}");
        }
        Self(workspace)
    }

    /// Runs the pipeline; none if nothing is there that could.
    fn run(&self) -> Option<Output> {
        let output = consumers::node_program("gitlab-ci-local")?
            .args(["--file", "pipeline.yml", "--no-color"])
            .args(["--variable", &format!("KEPLOY_API_KEY={KEY}")])
            .current_dir(self.0.path())
            .env("PATH", search_path())
            .env("HOME", self.0.path())
            .stdin(Stdio::null())
            .output()
            .expect("it starts");
        Some(output)
    }
}

const TEMPLATE: &str = ".proctor:\n  variables:\n    PROCTOR_TIMEOUT: 30s\n  before_script:\n    - echo prepared >> prepared.txt\n";

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

#[cfg(unix)]
#[test]
fn a_pipeline_is_run_and_its_last_job_gates() {
    let sandbox = sandbox("");
    let config = [
        target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]"),
        target(
            &sandbox,
            "it's broken",
            "app-outcomes",
            "suites = [\"fail\"]",
        ),
        target(&sandbox, "search", "app-7f3", "suites = [\"search\"]"),
    ];
    let repository = Repository::new(&config.concat(), TEMPLATE, &["--shards", "2"]);
    let Some(output) = repository.run() else {
        return;
    };
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("3 targets"), "{said}");
    assert!(said.contains("exit code 1 (a test failed)"), "{said}");
    let results = repository.0.results("results.json");
    assert_eq!(results["exit_code"], 1);
    assert_eq!(names(&results), ["orders", "search", "it's broken"]);
}

#[cfg(unix)]
#[test]
fn a_pipeline_that_loses_a_job_does_not_pass() {
    let sandbox = sandbox("");
    let config = [
        target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]"),
        target(&sandbox, "search", "app-7f3", "suites = [\"search\"]"),
    ];
    // The runner of the second job breaks down, and nobody is told.
    let template = format!("{TEMPLATE}    - 'case \"$CI_JOB_NAME\" in *search*) exit 0 ;; esac'\n");
    let repository = Repository::new(&config.concat(), &template, &[]);
    let Some(output) = repository.run() else {
        return;
    };
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("its results are missing"), "{said}");
    assert_eq!(repository.0.results("results.json")["exit_code"], 3);
}
