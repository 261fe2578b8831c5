//! What starts a run. ASSUMED: path, body and answer, each as the scenario chooses.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::flows::{Flow, Website};
use super::problems::problem;
use super::routes::with_flow;
use super::runs::Run;
use super::scenario::{Paused, Settings, TriggerAnswer, TriggerPath};
use super::shapes::{self, spell};
use super::{CheckView, lock};
use crate::call::{Call, Reply};

/// Starts a run if a path is the chosen one of a trigger; none if it is another path.
pub fn trigger(service: &CheckView, call: &Call, path: &[&str]) -> Option<Reply> {
    let settings = &service.settings;
    let of_flow = match (settings.trigger_path, path) {
        (TriggerPath::Run, ["test-flows", id, "run"])
        | (TriggerPath::Runs, ["test-flows", id, "runs"]) => Some((*id).to_owned()),
        (TriggerPath::TestRuns, ["test-runs"]) => None,
        _ => return None,
    };
    let body = match body(call) {
        Ok(body) => body,
        Err(detail) => return Some(problem(settings, call, 400, detail)),
    };
    let member = spell(settings, "test_flow_id");
    let Some(id) = of_flow.or_else(|| body[&member].as_str().map(str::to_owned)) else {
        let detail = format!("{member} must be the id of a test flow.");
        return Some(problem(settings, call, 400, &detail));
    };
    Some(with_flow(service, call, &id, |website, flow| {
        start(service, call, website, flow)
    }))
}

/// ASSUMED: a trigger has a JSON object and says so, even if the object is empty.
fn body(call: &Call) -> Result<Value, &'static str> {
    let kind = call.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err("The body must be application/json, and say so.");
    }
    match serde_json::from_slice(&call.body) {
        Ok(body @ Value::Object(_)) => Ok(body),
        _ => Err("The body must be a JSON object."),
    }
}

fn start(service: &CheckView, call: &Call, website: &Website, flow: &Flow) -> Reply {
    let settings = &service.settings;
    if website.paused && settings.paused == Paused::Refuse {
        return problem(settings, call, 409, "The website is paused.");
    }
    let mut runs = lock(&service.runs);
    let mut reply = if runs.fails_trigger(settings) {
        problem(settings, call, 500, "Something went wrong.")
    } else {
        answer(settings, &runs.start(website, flow, settings))
    };
    reply.after = Duration::from_millis(settings.trigger_ms);
    reply
}

fn answer(settings: &Settings, run: &Run) -> Reply {
    let whole = |status| {
        let body = shapes::run(settings, run, true);
        Reply::json(status, &shapes::single(settings, "test_run", body))
    };
    let part = |status, body| Reply::json(status, &shapes::single(settings, "test_run", body));
    match settings.trigger_answer {
        TriggerAnswer::Created => whole(201),
        TriggerAnswer::Ok => whole(200),
        TriggerAnswer::Accepted => part(202, shapes::accepted(settings, run)),
        TriggerAnswer::TestRunId => part(201, shapes::reference(settings, run, "test_run_id")),
        TriggerAnswer::RunId => part(201, shapes::reference(settings, run, "run_id")),
        TriggerAnswer::FlowId => part(201, serde_json::json!({"id": run.flow.id})),
        TriggerAnswer::NoContent => Reply {
            headers: Vec::new(),
            ..Reply::text(204, "text/plain", "")
        },
    }
}

/// The `Idempotency-Key` of a request; or what is wrong with it.
///
/// The page does not say that it must be there. The sandbox is stricter than the service, so that a client that forgets
/// it, and would start a second run when it sends a request again, is found out.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, &'static str> {
    let mut all = headers.get_all("idempotency-key").iter();
    match (all.next().map(http::HeaderValue::to_str), all.next()) {
        (Some(Ok(key)), None) if !key.trim().is_empty() => Ok(key.to_owned()),
        (None, _) => Err("The sandbox wants an Idempotency-Key with every POST, PATCH and DELETE."),
        _ => Err("Send one Idempotency-Key, and not an empty one."),
    }
}
