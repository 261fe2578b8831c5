//! What is there from before the sandbox was started.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::scenario::{OldRun, OldState, Settings};
use super::store::{Extras, Plan, Run, Store, Test, Thread};

/// When the completed runs were made: 2025-01-01.
const LONG_AGO: Duration = Duration::from_secs(1_735_689_600);

/// How long each of their tests took.
const EACH: Duration = Duration::from_secs(1);

/// The user that made everything.
const USER: u64 = 1;

/// Ids of what is made later begin behind this one, or behind the largest that is there.
const BEFORE_NEW: u64 = 4_710;

/// The store as a scenario has it.
pub fn store(settings: &Settings) -> Store {
    let mut store = Store::default();
    let long_ago = UNIX_EPOCH + LONG_AGO;
    for old in &settings.sources {
        let id = store.source(old.project, &old.name, long_ago, USER);
        if let Some(source) = store.sources.iter_mut().find(|source| source.id == id) {
            source.retired = old.retired;
        }
    }
    for old in &settings.runs {
        let run = run(&mut store, settings, old);
        store.runs.push(run);
    }
    let largest = settings.runs.iter().map(|run| run.id).max();
    store.skip_ids(largest.unwrap_or_default().max(BEFORE_NEW));
    store
}

fn run(store: &mut Store, settings: &Settings, old: &OldRun) -> Run {
    let made = match old.state {
        OldState::Completed => UNIX_EPOCH + LONG_AGO,
        OldState::Finishing | OldState::Running => SystemTime::now(),
    };
    let mut tests = tests(store, settings, old, made);
    let first = match old.state {
        OldState::Finishing => tests.len() / 2,
        OldState::Completed | OldState::Running => tests.len(),
    };
    let rest = tests.split_off(first);
    let mut run = Run {
        id: old.id,
        project: old.project,
        source: store.source(old.project, &old.source, made, USER),
        name: old.name.clone(),
        config: None,
        milestone: None,
        tags: old.tags.clone(),
        extras: Extras::default(),
        threads: Vec::new(),
        created: made,
        created_by: USER,
        updated: made,
        completed: None,
        measured: false,
        plan: None,
    };
    if !tests.is_empty() {
        run.threads.push(thread(store, tests, made));
    }
    match old.state {
        OldState::Completed => run.complete(made + EACH * total(old), false),
        OldState::Running => {}
        OldState::Finishing => {
            for thread in &mut run.threads {
                thread.completed = Some(made);
            }
            run.threads.push(thread(store, Vec::new(), made));
            run.plan = Some(Plan {
                after: Duration::from_millis(settings.finish_ms),
                first_look: None,
                tests: rest,
            });
        }
    }
    run
}

fn total(old: &OldRun) -> u32 {
    u32::try_from(old.passed + old.failed + old.skipped).unwrap_or(u32::MAX)
}

fn thread(store: &mut Store, tests: Vec<Test>, made: SystemTime) -> Thread {
    let mut thread = Thread::new(store.next_id(), made);
    thread.computed = tests
        .iter()
        .filter_map(|test| test.sent.get("elapsed").and_then(Value::as_u64))
        .sum();
    thread.tests = tests;
    thread
}

fn tests(store: &mut Store, settings: &Settings, old: &OldRun, made: SystemTime) -> Vec<Test> {
    let of = |word: &'static str, count: usize| std::iter::repeat_n(word, count);
    of("passed", old.passed)
        .chain(of("failed", old.failed))
        .chain(of("skipped", old.skipped))
        .enumerate()
        .map(|(index, word)| test(store.next_id(), settings, old, index + 1, word, made))
        .collect()
}

fn test(
    id: u64,
    settings: &Settings,
    old: &OldRun,
    number: usize,
    word: &str,
    made: SystemTime,
) -> Test {
    let status = settings.status(word);
    let fields = if word == "failed" {
        json!([{"type": 4, "name": "Failure", "value": "expected 201, got 500", "is_highlight": true}])
    } else {
        json!([])
    };
    let sent = [
        ("key", json!(format!("run{}case{number}", old.id))),
        ("name", json!(format!("case {number}"))),
        ("folder", json!(old.source)),
        ("status", json!(word)),
        (
            "elapsed",
            json!(u64::try_from(EACH.as_micros()).unwrap_or(u64::MAX)),
        ),
        ("artifacts", json!([])),
        ("fields", fields),
    ];
    Test {
        id,
        sent: sent
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        status: status.map(|status| status.id),
        outcome: status.map_or(super::scenario::Outcome::Neutral, |status| status.outcome),
        created: made,
        arrived: None,
    }
}
