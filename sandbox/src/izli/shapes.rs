//! The bodies. Entries are as in the old pages and in the bodies for creating; runs are ASSUMED throughout: their fields
//! have the names that a client would look for first.

use serde_json::{Map, Value, json};

use super::outcome::Outcome;
use super::runs::{Phase, Run, Runs};
use super::scenario::{ErrorForm, Identity, Settings, Verdict};
use super::steps::steps;
use super::thing::{Collection, MonitorType, Thing};

/// When everything was created.
const CREATED: &str = "2024-01-15T10:30:00Z";

/// A name as this scenario spells it.
pub fn spell(settings: &Settings, name: &str) -> String {
    settings.spelling.spell(name)
}

/// A word as this scenario says it.
pub fn said(settings: &Settings, word: &str) -> String {
    let other = settings.words.get(word);
    other.cloned().unwrap_or_else(|| word.to_owned())
}

/// The error of a run or of a step.
pub fn error(settings: &Settings, code: &str, message: &str) -> Value {
    match settings.run_error {
        ErrorForm::Text => json!(message),
        ErrorForm::Object => json!({"code": code, "message": message}),
    }
}

/// A journey, API monitor or monitor as the lists show it.
pub fn entry(collection: Collection, thing: &Thing) -> Value {
    let mut entry = json!({
        "id": thing.id,
        "name": thing.title(),
        "status": if thing.is_paused() { "paused" } else { "active" },
        "created_at": CREATED,
    });
    let interval_s = match thing.interval_ms {
        0 => 300,
        ms => ms.div_ceil(1_000),
    };
    if collection == Collection::Journeys {
        let place = match thing.locations.as_slice() {
            [one] => one,
            // ASSUMED: the word for a journey that is run everywhere.
            _ => "global",
        };
        entry["description"] = json!("");
        entry["interval_seconds"] = json!(interval_s);
        entry["timeout_seconds"] = json!(60);
        entry["primary_location"] = json!(place);
        entry["max_retries"] = json!(thing.max_retries());
    } else {
        entry["interval"] = json!(interval_s);
        entry["locations"] = json!(thing.locations);
    }
    match collection {
        Collection::Monitors => target(&mut entry, thing.kind),
        Collection::ApiMonitors => {
            let names = thing.steps(collection);
            let steps = names.iter().map(|name| json!({"name": name}));
            entry["steps"] = steps.collect();
        }
        Collection::Journeys => {}
    }
    entry
}

/// What a monitor looks at. Source: the bodies for creating.
fn target(entry: &mut Value, kind: MonitorType) {
    entry["type"] = json!(kind.word());
    match kind {
        MonitorType::Url | MonitorType::Api => entry["url"] = json!("https://example.com"),
        MonitorType::Tcp => {
            entry["host"] = json!("db.example.com");
            entry["port"] = json!(5432);
        }
        MonitorType::Dns => entry["host"] = json!("example.com"),
        MonitorType::Heartbeat => {}
    }
}

/// The newest run that has ended. Source: the old pages.
pub fn last_run(settings: &Settings, runs: &Runs, of_thing: &[Run], now_ms: i64) -> Value {
    let ended = of_thing.iter().rev().find_map(|run| match run.phase(now_ms) {
        Phase::Ended { at_ms } => Some((run, at_ms)),
        _ => None,
    });
    let Some((run, at_ms)) = ended else {
        return Value::Null;
    };
    let mut value = json!({"status": said(settings, run.outcome.word()), "duration_ms": run.took_ms()});
    if settings.identity == Identity::Id {
        value["id"] = json!(run.id);
    }
    if settings.identity != Identity::Nothing {
        value["completed_at"] = json!(runs.moment(at_ms));
    }
    value
}

