//! Starting a run, and what that answers.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::runs::{Run, Runs};
use super::scenario::{Settings, Trigger};
use super::shapes::said;
use super::thing::{Collection, Thing};
use super::{Izli, answers, shapes};
use crate::call::{Body, Call, Reply};

/// Starts the runs of a thing, or says what is wrong with the request.
pub fn trigger(izli: &Izli, call: &Call, collection: Collection, thing: &Thing) -> Reply {
    let settings = &izli.settings;
    if let Some(message) = wrong(call) {
        return izli.error_of(400, message);
    }
    if thing.is_paused() && settings.paused_status >= 300 {
        return izli.error_of(settings.paused_status, "it is paused");
    }
    if settings.trigger == Trigger::Refused {
        return answers::error(settings, 200, "NO_AGENT", "no agent takes it");
    }
    let mut past = izli.past();
    let now_ms = past.runs.now_ms();
    // A result that is there at once has begun before.
    let begin_ms = match settings.trigger {
        Trigger::Result => now_ms - Runs::length_ms(settings, thing),
        _ => now_ms,
    };
    let started = past.runs.start(settings, collection, thing, begin_ms);
    reply(settings, &past.runs, thing, &started, now_ms)
}

/// What is wrong with a body. None is documented. ASSUMED: none is needed, and if there is one it must be a JSON object.
fn wrong(call: &Call) -> Option<&'static str> {
    if call.body.is_empty() {
        return None;
    }
    let kind = call.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Some("the body must be application/json, and say so");
    }
    match serde_json::from_slice::<Map<String, Value>>(&call.body) {
        Ok(_) => None,
        Err(_) => Some("the body must be a JSON object"),
    }
}

fn reply(
    settings: &Settings,
    runs: &Runs,
    thing: &Thing,
    started: &[Vec<Run>],
    now_ms: i64,
) -> Reply {
    let firsts: Vec<&Run> = started.iter().filter_map(|runs| runs.first()).collect();
    let one = |run: &Run| {
        let mut data = json!({"status": said(settings, "pending")});
        name(&mut data, &settings.run_id_name, &run.id);
        data
    };
    let data = match settings.trigger {
        Trigger::Nothing => return nothing(),
        Trigger::Accepted | Trigger::Refused => {
            return Reply::json(settings.trigger_status, &json!({"success": true}));
        }
        Trigger::OwnId => json!({"id": thing.id, "status": said(settings, "pending")}),
        Trigger::RunId => firsts.first().map_or(Value::Null, |run| one(run)),
        Trigger::Ids => firsts.iter().map(|run| json!(run.id)).collect(),
        Trigger::Runs => firsts
            .iter()
            .map(|run| {
                let mut data = one(run);
                data["location"] = json!(run.location);
                data
            })
            .collect(),
        Trigger::Result => {
            let lasts = started.iter().filter_map(|runs| runs.last());
            let mut results: Vec<Value> = lasts
                .map(|run| shapes::run(settings, runs, thing, run, now_ms))
                .collect();
            match results.len() {
                1 => results.remove(0),
                _ => json!(results),
            }
        }
    };
    answers::data(settings.trigger_status, &data)
}

fn nothing() -> Reply {
    Reply {
        body: Body::Whole(Bytes::new()),
        headers: Vec::new(),
        ..Reply::json(204, &Value::Null)
    }
}

/// Puts an id where a name with dots says.
fn name(data: &mut Value, path: &str, id: &str) {
    let mut place = data;
    for part in path.split('.') {
        place = &mut place[part];
    }
    *place = json!(id);
}
