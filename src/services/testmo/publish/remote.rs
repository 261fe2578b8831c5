//! The calls of publishing, and what to do when one is not answered. DOC: the service knows no idempotency, so before
//! anything is sent again it is asked what arrived.

use std::time::Duration;

use serde_json::Value;

use crate::api::{Client, Failure, Fault, Phase, json};
use crate::error::Problem;
use crate::services::Call;
use crate::services::testmo::{catalog, run_path};

/// How often something is sent of which it is known that it did not arrive. Ours.
pub const ATTEMPTS: u32 = 4;
/// How long processing may lag behind an answer. ASSUMED.
const LAG: Duration = Duration::from_secs(5);

/// A run as it is at the moment.
pub struct SeenRun {
    pub is_completed: bool,
    pub threads: Vec<SeenThread>,
}

/// A thread as it is at the moment.
pub struct SeenThread {
    pub id: String,
    pub is_completed: bool,
    /// How many tests it has.
    pub total: u64,
}

impl SeenRun {
    /// The thread of this id.
    pub fn thread(&self, id: &str) -> Option<&SeenThread> {
        self.threads.iter().find(|thread| thread.id == id)
    }
}

/// Why something was not made.
pub struct NotMade {
    pub problem: Problem,
    /// Whether it may have been made all the same.
    pub in_doubt: bool,
}

/// Whether a request may have been carried out.
pub fn is_unclear(fault: &Fault) -> bool {
    fault.is_ambiguous() || (fault.is_passing() && !fault.had_no_effect())
}

/// Looks at a run. DOC: all members.
pub fn look(client: &mut Client, run: &str) -> Result<SeenRun, Failure> {
    let path = run_path(run, "");
    let answer = client.get(&path)?;
    read_run(&answer.json["result"])
        .ok_or_else(|| malformed(format!("GET {path}"), "it does not describe a run"))
}

fn read_run(run: &Value) -> Option<SeenRun> {
    let mut threads = Vec::new();
    for thread in run.get("threads")?.as_array()? {
        threads.push(SeenThread {
            id: thread.get("id").and_then(json::scalar)?,
            is_completed: thread.get("is_completed")?.as_bool()?,
            total: thread.get("total_count")?.as_u64()?,
        });
    }
    Some(SeenRun {
        is_completed: run.get("is_completed")?.as_bool()?,
        threads,
    })
}

/// Creates a run. `in_doubt` if it may have been created before.
pub fn create_run(
    client: &mut Client,
    project: &str,
    body: &Value,
    in_doubt: bool,
) -> Result<String, NotMade> {
    let path = crate::services::testmo::project_path(project, "/automation/runs");
    let name = body["name"].as_str().unwrap_or_default();
    let mut find =
        |client: &mut Client| twice(client, &mut |client| find_run(client, project, name));
    if in_doubt {
        match find(client) {
            Ok(Some(run)) => return Ok(run),
            Ok(None) => {}
            Err(failure) => {
                return Err(NotMade {
                    problem: failure.problem(Phase::BeforeTrigger),
                    in_doubt,
                });
            }
        }
    }
    make(client, &Call::post(path, body), &mut find)
}

/// Creates a thread. That of an own run is looked for after an answer that was lost; in a run that others fill nobody
/// could tell whose it is, and an empty thread does little harm.
pub fn create_thread(
    client: &mut Client,
    run: &str,
    is_own: bool,
    body: &Value,
) -> Result<String, NotMade> {
    let call = Call::post(run_path(run, "/threads"), body);
    make(client, &call, &mut |client| {
        if is_own {
            return twice(client, &mut |client| find_thread(client, run));
        }
        client.warn(format!("an empty thread may be left in run {run}"));
        Ok(None)
    })
}

/// Sends what makes something until it is made. `find` tells what an attempt without an answer made.
fn make(
    client: &mut Client,
    call: &Call,
    find: &mut dyn FnMut(&mut Client) -> Result<Option<String>, Failure>,
) -> Result<String, NotMade> {
    let mut attempt = 1;
    loop {
        let failure = match client.send_at_most_once(call) {
            Ok(answer) => match json::text(&answer.json, client.service().assumed("created_id")) {
                Some(id) => return Ok(id),
                None => malformed(call.shown(), "it does not name what was created"),
            },
            Err(failure) if is_unclear(&failure.fault) => failure,
            Err(failure) => {
                return Err(NotMade {
                    problem: failure.problem(Phase::BeforeTrigger),
                    in_doubt: false,
                });
            }
        };
        tell(client, &failure);
        match find(client) {
            Ok(Some(id)) => return Ok(id),
            Ok(None) if attempt < ATTEMPTS => attempt += 1,
            Ok(None) => {
                return Err(NotMade {
                    problem: failure.problem(Phase::AfterTrigger),
                    in_doubt: false,
                });
            }
            Err(unseen) => {
                return Err(NotMade {
                    problem: blamed(&failure, &unseen),
                    in_doubt: true,
                });
            }
        }
    }
}

