//! Runs a target on files, without libFuzzer.

use std::process::ExitCode;

use crate::Target;

/// Runs the target on each file that the command line names. A target that finds something wrong panics.
#[must_use]
pub fn replay(target: Target) -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("name files to run this target on; `make fuzz` lets it make up input of its own");
        return ExitCode::from(2);
    }
    for file in &files {
        match std::fs::read(file) {
            Ok(data) => target(&data),
            Err(error) => {
                eprintln!("{file} cannot be read: {error}");
                return ExitCode::from(2);
            }
        }
        println!("{file}: nothing is wrong");
    }
    ExitCode::SUCCESS
}
