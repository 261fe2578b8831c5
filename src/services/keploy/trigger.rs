//! Triggering: the suites' ids, what was there before, and what the answer tells.

use serde_json::{Value, json};

use super::{app_path, branch, catalog};
use crate::api::{Answer, Client, json as read};
use crate::error::Problem;
use crate::model::{Baseline, Target, Trigger};
use crate::services::{Call, Description, Plan, by_offset, if_understood};

/// How many entries of a list of jobs or runs are read: its first page. DOC: at most 100 a page.
pub const LIST_LIMIT: usize = 100;

/// Resolves the suites and reads the jobs and runs that are there already.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let app = target.text("app").unwrap_or_default();
    let scope = branch::ensured(client, target)?;
    let suites = catalog::wanted_suites(client, &scope, target.texts("suites"))?;
    let intent = Trigger {
        subject: app.to_owned(),
        title: app.to_owned(),
        baseline: baseline(client, app)?,
        ..Trigger::default()
    };
    let call = Call::post(app_path(app, "/test-suites/run"), &body(target, &suites));
    Ok(vec![Plan {
        call: Some(call),
        intent,
    }])
}

/// Source: the vendor's OpenAPI file; the guide names the first two members.
fn body(target: &Target, suites: &[String]) -> Value {
    let mut body = json!({"base_url": target.text("base_url").unwrap_or_default()});
    if !suites.is_empty() {
        body["test_suite_ids"] = json!(suites);
    }
    if let Some(rate_limit) = target.integer("rate_limit") {
        body["rate_limit"] = json!(rate_limit);
    }
    if let Some(timeout) = target.integer("request_timeout") {
        body["timeout"] = json!(timeout);
    }
    body
}

/// The ids of the jobs and runs before the trigger.
fn baseline(client: &mut Client, app: &str) -> Result<Baseline, Problem> {
    let suites = known(client, &runs_path(app, true), "id")?;
    let all = known(client, &runs_path(app, false), "id")?;
    // What is old in either list must not be taken for new in the other.
    let runs = suites.zip(all).map(|(mut runs, all)| {
        runs.extend(all);
        runs.sort_unstable();
        runs.dedup();
        runs
    });
    Ok(Baseline {
        jobs: jobs(client)?,
        runs,
        state: None,
    })
}

/// The ids of the jobs that are there already.
pub fn jobs(client: &mut Client) -> Result<Option<Vec<String>>, Problem> {
    known(client, "/jobs?", "job_id")
}

fn known(client: &mut Client, path: &str, id: &str) -> Result<Option<Vec<String>>, Problem> {
    let items = by_offset(client, path, "list", LIST_LIMIT, LIST_LIMIT);
    let items = if_understood(client, "what was there before", items)?;
    Ok(items.and_then(|items| ids(client.service(), &items, id)))
}

/// The ids of all entries; none if one has none, as it could be taken for a new one later.
fn ids(service: &Description, items: &[Value], id: &str) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| read::text(item, service.assumed(id)))
        .collect()
}

/// The list of an app's runs, of suites alone (DOC as a filter; that our runs have this kind is ASSUMED) or of any kind.
pub fn runs_path(app: &str, suites_only: bool) -> String {
    let kind = if suites_only {
        "kind=test_suite_run"
    } else {
        ""
    };
    app_path(app, &format!("/test-runs?{kind}"))
}

/// Reads the job's id. DOC: 202 with `data.job_id`. A job that was there before is not the new one.
pub fn accepted(answer: &Answer, intent: &Trigger, service: &Description) -> Option<Trigger> {
    let data = answer.json.get("data")?;
    let job = read::text(data, service.assumed("job_id"))?;
    let before = intent.baseline.jobs.as_deref().unwrap_or_default();
    if before.contains(&job) {
        return None;
    }
    Some(Trigger {
        job: Some(job),
        runs: read::text(&answer.json, service.assumed("run_id"))
            .into_iter()
            .collect(),
        ..intent.clone()
    })
}
