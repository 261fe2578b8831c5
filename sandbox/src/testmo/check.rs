//! What bodies may hold, apart from what depends on what is stored.
//!
//! Source: the API's reference of automation runs; where `client_limits` is said, the vendor's client.

use serde_json::{Map, Value};

use super::answers::Wrongs;
use super::object::{Checker, Object};
use super::scenario::{Settings, UnknownStatus};
use crate::call::Call;

/// The longest note, in characters.
const NOTE: usize = 80;

/// The longest key, in characters.
const KEY: usize = 64;

/// The longest of other texts that the vendor's client sends, in characters.
const TEXT: usize = 750;

/// The longest value of a text, HTML or console field that the vendor's client sends, in characters.
const LONG_TEXT: usize = 16 * 1024;

/// The most artifacts, and the most fields, that a test has from the vendor's client.
const EXTRAS: usize = 25;

/// The most steps that a test has from the vendor's client.
const STEPS: usize = 100;

/// The body of a call: a JSON object that says it is one.
pub fn body(call: &Call) -> Result<Map<String, Value>, Wrongs> {
    let kind = call.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let text = "must be application/json, and say so in Content-Type";
        return Err(Wrongs::one("body", text));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Wrongs::one("body", "must be a JSON object")),
    }
}

/// Of the call that creates a run.
pub fn new_run(settings: &Settings, body: &Map<String, Value>) -> Result<(), Wrongs> {
    let mut checker = Checker::new(settings);
    let run = checker.root(
        body,
        &[
            "name",
            "source",
            "config",
            "config_id",
            "milestone",
            "milestone_id",
            "tags",
            "artifacts",
            "fields",
            "links",
        ],
    );
    checker.required(&run, "name", TEXT);
    if let Some(source) = checker.required(&run, "source", TEXT)
        && settings.client_limits
        && !is_source(source)
    {
        let text =
            "must be letters, digits and dashes, two at least, and begin with a letter".to_owned();
        checker.wrong(&run, "source", text);
    }
    for name in ["config", "milestone"] {
        checker.text(&run, name, TEXT);
        checker.whole(&run, &format!("{name}_id"));
    }
    tags(&mut checker, &run);
    extras(&mut checker, &run, usize::MAX);
    checker.end()
}

/// Of the call that appends to a run.
pub fn run_append(settings: &Settings, body: &Map<String, Value>) -> Result<(), Wrongs> {
    let mut checker = Checker::new(settings);
    let run = checker.root(body, &["artifacts", "fields", "links"]);
    extras(&mut checker, &run, usize::MAX);
    checker.end()
}

/// Of the call that completes a run.
pub fn run_complete(settings: &Settings, body: &Map<String, Value>) -> Result<(), Wrongs> {
    let mut checker = Checker::new(settings);
    let run = checker.root(body, &["measure_elapsed"]);
    checker.flag(&run, "measure_elapsed");
    checker.end()
}

/// Of the call that creates a thread.
pub fn new_thread(settings: &Settings, body: &Map<String, Value>) -> Result<(), Wrongs> {
    thread(settings, body, &["artifacts", "fields"])
}

/// Of the call that completes a thread.
pub fn thread_complete(settings: &Settings, body: &Map<String, Value>) -> Result<(), Wrongs> {
    thread(settings, body, &[])
}

fn thread(settings: &Settings, body: &Map<String, Value>, more: &[&str]) -> Result<(), Wrongs> {
    let mut checker = Checker::new(settings);
    let known = [&["elapsed_observed", "elapsed_computed"], more].concat();
    let thread = checker.root(body, &known);
    elapsed(&mut checker, &thread);
    extras(&mut checker, &thread, usize::MAX);
    checker.end()
}

/// Of the call that appends tests to a thread. ASSUMED: `tests` may be left out.
pub fn thread_append(settings: &Settings, body: &Map<String, Value>) -> Result<(), Wrongs> {
    let mut checker = Checker::new(settings);
    let known = [
        "elapsed_observed",
        "elapsed_computed",
        "artifacts",
        "fields",
        "tests",
    ];
    let thread = checker.root(body, &known);
    elapsed(&mut checker, &thread);
    extras(&mut checker, &thread, usize::MAX);
    checker.each(&thread, "tests", &TEST, test);
    checker.end()
}