/// Source of the names: the old pages. ASSUMED: they are the same in the call of its own.
pub fn stats(of_thing: &[Run], now_ms: i64) -> Value {
    let ended: Vec<&Run> = of_thing
        .iter()
        .filter(|run| matches!(run.phase(now_ms), Phase::Ended { .. }))
        .collect();
    let count = i64::try_from(ended.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return json!({"uptime_24h": null, "avg_response_ms": null});
    }
    let good = ended.iter().filter(|run| run.outcome.verdict() == Some(true));
    let sum_ms: i64 = ended.iter().map(|run| run.took_ms()).sum();
    let percent = 100.0 * good.count() as f64 / ended.len() as f64;
    json!({"uptime_24h": (percent * 10.0).round() / 10.0, "avg_response_ms": sum_ms / count})
}

/// A run as the list of runs shows it.
pub fn run(settings: &Settings, runs: &Runs, thing: &Thing, run: &Run, now_ms: i64) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(spell(settings, name), value);
    };
    if settings.identity == Identity::Id {
        put("id", json!(run.id));
    }
    if settings.identity != Identity::Nothing {
        put(&settings.time_name, json!(runs.moment(run.began_ms)));
    }
    put("location", json!(run.location));
    if !settings.origin_name.is_empty() {
        let word = if run.manual { "manual" } else { "schedule" };
        put(&settings.origin_name, json!(said(settings, word)));
    }
    let phase = run.phase(now_ms);
    for (name, value) in verdict(settings, run.outcome, phase) {
        put(name, value);
    }
    if let Phase::Ended { at_ms } = phase {
        if settings.identity != Identity::Nothing {
            put("completed_at", json!(runs.moment(at_ms)));
        }
        for (name, value) in end(settings, thing, run) {
            put(name, value);
        }
    }
    members.into()
}

/// What says how a run is or has ended.
fn verdict(settings: &Settings, outcome: Outcome, phase: Phase) -> Vec<(&'static str, Value)> {
    let ended = matches!(phase, Phase::Ended { .. });
    let name = match settings.verdict {
        Verdict::Status => "status",
        Verdict::Result => "result",
        Verdict::State => "state",
        Verdict::Outcome => "outcome",
        Verdict::Success | Verdict::Passed => {
            let name = if settings.verdict == Verdict::Success {
                "success"
            } else {
                "passed"
            };
            let verdict = outcome.verdict().filter(|_| ended);
            return verdict.map(|passed| (name, json!(passed))).into_iter().collect();
        }
    };
    let word = match phase {
        Phase::Pending => "pending",
        Phase::Running => "running",
        Phase::Retrying => "retrying",
        Phase::Ended { .. } => outcome.word(),
    };
    let flag = outcome.flag().filter(|_| ended);
    let flag = flag.map(|passed| ("success", json!(passed)));
    [(name, json!(said(settings, word)))].into_iter().chain(flag).collect()
}

/// What a run has once it has ended.
fn end(settings: &Settings, thing: &Thing, run: &Run) -> Vec<(&'static str, Value)> {
    let took = match run.collection {
        Collection::Monitors => "response_time_ms",
        Collection::Journeys | Collection::ApiMonitors => "duration_ms",
    };
    let mut members = vec![(took, json!(run.took_ms()))];
    if let Some((code, message)) = run.outcome.error() {
        members.push(("error", error(settings, code, message)));
    }
    let names = thing.steps(run.collection);
    let was_run = !matches!(run.outcome, Outcome::Skipped | Outcome::Cancelled);
    if was_run && !names.is_empty() {
        let steps = steps(settings, run.collection, &names, run.outcome, run.took_ms());
        members.push(("steps", json!(steps)));
    }
    if was_run && run.collection == Collection::Journeys {
        let url = |file: &str| json!(format!("https://artifacts.izli.example/{}/{file}", run.id));
        members.push(("screenshot_url", url("screenshot.png")));
        members.push(("trace_url", url("trace.zip")));
        members.push(("video_url", url("video.webm")));
    }
    members
}