/// The run of this name that is open and holds nothing, as one that was just made does. DOC: the list and its order.
///
/// The newest runs are looked through, and not those since a moment, as the two clocks may differ.
pub fn find_run(client: &mut Client, project: &str, name: &str) -> Result<Option<String>, Failure> {
    let mut found = Vec::new();
    for run in catalog::newest_runs(client, project)? {
        let is_none = |count: &str| run.get(count).and_then(Value::as_u64) == Some(0);
        let is_new = run.get("name").and_then(Value::as_str) == Some(name)
            && run.get("is_completed").and_then(Value::as_bool) == Some(false)
            && is_none("total_count")
            && is_none("thread_count");
        if is_new {
            found.extend(run.get("id").and_then(json::scalar));
        }
    }
    if found.len() > 1 {
        let why = format!(
            "it has {} open runs named {name:?} without tests, so it cannot be told which is ours",
            found.len()
        );
        return Err(malformed(
            format!("the list of runs of project {project}"),
            &why,
        ));
    }
    Ok(found.pop())
}

/// A thread of an own run that is open and holds nothing. All that are like that were made by us.
fn find_thread(client: &mut Client, run: &str) -> Result<Option<String>, Failure> {
    let seen = look(client, run)?;
    let mut threads = seen.threads.into_iter();
    let empty = threads.find(|thread| !thread.is_completed && thread.total == 0);
    Ok(empty.map(|thread| thread.id))
}

/// Whether tests have arrived in a thread that had `before` of them, by its count, read twice if need be.
///
/// # Errors
/// If it cannot be told.
pub fn have_arrived(
    client: &mut Client,
    (run, thread): (&str, &str),
    before: u64,
    more: u64,
) -> Result<bool, Failure> {
    let first = total(client, run, thread)?;
    if first == before + more {
        return Ok(true);
    }
    lag(client)?;
    let second = total(client, run, thread)?;
    if second == before + more {
        return Ok(true);
    }
    if (first, second) == (before, before) {
        return Ok(false);
    }
    let why = format!(
        "the thread has {second} tests, and it should have {before} or {}",
        before + more
    );
    Err(malformed(format!("GET {}", run_path(run, "")), &why))
}

/// How many tests a thread has.
pub fn total(client: &mut Client, run: &str, thread: &str) -> Result<u64, Failure> {
    match look(client, run)?.thread(thread) {
        Some(seen) => Ok(seen.total),
        None => Err(malformed(
            format!("GET {}", run_path(run, "")),
            &format!("it has no thread {thread}"),
        )),
    }
}

/// Completes something of a run, which may be repeated. ASSUMED: what is complete already may refuse it.
pub fn complete(
    client: &mut Client,
    run: &str,
    call: &Call,
    is_done: &dyn Fn(&SeenRun) -> bool,
) -> Result<(), Failure> {
    let Err(failure) = client.send(call) else {
        return Ok(());
    };
    match failure.fault {
        Fault::Interrupted(_) | Fault::OutOfTime => Err(failure),
        _ => match look(client, run) {
            Ok(seen) if is_done(&seen) => Ok(()),
            Err(unseen) if matches!(unseen.fault, Fault::Interrupted(_)) => Err(unseen),
            _ => Err(failure),
        },
    }
}

fn twice(
    client: &mut Client,
    find: &mut dyn FnMut(&mut Client) -> Result<Option<String>, Failure>,
) -> Result<Option<String>, Failure> {
    if let Some(found) = find(client)? {
        return Ok(Some(found));
    }
    lag(client)?;
    find(client)
}

fn lag(client: &mut Client) -> Result<(), Failure> {
    client.wait(LAG).map_err(|fault| Failure {
        call: "waiting to look again".to_owned(),
        fault,
    })
}

/// Tells that an answer was lost.
pub fn tell(client: &mut Client, failure: &Failure) {
    client.warn(format!(
        "{}: {}; looking what arrived",
        failure.call,
        failure.fault.told()
    ));
}

/// The problem of a call without an answer where it could not be seen what it did.
pub fn blamed(failure: &Failure, unseen: &Failure) -> Problem {
    match unseen.fault {
        Fault::Interrupted(_) | Fault::OutOfTime => unseen.problem(Phase::AfterTrigger),
        _ => {
            let mut problem = failure.problem(Phase::AfterTrigger);
            let why = unseen.problem(Phase::AfterTrigger).message;
            problem
                .message
                .push_str(&format!("; it cannot be told what arrived: {why}"));
            problem
        }
    }
}

fn malformed(call: String, why: &str) -> Failure {
    Failure {
        call,
        fault: Fault::Malformed {
            why: why.to_owned(),
            request_id: None,
        },
    }
}
