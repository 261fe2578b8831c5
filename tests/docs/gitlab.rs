//! Pipelines of GitLab CI: held against GitLab's schema, read by gitlab-ci-local, and against the component of this tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use proctor_test_support::{consumers, root};
use serde_json::Value;

use crate::block::{Block, Kind, expect_none, of_kind};
use crate::{command, interface, yaml};

/// The end of what `include: component` says of ours, before its version.
const COMPONENT: &str = "/proctor/run@";

/// What `include: remote` says of ours, around its version.
const REMOTE: [&str; 2] = [
    "https://raw.githubusercontent.com/proctor-ci/proctor/v",
    "/templates/run/template.yml",
];

/// Whether an `include` of this kind leads to our component.
fn is_ours(kind: &str, place: &str) -> bool {
    match kind {
        "component" => place.contains(COMPONENT),
        _ => place.starts_with(REMOTE[0]) && place.ends_with(REMOTE[1]),
    }
}

#[test]
fn pipelines_follow_their_schema() {
    let blocks = of_kind(Kind::Gitlab);
    let folder = tempfile::tempdir().expect("a folder");
    let Some(mut check) = consumers::python("check-jsonschema") else {
        return;
    };
    check.args(["--builtin-schema", "vendor.gitlab-ci"]);
    let files: Vec<PathBuf> = blocks
        .iter()
        .map(|block| {
            let path = folder.path().join(block.file_name("yml"));
            std::fs::write(&path, &block.text).expect("the folder can be written to");
            path
        })
        .collect();
    let told = check.args(&files).output().expect("it starts");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stdout)
    );
}

#[test]
fn pipelines_include_the_component_as_it_is() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for block in of_kind(Kind::Gitlab) {
        let pipeline = pipeline(&block);
        yaml::each_mapping(&pipeline, &mut |include| {
            let place = |kind| Some((kind, include.get(kind)?.as_str()?));
            let Some((kind, place)) = place("component").or_else(|| place("remote")) else {
                return;
            };
            seen += 1;
            if !is_ours(kind, place) {
                wrong.push(format!("{}: {place:?} is not ours", block.place()));
            }
            let given = include.get("inputs").and_then(Value::as_object);
            for (name, value) in given.into_iter().flatten() {
                if let Err(error) = interface::component_input(name, value) {
                    wrong.push(format!("{}: {error}", block.place()));
                }
            }
        });
    }
    assert!(seen > 5, "{seen}");
    expect_none(&wrong);
}

#[test]
fn commands_in_pipelines_are_right() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Gitlab) {
        yaml::each_mapping(&pipeline(&block), &mut |job| {
            for part in ["before_script", "script", "after_script"] {
                let lines = job.get(part).map(yaml::lines).unwrap_or_default();
                for line in command::commands(&lines.join("\n")) {
                    if let Err(error) = command::check(&line) {
                        wrong.push(format!("{}: {line:?}: {error}", block.place()));
                    }
                }
            }
        });
    }
    expect_none(&wrong);
}

#[test]
fn pipelines_are_read_by_gitlab_ci_local() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Gitlab) {
        let folder = project(&block);
        let Some(mut local) = consumers::node_program("gitlab-ci-local") else {
            return;
        };
        let told = local
            .arg("--list-json")
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .output()
            .expect("it starts");
        let jobs: Result<Vec<Value>, _> = serde_json::from_slice(&told.stdout);
        if !told.status.success() || jobs.is_ok_and(|jobs| jobs.is_empty()) {
            let told = [told.stdout, told.stderr].concat();
            wrong.push(format!(
                "{}: {}",
                block.place(),
                String::from_utf8_lossy(&told)
            ));
        }
    }
    expect_none(&wrong);
}

/// A repository with the pipeline in it, and the component beside it: one of another place needs a network.
fn project(block: &Block) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let template = folder.path().join("templates/run/template.yml");
    std::fs::create_dir_all(template.parent().expect("a folder")).expect("the folder is free");
    let ours = root().join("templates/run/template.yml");
    if ours.exists() {
        std::fs::copy(ours, &template).expect("the folder can be written to");
    }
    let text: String = block
        .text
        .lines()
        .map(|line| {
            let ours = ["component", "remote"].into_iter().find_map(|kind| {
                let (before, place) = line.split_once(&format!("{kind}: "))?;
                is_ours(kind, place).then_some(before)
            });
            match ours {
                Some(before) => format!("{before}local: templates/run/template.yml\n"),
                None => format!("{line}\n"),
            }
        })
        .collect();
    std::fs::write(folder.path().join(".gitlab-ci.yml"), text)
        .expect("the folder can be written to");
    git(
        folder.path(),
        &["init", "--quiet", "--initial-branch", "main"],
    );
    git(
        folder.path(),
        &[
            "remote",
            "add",
            "origin",
            "git@gitlab.example.com:shop/shop.git",
        ],
    );
    git(folder.path(), &["add", "."]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    git(
        folder.path(),
        &[&who[..], &["commit", "--quiet", "-m", "x"]].concat(),
    );
    folder
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .status();
    assert!(status.expect("git is there").success(), "{arguments:?}");
}

fn pipeline(block: &Block) -> Value {
    yaml::read(&block.text).unwrap_or_else(|error| panic!("{}: {error}", block.place()))
}
