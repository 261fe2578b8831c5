//! Who may know whom.

use std::process::Command;

/// What the host's program is made of, one package a line, with these arguments more to `cargo tree`.
fn tree(arguments: &[&str]) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "proctor-host"])
        .args(["--edges", "normal", "--prefix", "none"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there, as it built this test");
    let tree = String::from_utf8(tree.stdout).expect("UTF-8");
    assert!(tree.starts_with("proctor-host "), "{tree}");
    tree
}

#[test]
fn the_host_does_not_know_the_component() {
    let tree = tree(&[]);
    assert!(
        !tree.lines().any(|line| line.starts_with("proctor ")),
        "{tree}"
    );
}

#[test]
fn the_host_has_a_compiler_for_plugins_alone() {
    assert!(tree(&[]).contains("cranelift-codegen "));
    let without = tree(&["--no-default-features"]);
    assert!(!without.contains("cranelift-codegen "), "{without}");
}

#[test]
fn the_compiler_is_for_this_machine_and_keeps_nothing() {
    let tree = tree(&["--format", "{p} {f}"]);
    let wasmtime = tree
        .lines()
        .find(|line| line.starts_with("wasmtime v"))
        .expect("it runs components");
    for feature in ["all-arch", "cache", "parallel-compilation", "winch", "wat"] {
        assert!(
            !wasmtime.split([' ', ',']).any(|part| part == feature),
            "{wasmtime}"
        );
    }
}

#[test]
fn the_example_of_a_plugin_is_short() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/plugin-echo/src/lib.rs"
    );
    let text = std::fs::read_to_string(path).expect("the example");
    assert!(text.lines().count() < 100, "{}", text.lines().count());
}
