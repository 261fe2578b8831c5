//! The bodies that no document describes. ASSUMED throughout: fields have the names that a client would look for
//! first, steps are as in the vendor's webhook guide.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::jobs::{Job, Progress};
use super::scenario::{Link, Outcome, Settings, StepsIn, Suite};

/// A name as this scenario spells it.
fn spell(settings: &Settings, name: &str) -> String {
    settings.spelling.spell(name)
}

fn object<const N: usize>(settings: &Settings, members: [(&str, Value); N]) -> Value {
    members
        .into_iter()
        .map(|(name, value)| (spell(settings, name), value))
        .collect::<Map<_, _>>()
        .into()
}

pub fn moment(time: SystemTime) -> Value {
    json!(humantime::format_rfc3339_seconds(time).to_string())
}

/// A job: only `data.job_status` is documented.
pub fn job(settings: &Settings, job: &Job) -> Value {
    let progress = job.progress(settings);
    let mut value = json!({
        "job_id": job.id,
        "job_status": progress.word,
        "app_id": job.app,
        "completed_suites": progress.done,
        "total_suites": job.suites().len(),
        "created_at": moment(job.created),
    });
    if settings.link == Link::JobField && progress.ended {
        value[spell(settings, "test_run_id")] = json!(job.run);
    }
    value
}

/// The kind of every run here: the one that the OpenAPI file gives for live suite runs. ASSUMED: that the trigger makes it.
pub const RUN_KIND: &str = "test_suite_run";

/// The run of a job.
pub fn run(settings: &Settings, job: &Job) -> Value {
    let mut value = object(
        settings,
        [
            ("id", json!(job.run)),
            ("kind", json!(RUN_KIND)),
            (
                "status",
                json!(if job.progress(settings).ended {
                    "Completed"
                } else {
                    "Running"
                }),
            ),
            ("created_at", moment(job.created)),
        ],
    );
    if settings.link == Link::RunList {
        value[spell(settings, "job_id")] = json!(job.id);
    }
    value
}

/// A suite as the catalog shows it.
pub fn suite(suite: &Suite) -> Value {
    json!({"id": suite.id, "name": suite.title(), "description": "", "steps": suite.steps().iter().map(|step| json!({"name": step})).collect::<Vec<_>>()})
}

/// The id of a suite's report.
pub fn report_id(job: &Job, index: usize) -> String {
    format!("{}-report-{index}", job.run)
}

/// The report of a suite; `single` if it was asked for by itself.
pub fn report(settings: &Settings, job: &Job, index: usize, suite: &Suite, single: bool) -> Value {
    let word = match suite.outcome() {
        Outcome::Pass => "passed",
        Outcome::Fail => "failed",
        Outcome::Buggy => "buggy",
        Outcome::Skip => "skipped",
        Outcome::Unknown => "marinated",
        Outcome::Running | Outcome::Stuck | Outcome::Missing => "running",
    };
    let mut value = object(
        settings,
        [
            ("id", json!(report_id(job, index))),
            ("suite_id", json!(suite.id)),
            ("suite_name", json!(suite.title())),
            ("status", json!(word)),
            ("duration_ms", json!(suite.duration_ms())),
        ],
    );
    if single || settings.steps_in == StepsIn::List {
        value["steps"] = json!(steps(&job.base_url, suite));
    }
    value
}

fn steps(base_url: &str, suite: &Suite) -> Vec<Value> {
    let names = suite.steps();
    let last = names.len().saturating_sub(1);
    let each = suite.duration_ms() / (names.len().max(1) as u64);
    let breaks = matches!(suite.outcome(), Outcome::Fail | Outcome::Buggy);
    let skipped = suite.outcome() == Outcome::Skip;
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let mut step = step(index, !(breaks && index == last));
            if let (Some(message), true) = (&suite.message, breaks && index == last) {
                step["assertionFailures"] = json!([{"stepIndex": index, "assertionIndex": 0, "type": "custom", "key": "",
                    "error": message}]);
            }
            step["stepName"] = json!(name);
            step["duration_ms"] = json!(each);
            step["requestSent"] = request(base_url, index);
            if skipped {
                step["pass"] = Value::Null;
                step["status"] = json!("skipped");
            }
            step
        })
        .collect()
}

fn request(base_url: &str, index: usize) -> Value {
    let url = format!("{}/orders", base_url.trim_end_matches('/'));
    json!({"method": "POST", "url": url, "headers": {"Content-Type": "application/json"},
        "body": "{\"items\":[]}", "reqId": format!("r{}", index + 1)})
}

fn step(index: usize, pass: bool) -> Value {
    let (status, body, failures) = if pass {
        (201, "{\"id\":1}", json!([]))
    } else {
        (
            500,
            "{\"error\":{\"code\":\"INTERNAL\"}}",
            json!([
                {"stepIndex": index, "assertionIndex": 0, "type": "status_code", "key": "", "expected": "422",
                 "actual": "500", "error": "status code differs"},
                {"stepIndex": index, "assertionIndex": 1, "type": "json_equal", "key": "$.error.code",
                 "expected": "BASKET_EMPTY", "actual": "INTERNAL", "error": "value differs"}
            ]),
        )
    };
    json!({
        "pass": pass,
        "responseReceived": {"status": status, "headers": {}, "body": body, "reqId": format!("r{}", index + 1)},
        "assertionFailures": failures,
    })
}

/// An event: only `status` is documented.
pub fn event(job: &Job, progress: &Progress) -> Value {
    json!({"status": progress.word, "job_id": job.id, "completed_suites": progress.done,
        "total_suites": job.suites().len()})
}
