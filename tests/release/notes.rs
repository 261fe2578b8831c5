//! The changelog's section of a version becomes the notes of its release.

use super::tree::{Tree, VERSION};

#[test]
fn notes_are_the_section_of_the_version_alone() {
    let tree = Tree::new();
    let outcome = tree.run("notes.sh", &[VERSION]).succeeds();
    assert_eq!(outcome.out(), "### Added\n\n- it works\n");
    tree.write("CHANGELOG.md", "# Changelog\n## 1.2.3\nlast\n");
    assert_eq!(tree.run("notes.sh", &[VERSION]).out(), "last\n");
}

#[test]
fn a_version_of_which_nothing_is_told_is_not_released() {
    let tree = Tree::new();
    for changelog in [
        "",
        "# Changelog\n## Unreleased\n- it works\n",
        "## 1.2.3\n\n\n## 1.2.2\n- it did not\n",
        "## 1.2.30\n- later\n",
        "### 1.2.3\n- of a lower level\n",
    ] {
        tree.write("CHANGELOG.md", changelog);
        tree.run("notes.sh", &[VERSION])
            .refuses("nothing under \"## 1.2.3\"");
    }
    tree.run("notes.sh", &["1.2.2"])
        .refuses("Cargo.toml has 1.2.3");
}
