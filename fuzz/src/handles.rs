//! The file of runs that go on, with anything in it: refused in words, or read to what is written again as the same.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use proctor_host::handles::{keep, read, there, write};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for what is read"));

/// The bytes are the file.
pub fn run(data: &[u8]) {
    let path = path("in.json");
    fs::write(&path, data).expect("the folder takes a file");
    let there = there(&path, "in.json");
    let entries = match read(&path, "in.json") {
        Ok(entries) => entries,
        Err(failure) => {
            assert_eq!(failure.exit_code(), 2);
            assert!(there.map_or(true, |runs| runs.is_empty()));
            let message = &failure.problem.message;
            assert!(
                message.contains("in.json") && !failure.problem.next.is_empty(),
                "{failure:?}"
            );
            return;
        }
    };
    assert!(!entries.is_empty());
    assert_eq!(there.expect("it is a handle file"), entries);
    let copy = self::path("out.json");
    write(&copy, &entries).expect("the folder takes a file");
    assert_eq!(
        read(&copy, "out.json").expect("it was just written"),
        entries
    );
    keep(&copy, &[], false).expect("it was just written");
    assert!(!copy.exists());
}

/// A file of this process and thread alone, as tests run side by side.
fn path(name: &str) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    FOLDER.path().join(format!("{thread}-{name}"))
}
