//! What becomes of the draft at GitHub and of the images' `latest`. `gh` and `skopeo` are told from what they are called with:
//! a stand-in writes it down.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::{
    project::Project,
    tree::{Outcome, VERSION},
};

/// A project, and a program in place of one that talks to others.
struct Stage {
    project: Project,
    programs: PathBuf,
}

impl Stage {
    /// The program keeps its arguments and then does what `script` says.
    fn new(program: &str, script: &str) -> Self {
        let project = Project::new();
        let programs = project.origin.path().join("programs");
        fs::create_dir(&programs).expect("a folder");
        let path = programs.join(program);
        let log = programs.join("log");
        let text = format!("#!/bin/sh\necho \"$*\" >>'{}'\n{script}\n", log.display());
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
        project.tree.write("dist/proctor.wasm", "");
        Self { project, programs }
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Outcome {
        let tree = &self.project.tree;
        tree.run_with(&self.programs, script, arguments)
    }

    /// What the program was called with, a line for each time.
    fn calls(&self) -> String {
        fs::read_to_string(self.programs.join("log")).unwrap_or_default()
    }
}

const NO_RELEASE: &str = "[ \"$2\" != view ] || { echo 'release not found' >&2; exit 1; }";

#[test]
fn a_draft_is_made_of_all_files() {
    let stage = Stage::new("gh", NO_RELEASE);
    stage.run("draft.sh", &[VERSION, "dist"]).succeeds();
    let calls = stage.calls();
    assert!(!calls.contains("delete"), "{calls}");
    let made = calls.lines().last().expect("a call");
    assert!(made.starts_with("release create v1.2.3 --draft "), "{made}");
    assert!(made.ends_with(" dist/proctor.wasm"), "{made}");
}

#[test]
fn a_draft_that_was_left_is_made_anew() {
    let stage = Stage::new("gh", "[ \"$2\" != view ] || echo true");
    stage.run("draft.sh", &[VERSION, "dist"]).succeeds();
    let calls = stage.calls();
    let verbs: Vec<_> = calls
        .lines()
        .map(|line| line.split(' ').nth(1).expect("a verb"))
        .collect();
    assert_eq!(verbs, ["view", "delete", "create"]);
}

#[test]
fn a_published_release_is_left_alone() {
    let stage = Stage::new("gh", "[ \"$2\" != view ] || echo false");
    let told = stage.run("draft.sh", &[VERSION, "dist"]).succeeds();
    assert!(told.out().contains("published already"), "{}", told.out());
    assert_eq!(stage.calls().lines().count(), 1, "{}", stage.calls());
}

#[test]
fn nothing_is_deleted_while_github_does_not_answer() {
    let stage = Stage::new("gh", "echo 'HTTP 502' >&2; exit 1");
    stage
        .run("draft.sh", &[VERSION, "dist"])
        .refuses("HTTP 502");
    assert_eq!(stage.calls().lines().count(), 1, "{}", stage.calls());
}

/// Another version that is released, and whether 1.2.3 is the latest beside it.
const OTHERS: [(&str, bool); 5] = [
    ("v1.2.2", true),
    ("v1.3.0-rc.1", true),
    ("v0.20.0", true),
    ("v1.10.0", false),
    ("v2.0.0", false),
];

#[test]
fn github_shows_the_highest_version_as_the_latest() {
    for (other, latest) in OTHERS {
        let stage = Stage::new("gh", NO_RELEASE);
        stage.project.release(other);
        stage.run("draft.sh", &[VERSION, "dist"]).succeeds();
        assert_eq!(
            stage.calls().contains(" --latest=false "),
            !latest,
            "{other}"
        );
        stage.run("publish.sh", &[VERSION]).succeeds();
        let calls = stage.calls();
        let flag = if latest { "--latest" } else { "--latest=false" };
        let published = format!("release edit v1.2.3 --draft=false --verify-tag {flag}");
        assert_eq!(calls.lines().last(), Some(&*published), "{other}");
    }
}

#[test]
fn the_latest_image_is_that_of_the_highest_version() {
    for (other, latest) in OTHERS {
        let stage = Stage::new("skopeo", "");
        stage.project.release(other);
        let arguments = [VERSION, "registry.example.com/proctor"];
        stage.run("latest.sh", &arguments).succeeds();
        let copied = " docker://registry.example.com/proctor:1.2.3 docker://registry.example.com/proctor:latest\n";
        assert_eq!(stage.calls().ends_with(copied), latest, "{other}");
        assert_eq!(stage.calls().is_empty(), !latest, "{other}");
    }
}

#[test]
fn a_pre_release_is_never_the_latest() {
    let stage = Stage::new("gh", NO_RELEASE);
    let tree = &stage.project.tree;
    for name in ["Cargo.toml", "CHANGELOG.md"] {
        tree.write(name, &tree.read(name).replace("1.2.3", "1.2.3-rc.1"));
    }
    stage.run("draft.sh", &["1.2.3-rc.1", "dist"]).succeeds();
    stage.run("publish.sh", &["1.2.3-rc.1"]).succeeds();
    let calls = stage.calls();
    assert!(calls.contains(" --prerelease "), "{calls}");
    assert!(!calls.contains("--latest"), "{calls}");

    let stage = Stage::new("skopeo", "");
    let tree = &stage.project.tree;
    tree.write(
        "Cargo.toml",
        &tree.read("Cargo.toml").replace("1.2.3", "1.2.3-rc.1"),
    );
    let arguments = ["1.2.3-rc.1", "registry.example.com/proctor"];
    stage.run("latest.sh", &arguments).succeeds();
    assert_eq!(stage.calls(), "");
}

#[test]
fn nothing_moves_while_the_tags_cannot_be_read() {
    let stage = Stage::new("skopeo", "");
    stage
        .project
        .git(&["remote", "set-url", "origin", "/nowhere"]);
    let arguments = [VERSION, "registry.example.com/proctor"];
    stage.run("latest.sh", &arguments).refuses("cannot be read");
    assert_eq!(stage.calls(), "");
}
