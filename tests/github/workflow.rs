//! The job `action` of the workflow `ci.yml`, step by step on this machine, with the program under test.

use std::collections::BTreeMap;
use std::process::Command;

use proctor_test_support::{ask, consumers, program, read, root, until};
use serde_json::Value;

use crate::action::{Action, resolve, yaml};
use crate::runner::Runner;
use crate::step::{Ended, Step};

/// A cargo that has built the program under test already.
const CARGO: &str = r#"while [ "$1" != --target-dir ]; do shift; done
mkdir -p "$2/release"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$PROGRAM" >"$2/release/proctor"
chmod +x "$2/release/proctor""#;

/// A job while it goes on.
struct Job {
    runner: Runner,
    /// Where its sandbox is: not where the workflow has it, as other jobs may be on this machine.
    sandbox: String,
    /// `OUTCOME` and outputs of the steps that have an id.
    steps: BTreeMap<String, BTreeMap<String, String>>,
    /// Groups of processes that steps have left.
    left: Vec<u32>,
}

impl Drop for Job {
    /// As the runner does at the end of a job.
    fn drop(&mut self) {
        for group in &self.left {
            let gone = Command::new("sh")
                .args(["-c", &format!("kill -TERM -- -{group} 2>/dev/null")])
                .status();
            assert!(gone.is_ok(), "sh starts");
        }
    }
}

impl Job {
    fn new(variables: &Value) -> Self {
        let free =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let sandbox = free.expect("a free port").to_string();
        let mut runner = Runner::new()
            .program("cargo", CARGO)
            .variable("PROGRAM", program());
        let usual = variables["SANDBOX"].as_str().expect("an address");
        for (name, value) in variables.as_object().expect("variables") {
            let value = value.as_str().expect("text").replace(usual, &sandbox);
            runner = runner.variable(name, value);
        }
        for name in ["proctor.toml", "sandbox.toml"] {
            let path = format!("tests/github/ci/{name}");
            let text = read(&root().join(&path)).replace(usual, &sandbox);
            runner = runner.file(&path, &text);
        }
        Self {
            runner,
            sandbox,
            steps: BTreeMap::new(),
            left: Vec::new(),
        }
    }

    fn value(&self, context: &str) -> String {
        let parts: Vec<&str> = context.split('.').collect();
        match parts[..] {
            ["steps", id, "outcome"] => self.steps[id]["OUTCOME"].clone(),
            ["steps", id, "outputs", name] => self.steps[id].get(name).cloned().unwrap_or_default(),
            _ => panic!("{context} is nothing that this runner knows"),
        }
    }

    fn resolved(&self, table: &Value) -> BTreeMap<String, String> {
        let entries = table.as_object().into_iter().flatten();
        entries
            .map(|(name, value)| {
                (
                    name.clone(),
                    resolve(value.as_str().expect("text"), &|context| {
                        self.value(context)
                    }),
                )
            })
            .collect()
    }

    fn start(&mut self, step: &Value) -> Step {
        let variables = self.resolved(&step["env"]);
        if let Some(script) = step["run"].as_str() {
            return self.runner.start_script(script, &variables);
        }
        assert_eq!(step["uses"], "./");
        let with = self.resolved(&step["with"]);
        let with: Vec<(&str, &str)> = with
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.runner.start(&with)
    }

    fn step(&mut self, step: &Value) {
        let is_cancelled = step["id"] == "cancelled";
        let before = if is_cancelled { self.looks() } else { 0 };
        let running = self.start(step);
        let group = running.id();
        if is_cancelled {
            until("following", || self.looks() > before);
            // Its minute is over.
            running.signal("INT");
        }
        let ended = running.end();
        self.left.push(group);
        self.keep(step, ended);
    }

    /// How often somebody has looked at a run.
    fn looks(&self) -> usize {
        let url = format!("http://{}/_sandbox/requests", self.sandbox);
        ask("GET", &url, &[], "").matches("/jobs/").count()
    }

    fn keep(&mut self, step: &Value, ended: Ended) {
        let passed = ended.code == 0;
        let may_fail = step["continue-on-error"] == true;
        assert!(
            passed || may_fail,
            "{}\n--- log\n{}",
            step["name"],
            ended.log
        );
        self.runner.put_on_path(&ended.paths);
        if let Some(id) = step["id"].as_str() {
            let mut kept = ended.outputs;
            kept.insert(
                "OUTCOME".to_owned(),
                if passed { "success" } else { "failure" }.to_owned(),
            );
            self.steps.insert(id.to_owned(), kept);
        }
    }
}

#[test]
fn every_step_of_the_job_passes() {
    for needed in ["curl", "jq", "nohup"] {
        if consumers::program(needed).is_none() {
            return;
        }
    }
    let workflow = yaml(&root().join(".github/workflows/ci.yml"));
    let action = &workflow["jobs"]["action"];
    assert_eq!(action["defaults"]["run"]["shell"], "bash");
    let mut job = Job::new(&action["env"]);
    let steps = action["steps"].as_array().expect("steps");
    let is_checkout = |step: &Value| {
        step["uses"]
            .as_str()
            .is_some_and(|used| used.starts_with("actions/checkout@"))
    };
    assert!(is_checkout(&steps[0]));
    for step in &steps[1..] {
        job.step(step);
    }
    let of_runs: Vec<&str> = job
        .steps
        .values()
        .map(|step| step["verdict"].as_str())
        .collect();
    assert_eq!(of_runs, ["cancelled", "failed", "passed"]);
}

#[test]
fn the_annotation_is_looked_for_where_the_target_is() {
    let text = read(&root().join("tests/github/ci/proctor.toml"));
    let line = text
        .lines()
        .position(|line| line == "[targets.failing]")
        .expect("the target")
        + 1;
    let workflow = yaml(&root().join(".github/workflows/ci.yml"));
    let steps = workflow["jobs"]["annotations"]["steps"]
        .as_array()
        .expect("steps");
    let run = steps.last().expect("a step")["run"]
        .as_str()
        .expect("a script");
    assert_eq!(
        run,
        format!(".github/annotations.sh 'action (' tests/github/ci/proctor.toml:{line}")
    );
    let jobs = workflow["jobs"]["action"]["name"].as_str().expect("a name");
    assert!(jobs.starts_with("action ("));
    assert!(Action::read().0["inputs"]["config"].is_object());
}
