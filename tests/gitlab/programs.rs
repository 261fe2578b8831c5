//! Programs that stand for released ones, and what a job has left of them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use proctor_test_support::{program, read};
use serde_json::Value;

use crate::runner::quoted;
use crate::schema::MARKERS;

/// A component with these checksums between its markers.
pub fn with_checksums(template: &str, checksums: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut skipping = false;
    for line in template.lines() {
        skipping &= line != MARKERS[1];
        if !skipping {
            writeln!(text, "{line}").expect("a text can be written to");
        }
        if line == MARKERS[0] {
            skipping = true;
            for (asset, sum) in checksums {
                writeln!(text, "      {sum}  {asset}").expect("as above");
            }
        }
    }
    text
}

/// A small program that stands for a released one: it becomes the program under test.
pub fn small_program() -> Vec<u8> {
    let program = program();
    let path = quoted(program.to_str().expect("UTF-8"));
    format!("#!/bin/sh\nexec {path} \"$@\"\n").into_bytes()
}

/// The SHA-256 of a file's content, as coreutils compute it.
pub fn sha256(content: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(content).expect("it can be written to");
    let output = Command::new("sha256sum").arg(file.path()).output();
    let text = String::from_utf8(output.expect("sha256sum is there").stdout).expect("UTF-8");
    text.split(' ').next().expect("a sum").to_owned()
}

/// Writes a script that can be executed, in the place of what was there.
pub fn executable(path: &Path, script: &str) {
    // It may be a link to a program of this machine, which must not be written to.
    if path.is_symlink() || path.exists() {
        std::fs::remove_file(path).expect("it is ours");
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o755)
        .open(path)
        .expect("it can be written");
    writeln!(file, "#!/bin/sh\n{script}").expect("as above");
}

/// What a project holds below a folder, one path a line.
pub fn files_below(folder: &Path) -> Vec<String> {
    let pattern = format!("{}/**/*", folder.display());
    let options = glob::MatchOptions::new();
    let found = glob::glob_with(&pattern, options).expect("a pattern");
    found
        .flatten()
        .filter(|path| path.is_file())
        .map(|path| {
            path.strip_prefix(folder)
                .expect("below it")
                .display()
                .to_string()
        })
        .collect()
}

/// The results of a run.
pub fn results(path: &Path) -> Value {
    serde_json::from_str(&read(path)).expect("results are JSON")
}
