//! The component as an OCI artifact.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use proctor_test_support::{consumers, read, root};
use serde_json::Value;
use wasmparser::{Parser, Payload};

use super::tree::{Tree, VERSION, run};

/// The exports of the component itself, not those of the modules inside it.
fn exports(wasm: &[u8]) -> BTreeSet<String> {
    let mut depth = 0;
    let mut exports = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("well-formed") {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentExportSection(section) if depth == 1 => {
                exports.extend(
                    section
                        .into_iter()
                        .map(|export| export.expect("well-formed").name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    exports
}

#[test]
fn the_exports_that_are_told_are_those_of_the_component() {
    let wasm = fs::read(env!("PROCTOR_COMPONENT_WASM")).expect("the build has left it there");
    let told: BTreeSet<String> = include_str!("../../release/exports.txt")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(exports(&wasm), told, "correct release/exports.txt");
}

/// The blob that a description names, whose digest is checked by the system's own program.
fn blob(layout: &Path, description: &Value) -> Vec<u8> {
    let digest = description["digest"].as_str().expect("a digest");
    let digest = digest.strip_prefix("sha256:").expect("SHA-256");
    let path = layout.join("blobs/sha256").join(digest);
    let mut sum = Command::new("sha256sum");
    sum.arg(&path);
    let told = run(layout, sum).succeeds().out();
    assert!(told.starts_with(digest), "{told}");
    let bytes = fs::read(path).expect("a blob");
    assert_eq!(description["size"], bytes.len());
    bytes
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[test]
fn the_component_is_wrapped_as_the_layout_for_webassembly_says() {
    if consumers::program("jq").is_none() {
        return;
    }
    let tree = Tree::new();
    tree.write(
        "tests/engine/imports.txt",
        include_str!("../engine/imports.txt"),
    );
    tree.write("proctor.wasm", "not looked at");
    let layout = tree.path("layout");
    for _again in 0..2 {
        let mut command = Command::new(tree.path("release/artifact.sh"));
        command
            .args([VERSION, "0123abc", "proctor.wasm", "layout"])
            .env("SOURCE_DATE_EPOCH", "1767312000");
        run(tree.0.path(), command).succeeds();
    }
    assert_eq!(
        read(&layout.join("oci-layout")),
        r#"{"imageLayoutVersion":"1.0.0"}"#
    );
    assert_eq!(
        fs::read_dir(layout.join("blobs/sha256"))
            .expect("blobs")
            .count(),
        3,
        "the same digests the second time"
    );
    let index = json(&fs::read(layout.join("index.json")).expect("an index"));
    assert_eq!(
        index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"],
        VERSION
    );
    let manifest = json(&blob(&layout, &index["manifests"][0]));
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.wasm.config.v0+json"
    );
    assert_eq!(manifest["layers"].as_array().map(Vec::len), Some(1));
    let layer = &manifest["layers"][0];
    assert_eq!(layer["mediaType"], "application/wasm");
    assert_eq!(blob(&layout, layer), b"not looked at");
    let config = json(&blob(&layout, &manifest["config"]));
    assert_eq!(config["os"], "wasip2");
    assert_eq!(config["architecture"], "wasm");
    assert_eq!(config["created"], "2026-01-02T00:00:00Z");
    assert_eq!(config["layerDigests"][0], layer["digest"]);
    let world = &config["component"];
    assert!(
        world["exports"]
            .as_array()
            .is_some_and(|exports| exports.contains(&"proctor:ci/service@1.3.0".into())),
        "{world}"
    );
    let imports = read(&root().join("tests/engine/imports.txt"));
    assert_eq!(
        world["imports"].as_array().map(Vec::len),
        Some(imports.lines().count())
    );
}
