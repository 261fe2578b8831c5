//! The inputs in `corpus/` through every target, so that each holds on every machine, without libFuzzer.

#[cfg(feature = "host")]
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::targets;

/// How large an input in the repository may be, in bytes.
const LARGEST: u64 = 8 * 1024;
/// How many inputs of a target there may be.
const MOST: usize = 24;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

#[cfg(feature = "host")]
fn names(paths: Vec<PathBuf>) -> BTreeSet<String> {
    let name = |path: PathBuf| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    paths.into_iter().map(name).collect()
}

#[test]
fn nothing_is_wrong_with_any_input_of_the_corpus() {
    for (name, target) in targets() {
        let inputs = entries(&folder("corpus").join(name));
        assert!(
            (1..=MOST).contains(&inputs.len()),
            "{name}: {} inputs",
            inputs.len()
        );
        for input in inputs {
            let data = fs::read(&input).expect("an input");
            assert!(
                data.len() as u64 <= LARGEST,
                "{} is too large",
                input.display()
            );
            eprintln!("{}", input.display());
            target(&data);
        }
    }
}

#[cfg(feature = "host")]
#[test]
fn every_target_has_its_program_and_its_corpus() {
    let known: BTreeSet<String> = targets().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names(entries(&folder("fuzz_targets"))), known);
    assert_eq!(names(entries(&folder("corpus"))), known);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("the manifest");
    for name in known {
        assert!(
            manifest.contains(&format!("\nname = \"{name}\"\n")),
            "{name} is no program"
        );
    }
}

/// What the component depends on is said in two places.
#[test]
fn the_component_is_built_of_the_same() {
    let table = |path: &str| {
        let manifest = fs::read_to_string(folder(path)).expect("a manifest");
        let (_, rest) = manifest
            .split_once("\n[dependencies]\n")
            .expect("dependencies");
        let end = rest.find("\n[").unwrap_or(rest.len());
        rest[..end].trim().to_owned()
    };
    assert_eq!(table("component/Cargo.toml"), table("../Cargo.toml"));
}

/// What was recorded leads to the end that the services told of: a target that never came so far would find nothing.
#[test]
fn whole_runs_are_among_the_inputs() {
    let mut wrong = Vec::new();
    for (provider, input, exit_code) in [
        ("keploy", "passed", 0),
        ("keploy", "failed", 1),
        ("checkview", "checkout", 0),
        ("checkview", "flow-fail", 1),
        ("checkview", "website", 3),
        ("izli", "checkout", 0),
        ("izli", "jrn_failed", 1),
        ("izli", "two-locations", 0),
        ("testclix", "fixed", 0),
        ("testclix", "fail", 1),
        ("testmo", "completed", 0),
        ("testmo", "finishing", 1),
        ("http", "passed", 0),
        ("http", "cursor", 0),
        ("http", "link", 0),
        ("http", "failed", 1),
        ("http", "unknown", 3),
    ] {
        let path = folder("corpus")
            .join(format!("service_{provider}"))
            .join(input);
        let data = fs::read(&path).expect("an input");
        let found = crate::service::exit_code(provider, &data);
        if found != Some(exit_code) {
            wrong.push((provider, input, found));
        }
    }
    assert_eq!(wrong, []);
}

/// Each target with bytes of no meaning, and with the corpus of all others.
#[test]
fn every_target_takes_anything() {
    let mut inputs: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0; 300],
        vec![255; 300],
        (0..=255).collect(),
    ];
    for folder in entries(&folder("corpus")) {
        inputs.extend(
            entries(&folder)
                .first()
                .map(|path| fs::read(path).expect("an input")),
        );
    }
    for (_, target) in targets() {
        for input in &inputs {
            target(input);
        }
    }
}
