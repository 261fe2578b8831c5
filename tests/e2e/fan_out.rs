//! Targets shared out to several jobs, and what those jobs amount to.

mod gitlab;
mod matrix;
mod merged;

use std::path::Path;

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Outcome, Proctor};
use serde_json::Value;

/// A target at the sandbox's Keploy.
fn target(sandbox: &Sandbox, name: &str, app: &str, more: &str) -> String {
    let name = toml_string(name);
    let (api, system) = (sandbox.service_url("keploy"), sandbox.system_url());
    format!(
        "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"{app}\"\nbase_url = \"{system}\"\n{more}\n"
    )
}

fn toml_string(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// A workspace as the jobs of a pipeline share it.
struct Workspace(tempfile::TempDir);

impl Workspace {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("proctor.toml"), config).expect("it can be written to");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn read(&self, name: &str) -> String {
        proctor_test_support::read(&self.path().join(name))
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("it can be written to");
    }

    fn results(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("results are JSON")
    }

    /// Without a key: only what runs needs one.
    fn proctor(&self, arguments: &[&str]) -> Proctor {
        Proctor::new(arguments).within(self.path())
    }

    /// The matrix for GitHub with these arguments more.
    fn matrix(&self, arguments: &[&str]) -> Vec<Value> {
        let outcome = self
            .proctor(&["matrix", "--for", "github"])
            .arguments(arguments)
            .end()
            .expect(0);
        entries(&outcome.out)
    }

    /// Does what the job of an entry does, and leaves `results-SHARD.json`.
    fn run(&self, entry: &Value) -> Outcome {
        let report = format!("json=results-{}.json", text(entry, "shard"));
        let targets: Vec<&str> = text(entry, "targets").lines().collect();
        self.proctor(&["run", "--report", &report, "--"])
            .arguments(&targets)
            .variable("PROCTOR_TIMEOUT", "30s")
            .key(KEY)
            .end()
    }

    fn render(&self, arguments: &[&str]) -> Outcome {
        self.proctor(&["render"]).arguments(arguments).end()
    }
}

fn entries(matrix: &str) -> Vec<Value> {
    let matrix: Value = serde_json::from_str(matrix).expect("JSON");
    let members = matrix.as_object().expect("an object");
    assert_eq!(members.keys().collect::<Vec<_>>(), ["include"]);
    matrix["include"].as_array().expect("a list").clone()
}

fn text<'a>(entry: &'a Value, member: &str) -> &'a str {
    entry[member].as_str().expect("GitHub gets text")
}

/// The targets of each entry.
fn shared_out(entries: &[Value]) -> Vec<Vec<&str>> {
    let targets = entries.iter().map(|entry| text(entry, "targets"));
    targets.map(|lines| lines.lines().collect()).collect()
}

fn names(results: &Value) -> Vec<&str> {
    let targets = results["targets"].as_array().expect("a list");
    let names = targets.iter().map(|target| target["name"].as_str());
    names.map(|name| name.expect("text")).collect()
}
