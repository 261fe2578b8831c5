use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Batch, Batches, Words, thread_fields};
use crate::publish::junit::{Case, Outcome, Output, Property, Reader, Resources};

/// All of `tests/fixtures/junit`.
const FIXTURES: [&str; 9] = [
    "go-junit-report",
    "jest",
    "latin1",
    "nested",
    "playwright",
    "properties",
    "pytest",
    "surefire",
    "text",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/junit")
}

/// What is sent for a file: the tests, and what the thread says of them together.
fn sent(file: &str) -> Value {
    let source = fs::File::open(folder().join(file)).unwrap();
    let mut reader = Reader::new(file, source);
    let mut batches = Batches::new(Words::default());
    while let Some(case) = reader.next_case().unwrap() {
        assert_eq!(batches.push(case), None, "fixtures are small");
    }
    let batch = batches.finish().unwrap();
    let top = reader.finish();
    let elapsed = top.elapsed_us.unwrap_or_else(|| batch.elapsed_us());
    let mut sent: Value = serde_json::from_str(&batch.body(None)).unwrap();
    sent["thread"] = json!({"elapsed_computed": elapsed, "fields": thread_fields(top)});
    sent["unnamed"] = batches.unnamed().into();
    sent
}

#[test]
fn fixtures() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, FIXTURES.map(|name| format!("{name}.xml")));
    for name in FIXTURES {
        let sent = serde_json::to_string_pretty(&sent(&format!("{name}.xml"))).unwrap();
        insta::assert_snapshot!(name, sent);
    }
}

fn case(name: &str) -> Case {
    Case {
        name: name.to_owned(),
        class: Some("a.B".to_owned()),
        elapsed_us: Some(1),
        file: None,
        line: None,
        assertions: None,
        outcome: Outcome::Passed,
        notes: Vec::new(),
        resources: Resources::default(),
    }
}

/// A case whose JSON is at least this long.
fn long_case(bytes: usize) -> Case {
    let value = "\u{1}".repeat(16 * 1024);
    let property = Property {
        name: "text:x".to_owned(),
        value,
        is_text: true,
    };
    let fields = bytes.div_ceil(6 * 16 * 1024);
    assert!(fields <= 24, "no case is that long");
    Case {
        resources: Resources {
            properties: vec![property; fields],
            ..Resources::default()
        },
        ..case("long")
    }
}

fn body(batch: &Batch) -> Value {
    serde_json::from_str(&batch.body(Some(batch.elapsed_us()))).unwrap()
}

#[test]
fn a_plain_test_has_the_members_that_were_observed() {
    let mut batches = Batches::new(Words::default());
    let mut plain = case("ok");
    plain.elapsed_us = Some(1_000_000);
    batches.push(plain);
    let body = body(&batches.finish().unwrap());
    let key = body["tests"][0]["key"].clone();
    assert!(key.as_str().unwrap().starts_with("cd70912ddd6f"));
    assert_eq!(
        body,
        json!({"elapsed_computed": 1_000_000, "tests": [{
            "key": key, "name": "ok", "status": "passed", "folder": "a.B", "artifacts": [], "fields": [], "elapsed": 1_000_000,
        }]})
    );
}

#[test]
fn words_are_the_callers() {
    let words = Words {
        failure: "failed".to_owned(),
        ..Words::default()
    };
    let mut batches = Batches::new(words);
    for outcome in [
        Outcome::Passed,
        Outcome::Failure,
        Outcome::Error,
        Outcome::Skipped,
    ] {
        let mut case = case("x");
        case.outcome = outcome;
        batches.push(case);
    }
    let body = body(&batches.finish().unwrap());
    let tests = body["tests"].as_array().unwrap().iter();
    let words: Vec<_> = tests.map(|test| test["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["passed", "failed", "error", "skipped"]);
}

#[test]
fn a_batch_has_250_tests() {
    let mut batches = Batches::new(Words::default());
    let mut full = Vec::new();
    for number in 0..501 {
        full.extend(batches.push(case(&number.to_string())));
    }
    batches.push(case(""));
    full.extend(batches.finish());
    assert_eq!(
        full.iter().map(Batch::len).collect::<Vec<_>>(),
        [250, 250, 1]
    );
    assert_eq!(full[0].elapsed_us(), 250);
    assert_eq!(batches.unnamed(), 1);
    assert_eq!(batches.finish(), None);
    let first = body(&full[0]);
    assert_eq!(first["tests"][249]["name"], "249");
    assert_eq!(body(&full[1])["tests"][0]["name"], "250");
}

#[test]
fn a_batch_is_not_longer_than_4_mib() {
    let mut batches = Batches::new(Words::default());
    let mut full = Vec::new();
    for _ in 0..10 {
        full.extend(batches.push(long_case(1_500_000)));
    }
    full.extend(batches.finish());
    assert_eq!(full.iter().map(Batch::len).sum::<usize>(), 10);
    for batch in &full {
        let length = batch.body(None).len();
        assert!(
            (3_000_000..=4 * 1024 * 1024 + 32).contains(&length),
            "{length}"
        );
    }
}

#[test]
fn the_longest_test_is_cut_to_a_size_that_fits() {
    let mut longest = long_case(24 * 6 * 16 * 1024);
    longest.name = "\u{1}".repeat(1_000_000);
    longest.class = Some(longest.name.clone());
    longest.file = Some(longest.name.clone());
    longest.resources.output = Output {
        text: longest.name.clone(),
        attachments: vec![longest.name.clone(); 100],
        properties: Vec::new(),
    };
    let mut batches = Batches::new(Words::default());
    batches.push(longest);
    let batch = batches.finish().unwrap();
    assert!(batch.body(None).len() < 4 * 1024 * 1024);
    let test = &body(&batch)["tests"][0];
    assert_eq!(test["name"].as_str().unwrap().len(), 750);
    assert_eq!(test["fields"].as_array().unwrap().len(), 48);
    assert_eq!(test["fields"][24]["name"], "Output");
    assert_eq!(test["fields"][24]["value"].as_str().unwrap().len(), 16_379);
}

#[test]
fn a_batch_can_be_split() {
    let mut batches = Batches::new(Words::default());
    for number in 0..5 {
        batches.push(case(&number.to_string()));
    }
    let mut first = batches.finish().unwrap();
    let second = first.split().unwrap();
    assert_eq!((first.len(), second.len()), (3, 2));
    assert_eq!(body(&second)["tests"][0]["name"], "3");
    let mut single = case("x");
    single.elapsed_us = None;
    batches.push(single);
    let mut single = batches.finish().unwrap();
    assert_eq!(
        (single.split(), single.len(), single.elapsed_us()),
        (None, 1, 0)
    );
}

#[test]
fn a_batch_is_read_back_as_it_was_written() {
    let mut batches = Batches::new(Words::default());
    for number in 0..3 {
        batches.push(case(&number.to_string()));
    }
    let batch = batches.finish().unwrap();
    let tests = body(&batch)["tests"].as_array().unwrap().clone();
    let read = Batch::read(&tests).unwrap();
    assert_eq!(body(&read), body(&batch), "with the times");
    for broken in [
        json!({"name": "x"}),
        json!("x"),
        json!({"key": 1, "name": "x", "folder": "", "status": ""}),
    ] {
        assert_eq!(Batch::read(&[broken]), None);
    }
}
