//! The checksums get to where the users of a release look for them, whole or not at all.

use super::tree::{Tree, VERSION, asset, platforms};

const TEMPLATE: &str = "templates/run/template.yml";
const TABLE: &str = "resources/proctor/checksums/1.2.3.txt";

/// Writes the checksums of a release and runs the script on them.
fn write(tree: &Tree, sums: &str) -> super::tree::Outcome {
    tree.write("SHA256SUMS", sums);
    tree.run("checksums.sh", &[VERSION, "SHA256SUMS"])
}

#[track_caller]
fn refused(tree: &Tree, sums: &str, text: &str) {
    let before = tree.read(TEMPLATE);
    write(tree, sums).refuses(text);
    assert_eq!(tree.read(TEMPLATE), before, "nothing is written");
    assert!(!tree.path(TABLE).exists(), "nothing is written");
}

#[test]
fn programs_are_listed_for_the_installer_and_those_for_linux_in_the_template() {
    let tree = Tree::new();
    let before = tree.read(TEMPLATE);
    let sums = tree.sums();
    write(&tree, &sums).succeeds();
    let programs: Vec<&str> = sums
        .lines()
        .filter(|line| !line.ends_with("proctor.wasm"))
        .collect();
    assert_eq!(tree.read(TABLE), programs.join("\n") + "\n");
    let linux: Vec<String> = programs
        .iter()
        .filter(|line| line.contains("-linux-"))
        .map(|line| format!("        {line}\n"))
        .collect();
    assert_eq!(linux.len(), 2);
    let expected = before.replace("        0000  old\n", &linux.concat());
    assert_eq!(tree.read(TEMPLATE), expected);
}

#[test]
fn to_write_them_again_changes_nothing() {
    let tree = Tree::new();
    let sums = tree.sums();
    write(&tree, &sums).succeeds();
    let first = (tree.read(TABLE), tree.read(TEMPLATE));
    // As sha256sum writes it where it reads in binary mode.
    let binary = sums.replace("  proctor", " *proctor");
    write(&tree, &binary).succeeds();
    assert_eq!((tree.read(TABLE), tree.read(TEMPLATE)), first);
}

#[test]
fn a_release_lacks_no_platform() {
    for platform in platforms() {
        let tree = Tree::new();
        let name = asset(&platform);
        let sums: String = tree
            .sums()
            .lines()
            .filter(|line| !line.ends_with(&name))
            .map(|line| format!("{line}\n"))
            .collect();
        refused(&tree, &sums, &format!("{name} is missing"));
    }
}

#[test]
fn what_is_no_checksum_is_refused() {
    let tree = Tree::new();
    let sums = tree.sums();
    let short = sums.replacen("00  proctor", "  proctor", 1);
    refused(&tree, &short, "is not one of SHA-256");
    let twice = format!("{sums}{sums}");
    refused(&tree, &twice, "is twice");
    refused(&tree, "", "is missing");
}

#[test]
fn another_version_than_that_of_the_sources_is_refused() {
    let tree = Tree::new();
    tree.write("SHA256SUMS", &tree.sums());
    for version in ["1.2.4", "1.2", "v1.2.3", "../1.2.3", ""] {
        tree.run("checksums.sh", &[version, "SHA256SUMS"])
            .refuses(version);
    }
    assert!(!tree.path("resources").exists());
}

#[test]
fn a_template_that_cannot_take_them_is_refused() {
    let begin = "        # checksums: begin\n";
    let end = "        # checksums: end\n";
    for (from, to, told) in [
        (begin, "", "needs one line"),
        (end, "", "needs one line"),
        (begin, end, "needs one line"),
        (end, begin, "needs one line"),
        ("own=1.2.3", "own=1.2.2", "of another version"),
        ("\"1.2.3\"", "\"1.2.30\"", "of another version"),
    ] {
        let tree = Tree::new();
        tree.write(TEMPLATE, &tree.read(TEMPLATE).replace(from, to));
        refused(&tree, &tree.sums(), told);
    }
}

#[test]
fn a_library_of_another_version_is_refused() {
    for version in ["1.2.2", "1.2.30", "v1.2.3"] {
        let tree = Tree::new();
        let library = tree.read("vars/proctor.groovy");
        tree.write("vars/proctor.groovy", &library.replace("1.2.3", version));
        refused(&tree, &tree.sums(), "vars/proctor.groovy is of another");
    }
}

#[test]
fn sums_are_of_every_file_that_a_release_has_and_of_no_other() {
    let tree = Tree::new();
    let mut names: Vec<String> = platforms().map(|platform| asset(&platform)).collect();
    names.extend(["proctor.wasm", "proctor-cli.wasm", "proctor.cdx.json"].map(str::to_owned));
    for name in &names {
        tree.write(&format!("dist/{name}"), name);
    }
    tree.run("sums.sh", &["dist"]).succeeds();
    let sums = tree.read("dist/SHA256SUMS");
    assert_eq!(sums.lines().count(), names.len());
    let mut check = std::process::Command::new("sha256sum");
    check.args(["--check", "--strict", "SHA256SUMS"]);
    super::tree::run(&tree.path("dist"), check).succeeds();
    // A second time, as its own file is none of the release's.
    tree.run("sums.sh", &["dist"]).succeeds();

    tree.write("dist/.extra", "");
    tree.run("sums.sh", &["dist"]).refuses(".extra");
    std::fs::remove_file(tree.path("dist/.extra")).expect("removed");
    for name in ["proctor.wasm", "proctor-cli.wasm"] {
        std::fs::remove_file(tree.path(&format!("dist/{name}"))).expect("removed");
        tree.run("sums.sh", &["dist"]).refuses("but dist has");
        tree.write(&format!("dist/{name}"), name);
    }
}
