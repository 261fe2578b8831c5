//! Which run belongs to a job. No source says how one finds the other, so evidence is looked for in a fixed order and
//! nothing is guessed. ASSUMED throughout.

use std::time::Duration;

use serde_json::Value;

use super::app_path;
use super::trigger::{LIST_LIMIT, runs_path};
use crate::api::{Client, encode, json};
use crate::model::{Handle, Run};
use crate::services::{Description, Followed, by_offset};

/// How far the service's two clocks may differ: that of the trigger's answer and that of a run's beginning.
const SKEW_MS: u64 = 60_000;

/// When the run is looked for: at once, and later as the lists may lag behind the job.
const LOOKS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// The run of the handle's job, or why it cannot be told.
pub fn attribute(client: &mut Client, handle: &Handle, followed: &Followed) -> Result<Run, String> {
    if let Some(id) = named(client.service(), handle, followed) {
        return Ok(Run { id, url: None });
    }
    let mut why = String::new();
    for wait in LOOKS {
        if client.wait(wait).is_err() {
            break;
        }
        match in_lists(client, handle).or_else(|reason| by_job_id(client, handle).ok_or(reason)) {
            Ok(run) => return Ok(run),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

/// 1: the job's final answer, an event or the trigger's answer names the run.
fn named(service: &Description, handle: &Handle, followed: &Followed) -> Option<String> {
    json::text(&followed.body, service.assumed("run_id"))
        .or_else(|| followed.run_hint.clone())
        .or_else(|| handle.runs.first().cloned())
}

/// 2: a run names the job. 3: exactly one run is new since the baseline. With and then without the filter by kind.
fn in_lists(client: &mut Client, handle: &Handle) -> Result<Run, String> {
    let suites = list(client, handle, true);
    if let Some(run) = of_job(client, &suites, handle) {
        return Ok(run);
    }
    let all = list(client, handle, false);
    if let Some(run) = of_job(client, &all, handle) {
        return Ok(run);
    }
    let mut why = "no run is new since the trigger".to_owned();
    for runs in [suites, all] {
        match runs.and_then(|runs| only_new(client.service(), &runs, handle)) {
            Ok(New::One(run)) => return Ok(run),
            Ok(New::Several(several)) => return Err(several),
            Ok(New::None) => {}
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

fn list(client: &mut Client, handle: &Handle, suites_only: bool) -> Result<Vec<Value>, String> {
    let path = runs_path(&handle.subject, suites_only);
    by_offset(client, &path, "list", LIST_LIMIT, LIST_LIMIT)
        .map_err(|failure| format!("{}: {}", failure.call, failure.fault.told()))
}

fn of_job(client: &Client, runs: &Result<Vec<Value>, String>, handle: &Handle) -> Option<Run> {
    let service = client.service();
    let run = runs.as_ref().ok()?.iter().find(|run| {
        json::text(run, service.assumed("run_job")).is_some_and(|job| Some(job) == handle.job)
    })?;
    read_run(service, run)
}

/// What is new in a list since the baseline.
enum New {
    None,
    One(Run),
    /// Which they are.
    Several(String),
}

fn only_new(service: &Description, runs: &[Value], handle: &Handle) -> Result<New, String> {
    let Some(before) = &handle.baseline.runs else {
        return Err("the runs before the trigger are not known".to_owned());
    };
    let new: Vec<Run> = runs
        .iter()
        // A run that names another job is not ours.
        .filter(|run| json::text(run, service.assumed("run_job")).is_none())
        .filter(|run| !began_before(service, run, handle))
        .filter_map(|run| read_run(service, run))
        .filter(|run| !before.contains(&run.id))
        .collect();
    Ok(match new.as_slice() {
        [] => New::None,
        [run] => New::One(run.clone()),
        several => New::Several(format!(
            "{} runs of the app are new since the trigger ({})",
            several.len(),
            several
                .iter()
                .map(|run| run.id.clone())
                .collect::<Vec<_>>()
                .join(", ")
        )),
    })
}

fn began_before(service: &Description, run: &Value, handle: &Handle) -> bool {
    let began = service
        .assumed("began_at")
        .iter()
        .flat_map(|path| json::select(run, path))
        .find_map(unix_ms);
    match (began, handle.triggered_at_ms) {
        (Some(began), Some(triggered)) => began + SKEW_MS < triggered,
        _ => false,
    }
}

/// A moment as milliseconds since the Unix epoch: a number of seconds or milliseconds, or an RFC 3339 text.
fn unix_ms(value: &Value) -> Option<u64> {
    match value {
        // Seconds stay below this until the year 5138, milliseconds are above it since 1973.
        Value::Number(number) => {
            let number = number.as_u64()?;
            Some(if number < 100_000_000_000 {
                number * 1000
            } else {
                number
            })
        }
        Value::String(text) => {
            let time =
                humantime::parse_rfc3339_weak(text.strip_suffix("+00:00").unwrap_or(text)).ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            u64::try_from(since.as_millis()).ok()
        }
        _ => None,
    }
}

/// 4: perhaps the run has the job's id. A harmless read, tried once a look.
fn by_job_id(client: &mut Client, handle: &Handle) -> Option<Run> {
    let job = handle.job.as_deref()?;
    let answer = client
        .get_once(&app_path(
            &handle.subject,
            &format!("/test-runs/{}", encode(job)),
        ))
        .ok()?;
    let data = answer.json.get("data").filter(|data| data.is_object())?;
    Some(read_run(client.service(), data).unwrap_or_else(|| Run {
        id: job.to_owned(),
        url: None,
    }))
}

fn read_run(service: &Description, run: &Value) -> Option<Run> {
    Some(Run {
        id: json::text(run, service.assumed("id"))?,
        url: json::text(run, service.assumed("run_url")).filter(|url| url.starts_with("https://")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_moments_in_every_form() {
        assert_eq!(unix_ms(&json!(1_735_689_600)), Some(1_735_689_600_000));
        assert_eq!(
            unix_ms(&json!(1_735_689_600_000u64)),
            Some(1_735_689_600_000)
        );
        assert_eq!(
            unix_ms(&json!("2025-01-01T00:00:00Z")),
            Some(1_735_689_600_000)
        );
        assert_eq!(
            unix_ms(&json!("2025-01-01T00:00:00.5+00:00")),
            Some(1_735_689_600_500)
        );
        assert_eq!(unix_ms(&json!("yesterday")), None);
    }
}
