//! A project whose pipeline gitlab-ci-local runs: it reads `.gitlab-ci.yml`, includes the component with inputs, holds all of
//! it against GitLab's schema, and runs the jobs with the shell of this machine.

use std::path::PathBuf;
use std::process::Command;

use proctor_test_support::{consumers, read};
use serde_json::{Value, json};

use crate::programs::executable;
use crate::template::text;

/// A project under git.
pub struct Project {
    folder: tempfile::TempDir,
    tools: tempfile::TempDir,
    variables: Vec<String>,
    runner: Command,
}

/// What a pipeline's log says.
pub struct Pipeline {
    pub log: String,
    project: tempfile::TempDir,
}

impl Project {
    /// None if gitlab-ci-local or what it needs is not here.
    pub fn new() -> Option<Self> {
        let runner = consumers::node_program("gitlab-ci-local")?;
        for needed in ["git", "rsync", "bash"] {
            consumers::program(needed)?;
        }
        let project = Self {
            folder: tempfile::tempdir().expect("a folder"),
            tools: tempfile::tempdir().expect("a folder"),
            variables: Vec::new(),
            runner,
        };
        Some(project.file("templates/run/template.yml", &text()))
    }

    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("the project can be written to");
        self
    }

    /// The same with more at the end of a file.
    pub fn appending(self, name: &str, text: &str) -> Self {
        let before = read(&self.folder.path().join(name));
        self.file(name, &(before + text))
    }

    /// A CI/CD variable of the project.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push(format!("{name}={value}"));
        self
    }

    /// Puts a program of a few lines onto the PATH of jobs.
    pub fn tool(self, name: &str, script: &str) -> Self {
        executable(&self.tools.path().join(name), script);
        self
    }

    /// Includes the component with these inputs.
    pub fn including(self, inputs: &Value) -> Self {
        self.configured(&json!({"include": [included(inputs)]}))
    }

    /// JSON is YAML.
    pub fn configured(self, configuration: &Value) -> Self {
        self.file(".gitlab-ci.yml", &configuration.to_string())
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=n@example.com"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    pub fn run(mut self) -> Pipeline {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.git(&[
            "remote",
            "add",
            "origin",
            "https://gitlab.example.com/team/shop.git",
        ]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=all"]);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [self.tools.path().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&path));
        let variables = self
            .variables
            .iter()
            .flat_map(|variable| ["--variable", variable]);
        let output = self
            .runner
            .env_clear()
            .env("PATH", std::env::join_paths(path).expect("paths"))
            .env("HOME", self.tools.path())
            .current_dir(self.folder.path())
            .args(["--force-shell-executor", "--shell-isolation"])
            .args(variables)
            .output()
            .expect("it starts");
        let log = [output.stdout, output.stderr].concat();
        Pipeline {
            log: String::from_utf8(log).expect("UTF-8"),
            project: self.folder,
        }
    }
}

/// The component with inputs, as an item of `include`.
pub fn included(inputs: &Value) -> Value {
    json!({"local": "templates/run/template.yml", "inputs": inputs})
}

impl Pipeline {
    /// Asserts how a job ended, PASS, WARN or FAIL, as the summary at the end of the log tells.
    #[track_caller]
    pub fn expect(&self, end: &str, job: &str) {
        let told = |line: &str| {
            let mut words = line.split_whitespace();
            words.next() == Some(end) && words.any(|word| word == job)
        };
        assert!(
            self.log.lines().any(told),
            "{job} is not {end}\n{}",
            self.log
        );
    }

    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(
            self.log.contains(text),
            "{text:?} is not said\n{}",
            self.log
        );
    }

    /// A file that a job left as an artifact.
    pub fn artifact(&self, job: &str, name: &str) -> PathBuf {
        let folder = self.project.path().join(".gitlab-ci-local/artifacts");
        folder.join(job).join(name)
    }

    /// An artifact that is JSON.
    #[track_caller]
    pub fn json(&self, job: &str, name: &str) -> Value {
        let path = self.artifact(job, name);
        assert!(path.is_file(), "{name} is not there\n{}", self.log);
        serde_json::from_str(&read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A file in the folder in which a job ran.
    pub fn left(&self, job: &str, name: &str) -> PathBuf {
        let folder = self.project.path().join(".gitlab-ci-local/builds");
        folder.join(job).join(name)
    }
}
