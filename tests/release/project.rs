//! A source tree in a repository, as the release scripts find it.

use std::process::Command;

use super::tree::{Outcome, Tree, VERSION, run};

/// A tree with a repository that it was pushed to.
pub struct Project {
    pub tree: Tree,
    pub origin: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Self {
        let project = Self {
            tree: Tree::new(),
            origin: tempfile::tempdir().expect("a folder"),
        };
        project.at_origin(&["init", "--quiet", "--bare", "--initial-branch=main"]);
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        let origin = project.origin.path().to_string_lossy().into_owned();
        project.git(&["remote", "add", "origin", &origin]);
        project.commit("release this");
        project.git(&["push", "--quiet", "origin", "main"]);
        // As a workflow has it: at a tag, on no branch.
        project.git(&["checkout", "--quiet", "--detach"]);
        std::fs::write(project.sums(), project.tree.sums()).expect("written");
        project
    }

    /// Lies outside of the tree, as what was downloaded does.
    pub fn sums(&self) -> std::path::PathBuf {
        self.origin.path().join("SHA256SUMS")
    }

    pub fn commit(&self, subject: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        git(self.tree.0.path(), arguments)
    }

    #[track_caller]
    pub fn at_origin(&self, arguments: &[&str]) -> String {
        git(self.origin.path(), arguments)
    }

    pub fn tag(&self) -> Outcome {
        let sums = self.sums();
        self.tree
            .run("tags.sh", &[VERSION, &sums.to_string_lossy()])
    }

    /// Has another version at the origin, on a commit of its own, which it tells.
    pub fn release(&self, tag: &str) -> String {
        let tree = self.git(&["write-tree"]);
        let commit = self.git(&["commit-tree", &tree, "-m", tag]);
        self.git(&["tag", tag, &commit]);
        self.git(&["push", "--quiet", "origin", tag]);
        commit
    }

    /// Adds a commit to the main branch at the origin, after the release was tagged.
    pub fn go_on(&self, name: &str, text: &str) -> String {
        self.git(&["checkout", "--quiet", "main"]);
        self.git(&["pull", "--quiet", "--ff-only", "origin", "main"]);
        self.tree.write(name, text);
        self.commit("go on");
        self.git(&["push", "--quiet", "origin", "main"]);
        let commit = self.git(&["rev-parse", "HEAD"]);
        self.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
        commit
    }
}

#[track_caller]
fn git(folder: &std::path::Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(arguments);
    run(folder, command).succeeds().out().trim().to_owned()
}
