//! The program `proctor`. Everything is in the library, so that tests can run it too.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    proctor_host::process::main()
}
