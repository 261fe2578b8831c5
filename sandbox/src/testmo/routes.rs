//! Which call does what.

use super::answers;
use super::reads::{self, Found};
use super::scenario::Role;
use super::store::Store;
use super::{Caller, Testmo, submit};
use crate::call::{Call, Reply};

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    User,
    Projects,
    Project(u64),
    Sources(u64),
    Source(u64),
    Runs(u64),
    Cases(u64),
    Run(u64),
    RunTests(u64),
    RunThreads(u64),
    RunAppend(u64),
    RunComplete(u64),
    ThreadAppend(u64),
    ThreadComplete(u64),
}

/// What a path names; none if nothing is there.
fn place(segments: &[&str]) -> Option<Place> {
    let id = |text: &str| text.parse::<u64>().ok();
    Some(match segments {
        ["user"] => Place::User,
        ["projects"] => Place::Projects,
        ["projects", project] => Place::Project(id(project)?),
        ["projects", project, "automation", "sources"] => Place::Sources(id(project)?),
        ["projects", project, "automation", "runs"] => Place::Runs(id(project)?),
        ["projects", project, "automation", "cases"] => Place::Cases(id(project)?),
        ["automation", "sources", source] => Place::Source(id(source)?),
        ["automation", "runs", "threads", thread, "append"] => Place::ThreadAppend(id(thread)?),
        ["automation", "runs", "threads", thread, "complete"] => {
            Place::ThreadComplete(id(thread)?)
        }
        ["automation", "runs", run] => Place::Run(id(run)?),
        ["automation", "runs", run, "tests"] => Place::RunTests(id(run)?),
        ["automation", "runs", run, "threads"] => Place::RunThreads(id(run)?),
        ["automation", "runs", run, "append"] => Place::RunAppend(id(run)?),
        ["automation", "runs", run, "complete"] => Place::RunComplete(id(run)?),
        _ => return None,
    })
}

impl Place {
    const fn methods(self) -> &'static str {
        match self {
            Self::Runs(_) => "GET, POST",
            Self::RunThreads(_)
            | Self::RunAppend(_)
            | Self::RunComplete(_)
            | Self::ThreadAppend(_)
            | Self::ThreadComplete(_) => "POST",
            _ => "GET",
        }
    }

    /// What it belongs to that is not there, or that the caller does not see.
    fn lacks(self, testmo: &Testmo, store: &Store, caller: &Caller) -> Option<&'static str> {
        let (what, project) = match self {
            Self::User | Self::Projects => return None,
            Self::Project(id) | Self::Sources(id) | Self::Runs(id) | Self::Cases(id) => {
                ("project", Some(id))
            }
            Self::Source(id) => {
                let source = store.sources.iter().find(|source| source.id == id);
                ("source", source.map(|source| source.project))
            }
            Self::Run(id)
            | Self::RunTests(id)
            | Self::RunThreads(id)
            | Self::RunAppend(id)
            | Self::RunComplete(id) => ("run", store.run(id).map(|run| run.project)),
            Self::ThreadAppend(id) | Self::ThreadComplete(id) => {
                ("thread", store.run_of_thread(id).map(|run| run.project))
            }
        };
        let seen = project
            .filter(|id| testmo.settings.project(*id).is_some())
            .is_some_and(|id| caller.sees(id));
        (!seen).then_some(what)
    }
}

/// Answers a call whose key is all right.
pub fn route(testmo: &Testmo, store: &mut Store, caller: &Caller, call: &Call) -> Reply {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(place) = place(&segments) else {
        return answers::missing("path");
    };
    let method = call.method.as_str();
    let methods = place.methods();
    if !methods.split(", ").any(|known| known == method) {
        return answers::error(405, "the method is not allowed here").with("allow", methods);
    }
    if method == "POST" && caller.role != Role::Write {
        return answers::error(403, "the role of the user does not allow this");
    }
    if let Some(what) = place.lacks(testmo, store, caller) {
        return answers::missing(what);
    }
    let found = if method == "POST" {
        write(testmo, store, caller, call, place)
    } else {
        read(testmo, store, caller, call, place)
    };
    found.unwrap_or_else(|wrongs| answers::invalid(&wrongs))
}

fn write(
    testmo: &Testmo,
    store: &mut Store,
    caller: &Caller,
    call: &Call,
    place: Place,
) -> Found {
    match place {
        Place::Runs(project) => submit::new_run(testmo, store, caller, project, call),
        Place::RunThreads(run) => submit::new_thread(testmo, store, run, call),
        Place::RunAppend(run) => submit::run_append(testmo, store, run, call),
        Place::RunComplete(run) => submit::run_complete(testmo, store, run, call),
        Place::ThreadAppend(thread) => submit::thread_append(testmo, store, thread, call),
        Place::ThreadComplete(thread) => submit::thread_complete(testmo, store, thread, call),
        _ => Ok(answers::missing("path")),
    }
}

fn read(testmo: &Testmo, store: &mut Store, caller: &Caller, call: &Call, place: Place) -> Found {
    if let Place::Run(id) | Place::RunTests(id) = place
        && let Some(run) = store.run_mut(id)
    {
        run.look();
        store.settle();
    }
    let store = &*store;
    match place {
        Place::User => testmo.me(caller, call),
        Place::Projects => reads::projects(testmo, caller, call),
        Place::Project(id) => reads::project(testmo, id, call),
        Place::Sources(project) => reads::sources(testmo, store, project, call),
        Place::Source(id) => reads::source(testmo, store, id, call),
        Place::Runs(project) => reads::runs(testmo, store, project, call),
        Place::Run(id) => reads::run(testmo, store, id, call),
        Place::RunTests(id) => reads::tests(testmo, store, id, call),
        Place::Cases(_) => {
            let message = "automation cases: the real service has them, the sandbox does not";
            Ok(answers::error(501, message))
        }
        _ => Ok(answers::missing("path")),
    }
}
