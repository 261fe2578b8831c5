//! What an answer adds about the things that its objects refer to. Source: the API's page on pagination and expands.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Testmo;
use super::scenario::{ExpandedStatuses, Outcome, Settings, Status};
use super::shapes;
use super::store::{Run, Store};

/// The kinds that runs have.
pub const OF_RUNS: [&str; 5] = [
    "automation_sources",
    "configs",
    "milestones",
    "statuses",
    "users",
];

/// The kinds that sources have.
pub const OF_SOURCES: [&str; 1] = ["users"];

/// Those of runs.
pub fn of_runs(testmo: &Testmo, store: &Store, kinds: &[&str], runs: &[&Run]) -> Value {
    let settings = &testmo.settings;
    let mut expands = Map::new();
    for kind in kinds {
        let list: Vec<Value> = match *kind {
            "automation_sources" => store
                .sources
                .iter()
                .filter(|source| runs.iter().any(|run| run.source == source.id))
                .map(|source| shapes::source(settings, store, source))
                .collect(),
            "configs" => named(&configs(settings), runs.iter().filter_map(|run| run.config)),
            "milestones" => named(
                &milestones(settings),
                runs.iter().filter_map(|run| run.milestone),
            ),
            "statuses" => statuses(settings, runs),
            _ => users(testmo, runs.iter().map(|run| run.created_by)),
        };
        expands.insert((*kind).to_owned(), list.into());
    }
    expands.into()
}

/// Those of sources: the users that made them.
pub fn of_sources(testmo: &Testmo, kinds: &[&str], makers: impl Iterator<Item = u64>) -> Value {
    if kinds.is_empty() {
        json!({})
    } else {
        json!({"users": users(testmo, makers)})
    }
}

fn users(testmo: &Testmo, ids: impl Iterator<Item = u64>) -> Vec<Value> {
    let ids: BTreeSet<u64> = ids.collect();
    ids.into_iter().map(|id| testmo.user(id)).collect()
}

/// The configurations of all projects, with the project of each; their ids are their places from 1.
pub fn configs(settings: &Settings) -> Vec<(u64, &str)> {
    settings
        .projects
        .iter()
        .flat_map(|project| project.configs.iter().map(|name| (project.id, name.as_str())))
        .collect()
}

/// The milestones, as the configurations.
pub fn milestones(settings: &Settings) -> Vec<(u64, &str)> {
    settings
        .projects
        .iter()
        .flat_map(|project| {
            let names = project.milestones.iter();
            names.map(|name| (project.id, name.as_str()))
        })
        .collect()
}

fn named(all: &[(u64, &str)], ids: impl Iterator<Item = u64>) -> Vec<Value> {
    let wanted: BTreeSet<u64> = ids.collect();
    (1..)
        .zip(all)
        .filter(|(id, _)| wanted.contains(id))
        .map(|(id, (project, name))| json!({"id": id, "project_id": project, "name": name}))
        .collect()
}

fn statuses(settings: &Settings, runs: &[&Run]) -> Vec<Value> {
    let threads = runs.iter().flat_map(|run| &run.threads);
    let referred: BTreeSet<u8> = threads
        .flat_map(|thread| thread.seen(settings))
        .filter_map(|test| test.status)
        .collect();
    let all = settings.expanded_statuses == ExpandedStatuses::All;
    settings
        .statuses
        .iter()
        .filter(|status| all || referred.contains(&status.id))
        .map(status)
        .collect()
}

fn status(status: &Status) -> Value {
    json!({
        "id": status.id,
        "name": status.name,
        "system_name": status.name.to_lowercase(),
        "color": "#808080",
        "is_final": true,
        "is_untested": false,
        "is_passed": status.outcome == Outcome::Success,
        "is_failed": status.outcome == Outcome::Failure,
        "aliases": status.aliases,
    })
}
