//! The version in which the pages pin Proctor is that of this tree, so that what is copied from them is there once released.

use std::collections::BTreeSet;

use proctor_test_support::{read, root};
use regex::Regex;

use crate::block::expect_none;
use crate::page::markdown_below;

/// What stands in front of a whole version of ours: the tag in an address, behind an `@`, in code or of an image. Versions of
/// others have another name in front, or, as `v4`, no three numbers.
const PIN: &str =
    r"(proctor-ci/proctor/v|proctor(?:/run)?@v|[\s`(]@v|`v|proctor[:/ ]v?)(\d+\.\d+\.\d+)\b";

fn pins(text: &str) -> Vec<(usize, String)> {
    let pattern = Regex::new(PIN).expect("a pattern");
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(number, line)| {
            let found = pattern.captures_iter(line);
            found.map(move |pin| (number + 1, pin[2].to_owned()))
        })
        .collect()
}

#[test]
fn every_pin_is_this_version() {
    let mut paths = markdown_below(&root().join("docs"));
    paths.extend(["README.md", "templates/run/README.md"].map(|name| root().join(name)));
    let (mut wrong, mut pinning) = (Vec::new(), BTreeSet::new());
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for (line, version) in pins(&read(&path)) {
            pinning.insert(name.to_string());
            if version != env!("CARGO_PKG_VERSION") {
                wrong.push(format!("{}:{line}: {version}", path.display()));
            }
        }
    }
    expect_none(&wrong);
    for page in [
        "README.md",
        "github.md",
        "gitlab.md",
        "jenkins.md",
        "exit-codes.md",
    ] {
        assert!(pinning.contains(page), "{page} pins nothing");
    }
}

#[test]
fn every_form_of_a_pin_is_seen() {
    for text in [
        "https://raw.githubusercontent.com/proctor-ci/proctor/v7.8.9/templates/run/template.yml",
        "- component: $CI_SERVER_FQDN/proctor-ci/proctor/run@v7.8.9",
        "- uses: proctor-ci/proctor@v7.8.9",
        "@Library('proctor@v7.8.9') _",
        "default version `v7.8.9`, and",
        "`@v7.8.9` is one release",
        "FROM ghcr.io/proctor-ci/proctor:7.8.9",
    ] {
        assert_eq!(pins(text), [(1, "7.8.9".to_owned())], "{text}");
    }
    assert_eq!(pins("uses: actions/checkout@v4.1.0, alpine:3.22.1"), []);
}
