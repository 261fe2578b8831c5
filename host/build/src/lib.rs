//! From a package of this workspace to a component that is compiled ahead of time. Shared by build scripts.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use wasmtime::Engine;

#[path = "../../src/engine/settings.rs"]
mod settings;

/// What components are built for.
const WASM_TARGET: &str = "wasm32-wasip2";

/// Builds the library of `package` as a component and returns its path.
///
/// The nested Cargo has a target directory of its own, as the outer one holds the lock of the workspace's.
pub fn build(workspace: &Path, package: &str) -> Result<PathBuf> {
    require_target()?;
    let target_dir = target_dir()?.join("component");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace)
        .args(["build", "--package", package, "--lib", "--locked"])
        .args(["--profile", "component", "--target", WASM_TARGET])
        .arg("--target-dir")
        .arg(&target_dir);
    shed_environment(&mut command);
    let status = command.status().context("cargo could not be started")?;
    if !status.success() {
        bail!("the component {package} could not be built ({status})");
    }
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(target_dir.join(WASM_TARGET).join("component").join(file))
}

/// Compiles the component at `wasm` for the machine the build is for and writes `NAME.wasm` and `NAME.cwasm` to
/// `OUT_DIR`. Returns the path of the first.
///
/// Naming the target is what keeps the build machine's own CPU features out: Cranelift detects features only when no
/// target is named, and otherwise starts from the architecture's baseline (SSE2 for x86-64, ARMv8.0 for AArch64).
/// `Config::cranelift_flag_enable` could raise that level, and such a binary would not load on an older CPU.
pub fn embed(wasm: &Path, name: &str) -> Result<PathBuf> {
    let target = env::var("TARGET").context("Cargo sets TARGET for build scripts")?;
    let copy = keep(wasm, name)?;
    let bytes = fs::read(&copy).with_context(|| format!("cannot read {}", copy.display()))?;
    let compiled = settings::config()
        .target(&target)
        .and_then(|config| Engine::new(config))
        .and_then(|engine| engine.precompile_component(&bytes))
        .map_err(|error| anyhow::anyhow!("{error:#}"))
        .with_context(|| format!("{name} cannot be compiled for {target}"))?;
    let code = copy.with_extension("cwasm");
    fs::write(&code, &compiled).with_context(|| format!("cannot write {}", code.display()))?;
    Ok(copy)
}

/// Copies the component at `wasm` to `OUT_DIR` as `NAME.wasm` and returns the copy's path.
pub fn keep(wasm: &Path, name: &str) -> Result<PathBuf> {
    let copy = out_dir()?.join(format!("{name}.wasm"));
    fs::copy(wasm, &copy)
        .with_context(|| format!("cannot copy {} to {}", wasm.display(), copy.display()))?;
    Ok(copy)
}

/// Runs a build script and ends the build with one sentence if it fails, instead of a panic's backtrace.
pub fn script(run: impl FnOnce() -> Result<()>) {
    if let Err(error) = run() {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}

fn out_dir() -> Result<PathBuf> {
    let out = env::var_os("OUT_DIR").context("Cargo sets OUT_DIR for build scripts")?;
    Ok(PathBuf::from(out))
}

/// Stops with one clear sentence if the standard library for components is not installed.
fn require_target() -> Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let found = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .output()
        .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
    if !found {
        bail!("the target {WASM_TARGET} is missing: run `rustup target add {WASM_TARGET}`");
    }
    Ok(())
}

/// The directory Cargo builds this workspace in: the nearest one above `OUT_DIR` that Cargo has tagged as such.
fn target_dir() -> Result<PathBuf> {
    let out = out_dir()?;
    let tagged = out
        .ancestors()
        .find(|path| path.join("CACHEDIR.TAG").is_file());
    Ok(tagged.unwrap_or(&out).to_path_buf())
}

/// Takes from the nested Cargo what the outer one set for this build script or for native code: flags, wrappers (such
/// as Clippy's), profiles. What says where packages come from and whether the network may be used stays.
fn shed_environment(command: &mut Command) {
    const KEPT: [&str; 8] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
        "CARGO_INCREMENTAL",
    ];
    const SHED: [&str; 13] = [
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_LINKER",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "CLIPPY_ARGS",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "PROFILE",
        "OPT_LEVEL",
    ];
    for (name, _) in env::vars_os() {
        let kept = |name: &str| KEPT.iter().any(|start| name.starts_with(start));
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_") && !kept(name))
        {
            command.env_remove(&name);
        }
    }
    for name in SHED {
        command.env_remove(OsStr::new(name));
    }
}
