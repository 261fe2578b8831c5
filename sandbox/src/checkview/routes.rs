//! Which call does what. Source: the page names the groups of resources and its sample error has
//! `/api/v1/test-flows/{id}`. ASSUMED: every other path.

use serde_json::json;

use super::flows::{Flow, Website};
use super::lists::{self, List};
use super::problems::problem;
use super::runs::{Run, flows};
use super::trigger::trigger;
use super::{CheckView, lock, shapes};
use crate::call::{Call, Reply};

/// Groups that the page names and the sandbox does not have. ASSUMED: their paths begin so.
const NOT_HERE: [&str; 6] = [
    "ux-audits",
    "audits",
    "teams",
    "notifications",
    "tokens",
    "profile",
];

/// Whether a call asks how the service is.
pub fn is_health(call: &Call) -> bool {
    call.method == http::Method::GET
        && ["/health", "/health/ready", "/health/live"].contains(&call.path.as_str())
}

/// Answers a call whose key is all right. A wrong method is a wrong path, as 405 is not among the documented codes.
pub fn route(service: &CheckView, call: &Call) -> Reply {
    let settings = &service.settings;
    if is_health(call) {
        // ASSUMED: the body, and that it is below the same path as the rest.
        return Reply::json(200, &json!({"status": "ok"}));
    }
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["websites"]) => websites(service, call),
        ("GET", ["websites", id]) => match settings.websites.iter().find(|known| known.id == *id) {
            Some(website) => {
                let body = shapes::website(settings, website);
                Reply::json(200, &shapes::single(settings, "website", body))
            }
            None => missing(service, call, "website"),
        },
        ("GET", ["test-flows"]) => list_flows(service, call),
        ("GET", ["test-flows", id]) => with_flow(service, call, id, |website, flow| {
            let body = shapes::flow(settings, website, flow);
            Reply::json(200, &shapes::single(settings, "test_flow", body))
        }),
        ("GET", ["test-runs"]) => list_runs(service, call),
        ("GET", ["test-runs", id]) => match lock(&service.runs).run(id) {
            Some(run) => {
                let body = shapes::run(settings, run, true);
                Reply::json(200, &shapes::single(settings, "test_run", body))
            }
            None => missing(service, call, "test run"),
        },
        ("POST", path) => {
            trigger(service, call, path).unwrap_or_else(|| elsewhere(service, call, path))
        }
        (_, path) => elsewhere(service, call, path),
    }
}

/// What the sandbox does not serve: 501 where the real service would do something, else 404.
fn elsewhere(service: &CheckView, call: &Call, path: &[&str]) -> Reply {
    let managed = match (call.method.as_str(), path) {
        (_, [group, ..]) if NOT_HERE.contains(group) => true,
        ("POST", ["websites" | "test-flows"]) => true,
        ("PUT" | "PATCH" | "DELETE", ["websites" | "test-flows", _]) => true,
        _ => false,
    };
    if managed {
        let detail = "The real service has this, the sandbox does not.";
        return problem(&service.settings, call, 501, detail);
    }
    missing(service, call, "resource")
}

/// 404 in the words of the page's example.
pub fn missing(service: &CheckView, call: &Call, what: &str) -> Reply {
    let detail = format!("The requested {what} does not exist.");
    problem(&service.settings, call, 404, &detail)
}

/// Answers with a flow and its website, or that there is none.
pub fn with_flow(
    service: &CheckView,
    call: &Call,
    id: &str,
    answer: impl FnOnce(&Website, &Flow) -> Reply,
) -> Reply {
    match flows(&service.settings).find(|(_, flow)| flow.id == id) {
        Some((website, flow)) => answer(website, flow),
        None => missing(service, call, "test flow"),
    }
}

fn websites(service: &CheckView, call: &Call) -> Reply {
    let settings = &service.settings;
    let list = List {
        kind: "websites",
        items: settings.websites.iter().collect(),
        id: &|website: &&Website| &website.id,
        show: &|website| shapes::website(settings, website),
    };
    lists::answer(settings, call, list)
}

/// Whether an item stays in a list that is filtered by a value, or not at all.
fn stays(wanted: Option<&str>, value: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == value)
}

fn list_flows(service: &CheckView, call: &Call) -> Reply {
    let settings = &service.settings;
    let website_id = match lists::filter(settings, call, "website_id") {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    let list = List {
        kind: "test_flows",
        items: flows(settings)
            .filter(|(website, _)| stays(website_id.as_deref(), &website.id))
            .collect(),
        id: &|(_, flow): &(&Website, &Flow)| &flow.id,
        show: &|(website, flow)| shapes::flow(settings, website, flow),
    };
    lists::answer(settings, call, list)
}

fn list_runs(service: &CheckView, call: &Call) -> Reply {
    let settings = &service.settings;
    let flow_id = match lists::filter(settings, call, "test_flow_id") {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    let runs = lock(&service.runs);
    let mut items = runs.listed(settings);
    items.retain(|run| stays(flow_id.as_deref(), &run.flow.id));
    let list = List {
        kind: "test_runs",
        items,
        id: &|run: &&Run| &run.id,
        show: &|run| shapes::run(settings, run, settings.list_steps),
    };
    lists::answer(settings, call, list)
}
