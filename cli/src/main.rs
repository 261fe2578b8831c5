//! The program `proctor-cli.wasm`. See the library.

/// WASI 0.2 knows success and failure alone, so that a host makes the same of every code but 0. The line before it on standard
/// error, and the results, have the code itself.
#[cfg(target_family = "wasm")]
fn main() {
    std::process::exit(i32::from(proctor_cli::main()));
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("error: this is a program for hosts of WASI; build it with `make wasi-cli`");
    std::process::exit(70);
}