fn elapsed(checker: &mut Checker, thread: &Object) {
    checker.whole(thread, "elapsed_observed");
    checker.whole(thread, "elapsed_computed");
}

/// Source: the vendor's client.
fn is_source(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn tags(checker: &mut Checker, run: &Object) {
    let limited = checker.settings.client_limits;
    for (index, tag) in checker.list(run, "tags").iter().enumerate() {
        let is_tag = |tag: &str| {
            !tag.is_empty()
                && tag
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let place = format!("tags.{index}");
        match tag.as_str() {
            None => checker.wrong(run, &place, "must be a text".to_owned()),
            Some(tag) if limited && !is_tag(tag) => {
                let text = "must be letters, digits, dashes and underscores".to_owned();
                checker.wrong(run, &place, text);
            }
            Some(_) => {}
        }
    }
}

fn extras(checker: &mut Checker, owner: &Object, most: usize) {
    let artifact_members = ["name", "url", "note", "mime_type", "size"];
    checker.each(owner, "artifacts", &artifact_members, artifact);
    let field_members = ["type", "name", "value", "meta", "is_highlight"];
    checker.each(owner, "fields", &field_members, field);
    checker.each(owner, "links", &["name", "url", "note"], link);
    for name in ["artifacts", "fields"] {
        if checker.settings.client_limits && owner.count(name) > most {
            checker.wrong(owner, name, format!("must be at most {most}"));
        }
    }
}

fn artifact(checker: &mut Checker, artifact: &Object) {
    link(checker, artifact);
    checker.text(artifact, "mime_type", TEXT);
    checker.whole(artifact, "size");
}

fn link(checker: &mut Checker, link: &Object) {
    checker.required(link, "name", TEXT);
    let url = checker.required(link, "url", TEXT);
    if url.is_some_and(|url| !is_web(url)) {
        checker.wrong(link, "url", "must be an http(s) URL".to_owned());
    }
    if checker
        .text(link, "note", usize::MAX)
        .is_some_and(|note| length(note) > NOTE)
    {
        checker.wrong(link, "note", format!("must be at most {NOTE} characters"));
    }
}

fn is_web(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().unwrap_or_default();
    matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
}

/// The length of a text, as the vendor's client counts it.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn field(checker: &mut Checker, field: &Object) {
    // 1 string, 2 text, 3 HTML, 4 console, 5 URL.
    let kind = checker.whole(field, "type");
    match kind {
        None if !field.has("type") => checker.wrong(field, "type", "is required".to_owned()),
        Some(0 | 6..) => checker.wrong(field, "type", "must be from 1 to 5".to_owned()),
        _ => {}
    }
    let longest = if matches!(kind, Some(2..=4)) {
        LONG_TEXT
    } else {
        TEXT
    };
    checker.required(field, "name", TEXT);
    let value = checker.text(field, "value", longest);
    let steps = value.map_or(0, |value| value.matches("<test-step ").count());
    if checker.settings.client_limits && kind == Some(3) && steps > STEPS {
        checker.wrong(field, "value", format!("must have at most {STEPS} steps"));
    }
    checker.texts(field, "meta", TEXT);
    checker.flag(field, "is_highlight");
}

/// The members of a test.
const TEST: [&str; 10] = [
    "key",
    "name",
    "folder",
    "status",
    "elapsed",
    "file",
    "line",
    "assertions",
    "artifacts",
    "fields",
];

fn test(checker: &mut Checker, test: &Object) {
    let settings = checker.settings;
    if checker
        .required(test, "key", usize::MAX)
        .is_some_and(|key| !is_key(key))
    {
        let text = format!("must be at most {KEY} characters of a-z and 0-9");
        checker.wrong(test, "key", text);
    }
    checker.required(test, "name", TEXT);
    checker.required(test, "folder", TEXT);
    if let Some(word) = checker.required(test, "status", TEXT)
        && settings.unknown_status == UnknownStatus::Refuse
        && settings.status(word).is_none()
    {
        let text = format!("{word:?} is no alias of a status");
        checker.wrong(test, "status", text);
    }
    for name in ["elapsed", "line", "assertions"] {
        checker.whole(test, name);
    }
    checker.text(test, "file", TEXT);
    extras(checker, test, EXTRAS);
}

fn is_key(key: &str) -> bool {
    key.len() <= KEY
        && key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
