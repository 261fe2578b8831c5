//! `POST /apps/{appId}/test-suites/run`, and what it refuses.

use std::net::{IpAddr, Ipv4Addr};

use http::Uri;
use serde_json::{Value, json};

use super::body::{Wrong, object};
use super::jobs::Order;
use super::scenario::{App, Settings, Suite, UnknownSuites};
use super::{Keploy, branches, generation, lock};
use crate::call::{Call, Reply};

/// How Keploy can authenticate to the system under test. Source: the OpenAPI file.
const AUTH_TYPES: [&str; 6] = [
    "BearerToken",
    "BasicAuth",
    "APIKeyAuth",
    "CookieAuth",
    "LoginCurl",
    "None",
];

/// Source: the OpenAPI file.
const SANDBOX_MODES: [&str; 3] = ["", "rerecord", "integration_test"];

/// Starts a job, or says what is wrong with the request.
pub fn trigger(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    match order(keploy, call, app) {
        Ok(order) => {
            let job = lock(&keploy.jobs).start(app, order, &keploy.settings);
            keploy.answers.data(202, json!({"job_id": job}))
        }
        Err((field, message)) => keploy.answers.invalid(field, &message),
    }
}

fn order(keploy: &Keploy, call: &Call, app: &App) -> Result<Order, Wrong> {
    let body = Value::Object(object(call)?);
    let base_url = target(&keploy.settings, &body)?;
    options(&body)?;
    Ok(Order {
        base_url,
        suites: chosen(keploy, app, &body)?,
        generates: false,
    })
}

/// The target must be reachable from the service's servers. Source: the OpenAPI file ("invalid baseURL").
pub fn target(settings: &Settings, body: &Value) -> Result<String, Wrong> {
    let url = match body.get("base_url").and_then(Value::as_str) {
        None | Some("") => return Err(("base_url", "base_url is required".to_owned())),
        Some(url) => url,
    };
    let uri = url.parse::<Uri>().unwrap_or_default();
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    match uri.host() {
        Some(host) if http && (settings.allow_private_targets || !is_private(host)) => {
            Ok(url.to_owned())
        }
        _ => Err(("base_url", "invalid baseURL".to_owned())),
    }
}

/// Whether a host can be told not to be public without asking a name server.
fn is_private(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => is_private_v4(ip),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.to_ipv4_mapped().is_some_and(is_private_v4)
        }
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
}

/// Checks the fields that change nothing here.
pub fn options(body: &Value) -> Result<(), Wrong> {
    for field in ["rate_limit", "timeout"] {
        if body.get(field).is_some_and(|value| !value.is_u64()) {
            return Err((field, "must be a whole number, 0 or more".to_owned()));
        }
    }
    let known =
        |words: &[&str], value: &Value| value.as_str().is_some_and(|it| words.contains(&it));
    let mode = body.get("sandbox_mode");
    if mode.is_some_and(|mode| !known(&SANDBOX_MODES, mode)) {
        return Err(("sandbox_mode", "is not a mode".to_owned()));
    }
    if body
        .get("auth")
        .is_some_and(|auth| !known(&AUTH_TYPES, &auth["authtype"]))
    {
        return Err(("auth", "has no known authtype".to_owned()));
    }
    Ok(())
}

fn chosen(keploy: &Keploy, app: &App, body: &Value) -> Result<Vec<Suite>, Wrong> {
    const FIELD: &str = "test_suite_ids";
    let ids: Vec<&str> = match body.get(FIELD) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(ids)) if ids.iter().all(Value::is_string) => {
            ids.iter().filter_map(Value::as_str).collect()
        }
        Some(_) => return Err((FIELD, "must be a list of ids".to_owned())),
    };
    let mut known = generation::suites(keploy, app);
    if ids.is_empty() {
        return Ok(known);
    }
    // ASSUMED: the ids of a branch's suites can be run like any other.
    for branch in branches::of(keploy, app) {
        known.extend(branch.suites);
    }
    let mut suites = Vec::new();
    for id in ids {
        match known.iter().find(|suite| suite.id == id) {
            Some(suite) => suites.push(suite.clone()),
            None if keploy.settings.unknown_suites == UnknownSuites::Skip => {}
            None => return Err((FIELD, format!("{id} is not a suite of the app"))),
        }
    }
    Ok(suites)
}
