//! The calls that store something. Source: the API's reference of automation runs.

use std::time::{Instant, SystemTime};

use serde_json::{Map, Value, json};

use super::answers::{self, Wrongs};
use super::reads::Found;
use super::scenario::{DuplicateKeys, Outcome, Settings};
use super::store::{Extras, Run, Store, Test, Thread};
use super::{Caller, Testmo, check, expands};
use crate::call::{Call, Reply};

fn created(settings: &Settings, id: u64) -> Reply {
    Reply::json(settings.created_status, &json!({"id": id}))
}

fn done(settings: &Settings) -> Reply {
    empty(settings.done_status)
}

fn empty(status: u16) -> Reply {
    let mut reply = Reply::text(status, "application/json", "");
    reply.headers.clear();
    reply
}

fn text(body: &Map<String, Value>, name: &str) -> String {
    let text = body.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn whole(body: &Map<String, Value>, name: &str) -> Option<u64> {
    body.get(name).and_then(Value::as_u64)
}

/// Creates a run.
pub fn new_run(
    testmo: &Testmo,
    store: &mut Store,
    caller: &Caller,
    project: u64,
    call: &Call,
) -> Found {
    let settings = &testmo.settings;
    let body = check::body(call)?;
    check::new_run(settings, &body)?;
    let config = chosen(&expands::configs(settings), project, &body, "config");
    let milestone = chosen(&expands::milestones(settings), project, &body, "milestone");
    let (config, milestone) = both(config, milestone)?;
    let now = SystemTime::now();
    let tags = body.get("tags").and_then(Value::as_array);
    let run = Run {
        id: store.next_id(),
        project,
        source: store.source(project, &text(&body, "source"), now, caller.user),
        name: text(&body, "name"),
        config,
        milestone,
        tags: tags
            .into_iter()
            .flatten()
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect(),
        extras: Extras::of(&body),
        threads: Vec::new(),
        created: now,
        created_by: caller.user,
        updated: now,
        completed: None,
        measured: false,
        plan: None,
    };
    let id = run.id;
    store.runs.push(run);
    Ok(created(settings, id))
}

/// The configuration or milestone that a body names: the id goes before the name.
fn chosen(
    all: &[(u64, &str)],
    project: u64,
    body: &Map<String, Value>,
    name: &str,
) -> Result<Option<u64>, (String, String)> {
    let by_id = format!("{name}_id");
    let mut own = (1..).zip(all).filter(|(_, (owner, _))| *owner == project);
    let (field, found) = match (whole(body, &by_id), body.get(name).and_then(Value::as_str)) {
        (Some(wanted), _) => (by_id, own.find(|(id, _)| *id == wanted)),
        (None, Some(wanted)) => (name.to_owned(), own.find(|(_, (_, known))| *known == wanted)),
        (None, None) => return Ok(None),
    };
    match found {
        Some((id, _)) => Ok(Some(id)),
        None => Err((field, format!("is no {name} of the project"))),
    }
}

/// Both of them, or what is wrong with either.
fn both<T>(
    first: Result<T, (String, String)>,
    second: Result<T, (String, String)>,
) -> Result<(T, T), Wrongs> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (first, second) => {
            let mut wrongs = Wrongs::default();
            for (field, text) in [first.err(), second.err()].into_iter().flatten() {
                wrongs.add(field, text);
            }
            Err(wrongs)
        }
    }
}

/// ASSUMED: what is completed takes nothing more, with 422.
fn still_open(what: &str, completed: Option<SystemTime>) -> Result<(), Wrongs> {
    match completed {
        None => Ok(()),
        Some(_) => Err(Wrongs::one(what, "is completed")),
    }
}

/// Creates a thread in a run.
pub fn new_thread(testmo: &Testmo, store: &mut Store, run: u64, call: &Call) -> Found {
    let settings = &testmo.settings;
    let body = check::body(call)?;
    check::new_thread(settings, &body)?;
    let id = store.next_id();
    let run = match store.run_mut(run) {
        Some(run) => run,
        None => return Ok(answers::missing("run")),
    };
    still_open("run", run.completed)?;
    let mut thread = Thread::new(id, SystemTime::now());
    thread.observed = whole(&body, "elapsed_observed").unwrap_or_default();
    thread.computed = whole(&body, "elapsed_computed").unwrap_or_default();
    thread.extras = Extras::of(&body);
    run.threads.push(thread);
    run.updated = SystemTime::now();
    Ok(created(settings, id))
}

