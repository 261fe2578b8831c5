//! Paths with placeholders, as nearly all of them are ASSUMED and a user can correct each.

use serde_json::Value;

use crate::api::encode;
use crate::model::Mistake;
use crate::ports::Method;
use crate::services::{Call, Description};

/// How many entries of a list are asked for at once. DOC: 20 unless it is told. ASSUMED: more than 100 is too much.
const LIST_LIMIT: usize = 100;

const FLOW: &str = "{flow_id}";
const RUN: &str = "{run_id}";

/// The value of a row of which only the first counts.
fn first<'a>(service: &'a Description, name: &str) -> &'a str {
    service.assumed(name).first().map_or("", String::as_str)
}

/// The path under `name` for this flow or run.
pub fn path(service: &Description, name: &str, id: &str) -> String {
    filled(first(service, name), id)
}

/// The path of a list under `name`, ready for more of a query.
pub fn list_path(service: &Description, name: &str, id: &str) -> String {
    let path = path(service, name, id);
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}limit={LIST_LIMIT}")
}

/// Whether the list under `name` is that of one flow only.
pub fn is_of_one_flow(service: &Description, name: &str) -> bool {
    first(service, name).contains(FLOW)
}

fn filled(template: &str, id: &str) -> String {
    let id = encode(id);
    template.replace(FLOW, &id).replace(RUN, &id)
}

/// What starts a run of a flow. ASSUMED: method, path and body.
pub fn trigger(service: &Description, flow: &str, key: String) -> Call {
    let (method, template) =
        method_and_path(first(service, "path_trigger")).unwrap_or((Method::Post, ""));
    let body = match body(first(service, "trigger_body")) {
        Some(Value::String(nothing)) if nothing.is_empty() => None,
        Some(body) => Some(crate::api::json::written(&with_flow(body, flow))),
        None => None,
    };
    Call {
        idempotency_key: Some(key),
        ..Call::new(method, filled(template, flow), body)
    }
}

/// `POST /path`, or the path alone. A run is started by what writes, so that the service knows a repeated request.
fn method_and_path(told: &str) -> Option<(Method, &str)> {
    let (method, path) = match told.trim().split_once(' ') {
        Some((name, path)) => (Method::from_name(&name.to_ascii_uppercase())?, path.trim()),
        None => (Method::Post, told.trim()),
    };
    let writes = matches!(method, Method::Post | Method::Put | Method::Patch);
    (writes && path.starts_with('/')).then_some((method, path))
}

/// The body as JSON; an empty text if there is to be none.
fn body(told: &str) -> Option<Value> {
    match told.trim() {
        "" => Some(Value::String(String::new())),
        told => serde_json::from_str(told).ok(),
    }
}

/// Puts the flow's id into the texts of a body, after it was parsed, so that no id can break out of its text.
fn with_flow(body: Value, flow: &str) -> Value {
    match body {
        Value::String(text) => Value::String(text.replace(FLOW, flow)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| with_flow(item, flow))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, with_flow(value, flow)))
            .collect(),
        other => other,
    }
}

/// What cannot be right about the paths and the body.
pub fn mistakes(service: &Description) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut wrong = |name: &str, why: &str| {
        mistakes.push(Mistake {
            parameter: None,
            message: format!("api.{name} {why}"),
        });
    };
    let paths = [
        ("path_flows", None),
        ("path_flow", Some(FLOW)),
        ("path_run", Some(RUN)),
        ("path_runs", None),
        ("path_websites", None),
    ];
    for (name, needed) in paths {
        let path = first(service, name);
        if !path.starts_with('/') {
            wrong(name, "must be a path below api_url, from its slash on");
        }
        if let Some(needed) = needed.filter(|needed| !path.contains(needed)) {
            wrong(name, &format!("must say where the id goes, by {needed}"));
        }
    }
    let (trigger, told) = (
        first(service, "path_trigger"),
        first(service, "trigger_body"),
    );
    if method_and_path(trigger).is_none() {
        wrong(
            "path_trigger",
            "must be POST, PUT or PATCH and a path, for example \"POST /test-flows/{flow_id}/run\"",
        );
    }
    if body(told).is_none() {
        wrong("trigger_body", "must be JSON, or empty for no body");
    }
    if !trigger.contains(FLOW) && !told.contains(FLOW) {
        wrong(
            "path_trigger",
            "must say where the flow's id goes, by {flow_id}; or api.trigger_body must",
        );
    }
    mistakes
}
