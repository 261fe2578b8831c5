//! For each kind of report the program that reads it in life, or its rules: what it finds is held against what was told.

pub mod ctrf;
mod github;
mod gitlab;
mod jenkins;
pub mod json;
pub mod junit;
mod markdown;
pub mod sarif;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::runner;

/// What a report has to tell.
pub struct Wanted {
    /// Each failed test: its name and its message, on one line and cleaned. What a message is cut to may be less.
    pub failed: Vec<(String, String)>,
    /// How many targets have something to tell beside their tests.
    pub troubles: usize,
    pub targets: usize,
    /// How many tests there are, whatever became of them.
    pub tests: usize,
    pub exit_code: i64,
}

/// What reads a report of a kind.
type Judge = fn(&str, &Wanted);

/// The judge of each kind. A kind that is not here has none, and fails the test that asks for it.
const JUDGES: [(&str, Judge); 12] = [
    ("junit", junit::judge),
    ("json", json::judge),
    ("markdown", markdown::judge),
    ("github-annotations", github::annotations),
    ("github-outputs", github::outputs),
    ("text", text),
    ("gitlab-codequality", gitlab::codequality),
    ("gitlab-annotations", gitlab::annotations),
    ("dotenv", gitlab::dotenv),
    ("warnings-ng", jenkins::judge),
    ("ctrf", ctrf::judge),
    ("sarif", sarif::judge),
];

/// Kinds that are judged elsewhere: `html` is opened in a browser.
const ELSEWHERE: [&str; 1] = ["html"];

/// Judges a report.
///
/// # Panics
/// If it is wrong, or if nobody judges reports of this kind.
pub fn judge(kind: &str, report: &str, wanted: &Wanted) {
    if ELSEWHERE.contains(&kind) {
        return;
    }
    let (_, judge) = JUDGES
        .iter()
        .find(|(known, _)| *known == kind)
        .unwrap_or_else(|| panic!("nobody judges reports of the kind {kind}"));
    if kind != "github-annotations" {
        assert_eq!(runner::commands(report), [], "{kind} in a log is a command");
    }
    judge(report, wanted);
}

/// Plain text: each test is told as a log has it.
fn text(report: &str, wanted: &Wanted) {
    for (name, message) in &wanted.failed {
        assert!(report.contains(&logged(name)), "{name}\n{report}");
        let first: Vec<&str> = message.split_whitespace().take(1).collect();
        assert!(report.contains(&logged(&first.concat())), "{message}");
    }
    let end = format!("exit code {}", wanted.exit_code);
    assert!(
        report.lines().last().expect("a line").contains(&end),
        "{report}"
    );
    let control = report
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert_eq!(control, None);
}

/// A text within a line of a log: what a runner would read anywhere in a line is broken up.
fn logged(text: &str) -> String {
    text.replace("##[", "## [")
}

/// A text at the start of a line of a log.
fn logged_first(text: &str) -> String {
    let text = logged(text);
    match text.strip_prefix("::") {
        Some(rest) => format!(": :{rest}"),
        None => text,
    }
}

/// Runs a reader on a text, and returns what it has read.
fn read_by(mut command: Command, input: &str) -> Value {
    let out = piped(&mut command, input);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// Runs a reader on a file with a text, and returns what it has read.
fn read_file_by(mut command: Command, name: &str, text: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("it can be written");
    command.arg(path);
    read_by(command, "")
}

/// Runs a program on a text, and returns what it prints.
fn piped(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    // A program that prints before it has read all must not wait for us.
    let writer = std::thread::spawn(move || {
        // It may have ended without reading.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it is written");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The path of a script beside the tests.
fn reader(name: &str) -> std::path::PathBuf {
    proctor_test_support::root()
        .join("tests/reports/readers")
        .join(name)
}

/// Holds a document against a schema beside the tests.
fn follows(schema: &str, document: &Value) {
    let folder = proctor_test_support::root().join("tests/reports/schemas");
    follows_file(&folder, schema, document);
}

/// Holds a document against a schema in a folder.
fn follows_file(folder: &std::path::Path, schema: &str, document: &Value) {
    let text = proctor_test_support::read(&folder.join(schema));
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource(schema, serde_json::from_str(&text).expect("JSON"))
        .expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile(schema, &mut schemas).expect("a schema");
    schemas
        .validate(document, index)
        .unwrap_or_else(|error| panic!("{error:#}"));
}