/// Appends tests to a thread: all of them or, if one is wrong, none.
pub fn thread_append(testmo: &Testmo, store: &mut Store, thread: u64, call: &Call) -> Found {
    let settings = &testmo.settings;
    let body = check::body(call)?;
    let sent = body.get("tests").and_then(Value::as_array);
    let sent: &[Value] = sent.map_or(&[], Vec::as_slice);
    if settings.max_tests > 0 && sent.len() > settings.max_tests {
        let message = format!("more than {} tests", settings.max_tests);
        return Ok(answers::error(413, &message));
    }
    check::thread_append(settings, &body)?;
    let now = SystemTime::now();
    let tests: Vec<Test> = sent
        .iter()
        .filter_map(Value::as_object)
        .map(|sent| test(settings, store.next_id(), sent, now))
        .collect();
    let Some(open) = thread_of(store, thread) else {
        return Ok(answers::missing("thread"));
    };
    let thread = open.thread;
    still_open("run", open.run_completed)?;
    still_open("thread", thread.completed)?;
    if settings.duplicate_keys == DuplicateKeys::Refuse {
        no_duplicates(thread, &tests)?;
    }
    *open.run_updated = now;
    thread.extras.add(Extras::of(&body));
    let add = |sum: &mut u64, name: &str| {
        *sum = sum.saturating_add(whole(&body, name).unwrap_or_default());
    };
    add(&mut thread.observed, "elapsed_observed");
    add(&mut thread.computed, "elapsed_computed");
    for test in tests {
        thread.append(test, settings.duplicate_keys);
    }
    Ok(done(settings))
}

/// A thread, when its run was completed, and when it was updated.
struct Open<'s> {
    thread: &'s mut Thread,
    run_completed: Option<SystemTime>,
    run_updated: &'s mut SystemTime,
}

fn thread_of(store: &mut Store, id: u64) -> Option<Open<'_>> {
    let run = store.run_of_thread(id)?.id;
    let run = store.run_mut(run)?;
    Some(Open {
        run_completed: run.completed,
        run_updated: &mut run.updated,
        thread: run.threads.iter_mut().find(|thread| thread.id == id)?,
    })
}

fn no_duplicates(thread: &Thread, tests: &[Test]) -> Result<(), Wrongs> {
    let mut wrongs = Wrongs::default();
    for (index, test) in tests.iter().enumerate() {
        let before = tests[..index].iter().any(|other| other.key() == test.key());
        if before || thread.has_key(test.key()) {
            wrongs.add(format!("tests.{index}.key"), "is in the thread already");
        }
    }
    wrongs.or_fine()
}

fn test(settings: &Settings, id: u64, sent: &Map<String, Value>, now: SystemTime) -> Test {
    let status = settings.status(&text(sent, "status"));
    Test {
        id,
        sent: sent.clone(),
        status: status.map(|status| status.id),
        outcome: status.map_or(Outcome::Neutral, |status| status.outcome),
        created: now,
        arrived: Some(Instant::now()),
    }
}

/// Completes a thread. Source for its times being the overall ones here, and not added: the vendor's package for the API.
pub fn thread_complete(testmo: &Testmo, store: &mut Store, thread: u64, call: &Call) -> Found {
    let settings = &testmo.settings;
    let body = check::body(call)?;
    check::thread_complete(settings, &body)?;
    let Some(open) = thread_of(store, thread) else {
        return Ok(answers::missing("thread"));
    };
    let thread = open.thread;
    if thread.completed.is_some() {
        return again(settings, "thread");
    }
    let now = SystemTime::now();
    *open.run_updated = now;
    if let Some(observed) = whole(&body, "elapsed_observed") {
        thread.observed = observed;
    }
    if let Some(computed) = whole(&body, "elapsed_computed") {
        thread.computed = computed;
    }
    thread.completed = Some(now);
    Ok(done(settings))
}

/// Answers a second completion.
fn again(settings: &Settings, what: &str) -> Found {
    match settings.complete_again_status {
        422 => Err(Wrongs::one(what, "is completed")),
        status @ 200..300 => Ok(empty(status)),
        status => Ok(answers::error(status, &format!("the {what} is completed"))),
    }
}

/// Appends artifacts, fields and links to a run.
pub fn run_append(testmo: &Testmo, store: &mut Store, run: u64, call: &Call) -> Found {
    let body = check::body(call)?;
    check::run_append(&testmo.settings, &body)?;
    let Some(run) = store.run_mut(run) else {
        return Ok(answers::missing("run"));
    };
    still_open("run", run.completed)?;
    run.extras.add(Extras::of(&body));
    run.updated = SystemTime::now();
    Ok(done(&testmo.settings))
}

/// Completes a run. ASSUMED: its time is not measured unless told.
pub fn run_complete(testmo: &Testmo, store: &mut Store, run: u64, call: &Call) -> Found {
    let settings = &testmo.settings;
    let body = check::body(call)?;
    check::run_complete(settings, &body)?;
    let Some(run) = store.run_mut(run) else {
        return Ok(answers::missing("run"));
    };
    if run.completed.is_some() {
        return again(settings, "run");
    }
    let measured = body.get("measure_elapsed").and_then(Value::as_bool);
    run.complete(SystemTime::now(), measured.unwrap_or(false));
    Ok(done(settings))
}
