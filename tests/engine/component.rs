//! The component that ships: what it may import, how large it is, and that it answers.

use std::{collections::BTreeSet, fs};

use proctor_host::{
    bindings::exports::proctor::ci::reports::{Policy, Results},
    component::no_remarks,
    engine::Engine,
};
use wasmparser::{Parser, Payload};

/// The largest the component may be, in bytes: five services with all that they can do, and thirteen kinds of reports. It is copied
/// into the program as machine code that is mapped, not read, so this is about what is downloaded.
const LARGEST: usize = 1_400_000;

fn wasm() -> Vec<u8> {
    fs::read(env!("PROCTOR_COMPONENT_WASM")).expect("the build has left it there")
}

/// The imports of the component itself, not those of the modules inside it.
fn imports(wasm: &[u8]) -> BTreeSet<String> {
    let mut depth = 0;
    let mut imports = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("well-formed") {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                imports.extend(
                    section
                        .into_iter()
                        .map(|import| import.expect("well-formed").name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    imports
}

#[test]
fn a_new_power_shows_in_review() {
    let expected: BTreeSet<String> = include_str!("imports.txt")
        .lines()
        .map(str::to_owned)
        .collect();
    let found = imports(&wasm());
    assert_eq!(
        found, expected,
        "if this is wanted, correct tests/engine/imports.txt"
    );
    for name in found {
        let allowed = [
            "wasi:cli/",
            "wasi:clocks/",
            "wasi:http/",
            "wasi:io/",
            "wasi:random/",
            "wasi:filesystem/",
            "proctor:ci/",
        ];
        assert!(
            allowed.iter().any(|start| name.starts_with(start)),
            "{name}"
        );
    }
}

#[test]
fn the_component_is_small() {
    let size = wasm().len();
    assert!(size < LARGEST, "{size} bytes");
}

#[tokio::test]
async fn the_embedded_component_answers() {
    let engine = Engine::embedded().expect("compiled for this machine");
    let providers = engine.providers().await.expect("described");
    assert!(providers.iter().any(|provider| provider.name == "keploy"));
    let kinds = engine.report_kinds().await.expect("described");
    assert!(kinds.iter().any(|kind| kind.name == "json"));
}

#[tokio::test]
async fn results_survive_being_written_and_read() {
    let engine = Engine::embedded().expect("compiled for this machine");
    let policy = Policy {
        fail_on: Vec::new(),
        flaky: false,
        new_only: false,
        allow_empty: true,
        exit_zero: false,
        signal: None,
    };
    let results = Results {
        version: "1.2.3".into(),
        started_at_ms: 1_750_000_000_000,
        duration_ms: 5,
        conclusion: engine
            .conclude(&[], &no_remarks(), &policy)
            .await
            .expect("pure"),
        targets: Vec::new(),
        remarks: no_remarks(),
    };
    let json = engine.render("json", &results).await.expect("pure");
    let read = async |files: &[&str]| {
        let files = files.iter().map(|&file| file.to_owned()).collect();
        engine.read(files, Vec::new()).await.expect("pure")
    };
    assert_eq!(read(&[&json]).await, Ok(results));
    assert_eq!(read(&[&json, "{"]).await.expect_err("no JSON").file, 1);
}
