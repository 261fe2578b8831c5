//! A source tree with all that the scripts look at.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use proctor_test_support::{read, root};

/// The version of every tree.
pub const VERSION: &str = "1.2.3";

const CHANGELOG: &str = "# Changelog\n\nFor everybody.\n\n## Unreleased\n\n- not yet\n\n## [1.2.3] - 2026-01-02\n\n\
    ### Added\n\n- it works\n\n## 1.2.2\n\n- it did not\n\n[1.2.3]: https://example.com\n";

const TEMPLATE: &str = "spec:\n  inputs:\n    version:\n      default: \"1.2.3\"\n---\njob:\n  script:\n    - |\n      \
    own=1.2.3\n      sums='\n        # checksums: begin\n        0000  old\n        # checksums: end\n      '\n      exec proctor\n";

const LIBRARY: &str = "/* The step. */\n@Field final String VERSION = '1.2.3'\n";

pub struct Tree(pub tempfile::TempDir);

impl Tree {
    pub fn new() -> Self {
        let tree = Self(tempfile::tempdir().expect("a folder"));
        tree.write(
            "Cargo.toml",
            "[workspace]\n[workspace.package]\nversion = \"1.2.3\"\n[package]\nversion = \"9.9.9\"\n",
        );
        tree.write("CHANGELOG.md", CHANGELOG);
        tree.write("templates/run/template.yml", TEMPLATE);
        tree.write("vars/proctor.groovy", LIBRARY);
        for entry in std::fs::read_dir(root().join("release")).expect("the scripts") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            std::fs::create_dir_all(tree.path("release")).expect("a folder");
            std::fs::copy(&path, tree.path("release").join(name)).expect("a copy");
        }
        tree
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    pub fn read(&self, name: &str) -> String {
        read(&self.path(name))
    }

    /// Runs a script of the tree.
    pub fn run(&self, script: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(self.path("release").join(script));
        command.args(arguments);
        run(self.0.path(), command)
    }

    /// Runs a script of the tree that finds `programs` before those of the system.
    pub fn run_with(&self, programs: &Path, script: &str, arguments: &[&str]) -> Outcome {
        let path = std::env::var("PATH").expect("a PATH");
        let mut command = Command::new(self.path("release").join(script));
        command.args(arguments);
        command.env("PATH", format!("{}:{path}", programs.display()));
        run(self.0.path(), command)
    }

    /// The checksums of a whole release, each of another digit.
    pub fn sums(&self) -> String {
        let names = platforms().map(|platform| asset(&platform));
        let names = names.chain(["proctor.wasm".to_owned()]);
        let digits = "0123456789abcdef".chars();
        let lines = names
            .zip(digits)
            .map(|(name, digit)| format!("{}  {name}\n", digit.to_string().repeat(64)));
        lines.collect()
    }
}

/// The platforms that are released.
pub fn platforms() -> impl Iterator<Item = String> {
    let list = read(&root().join("release/platforms"));
    list.lines()
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// What a platform's program is called among the files of a release.
pub fn asset(platform: &str) -> String {
    let end = if platform.contains("windows") {
        ".exe"
    } else {
        ""
    };
    format!("proctor-{platform}{end}")
}

/// Runs a command in a folder, with git set up the same everywhere.
pub fn run(folder: &Path, mut command: Command) -> Outcome {
    let output = command
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Test")
        .env("GIT_AUTHOR_EMAIL", "test@example.com")
        .env("GIT_COMMITTER_NAME", "Test")
        .env("GIT_COMMITTER_EMAIL", "test@example.com")
        .output()
        .expect("it starts");
    Outcome(output)
}

pub struct Outcome(Output);

impl Outcome {
    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("UTF-8")
    }

    fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("UTF-8")
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert!(
            self.0.status.success(),
            "--- out\n{}\n--- err\n{}",
            self.out(),
            self.err()
        );
        self
    }

    /// It ends with exit code 2 and one message that has this in it.
    #[track_caller]
    pub fn refuses(self, text: &str) -> Self {
        assert_eq!(self.0.status.code(), Some(2), "{}", self.err());
        assert!(self.err().contains(text), "{text:?} in {:?}", self.err());
        self
    }
}
