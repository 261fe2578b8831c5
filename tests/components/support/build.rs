//! Builds the test components the way the host's build script builds the real one.

use std::path::PathBuf;

fn main() {
    proctor_build::script(run);
}

fn run() -> anyhow::Result<()> {
    let workspace = PathBuf::from("../../..");
    for path in [
        "examples/plugin-echo",
        "tests/components/first",
        "tests/components/hostile",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo:rerun-if-changed={}", workspace.join(path).display());
    }
    let wasm = proctor_build::build(&workspace, "proctor-hostile")?;
    proctor_build::embed(&wasm, "hostile")?;
    for (package, name) in [("proctor-plugin-echo", "echo"), ("proctor-first", "first")] {
        let wasm = proctor_build::build(&workspace, package)?;
        proctor_build::keep(&wasm, name)?;
    }
    Ok(())
}
