//! The results file: its schema, and a reader that is not ours.

use proctor_test_support::{Proctor, consumers};
use serde_json::Value;

use super::{Wanted, piped};

/// Holds results against the schema that the program prints.
#[track_caller]
pub fn held_against_the_schema(document: &Value) {
    let schema = Proctor::new(&["schema", "results"]).end().expect(0).out;
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource("results.json", serde_json::from_str(&schema).expect("JSON"))
        .expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler
        .compile("results.json", &mut schemas)
        .expect("a schema");
    schemas
        .validate(document, index)
        .unwrap_or_else(|error| panic!("{error:#}"));
}

pub fn judge(report: &str, wanted: &Wanted) {
    let document: Value = serde_json::from_str(report).expect("JSON");
    held_against_the_schema(&document);
    let targets = document["targets"].as_array().expect("targets");
    let tests: usize = targets
        .iter()
        .map(|target| target["tests"].as_array().expect("tests").len())
        .sum();
    assert_eq!(tests, wanted.tests);
    assert_eq!(document["exit_code"], wanted.exit_code);
    if let Some(mut python) = consumers::python("python") {
        let script = "import json, sys; print(json.dumps(json.load(sys.stdin)))";
        let read = piped(python.args(["-c", script]), report);
        let read: Value = serde_json::from_str(&read).expect("JSON");
        assert_eq!(read, document, "another reader reads the same");
    }
}
