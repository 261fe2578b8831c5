//! The steps of a run. ASSUMED throughout; the types and operators of assertions are documented.

use serde_json::{Map, Value, json};

use super::outcome::Outcome;
use super::scenario::{AfterFailure, Settings};
use super::shapes::{error, said, spell};
use super::thing::Collection;

/// The steps of a run that has ended, up to the one that fails.
pub fn steps(
    settings: &Settings,
    collection: Collection,
    names: &[String],
    outcome: Outcome,
    took_ms: i64,
) -> Vec<Value> {
    let each_ms = took_ms / i64::try_from(names.len().max(1)).unwrap_or(1);
    // The second, so that there is one before it and one behind.
    let breaks_at = outcome.breaks_a_step().then(|| names.len().clamp(1, 2) - 1);
    let shown = match (breaks_at, settings.after_failure) {
        (Some(at), AfterFailure::Missing) => at + 1,
        _ => names.len(),
    };
    let step = |(at, name): (usize, &String)| {
        let own = match breaks_at {
            Some(broken) if at == broken => outcome,
            Some(broken) if at > broken => Outcome::Skipped,
            _ => Outcome::Success,
        };
        step(settings, collection, name, own, each_ms)
    };
    names.iter().take(shown).enumerate().map(step).collect()
}

fn step(
    settings: &Settings,
    collection: Collection,
    name: &str,
    outcome: Outcome,
    took_ms: i64,
) -> Value {
    let mut step = Map::new();
    step.insert("name".to_owned(), json!(name));
    let word = match outcome {
        Outcome::Success | Outcome::Skipped | Outcome::Error | Outcome::Timeout => outcome.word(),
        _ => "failed",
    };
    step.insert("status".to_owned(), json!(said(settings, word)));
    if outcome == Outcome::Skipped {
        return step.into();
    }
    step.insert(spell(settings, "duration_ms"), json!(took_ms));
    if let Some((code, message)) = outcome.error() {
        step.insert("error".to_owned(), error(settings, code, message));
    }
    if !matches!(outcome, Outcome::Error | Outcome::Timeout) {
        let assertions = assertions(collection, outcome);
        step.insert("assertions".to_owned(), json!(assertions));
    }
    step.into()
}

/// One assertion that holds, and one that may not.
fn assertions(collection: Collection, outcome: Outcome) -> [Value; 2] {
    let passed = !outcome.breaks_a_step();
    let took = if outcome == Outcome::Degraded { 1_912 } else { 245 };
    let time = json!({"type": "response_time", "operator": "less_than", "expected": 800, "actual": took,
        "passed": took < 800});
    let holds = passed || outcome == Outcome::Degraded;
    let content = match collection {
        Collection::Journeys => json!({"type": "body_contains", "operator": "in", "expected": "Welcome",
            "actual": if holds { "Welcome" } else { "Something went wrong" }, "passed": holds}),
        Collection::ApiMonitors | Collection::Monitors => {
            json!({"type": "status_code", "operator": "equals", "expected": 200,
                "actual": if holds { 200 } else { 500 }, "passed": holds})
        }
    };
    [time, content]
}
