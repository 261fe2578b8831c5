//! The program `proctor`. Everything is in the library, so that tests can run it too.

fn main() -> std::process::ExitCode {
    proctor_host::process::main()
}
