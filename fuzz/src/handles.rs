//! The file of runs that go on, with anything in it: refused in words, or read to what is written again as the same.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use proctor_host::handles::{keep, read, text_left_out, there, write};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for what is read"));

/// The bytes are the file.
pub fn run(data: &[u8]) {
    let path = path("in.json");
    fs::write(&path, data).expect("the folder takes a file");
    let there = there(&path, "in.json");
    let content = match read(&path, "in.json") {
        Ok(content) => content,
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
    assert_eq!(there.expect("it is a handle file"), content.runs);
    let copy = self::path("out.json");
    match content.runs.is_empty() {
        true => text_left_out(&content.left_out).and_then(|text| std::fs::write(&copy, text)),
        false => write(&copy, &content.runs),
    }
    .expect("the folder takes a file");
    let again = read(&copy, "out.json").expect("it was just written");
    assert_eq!(again.runs, content.runs);
    if again.runs.is_empty() {
        assert!(!again.left_out.is_empty());
        assert_eq!(again.left_out, content.left_out);
    }
    keep(&copy, &[], false).expect("it was just written");
    assert!(!copy.exists());
}

/// A file of this process and thread alone, as tests run side by side.
fn path(name: &str) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    FOLDER.path().join(format!("{thread}-{name}"))
}
