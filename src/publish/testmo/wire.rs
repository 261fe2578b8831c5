//! One test in the form of the service.

use serde_json::{Map, Value};

use super::Words;
use super::artifact::{artifact, path};
use super::field::{Field, Gathered, Kind};
use super::keys::Keys;
use super::limits::{MOST_ARTIFACTS, MOST_FIELDS, string};
use super::steps;
use crate::publish::junit::{Case, Note, Outcome};

/// The folder of a test without one. The key is made without it.
const NO_FOLDER: &str = "Unnamed folder";

/// The member of `tests` for a case. The case must have a name.
pub(super) fn test(case: Case, words: &Words, keys: &mut Keys) -> Value {
    let folder = case.class.as_deref();
    let mut test = Map::new();
    let mut put = |name: &str, value: Value| test.insert(name.to_owned(), value);
    put("key", keys.key(folder, &case.name).into());
    put("name", string(&case.name).into());
    put("folder", string(folder.unwrap_or(NO_FOLDER)).into());
    put("status", string(words.of(case.outcome)).into());
    if let Some(elapsed) = case.elapsed_us {
        put("elapsed", elapsed.into());
    }
    if let Some(file) = &case.file {
        put("file", string(file).into());
    }
    if let Some(line) = case.line {
        put("line", line.into());
    }
    if let Some(assertions) = case.assertions {
        put("assertions", assertions.into());
    }
    let (artifacts, fields) = extras(&case.notes, Gathered::from(case.resources));
    put("artifacts", Value::Array(artifacts));
    put("fields", Value::Array(fields));
    Value::Object(test)
}

/// The artifacts and fields of a test, in the order of the vendor's client: paths, reasons, values, steps.
fn extras(notes: &[Note], gathered: Gathered) -> (Vec<Value>, Vec<Value>) {
    let mut artifacts = Vec::new();
    let mut fields = Vec::new();
    for (name, value) in gathered.attachments.into_iter().take(MOST_ARTIFACTS) {
        match artifact(&name, &value) {
            Some(artifact) => artifacts.push(artifact),
            None => fields.push(path(name, value).wire()),
        }
    }
    let mut reasons = Vec::new();
    for outcome in [Outcome::Skipped, Outcome::Failure, Outcome::Error] {
        for note in notes {
            if note.outcome == outcome {
                reasons.extend(reason(note));
            }
        }
    }
    for field in reasons.iter().chain(&gathered.fields).take(MOST_FIELDS) {
        fields.push(field.wire());
    }
    if let Some(field) = steps::field(&gathered.steps) {
        fields.push(field.wire());
    }
    (artifacts, fields)
}

/// Why a test did not pass, if anything is said: the text, or else the message, or else the type.
fn reason(note: &Note) -> Option<Field> {
    let name = match note.outcome {
        Outcome::Skipped => "Skipped",
        Outcome::Failure => "Failure",
        Outcome::Error => "Error",
        Outcome::Passed => return None,
    };
    let mut value = note.text.clone();
    let mut meta = Vec::new();
    for (name, said) in [("message", &note.message), ("type", &note.kind)] {
        match (said, &value) {
            (None, _) => {}
            (Some(_), None) => value.clone_from(said),
            (Some(said), Some(_)) => meta.push((name, said.clone())),
        }
    }
    Some(Field {
        meta,
        highlight: Some(true),
        ..Field::new(Kind::Console, name.to_owned(), value?)
    })
}
