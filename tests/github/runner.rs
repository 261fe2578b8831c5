//! A runner: folders, files and variables as GitHub's has them, and the step's shell started as GitHub's starts it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proctor_test_support::{root, secrets::Watch};

use crate::action::Action;
use crate::step::{Ended, Step};

/// What the shells of a runner find on their `PATH`, as far as the action may count on it. Whatever else this machine has
/// (such as gh and cargo) is not there unless a test puts it there.
const TOOLS: [&str; 26] = [
    "basename",
    "bash",
    "cat",
    "chmod",
    "curl",
    "cut",
    "dirname",
    "env",
    "grep",
    "jq",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "nohup",
    "openssl",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "shasum",
    "sleep",
    "tail",
    "touch",
    "tr",
    "uname",
];

/// The files that a step gets, each anew.
const FILES: [(&str, &str); 5] = [
    ("GITHUB_OUTPUT", "output"),
    ("GITHUB_STEP_SUMMARY", "summary"),
    ("GITHUB_ENV", "env"),
    ("GITHUB_PATH", "path"),
    ("GITHUB_STATE", "state"),
];

/// A machine with a checkout of the action and a workspace.
pub struct Runner {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, OsString>,
    steps: usize,
}

impl Runner {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut runner = Self {
            folder,
            variables: BTreeMap::new(),
            steps: 0,
        };
        for name in ["workspace", "temp", "tool cache", "tools", "bin", "home"] {
            std::fs::create_dir(runner.path(name)).expect("a folder");
        }
        runner.check_out();
        runner.install_tools();
        runner.set_variables();
        runner
    }

    /// What the runner downloads of the action's repository, as far as the action needs it.
    fn check_out(&self) {
        let to = self.action();
        for name in [
            "action/proctor.sh",
            "resources/proctor/install.sh",
            "action.yml",
            "Cargo.toml",
        ] {
            let path = to.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::copy(root().join(name), path).expect("a file of the action");
        }
        std::fs::create_dir_all(to.join("resources/proctor/checksums")).expect("a folder");
    }

    fn install_tools(&self) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        for tool in TOOLS {
            let found = std::env::split_paths(&path)
                .map(|folder| folder.join(tool))
                .find(|path| path.is_file());
            if let Some(found) = found {
                symlink(found, self.path("tools").join(tool)).expect("a link");
            }
        }
    }

    fn set_variables(&mut self) {
        let path = std::env::join_paths([self.path("bin"), self.path("tools")]).expect("a PATH");
        let (home, temp, cache) = (
            self.path("home"),
            self.path("temp"),
            self.path("tool cache"),
        );
        let (workspace, action) = (self.workspace(), self.action());
        let here: [(&str, OsString); 6] = [
            ("PATH", path),
            ("HOME", home.into()),
            ("RUNNER_TEMP", temp.into()),
            ("RUNNER_TOOL_CACHE", cache.into()),
            ("GITHUB_WORKSPACE", workspace.into()),
            ("GITHUB_ACTION_PATH", action.into()),
        ];
        let everywhere = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTION", "__proctor-ci_proctor"),
            ("GITHUB_ACTION_REPOSITORY", "proctor-ci/proctor"),
            ("GITHUB_REPOSITORY", "octo/shop"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_SHA", "5f2c8e0c3f7b2c3a4d5e6f708192a3b4c5d6e7f8"),
            ("LANG", "C.UTF-8"),
            ("RUNNER_ARCH", "X64"),
            ("RUNNER_ENVIRONMENT", "github-hosted"),
            ("RUNNER_OS", "Linux"),
        ];
        self.variables
            .extend(here.map(|(name, value)| (name.to_owned(), value)));
        self.variables
            .extend(everywhere.map(|(name, value)| (name.to_owned(), value.into())));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn workspace(&self) -> PathBuf {
        self.path("workspace")
    }

    /// The action's checkout.
    pub fn action(&self) -> PathBuf {
        self.path("_actions/proctor-ci/proctor/v0")
    }

    /// Where the action keeps a version of Proctor.
    pub fn cached(&self, version: &str) -> PathBuf {
        self.path("tool cache")
            .join("proctor")
            .join(version)
            .join("x64")
    }

    /// A variable of the job, such as a key.
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// A program of the machine, made of a shell script.
    pub fn program(self, name: &str, script: &str) -> Self {
        executable(&self.path("bin").join(name), script);
        self
    }

    pub fn without_tool(self, name: &str) -> Self {
        std::fs::remove_file(self.path("tools").join(name)).expect("the tool is there");
        self
    }

    /// A file of the repository that is checked out.
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.workspace().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    /// Starts the step of the action as `uses:` with these inputs does.
    pub fn start(&mut self, with: &[(&str, &str)]) -> Step {
        let action = Action::read();
        self.start_script(action.script(), &action.environment(with))
    }

    /// Starts a step that runs a script with variables of its own.
    pub fn start_script(&mut self, script: &str, variables: &BTreeMap<String, String>) -> Step {
        self.steps += 1;
        let files = self.path("temp").join(format!("step {}", self.steps));
        std::fs::create_dir(&files).expect("a folder");
        let path = files.join("script.sh");
        std::fs::write(&path, script).expect("a script");
        let mut command = Command::new(self.path("tools/bash"));
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&path)
            .env_clear()
            .envs(&self.variables)
            .envs(variables)
            .current_dir(self.workspace())
            .process_group(0)
            .stdin(Stdio::null());
        for (name, file) in FILES {
            std::fs::write(files.join(file), "").expect("a file");
            command.env(name, files.join(file));
        }
        let log = std::fs::File::create(files.join("log")).expect("a log");
        let twice = log.try_clone().expect("the log twice");
        let child = command
            .stdout(twice)
            .stderr(log)
            .spawn()
            .expect("the shell starts");
        let mut watch = Watch::default();
        for (name, value) in &self.variables {
            watch.variable(name, value);
        }
        for (name, value) in variables {
            watch.variable(name, OsStr::new(value));
        }
        watch.folder(&files);
        watch.folder(&self.workspace());
        Step {
            child,
            files,
            watch,
        }
    }

    /// What a step has put on the path of those that follow.
    pub fn put_on_path(&mut self, folders: &[String]) {
        let before = self.variables["PATH"].clone();
        let all = folders
            .iter()
            .rev()
            .map(PathBuf::from)
            .chain(std::env::split_paths(&before));
        self.variables.insert(
            "PATH".to_owned(),
            std::env::join_paths(all).expect("a PATH"),
        );
    }

    /// The same, to its end.
    pub fn run(&mut self, with: &[(&str, &str)]) -> Ended {
        self.start(with).end()
    }
}

/// Writes a shell script that can be started.
///
/// Another process writes it: a program cannot be started while anybody has it open for writing, and what a test has open
/// so has each process that another test starts at that moment.
pub fn executable(path: &Path, script: &str) {
    let draft = path.with_extension("draft");
    std::fs::write(&draft, format!("#!/bin/sh\n{script}\n")).expect("a script");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&draft, mode).expect("its mode");
    let copied = Command::new("cp").arg(&draft).arg(path).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
    std::fs::remove_file(draft).expect("the draft");
}
