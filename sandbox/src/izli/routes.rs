//! Which call does what.

use serde_json::Value;

use super::scenario::{Order, Settings};
use super::thing::{Collection, MonitorType, Thing};
use super::{Izli, answers, shapes, trigger};
use crate::call::{Call, Reply};

impl Settings {
    /// What a collection holds.
    pub fn things(&self, collection: Collection) -> &[Thing] {
        match collection {
            Collection::Journeys => &self.journeys,
            Collection::ApiMonitors => &self.api_monitors,
            Collection::Monitors => &self.monitors,
        }
    }
}

/// Answers a call whose key is all right.
pub fn route(izli: &Izli, call: &Call) -> Reply {
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (first, rest) = segments.split_first().unwrap_or((&"", &[]));
    if *first == "alerts" {
        return not_here(izli, "alerts");
    }
    let Some(collection) = Collection::of_path(first) else {
        return izli.error_of(404, "there is no such path");
    };
    match (call.method.as_str(), rest) {
        ("GET", []) => list(izli, call, collection),
        ("POST", []) => not_here(izli, "creating"),
        (_, []) => wrong_method(izli),
        (method, [id, rest @ ..]) => {
            let mut things = izli.settings.things(collection).iter();
            match things.find(|thing| thing.id == *id) {
                Some(thing) => of_thing(izli, call, method, collection, thing, rest),
                None => izli.error_of(404, "there is nothing with this id"),
            }
        }
    }
}

fn of_thing(
    izli: &Izli,
    call: &Call,
    method: &str,
    collection: Collection,
    thing: &Thing,
    rest: &[&str],
) -> Reply {
    // The paths of the old pages end with `run`; they are superseded, and unknown here. ASSUMED: a single run cannot be had.
    match (method, rest) {
        ("GET", []) => one(izli, collection, thing),
        ("PUT" | "DELETE", []) => not_here(izli, "changing"),
        ("POST", [word]) if *word == collection.trigger() => {
            trigger::trigger(izli, call, collection, thing)
        }
        ("GET", [word]) if *word == collection.results() => results(izli, call, collection, thing),
        ("GET", ["stats"]) if collection.has_stats() => {
            stats(izli, collection, thing)
        }
        (_, []) => wrong_method(izli),
        (_, [word]) if is_known(collection, word) => wrong_method(izli),
        _ => izli.error_of(404, "there is no such path"),
    }
}

fn is_known(collection: Collection, word: &str) -> bool {
    word == collection.trigger()
        || word == collection.results()
        || (word == "stats" && collection.has_stats())
}

/// Says that a part of the documented API is not in the sandbox, rather than answering wrongly.
fn not_here(izli: &Izli, what: &str) -> Reply {
    let message = format!("{what}: the real service has this, the sandbox does not");
    izli.error_of(501, &message)
}

/// ASSUMED: what another method answers is not documented.
fn wrong_method(izli: &Izli) -> Reply {
    izli.error_of(405, "the path has no such method")
}

fn list(izli: &Izli, call: &Call, collection: Collection) -> Reply {
    let wanted = match wanted(call, collection) {
        Ok(wanted) => wanted,
        Err(message) => return izli.error_of(400, &message),
    };
    let things = izli.settings.things(collection).iter();
    let things: Vec<&Thing> = things
        .filter(|thing| wanted.kind.is_none_or(|kind| kind == thing.kind))
        .filter(|thing| wanted.paused.is_none_or(|paused| paused == thing.is_paused()))
        .collect();
    izli.list(call, &things, |thing| shapes::entry(collection, thing))
}

/// Which monitors a call asks for. Source: the old pages. ASSUMED: the other lists pass these parameters over.
#[derive(Default)]
struct Wanted {
    kind: Option<MonitorType>,
    paused: Option<bool>,
}

fn wanted(call: &Call, collection: Collection) -> Result<Wanted, String> {
    if collection != Collection::Monitors {
        return Ok(Wanted::default());
    }
    let kind = match call.parameter("type") {
        None => None,
        Some(word) => {
            let kind: Result<MonitorType, _> = serde_json::from_value(Value::String(word));
            Some(kind.map_err(|_| "type is not a type of monitor".to_owned())?)
        }
    };
    let paused = match call.parameter("status").as_deref() {
        None => None,
        Some("active") => Some(false),
        Some("paused") => Some(true),
        Some(_) => return Err("status must be active or paused".to_owned()),
    };
    Ok(Wanted { kind, paused })
}

fn stats(izli: &Izli, collection: Collection, thing: &Thing) -> Reply {
    let runs = &izli.past().runs;
    let now_ms = runs.now_ms();
    let of_thing = runs.of(&izli.settings, collection, thing, now_ms);
    answers::data(200, &shapes::stats(&of_thing, now_ms))
}

fn one(izli: &Izli, collection: Collection, thing: &Thing) -> Reply {
    let runs = &izli.past().runs;
    let now_ms = runs.now_ms();
    let of_thing = runs.of(&izli.settings, collection, thing, now_ms);
    let mut entry = shapes::entry(collection, thing);
    entry["stats"] = shapes::stats(&of_thing, now_ms);
    if izli.settings.last_run {
        entry["last_run"] = shapes::last_run(&izli.settings, runs, &of_thing, now_ms);
    }
    answers::data(200, &entry)
}

fn results(izli: &Izli, call: &Call, collection: Collection, thing: &Thing) -> Reply {
    let settings = &izli.settings;
    let runs = &izli.past().runs;
    let now_ms = runs.now_ms();
    let mut of_thing = runs.of(settings, collection, thing, now_ms);
    if settings.order == Order::NewestFirst {
        of_thing.reverse();
    }
    izli.list(call, &of_thing, |run| {
        shapes::run(settings, runs, thing, run, now_ms)
    })
}
