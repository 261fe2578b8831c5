//! What is stored, as it is read back. Source: the API's reference of automation runs and automation sources.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::counts::Counts;
use super::scenario::{Outcome, Project, Settings, TestEntries};
use super::store::{Run, Source, Store, Test, Thread};

fn moment(time: SystemTime) -> Value {
    json!(humantime::format_rfc3339_millis(time).to_string())
}

fn moment_or_null(time: Option<SystemTime>) -> Value {
    time.map_or(Value::Null, moment)
}

fn with_counts(mut value: Value, counts: &Counts) -> Value {
    if let Value::Object(members) = &mut value {
        counts.tell(members);
    }
    value
}

/// A project: only `id` and `name` are documented.
pub fn project(project: &Project) -> Value {
    json!({"id": project.id, "name": project.name})
}

/// A source. ASSUMED: its status is that of its last completed run, 1 if there is none.
pub fn source(settings: &Settings, store: &Store, source: &Source) -> Value {
    let runs: Vec<&Run> = store
        .runs
        .iter()
        .filter(|run| run.source == source.id)
        .collect();
    let last = runs.iter().max_by_key(|run| (run.created, run.id));
    let ended = runs
        .iter()
        .filter(|run| run.completed.is_some())
        .max_by_key(|run| (run.created, run.id));
    let count = runs.len() as u64;
    let tests: u64 = runs
        .iter()
        .flat_map(|run| &run.threads)
        .map(|thread| thread.seen(settings).count() as u64)
        .sum();
    let elapsed: u64 = runs.iter().map(|run| run.elapsed()).sum();
    let average = |sum: u64| sum.checked_div(count).unwrap_or(0);
    json!({
        "id": source.id,
        "project_id": source.project,
        "name": source.name,
        "status": ended.map_or(1, |run| run_counts(settings, run).status(true, settings)),
        "is_retired": source.retired,
        "run_count": count,
        "test_count_average": average(tests),
        "elapsed_average": average(elapsed),
        "ran_at": moment_or_null(last.map(|run| run.created)),
        "created_at": moment(source.created),
        "created_by": source.created_by,
        "updated_at": moment(source.created),
        "updated_by": source.created_by,
        "retired_at": moment_or_null(source.retired.then_some(source.created)),
        "retired_by": source.retired.then_some(source.created_by),
    })
}

/// The numbers of a run.
pub fn run_counts(settings: &Settings, run: &Run) -> Counts {
    Counts::of(run.threads.iter().flat_map(|thread| thread.seen(settings)))
}

/// A run.
pub fn run(settings: &Settings, run: &Run) -> Value {
    let counts = run_counts(settings, run);
    let is_completed = run.completed.is_some();
    let active = run
        .threads
        .iter()
        .filter(|thread| thread.completed.is_none())
        .count();
    let threads: Vec<Value> = run
        .threads
        .iter()
        .enumerate()
        .map(|(index, it)| thread(settings, index + 1, it))
        .collect();
    let value = json!({
        "id": run.id,
        "project_id": run.project,
        "source_id": run.source,
        "name": run.name,
        "status": counts.status(is_completed, settings),
        "config_id": run.config,
        "milestone_id": run.milestone,
        "elapsed": run.elapsed(),
        "is_completed": is_completed,
        "artifacts": run.extras.artifacts,
        "fields": run.extras.fields,
        "links": run.extras.links,
        "tags": run.tags,
        "threads": threads,
        "thread_count": run.threads.len(),
        "thread_active_count": active,
        "thread_completed_count": run.threads.len() - active,
        "created_at": moment(run.created),
        "created_by": run.created_by,
        "updated_at": moment(run.updated),
        "updated_by": run.created_by,
        "completed_at": moment_or_null(run.completed),
        "completed_by": is_completed.then_some(run.created_by),
    });
    with_counts(value, &counts)
}

fn thread(settings: &Settings, index: usize, thread: &Thread) -> Value {
    let counts = Counts::of(thread.seen(settings));
    let is_completed = thread.completed.is_some();
    let value = json!({
        "id": thread.id,
        "index": index,
        "name": format!("Thread {index}"),
        "status": counts.status(is_completed, settings),
        "elapsed": thread.elapsed(),
        "is_completed": is_completed,
        "artifacts": thread.extras.artifacts,
        "fields": thread.extras.fields,
        "created_at": moment(thread.created),
        "completed_at": moment_or_null(thread.completed),
    });
    with_counts(value, &counts)
}

/// The number by which run tests are filtered.
pub const fn number(outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Neutral => 1,
        Outcome::Success => 2,
        Outcome::Failure => 3,
    }
}

/// A test. Only `repository_case_id` is documented. ASSUMED: the other members have the names under which they were sent.
pub fn test(settings: &Settings, thread: &Thread, test: &Test) -> Value {
    let mut members = Map::new();
    if settings.test_entries != TestEntries::Bare {
        members.clone_from(&test.sent);
        members.insert("thread_id".to_owned(), json!(thread.id));
        members.insert("created_at".to_owned(), moment(test.created));
    }
    if settings.test_entries == TestEntries::Numbers {
        members.remove("status");
        members.insert("status_id".to_owned(), json!(number(test.outcome)));
    }
    members.insert("id".to_owned(), json!(test.id));
    members.insert("repository_case_id".to_owned(), Value::Null);
    members.into()
}
