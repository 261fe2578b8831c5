//! The programs that read in life what Proctor writes, as `tests/consumers/install.sh` installs them.
//!
//! A test that needs one takes it from here and returns if it is not there. That is told on standard error, past what
//! `cargo test` keeps to itself; where `CI` is set, it fails the test, so that no check is lost unseen.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where they are: the folder that `PROCTOR_CONSUMERS` names, or else `target/consumers`.
#[must_use]
pub fn folder() -> PathBuf {
    std::env::var_os("PROCTOR_CONSUMERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/consumers"),
        PathBuf::from,
    )
}

/// A program that was installed for Python, such as `check-jsonschema`, or `python` itself.
#[must_use]
pub fn python(program: &str) -> Option<Command> {
    at(&folder().join("bin").join(program), program)
}

/// A program for Python that has an environment of its own, in the folder of this name.
#[must_use]
pub fn python_apart(environment: &str, program: &str) -> Option<Command> {
    at(
        &folder().join(environment).join("bin").join(program),
        program,
    )
}

/// A program of a package of Node.js, such as `gitlab-ci-local`.
#[must_use]
pub fn node_program(program: &str) -> Option<Command> {
    at(&folder().join("node_modules/.bin").join(program), program)
}

/// The folder of a package of Node.js, for what is only read.
#[must_use]
pub fn node_package(name: &str) -> Option<PathBuf> {
    let package = folder().join("node_modules").join(name);
    if package.is_dir() {
        Some(package)
    } else {
        absent(name)
    }
}

/// Node.js, for a script that may `require` any of these packages.
#[must_use]
pub fn node(packages: &[&str]) -> Option<Command> {
    let modules = folder().join("node_modules");
    for package in packages {
        if !modules.join(package).exists() {
            return absent(package);
        }
    }
    let mut command = program("node")?;
    command.env("NODE_PATH", modules);
    Some(command)
}

/// A program of the system, such as `xmllint`.
#[must_use]
pub fn program(name: &str) -> Option<Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    match found {
        Some(path) => Some(Command::new(path)),
        None => absent(name),
    }
}

/// Groovy, which finds its Java by `JAVA_HOME` alone.
#[must_use]
pub fn groovy() -> Option<Command> {
    let mut groovy = program("groovy")?;
    if std::env::var_os("JAVA_HOME").is_none() {
        let java = program("java")?;
        let real = std::fs::canonicalize(java.get_program()).expect("java is there");
        groovy.env("JAVA_HOME", real.ancestors().nth(2)?);
    }
    Some(groovy)
}

fn at(path: &Path, name: &str) -> Option<Command> {
    if path.is_file() {
        Some(Command::new(path))
    } else {
        absent(name)
    }
}

fn absent<T>(name: &str) -> Option<T> {
    assert!(
        std::env::var_os("CI").is_none(),
        "{name} is not there, and CI must not leave out what it reads: see tests/consumers/install.sh"
    );
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("skipped: {test}: {name} is not there (`make consumers` installs it)\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("standard error can be written to");
    None
}
