//! The examples of the component's README: GitLab would take them, with inputs that exist.

use proctor_test_support::{read, root};
use serde_json::{Map, Value, json};

use crate::schema::hold_against_schema;
use crate::template::{Template, documents};

/// The fenced YAML of a Markdown text.
fn examples(markdown: &str) -> Vec<Value> {
    let parts = markdown.split("```yaml\n").skip(1);
    let yaml = parts.map(|part| part.split("```").next().expect("it is closed"));
    yaml.flat_map(documents).collect()
}

#[test]
fn each_example_is_right() {
    let template = Template::read();
    let examples = examples(&read(&root().join("templates/run/README.md")));
    assert!(examples.len() >= 5, "{}", examples.len());
    for example in examples {
        hold_against_schema(&example);
        let included = example["include"].as_array().expect("a list");
        for item in included {
            names_this_version(item);
            let inputs = item.get("inputs").cloned().unwrap_or_else(|| json!({}));
            let rendered = template
                .render(&inputs)
                .unwrap_or_else(|error| panic!("{error}"));
            hold_against_schema(&merged(rendered, &example));
        }
    }
}

/// A release has the tag `vVERSION`.
#[track_caller]
fn names_this_version(item: &Value) {
    let version = env!("CARGO_PKG_VERSION");
    let (kind, end) = match item.get("component") {
        Some(component) => (component, format!("/proctor-ci/proctor/run@v{version}")),
        None => (
            &item["remote"],
            format!("/proctor-ci/proctor/v{version}/templates/run/template.yml"),
        ),
    };
    assert!(
        kind.as_str().is_some_and(|text| text.ends_with(&end)),
        "{item}"
    );
}

/// What GitLab makes of a component and the file that includes it, as far as the examples need it.
fn merged(mut component: Value, file: &Value) -> Value {
    for (name, own) in file.as_object().expect("a table") {
        if name == "include" {
            continue;
        }
        let job = component
            .as_object_mut()
            .expect("a table")
            .entry(name)
            .or_insert_with(|| json!({}));
        let own: Map<String, Value> = own.as_object().expect("a job").clone();
        job.as_object_mut().expect("a job").extend(own);
    }
    component
}
