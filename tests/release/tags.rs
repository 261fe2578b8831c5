//! The commit with the checksums, its tags, and what is looked at before anything is built.

use std::process::Command;

use proctor_test_support::{read, root};

use super::tree::{Outcome, Tree, VERSION, run};

const TABLE: &str = "resources/proctor/checksums/1.2.3.txt";

/// A tree with a repository that it was pushed to.
struct Project {
    tree: Tree,
    origin: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
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
    fn sums(&self) -> std::path::PathBuf {
        self.origin.path().join("SHA256SUMS")
    }

    fn commit(&self, subject: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        git(self.tree.0.path(), arguments)
    }

    #[track_caller]
    fn at_origin(&self, arguments: &[&str]) -> String {
        git(self.origin.path(), arguments)
    }

    fn tag(&self) -> Outcome {
        let sums = self.sums();
        self.tree
            .run("tags.sh", &[VERSION, &sums.to_string_lossy()])
    }

    /// Adds a commit to the main branch at the origin, after the release was tagged.
    fn go_on(&self, name: &str, text: &str) -> String {
        self.git(&["checkout", "--quiet", "main"]);
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

#[test]
fn the_tags_are_on_the_commit_that_adds_the_checksums() {
    let project = Project::new();
    let released = project.git(&["rev-parse", "HEAD"]);
    project.tag().succeeds();
    let tagged = project.at_origin(&["rev-parse", "v1.2.3^{commit}"]);
    assert_eq!(
        project.at_origin(&["rev-parse", "v1.2.3~1"]),
        released,
        "it follows what was built"
    );
    assert_eq!(project.at_origin(&["rev-parse", "v1^{commit}"]), tagged);
    let changed = project.at_origin(&["diff", "--name-only", "v1.2.3~1", "v1.2.3"]);
    assert_eq!(changed, format!("{TABLE}\ntemplates/run/template.yml"));

    project.tree.run("main.sh", &[VERSION]).succeeds();
    assert_eq!(project.at_origin(&["rev-parse", "main"]), tagged);
}

#[test]
fn the_main_branch_keeps_what_came_after_the_tag() {
    let project = Project::new();
    let later = project.go_on("later.txt", "later");
    project.tag().succeeds();
    project.tree.run("main.sh", &[VERSION]).succeeds();
    assert_eq!(project.at_origin(&["rev-parse", "main~1"]), later);
    let sums = project.at_origin(&["show", &format!("main:{TABLE}")]);
    assert!(sums.contains("proctor-x86_64-unknown-linux-musl"), "{sums}");
    let tagged = project.at_origin(&["ls-tree", "--name-only", "v1.2.3"]);
    assert!(!tagged.contains("later.txt"), "{tagged}");
}

#[test]
fn a_main_branch_that_cannot_be_pushed_to_is_left_to_a_person() {
    let project = Project::new();
    project.tag().succeeds();
    let hook = project.origin.path().join("hooks/update");
    std::fs::write(&hook, "#!/bin/sh\n[ \"$1\" != refs/heads/main ]\n").expect("written");
    let mut chmod = Command::new("chmod");
    chmod.arg("755").arg(&hook);
    run(project.origin.path(), chmod).succeeds();
    project
        .tree
        .run("main.sh", &[VERSION])
        .refuses("by a pull request");
}

#[test]
fn checksums_that_do_not_fit_on_the_main_branch_are_left_to_a_person() {
    let project = Project::new();
    let later = project.go_on("templates/run/template.yml", "another\n");
    project.tag().succeeds();
    project
        .tree
        .run("main.sh", &[VERSION])
        .refuses("do not fit on main");
    assert_eq!(project.at_origin(&["rev-parse", "main"]), later);
}

#[test]
fn a_release_is_never_made_twice() {
    let project = Project::new();
    project.tag().succeeds();
    let first = project.at_origin(&["rev-parse", "v1.2.3"]);
    project.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
    project.git(&["tag", "--delete", "v1.2.3"]);
    project.tag().refuses("is there already");
    project
        .tree
        .run("ready.sh", &["release-1.2.3"])
        .refuses("is there already");
    assert_eq!(project.at_origin(&["rev-parse", "v1.2.3"]), first);
}

#[test]
fn the_tag_of_the_major_version_moves_on_but_not_to_a_pre_release() {
    let project = Project::new();
    project.git(&["tag", "v1", "HEAD"]);
    project.git(&["push", "--quiet", "origin", "v1"]);
    let old = project.git(&["rev-parse", "HEAD"]);
    for name in ["Cargo.toml", "templates/run/template.yml"] {
        let text = project.tree.read(name).replace("1.2.3", "1.2.3-rc.1");
        project.tree.write(name, &text);
    }
    project.commit("a pre-release");
    let sums = project.sums().to_string_lossy().into_owned();
    project
        .tree
        .run("tags.sh", &["1.2.3-rc.1", &sums])
        .succeeds();
    assert_eq!(project.at_origin(&["rev-parse", "v1"]), old);

    project.git(&["checkout", "--quiet", "--detach", "main"]);
    project.tag().succeeds();
    let released = project.at_origin(&["rev-parse", "v1.2.3^{commit}"]);
    assert_eq!(project.at_origin(&["rev-parse", "v1^{commit}"]), released);
}

#[test]
fn changes_that_are_not_committed_are_not_released() {
    let project = Project::new();
    project
        .tree
        .write("Cargo.toml", &(project.tree.read("Cargo.toml") + "\n"));
    project.tag().refuses("not committed");
}

#[test]
fn what_would_stop_a_release_at_its_end_is_seen_at_its_beginning() {
    let project = Project::new();
    let ready = project.tree.run("ready.sh", &["release-1.2.3"]).succeeds();
    assert_eq!(ready.out(), "1.2.3\n");
    assert_eq!(project.git(&["status", "--porcelain"]), "", "it is a trial");
    for (tag, told) in [
        ("v1.2.3", "not one like release-1.2.3"),
        ("release-", "is not a version"),
        ("release-1.2.4", "Cargo.toml has 1.2.3"),
    ] {
        project.tree.run("ready.sh", &[tag]).refuses(told);
    }
    let changelog = project.tree.read("CHANGELOG.md");
    project.tree.write("CHANGELOG.md", "");
    project
        .tree
        .run("ready.sh", &["release-1.2.3"])
        .refuses("CHANGELOG.md");
    project.tree.write("CHANGELOG.md", &changelog);
    project
        .tree
        .write("templates/run/template.yml", "own=1.2.2\n");
    project
        .tree
        .run("ready.sh", &["release-1.2.3"])
        .refuses("of another version");
}

/// The project's own files, to which only the changelog's section may be missing.
#[test]
fn this_project_can_be_released() {
    let project = Project::new();
    for name in ["Cargo.toml", "templates/run/template.yml"] {
        project.tree.write(name, &read(&root().join(name)));
    }
    let version = env!("CARGO_PKG_VERSION");
    let changelog = read(&root().join("CHANGELOG.md"));
    let changelog = changelog.replacen("## Unreleased", &format!("## {version}"), 1);
    project.tree.write("CHANGELOG.md", &changelog);
    let tag = format!("release-{version}");
    let ready = project.tree.run("ready.sh", &[&tag]).succeeds();
    assert_eq!(ready.out(), format!("{version}\n"));
}
