//! What there is: projects and their runs.

use serde_json::Value;

use super::{project_path, run_path};
use crate::api::{Client, Failure, Phase, json};
use crate::error::Problem;
use crate::model::{Item, Target};
use crate::services::by_number;

/// How many runs are listed: the newest ones.
const MOST_RUNS: usize = 100;
/// How many projects are listed at most.
const MOST_PROJECTS: usize = 2_000;

/// Checks the key, the project and the run by reading.
pub fn check(client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
    let before = |failure: Failure| failure.problem(Phase::BeforeTrigger);
    let user = client.get("/user").map_err(before)?;
    let mut facts = vec![match member(&user.json["result"], "name") {
        Some(name) => format!("the key is accepted and belongs to {name:?}"),
        None => "the key is accepted".to_owned(),
    }];
    if let Some(project) = target.integer("project_id") {
        let project = project.to_string();
        let answer = client.get(&project_path(&project, "")).map_err(before)?;
        facts.push(match member(&answer.json["result"], "name") {
            Some(name) => format!("project {project} is {name:?}"),
            None => format!("project {project} is there"),
        });
    }
    if let Some(run) = target.text("run") {
        let answer = client.get(&run_path(run, "")).map_err(before)?;
        let run = described(&answer.json["result"], run);
        facts.push(run);
    }
    if target.text("source").is_some() {
        facts.push("whether the key may add runs shows only when results are published".to_owned());
    }
    Ok(facts)
}

fn described(run: &Value, id: &str) -> String {
    let is_completed = run["is_completed"].as_bool() == Some(true);
    let state = if is_completed {
        "is complete"
    } else {
        "is open"
    };
    match member(run, "name") {
        Some(name) => format!("run {id}, {name:?}, {state}"),
        None => format!("run {id} {state}"),
    }
}

/// The projects, or the newest runs of the project that is given.
pub fn discover(client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
    let before = |failure: Failure| failure.problem(Phase::BeforeTrigger);
    let Some(project) = target.integer("project_id") else {
        let path = "/projects?per_page=100";
        let projects = by_number(client, path, "list", MOST_PROJECTS).map_err(before)?;
        return Ok(items("project", None, &projects));
    };
    let project = project.to_string();
    let runs = newest_runs(client, &project).map_err(before)?;
    Ok(items("run", Some(&project), &runs))
}

/// The newest runs of a project: one page.
pub fn newest_runs(client: &mut Client, project: &str) -> Result<Vec<Value>, Failure> {
    let newest = "/automation/runs?per_page=100&sort=automation_runs:created_at&order=desc";
    let mut runs = by_number(client, &project_path(project, newest), "list", MOST_RUNS)?;
    runs.truncate(MOST_RUNS);
    Ok(runs)
}

fn items(kind: &str, parent: Option<&str>, list: &[Value]) -> Vec<Item> {
    let mut items = Vec::with_capacity(list.len());
    for thing in list {
        let Some(id) = member(thing, "id") else {
            continue;
        };
        let note = match thing.get("is_completed").and_then(Value::as_bool) {
            Some(true) => Some("complete"),
            Some(false) => Some("open"),
            None => None,
        };
        items.push(Item {
            kind: kind.to_owned(),
            name: member(thing, "name").unwrap_or_else(|| id.clone()),
            id,
            parent: parent.map(str::to_owned),
            note: note.map(str::to_owned),
        });
    }
    items
}

/// A documented member as text.
fn member(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(json::scalar)
}
