//! `version: source`: cargo builds the action's own checkout.

use proctor_test_support::read;

use crate::runner::Runner;

/// A cargo that writes down how it was called and builds something that tells its version.
const CARGO: &str = r#"printf '%s\n' "$PWD" "${CARGO_BUILD_TARGET-none}" "$@" >"$RUNNER_TEMP/cargo"
while [ "$1" != --target-dir ]; do shift; done
mkdir -p "$2/release"
printf '#!/bin/sh\necho "built: $*"\n' >"$2/release/proctor"
chmod +x "$2/release/proctor""#;

#[test]
fn cargo_builds_the_checkout_of_the_action() {
    let mut runner = Runner::new()
        .program("cargo", CARGO)
        .variable("CARGO_BUILD_TARGET", "wasm32-wasip2");
    let ended = runner
        .run(&[("version", "source"), ("targets", "shop")])
        .expect(0)
        .says("built: run -- shop");
    let folder = runner.cached("source");
    let action = std::fs::canonicalize(runner.action()).expect("a folder");
    let expected = [
        action.to_str().expect("UTF-8"),
        "none",
        "build",
        "--locked",
        "--release",
        "--package",
        "proctor-host",
        "--bin",
        "proctor",
        "--target-dir",
        folder.to_str().expect("UTF-8"),
    ];
    assert_eq!(
        read(&runner.path("temp/cargo")).lines().collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        ended.paths,
        [folder.join("release").to_str().expect("UTF-8")]
    );
}

#[test]
fn without_cargo_or_with_a_build_that_fails_nothing_is_run() {
    let with = [("version", "source"), ("provider", "keploy")];
    Runner::new()
        .run(&with)
        .refused(2, "`version: source` needs cargo");
    Runner::new()
        .program("cargo", "echo 'error: no space' >&2; exit 101")
        .run(&with)
        .refused(2, "Proctor could not be built")
        .says("error: no space");
}

#[test]
fn the_package_that_is_built_is_there() {
    let manifest = read(&proctor_test_support::root().join("host/Cargo.toml"));
    assert!(
        manifest.contains("name = \"proctor-host\"")
            && manifest.contains("[[bin]]\nname = \"proctor\"\n")
    );
}
