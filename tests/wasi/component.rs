//! The program itself: how it is built, what it may import, how large it is.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use proctor_test_support::root;
use wasmparser::{Parser, Payload};

/// The largest it may be, in bytes: the component, a reader of TOML, and a command line.
const LARGEST: usize = 2_300_000;

static WASM: LazyLock<PathBuf> = LazyLock::new(build);

/// The program: what `PROCTOR_CLI_WASM` names, or else built as it is released.
pub fn wasm() -> &'static Path {
    &WASM
}

fn build() -> PathBuf {
    if let Some(path) = env::var_os("PROCTOR_CLI_WASM") {
        return PathBuf::from(path);
    }
    // Beside that of the build scripts, which has the same dependencies.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it lies in the target directory")
        .join("component");
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root())
        .args(["build", "--locked", "--package", "proctor-cli"])
        .args(["--bin", "proctor-cli", "--profile", "component"])
        .args(["--target", "wasm32-wasip2", "--target-dir"])
        .arg(&target);
    // What the outer cargo has set is about this test.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let is_of_test = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_PRIMARY_",
        ];
        if is_of_test.iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    let status = command.status().expect("cargo is there");
    assert!(status.success(), "proctor-cli cannot be built");
    target.join("wasm32-wasip2/component/proctor-cli.wasm")
}

/// The imports and the exports of the component itself, not those of the modules inside it.
fn outside(wasm: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut depth = 0;
    let (mut imports, mut exports) = (BTreeSet::new(), BTreeSet::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("well-formed") {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.insert(import.expect("well-formed").name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.insert(export.expect("well-formed").name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    (imports, exports)
}

#[test]
fn it_is_a_command_that_asks_for_no_more_than_it_needs() {
    let wasm = std::fs::read(wasm()).expect("it was built");
    assert!(wasm.len() < LARGEST, "{} bytes", wasm.len());
    let (imports, exports) = outside(&wasm);
    let expected: BTreeSet<String> = include_str!("imports.txt")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        imports, expected,
        "if this is wanted, correct tests/wasi/imports.txt"
    );
    assert!(
        exports.iter().all(|name| name.starts_with("wasi:cli/run@")) && exports.len() == 1,
        "{exports:?}"
    );
    assert!(!imports.iter().any(|name| name.contains("sockets")));
}
