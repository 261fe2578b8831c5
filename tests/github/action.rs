//! `action.yml` as the runner reads it: its inputs, its one step, its outputs.

use std::collections::BTreeMap;
use std::path::Path;

use proctor_test_support::{read, root};
use serde_json::Value;

/// A YAML file of the source tree.
#[track_caller]
pub fn yaml(path: &Path) -> Value {
    serde_saphyr::from_str(&read(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The action.
pub struct Action(pub Value);

impl Action {
    pub fn read() -> Self {
        Self(yaml(&root().join("action.yml")))
    }

    /// The only step.
    pub fn step(&self) -> &Value {
        let steps = self.0["runs"]["steps"].as_array().expect("steps");
        assert_eq!(steps.len(), 1, "the runner of these tests runs one step");
        &steps[0]
    }

    /// What the step runs, which is the same for everybody.
    pub fn script(&self) -> &str {
        assert_eq!(self.step()["shell"], "bash");
        self.step()["run"].as_str().expect("a script")
    }

    /// The step's environment for what the user wrote below `with`.
    #[track_caller]
    pub fn environment(&self, with: &[(&str, &str)]) -> BTreeMap<String, String> {
        let known = self.0["inputs"].as_object().expect("inputs");
        for (name, _) in with {
            // The runner only warns of this, but a test means what it says.
            assert!(known.contains_key(*name), "there is no input {name}");
        }
        let value = |context: &str| match context.split_once('.') {
            Some(("inputs", name)) => match with.iter().find(|(given, _)| *given == name) {
                Some((_, value)) => (*value).to_owned(),
                None => self.default_of(name),
            },
            Some(("github", "token")) => TOKEN.to_owned(),
            _ => panic!("{context} is nothing that a step may know"),
        };
        let variables = self.step()["env"].as_object().expect("variables");
        variables
            .iter()
            .map(|(name, text)| (name.clone(), resolve(text.as_str().expect("text"), &value)))
            .collect()
    }

    fn default_of(&self, name: &str) -> String {
        let input = &self.0["inputs"][name];
        assert!(input.is_object(), "there is no input {name}");
        let default = input["default"].as_str().unwrap_or_default();
        resolve(default, &|context| match context {
            "github.token" => TOKEN.to_owned(),
            _ => panic!("{context} is nothing that a default may know"),
        })
    }

    /// The action's outputs for those of the step.
    pub fn outputs(&self, of_step: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let value = |context: &str| {
            let name = context
                .strip_prefix("steps.proctor.outputs.")
                .unwrap_or_else(|| panic!("{context} is nothing that an output may know"));
            assert_eq!(self.step()["id"], "proctor");
            of_step.get(name).cloned().unwrap_or_default()
        };
        let outputs = self.0["outputs"].as_object().expect("outputs");
        outputs
            .iter()
            .map(|(name, output)| {
                let text = output["value"].as_str().expect("a value");
                (name.clone(), resolve(text, &value))
            })
            .collect()
    }
}

/// The token that the runner gives to every job.
pub const TOKEN: &str = "ghs_of_the_job";

/// Replaces each `${{ context }}`; there are no operators and functions in what is read here.
pub fn resolve(text: &str, value: &dyn Fn(&str) -> String) -> String {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, expression)) = rest.split_once("${{") {
        let (expression, after) = expression.split_once("}}").expect("an end of it");
        resolved.push_str(before);
        resolved.push_str(&value(expression.trim()));
        rest = after;
    }
    resolved + rest
}

#[test]
fn every_input_reaches_the_script() {
    let action = Action::read();
    let inputs = action.0["inputs"].as_object().expect("inputs");
    let script = read(&root().join("action/proctor.sh"));
    let mut reached = Vec::new();
    for (name, text) in action.step()["env"].as_object().expect("variables") {
        let input = name
            .strip_prefix("PROCTOR_ACTION_")
            .expect("a name of ours")
            .to_lowercase()
            .replace('_', "-");
        assert_eq!(text, &format!("${{{{ inputs.{input} }}}}"));
        assert!(
            script.contains(&format!("${{{name}:-")),
            "{name} is not read"
        );
        reached.push(input);
    }
    let mut all: Vec<&String> = inputs.keys().collect();
    all.sort();
    reached.sort();
    assert_eq!(reached.iter().collect::<Vec<_>>(), all);
    for (name, input) in inputs {
        assert!(input["description"].is_string(), "{name} is not described");
        assert_eq!(input["required"], false, "the runner does not enforce it");
    }
}

#[test]
fn every_output_of_the_program_is_one_of_the_action() {
    let written = [
        "verdict",
        "exit-code",
        "passed",
        "failed",
        "errored",
        "skipped",
        "run-url",
        "flaky",
        "new",
        "quarantined",
        "comment-url",
    ];
    let paths = ["junit", "results", "html", "binary"];
    let outputs = Action::read().outputs(&BTreeMap::new());
    let mut expected: Vec<&str> = written.into_iter().chain(paths).collect();
    expected.sort_unstable();
    assert_eq!(outputs.keys().collect::<Vec<_>>(), expected);
    assert!(outputs.values().all(String::is_empty));
}
