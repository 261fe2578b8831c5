//! Builds the component, compiles it ahead of time, and leaves both in `OUT_DIR` for `engine` to embed.

use std::{env, path::PathBuf};

fn main() {
    proctor_build::script(run);
}

fn run() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let workspace = PathBuf::from("..");
    for path in ["src", "wit", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={}", workspace.join(path).display());
    }
    println!("cargo:rerun-if-env-changed=PROCTOR_COMPONENT");

    // A component built elsewhere, for packagers that build once and link for many systems.
    let wasm = match env::var_os("PROCTOR_COMPONENT") {
        Some(path) => {
            let path = PathBuf::from(path);
            println!("cargo:rerun-if-changed={}", path.display());
            path
        }
        None => proctor_build::build(&workspace, "proctor")?,
    };
    let embedded = proctor_build::embed(&wasm, "proctor")?;
    println!(
        "cargo:rustc-env=PROCTOR_COMPONENT_WASM={}",
        embedded.display()
    );
    Ok(())
}
