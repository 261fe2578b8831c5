//! What the program is made of, and with what it can be built. Licences, sources and advisories: `make deny`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The most packages, each version counted once, that the program for Linux is made of. Each is code that users run and
/// somebody has to trust: a larger figure is a decision.
const MOST_PACKAGES: usize = 235;

/// The one place with unsafe code.
const UNSAFE: &str = "host/src/engine/load.rs";

/// Packages whose code is written into the top of the crate by wit-bindgen. They are parts of tests and examples.
const WRITTEN_BY_MACROS: [&str; 3] = [
    "examples/plugin-echo",
    "tests/components/first",
    "tests/components/hostile",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo is there, as it built this test");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The value of `key = "value"`.
fn value(text: &str, key: &str) -> String {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
    let value = line.unwrap_or_else(|| panic!("{key} is not there"));
    value.trim().trim_matches('"').to_owned()
}

/// Major and minor version.
fn minor(version: &str) -> (u32, u32) {
    let mut parts = version
        .split('.')
        .map(|part| part.parse().expect("a number"));
    (parts.next().expect("a major"), parts.next().unwrap_or(0))
}

#[test]
fn the_oldest_rust_that_is_promised_is_the_one_that_is_tested_and_no_newer_than_needed() {
    let promised = minor(&value(&read("Cargo.toml"), "rust-version"));
    let tested = minor(&value(&read("rust-toolchain.toml"), "channel"));
    assert_eq!(
        promised, tested,
        "what is promised must be what CI builds with"
    );
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"]))
            .expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let needed = packages
        .iter()
        .filter(|package| package["source"].is_string())
        .filter_map(|package| package["rust_version"].as_str())
        .map(minor)
        .max();
    assert_eq!(Some(promised), needed, "what the dependencies need");
    let told = format!("Rust {}.{}", promised.0, promised.1);
    assert!(
        read("README.md").contains(&told),
        "README.md does not tell of {told}"
    );
}

#[test]
fn unsafe_code_stands_in_one_place() {
    let files = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let files = String::from_utf8(files.stdout).expect("UTF-8");
    let keyword =
        regex::Regex::new(r"\bunsafe(\(| *\{| (fn|impl|extern|trait)\b)").expect("a pattern");
    let mut found: Vec<&str> = files
        .lines()
        .filter(|path| keyword.is_match(&code(&read(path))))
        .collect();
    found.sort_unstable();
    assert_eq!(found, [UNSAFE]);
}

/// Without comments.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_package_forbids_or_denies_it() {
    let manifest = read("Cargo.toml");
    let members = manifest
        .split("members = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .expect("members");
    let members = members
        .split(',')
        .map(|member| member.trim().trim_matches('"'));
    let mut seen = 0;
    for member in members.filter(|member| !member.is_empty()) {
        seen += 1;
        if WRITTEN_BY_MACROS.contains(&member) {
            continue;
        }
        let own = read(&format!("{member}/Cargo.toml"));
        let inherits = own.contains("[lints]\nworkspace = true");
        // One package is made of the sources of another.
        let place = match own.lines().find(|line| line.starts_with("path = ")) {
            Some(_) if own.contains("[lib]") && !own.contains("[[") => value(&own, "path"),
            _ => "src/lib.rs".to_owned(),
        };
        let top = read(&format!("{member}/{place}"));
        let says = top.contains("#![deny(unsafe_code)]") || top.contains("#![forbid(unsafe_code)]");
        assert!(inherits || says, "{member} allows unsafe code");
    }
    assert!(seen > 8, "only {seen} packages");
}

#[test]
fn the_program_is_made_of_no_more_than_it_was() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "--package=proctor-host",
        "--edges=normal",
        "--target=x86_64-unknown-linux-musl",
        "--prefix=none",
        "--format={p}",
    ]);
    let mut packages: Vec<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    packages.sort_unstable();
    packages.dedup();
    let count = packages.len();
    assert!(
        count <= MOST_PACKAGES,
        "{count} packages:\n{}",
        packages.join("\n")
    );
}
