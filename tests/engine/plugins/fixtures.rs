//! Components as texts and files, and what the engine says of them.

use std::{fs, path::PathBuf};

use proctor_host::{bindings::proctor::ci::types::Code, failure::Failure};
use tempfile::TempDir;

use super::load;

/// The functions of the interface `service`.
pub const FUNCTIONS: [&str; 8] = [
    "providers",
    "run",
    "start",
    "watch",
    "cancel",
    "discover",
    "validate",
    "check",
];

/// The version of the contract in `wit`.
fn version_in(wit: &str) -> &str {
    wit.lines()
        .find_map(|line| line.strip_prefix("package proctor:ci@")?.strip_suffix(';'))
        .expect("the contract has a version")
}

/// The version that the host speaks.
pub fn spoken() -> &'static str {
    version_in(include_str!("../../../wit/world.wit"))
}

/// The version that the plugin at `FIRST_PATH` was built against.
pub fn first() -> &'static str {
    version_in(include_str!("../../components/first/wit/world.wit"))
}

/// A version of the host's track that is newer than the host's, and as long.
pub fn newer() -> String {
    let (track, _) = spoken().rsplit_once('.').expect("three numbers");
    format!("{track}.9")
}

/// A file with these bytes, and its directory, which lives as long as the first.
pub fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("plugin.wasm");
    fs::write(&path, bytes).expect("written");
    (directory, path)
}

/// Why a file with these bytes is refused: code, message, and what to do.
pub async fn refused(bytes: &[u8]) -> (Code, String, String) {
    let (_directory, path) = file(bytes);
    let failure = Failure::from(load(&path).await.expect_err("refused"));
    (
        failure.problem.code,
        failure.problem.message,
        failure.problem.next,
    )
}

/// The same for the text of a component.
pub async fn refused_text(text: &str) -> (Code, String, String) {
    refused(&wat::parse_str(text).expect("well-formed")).await
}

/// A component that imports what `imports` says and exports the service with these functions, none of which takes or
/// returns anything.
pub fn service(imports: &str, functions: &[&str]) -> String {
    let exports: String = functions
        .iter()
        .map(|name| format!("(export \"{name}\" (func $f))"))
        .collect();
    format!(
        r#"(component {imports}
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $s {exports})
            (export "proctor:ci/service@{}" (instance $s)))"#,
        spoken()
    )
}

/// A component whose functions have other types than the service's, and whose module does this when it is made.
pub fn beginning(code: &str) -> String {
    let functions = [
        "providers",
        "run",
        "start",
        "watch",
        "cancel",
        "discover",
        "validate",
        "check",
    ];
    service("", &functions).replace("(core module $m", &format!("(core module $m {code}"))
}

/// A message about the plugin, of the code for wrong usage, and what to do.
pub fn usage(message: &str, next: &str) -> (Code, String, String) {
    let message = format!("the plugin `mine.wasm` {message}");
    (Code::Usage, message, next.to_owned())
}
