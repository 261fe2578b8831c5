//! `POST /apps/{appId}/test-suites/generate`. Source: the OpenAPI file for the request; ASSUMED: that its job tells its
//! state as that of a run does, and that suites appear while it goes on.

use serde_json::{Value, json};

use super::body::{Wrong, number, object, only, text};
use super::jobs::Order;
use super::scenario::{App, Settings, Suite};
use super::trigger::{options, target};
use super::{Keploy, lock};
use crate::call::{Call, Reply};

/// The members of the request. Source: the OpenAPI file.
const MEMBERS: [&str; 12] = [
    "base_url",
    "schema",
    "docs",
    "examples",
    "user_prompt",
    "code_snippet",
    "auth",
    "max_test_suites",
    "ignore_endpoints",
    "webhook_url",
    "rate_limit",
    "timeout",
];

/// How many suites are made if nothing is asked. Source: the OpenAPI file.
const USUAL: u64 = 30;

/// Starts a job that makes suites, or says what is wrong with the request.
pub fn generate(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    let mut jobs = lock(&keploy.jobs);
    let earlier = jobs.all.iter().filter(|job| job.generates).count();
    match order(&keploy.settings, call, app, earlier) {
        Ok(order) => {
            let job = jobs.start(app, order, &keploy.settings);
            keploy.answers.data(202, json!({ "job_id": job }))
        }
        Err((field, message)) => keploy.answers.invalid(field, &message),
    }
}

fn order(settings: &Settings, call: &Call, app: &App, earlier: usize) -> Result<Order, Wrong> {
    let body = object(call)?;
    only(&body, &MEMBERS)?;
    for member in ["schema", "docs", "user_prompt", "code_snippet", "webhook_url"] {
        text(&body, member)?;
    }
    let most = number(&body, "max_test_suites", 1)?.unwrap_or(USUAL);
    let body = Value::Object(body);
    options(&body)?;
    let base_url = target(settings, &body)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let suites = app.generates.iter().take(most).map(|suite| Suite {
        id: format!("{}-{}", suite.id, earlier + 1),
        name: suite.title().to_owned(),
        ..suite.clone()
    });
    Ok(Order {
        base_url,
        suites: suites.collect(),
        generates: true,
    })
}

/// The app's suites with those that were made.
pub fn suites(keploy: &Keploy, app: &App) -> Vec<Suite> {
    let mut all = app.suites.clone();
    for job in &lock(&keploy.jobs).all {
        if job.generates && job.app == app.id {
            let done = job.progress(&keploy.settings).done;
            all.extend_from_slice(&job.suites()[..done]);
        }
    }
    all
}
