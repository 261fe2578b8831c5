//! Who may know whom.

use std::process::Command;

#[test]
fn the_host_does_not_know_the_component() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--package",
            "proctor-host",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there, as it built this test");
    let tree = String::from_utf8(tree.stdout).expect("UTF-8");
    assert!(tree.starts_with("proctor-host "), "{tree}");
    assert!(
        !tree.lines().any(|line| line.starts_with("proctor ")),
        "{tree}"
    );
    assert!(
        !tree.contains("cranelift-codegen"),
        "there is a compiler in the host:\n{tree}"
    );
}
