use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ReadError, read, render};
use crate::report::sample::{any_results, hostile, usual};

const DESCRIPTION: &str = include_str!("../../../docs/results.schema.json");

static SCHEMA: LazyLock<(Schemas, SchemaIndex)> = LazyLock::new(|| {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let address = "mem:///results.schema.json";
    compiler
        .add_resource(address, serde_json::from_str(DESCRIPTION).unwrap())
        .unwrap();
    let index = compiler.compile(address, &mut schemas).unwrap();
    (schemas, index)
});

fn described(results: &Value) -> bool {
    let (schemas, index) = &*SCHEMA;
    schemas.validate(results, *index).is_ok()
}

fn rendered() -> Value {
    serde_json::from_str(&render(&usual())).unwrap()
}

#[test]
fn the_schema_describes_what_is_written() {
    assert!(described(&rendered()));
    assert!(described(
        &serde_json::from_str(&render(&hostile())).unwrap()
    ));
}

#[test]
fn the_schema_refuses_what_reading_refuses() {
    let edits: [fn(&mut Value); 12] = [
        |value| value["schema"] = json!(2),
        |value| value["verdict"] = json!("green"),
        |value| value["exit_code"] = json!("1"),
        |value| value["exit_codes"] = json!(1),
        |value| value["started_at"] = json!("yesterday"),
        |value| value["duration_ms"] = json!(-1),
        |value| drop(value.as_object_mut().unwrap().remove("targets")),
        |value| value["targets"][0]["tests"][0]["attempts"] = json!(0),
        |value| value["targets"][0]["tests"][0]["verdict"] = json!("timed_out"),
        |value| value["targets"][1]["error"]["code"] = json!("oops"),
        |value| value["targets"][1]["run"] = json!({ "url": null }),
        |value| {
            drop(
                value["targets"][0]["counts"]
                    .as_object_mut()
                    .unwrap()
                    .remove("total"),
            )
        },
    ];
    for (number, edit) in edits.iter().enumerate() {
        let mut value = rendered();
        edit(&mut value);
        assert!(!described(&value), "edit {number} fits the schema");
        assert!(read(&value.to_string()).is_err(), "edit {number} is read");
    }
}

#[test]
fn unknown_fields_are_passed_over() {
    let mut value = rendered();
    value["new"] = json!({ "deep": [1] });
    value["targets"][0]["tests"][0]["new"] = json!("x");
    assert!(described(&value));
    assert_eq!(read(&value.to_string()), Ok(usual()));
}

#[test]
fn it_begins_with_its_version() {
    let text = render(&usual());
    let fields: Vec<&str> = text.lines().skip(1).take(3).collect();
    assert_eq!(
        fields,
        [
            "  \"schema\": 1,",
            "  \"verdict\": \"errored\",",
            "  \"exit_code\": 5,"
        ]
    );
}

#[test]
fn errors_say_where_the_text_is_wrong() {
    let wrong = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(
        wrong(""),
        "the results are wrong at 1:1: EOF while parsing a value"
    );
    assert_eq!(wrong("{\"schema\": 1,\n  \"verdict\": \"green\"}"), {
        "the results are wrong at 2:20: unknown variant `green`, expected one of `passed`, `failed`, `errored`, \
         `cancelled`, `timed-out`, `skipped`, `unknown`"
    });
    assert_eq!(
        wrong("{}"),
        "the results are wrong at 1:2: missing field `schema`"
    );
    assert_eq!(read("{\"schema\": 2}"), Err(ReadError::Schema { found: 2 }));
    let text = render(&usual());
    assert!(
        wrong(&text.replacen("2026-01-02", "2026-13-02", 1))
            .contains("`2026-13-02T03:04:05.678Z` is not a time")
    );
    assert!(wrong(&text[..text.len() / 2]).contains("EOF"));
    assert!(
        !wrong("{\"schema\": 1, \"verdict\": \"\\u001b[2J\\n::error::\"}")
            .contains(['\u{1b}', '\n'])
    );
}

#[test]
fn contradictions_are_refused() {
    let mut value = rendered();
    value["targets"][1]["counts"]["passed"] = json!(7);
    let error = read(&value.to_string()).unwrap_err().to_string();
    assert_eq!(
        error,
        "the results are wrong at targets[1].counts: they are not those of the tests"
    );
    let mut value = rendered();
    value["exit_codes"] = json!([0]);
    let error = read(&value.to_string()).unwrap_err().to_string();
    assert_eq!(
        error,
        "the results are wrong at exit_codes: 1 codes for 4 targets"
    );
}

#[test]
fn a_handle_is_never_written() {
    let mut results = usual();
    results.targets[0].handle = Some(crate::model::Handle {
        triggers: vec![crate::model::Trigger {
            subject: "secret-subject".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    });
    assert!(!render(&results).contains("secret-subject"));
    assert_eq!(read(&render(&results)), Ok(usual()));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(results in any_results()) {
        let text = render(&results);
        prop_assert!(described(&serde_json::from_str(&text).unwrap()));
        prop_assert_eq!(read(&text), Ok(results));
    }

    #[test]
    fn nothing_makes_reading_panic(text in any::<String>(), at in 0usize..3000) {
        let whole = render(&usual());
        let cut = whole.char_indices().nth(at).map(|(at, _)| at).expect("the file is longer");
        let spoilt = whole[..cut].to_owned() + &text;
        prop_assert!(read(&text).is_err() && read(&spoilt).is_err());
    }
}

#[test]
fn a_file_that_calls_itself_passed_without_proof_is_refused() {
    let edits: [fn(&mut Value); 3] = [
        |_| {},
        |value| value["targets"] = json!([]),
        |value| {
            // The first target has passed.
            let first = value["targets"][0].clone();
            value["targets"] = json!([first]);
            value["exit_codes"] = json!([1]);
        },
    ];
    for (number, edit) in edits.iter().enumerate() {
        let mut value = rendered();
        value["verdict"] = json!("passed");
        value["exit_code"] = json!(0);
        let targets = value["targets"].as_array().unwrap().len();
        value["exit_codes"] = json!(vec![0; targets]);
        edit(&mut value);
        if number == 1 {
            value["exit_codes"] = json!([]);
        }
        let error = read(&value.to_string()).unwrap_err().to_string();
        assert!(error.contains("wrong at verdict"), "{number}: {error}");
    }
}
