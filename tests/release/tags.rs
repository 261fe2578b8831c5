//! The commit with the checksums, its tags, and what is looked at before anything is built.

use std::process::Command;

use proctor_test_support::{read, root};

use super::{
    project::Project,
    tree::{VERSION, run},
};

const TABLE: &str = "resources/proctor/checksums/1.2.3.txt";

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

/// The tag at the origin, and the commit of its major version's.
fn tags(project: &Project) -> (String, String) {
    let at = |name| project.at_origin(&["rev-parse", name]);
    (at("v1.2.3"), at("v1^{commit}"))
}

#[test]
fn a_release_is_never_made_twice() {
    let project = Project::new();
    project.tag().succeeds();
    let first = tags(&project);
    project.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
    project.git(&["tag", "--delete", "v1.2.3"]);
    let other = project.tree.sums().replace('0', "f");
    std::fs::write(project.sums(), other).expect("written");
    project.tag().refuses("is there already");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    project
        .tree
        .run("ready.sh", &["release-1.2.3"])
        .refuses("is there already");
    assert_eq!(tags(&project), first);
}

#[test]
fn to_push_the_tags_of_the_same_files_again_changes_nothing() {
    let project = Project::new();
    project.tag().succeeds();
    let first = tags(&project);
    project.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
    project.git(&["tag", "--delete", "v1.2.3"]);
    let told = project.tag().succeeds();
    assert!(
        told.out().contains("with these checksums"),
        "{}",
        told.out()
    );
    assert_eq!(tags(&project), first);
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn to_put_the_checksums_on_main_again_changes_nothing() {
    let project = Project::new();
    project.tag().succeeds();
    project.tree.run("main.sh", &[VERSION]).succeeds();
    let main = project.at_origin(&["rev-parse", "main"]);
    let later = project.go_on("later.txt", "later");
    assert_ne!(later, main);
    let told = project.tree.run("main.sh", &[VERSION]).succeeds();
    assert!(told.out().contains("on main already"), "{}", told.out());
    assert_eq!(project.at_origin(&["rev-parse", "main"]), later);
}

#[test]
fn the_tag_of_the_major_version_never_moves_back() {
    for (released, stays) in [
        ("v1.10.0", true),
        ("v1.2.4", true),
        ("v1.2.2", false),
        ("v1.2.4-rc.1", false),
        ("v2.0.0", false),
        ("v11.0.0", false),
    ] {
        let project = Project::new();
        let old = project.release(released);
        project.git(&[
            "push",
            "--quiet",
            "origin",
            &format!("{released}^{{}}:refs/tags/v1"),
        ]);
        project.tag().succeeds();
        let (_, major) = tags(&project);
        assert_eq!(major == old, stays, "{released}");
    }
}

#[test]
fn the_tag_of_the_major_version_moves_on_but_not_to_a_pre_release() {
    let project = Project::new();
    project.git(&["tag", "v1", "HEAD"]);
    project.git(&["push", "--quiet", "origin", "v1"]);
    let old = project.git(&["rev-parse", "HEAD"]);
    for name in [
        "Cargo.toml",
        "templates/run/template.yml",
        "vars/proctor.groovy",
    ] {
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
        .refuses("template.yml is of another version");
    project.git(&["checkout", "--quiet", "templates"]);
    project.tree.write(
        "vars/proctor.groovy",
        "@Field final String VERSION = '1.2.2'\n",
    );
    project
        .tree
        .run("ready.sh", &["release-1.2.3"])
        .refuses("proctor.groovy is of another version");
}

/// The project's own files, to which only the changelog's section may be missing.
#[test]
fn this_project_can_be_released() {
    let project = Project::new();
    for name in [
        "Cargo.toml",
        "templates/run/template.yml",
        "vars/proctor.groovy",
    ] {
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
