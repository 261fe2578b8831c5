//! `resources/proctor/install.sh` in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use proctor_test_support::root;

use crate::releases::{ASSET, Releases, program, sha256};
use crate::runner::executable;

/// The script with the programs of this machine, but for `sleep`, which does not.
pub struct Install {
    pub folder: tempfile::TempDir,
    pub command: Command,
}

impl Install {
    pub fn new(releases: &Releases) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        executable(
            &bin.join("sleep"),
            "echo \"$1\" >>\"$(dirname \"$0\")/slept\"",
        );
        let mut path = bin.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command
            .arg(root().join("resources/proctor/install.sh"))
            .env_clear()
            .env("PATH", path)
            .env("PROCTOR_DOWNLOAD", releases.url())
            .env("PROCTOR_CHECKSUMS", folder.path().join("checksums"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped());
        let install = Self { folder, command };
        install
            .checksum(ASSET, &sha256(&program("1.2.3")))
            .platform("Linux", "X64")
    }

    pub fn platform(self, system: &str, processor: &str) -> Self {
        self.variable("RUNNER_OS", system)
            .variable("RUNNER_ARCH", processor)
    }

    pub fn variable(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// A program in front of those of this machine.
    pub fn program(self, name: &str, script: &str) -> Self {
        executable(&self.path("bin").join(name), script);
        self
    }

    pub fn checksum(self, asset: &str, sum: &str) -> Self {
        std::fs::write(self.path("checksums"), format!("{sum}  {asset}\n")).expect("a file");
        self
    }

    /// Only these programs of the machine, and those of the test.
    pub fn only(self, tools: &[&str]) -> Self {
        let bin = self.path("bin");
        for tool in tools {
            let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
                .map(|folder| folder.join(tool))
                .find(|path| path.is_file());
            if let Some(found) = found.filter(|_| !bin.join(tool).exists()) {
                std::os::unix::fs::symlink(found, bin.join(tool)).expect("a link");
            }
        }
        self.variable("PATH", bin)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&mut self, version: &str, folder: &str) -> Output {
        self.command
            .args([version, folder])
            .output()
            .expect("sh starts")
    }

    /// Runs it into `to`, and asserts how it ends and what it says.
    #[track_caller]
    pub fn expect(mut self, code: i32, text: &str) -> Self {
        let output = self.run("1.2.3", "to");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(text), "{text:?} is not said: {said}");
        assert!(output.stdout.is_empty(), "standard output is for data");
        if code != 0 {
            let last = said.lines().last().unwrap_or_default();
            assert!(
                last.starts_with("proctor: ") && last.contains(text),
                "{said}"
            );
            assert_eq!(
                files(&self.path("to")),
                Vec::<String>::new(),
                "nothing is kept"
            );
        }
        self
    }
}

/// What is in a folder, if there is one.
pub fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect()
}
