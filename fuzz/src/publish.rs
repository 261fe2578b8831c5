//! Publishing: files of anybody's making, and a service that answers anything.
//!
//! Whatever comes: it ends, what is said to be sent or kept was read, and what was kept can be read again.

use std::collections::VecDeque;
use std::time::Duration;

use proctor::model::{Publication, Setting, Target, Value};
use proctor::ports::{Input, Piece};
use proctor::services;

use crate::ports::Scripted;
use crate::script::Script;

/// What parts the answers from the files, and the files from each other.
const PART: &str = "\n=\n";

/// The first part is what the service answers, each of the others is a file: one that was kept where it begins with
/// `{`, else JUnit XML.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split(PART);
    let script = Script::read(parts.next().unwrap_or_default().as_bytes());
    let files: Vec<&str> = parts.collect();
    let mut input = Files::new(&files);
    let mut ports = Scripted::new(script);
    let publication = services::publish(
        &target(),
        &mut ports,
        &mut input,
        Some(Duration::from_secs(3)),
    );
    judge(&publication);
    again(&input.kept, publication.kept);
}

fn judge(publication: &Publication) {
    let Publication {
        read,
        sent,
        kept,
        problem,
        ..
    } = publication;
    let all = read.passed + read.failed + read.errored + read.skipped;
    assert!(sent + kept <= all, "{publication:?}");
    if let Some(problem) = problem {
        assert!(
            !problem.message.is_empty() && !problem.next.is_empty(),
            "{problem:?}"
        );
    } else {
        assert_eq!(*sent, all, "what was not sent is told");
    }
}

/// What was kept is sent by a service that takes everything.
fn again(kept: &[u8], tests: u64) {
    if kept.is_empty() {
        assert_eq!(tests, 0);
        return;
    }
    let text = String::from_utf8(kept.to_vec()).expect("it is JSON");
    // Neither the run nor the threads of before are there any more.
    let mut answers = "!404 {}\n".repeat(3);
    answers.push_str("{\"id\": 1, \"result\": {\"id\": 1}}");
    let mut ports = Scripted::new(Script::read(answers.as_bytes()));
    let mut input = Files::new(&[&text]);
    let publication = services::publish(&target(), &mut ports, &mut input, None);
    let told = publication
        .problem
        .as_ref()
        .map(|problem| problem.message.as_str());
    assert!(
        !told.is_some_and(|told| told.contains("not what Proctor has kept")),
        "{told:?}: {text}"
    );
    judge(&publication);
}

fn target() -> Target {
    let setting = |name: &str, value| Setting {
        name: name.to_owned(),
        value,
    };
    Target {
        name: "results".to_owned(),
        provider: "testmo".to_owned(),
        api_url: "https://example.testmo.net".to_owned(),
        settings: vec![
            setting("project_id", Value::Integer(1)),
            setting("source", Value::Text("api-tests".to_owned())),
        ],
        overrides: Vec::new(),
        timeout: Duration::from_secs(300),
        location: None,
    }
}

/// Files in pieces, and what is kept of them.
struct Files {
    pieces: VecDeque<Piece>,
    kept: Vec<u8>,
}

impl Files {
    fn new(files: &[&str]) -> Self {
        let mut pieces = VecDeque::new();
        for (number, file) in files.iter().enumerate() {
            let name = format!("file-{number}");
            pieces.push_back(match file.starts_with('{') {
                true => Piece::Kept(name),
                false => Piece::Junit(name),
            });
            // A prime that no line or tag is as long as.
            let bytes = file.as_bytes().chunks(211);
            pieces.extend(bytes.map(|bytes| Piece::Bytes(bytes.to_vec())));
        }
        let kept = Vec::new();
        Self { pieces, kept }
    }
}

impl Input for Files {
    fn next(&mut self) -> Option<Piece> {
        self.pieces.pop_front()
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }
}
