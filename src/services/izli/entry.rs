//! One entry of a list of runs or results.

use serde_json::Value;

use crate::api::{Client, Failure, Fault, json, moment};
use crate::model::{Target, Verdict};
use crate::services::{Description, State};
use crate::verdict::worst;

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Ended(Verdict),
    Going,
    /// In a state that is not known: not taken for an end.
    Unknown,
}

/// One entry of a list of runs. All fields are ASSUMED.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: Option<String>,
    /// In milliseconds since the Unix epoch.
    pub at_ms: Option<u64>,
    pub location: Option<String>,
    /// Whether it says that it was asked for, or that it was not.
    pub asked: Option<bool>,
    pub outcome: Outcome,
    /// Whether it says that it has ended by more than a word.
    pub is_dated: bool,
    /// When it ended, where it says so, in milliseconds since the Unix epoch.
    pub ended_ms: Option<u64>,
    /// The service's word for its state.
    pub word: String,
    pub value: Value,
}

impl Entry {
    /// Reads an entry.
    pub fn read(service: &Description, degraded_passes: bool, value: Value) -> Self {
        let text = |name| json::text(&value, service.assumed(name));
        let origin = text("entry_origin");
        let origin_is = |name| {
            origin
                .as_deref()
                .is_some_and(|word| service.knows(name, word))
        };
        let asked = match (origin_is("origins_asked"), origin_is("origins_scheduled")) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        let mut at_ms = None;
        for place in service.assumed("entry_at") {
            at_ms = at_ms.or_else(|| {
                json::select(&value, place)
                    .into_iter()
                    .find_map(moment::unix_ms)
            });
        }
        let is_dated = text("entry_ended").is_some();
        // Some of these places hold a duration, which as a moment would be long before the run.
        let ends = service.assumed("entry_ended").iter();
        let ended_ms = ends
            .flat_map(|place| json::select(&value, place))
            .filter_map(moment::unix_ms)
            .find(|ended_ms| at_ms.is_some_and(|at_ms| *ended_ms >= at_ms));
        let (outcome, word) = outcome(service, degraded_passes, &value, is_dated);
        Self {
            id: text("entry_id"),
            at_ms,
            location: text("entry_location"),
            asked,
            outcome,
            is_dated,
            ended_ms,
            word,
            value,
        }
    }

    /// What it is known by: its id, or else when and where it was; none if it has neither.
    pub fn identity(&self) -> Option<String> {
        self.id.clone().or_else(|| {
            let at_ms = self.at_ms?;
            let location = self.location.as_deref().unwrap_or("-");
            Some(format!("{at_ms} {location}"))
        })
    }

    /// Its verdict, if it has ended.
    pub const fn verdict(&self) -> Option<Verdict> {
        match self.outcome {
            Outcome::Ended(verdict) => Some(verdict),
            Outcome::Going | Outcome::Unknown => None,
        }
    }
}

/// Whether a target takes a degraded run for a pass.
pub fn degraded_passes(target: &Target) -> bool {
    target.text("degraded") == Some("pass")
}

/// What the word and the truth value of an entry amount to together. Where they disagree, the worse wins.
fn outcome(
    service: &Description,
    degraded_passes: bool,
    value: &Value,
    is_dated: bool,
) -> (Outcome, String) {
    let flag = match json::text(value, service.assumed("entry_flag")).as_deref() {
        Some("true") => Some(Verdict::Passed),
        Some("false") => Some(Verdict::Failed),
        _ => None,
    };
    let Some(word) = json::text(value, service.assumed("entry_state")) else {
        return match flag {
            Some(verdict) => (Outcome::Ended(verdict), shown(verdict)),
            None if is_dated => (Outcome::Ended(Verdict::Errored), "no verdict".to_owned()),
            None => (Outcome::Going, "no state".to_owned()),
        };
    };
    let state = meaning(service, degraded_passes, word.clone());
    let outcome = match &state {
        State::Queued(_) | State::Running(_) => Outcome::Going,
        State::Completed(_) => {
            let told = json::text(value, service.assumed("entry_result"))
                .and_then(|word| meaning(service, degraded_passes, word).verdict());
            let told: Vec<Verdict> = flag.into_iter().chain(told).collect();
            Outcome::Ended(if told.is_empty() {
                Verdict::Errored
            } else {
                worst(told)
            })
        }
        other => match other.verdict() {
            // Nothing was run, whatever a truth value beside it says.
            Some(Verdict::Skipped) => Outcome::Ended(Verdict::Skipped),
            Some(verdict) => Outcome::Ended(worst(flag.into_iter().chain([verdict]))),
            None => Outcome::Unknown,
        },
    };
    (outcome, word)
}

fn shown(verdict: Verdict) -> String {
    verdict.word().to_owned()
}

/// What a word for a run's state means.
pub fn meaning(service: &Description, degraded_passes: bool, word: String) -> State {
    if !service.knows("states_degraded", &word) {
        service.meaning(word)
    } else if degraded_passes {
        State::Passed(word)
    } else {
        State::Failed(word)
    }
}

/// Reads the newest entries of a list of runs; `once` without trying again.
///
/// The order is not documented. Where the first page turns out to begin with the oldest, and is not all, the last one is
/// read too.
///
/// # Errors
/// What the page that could not be read failed of, or `Malformed` if there is no list.
pub fn recent(
    client: &mut Client,
    path: &str,
    degraded_passes: bool,
    once: bool,
) -> Result<Vec<Entry>, Failure> {
    let (mut entries, total) = page(client, path, degraded_passes, once)?;
    let count = entries.len();
    let ends = (
        entries.first().and_then(|entry| entry.at_ms),
        entries.last().and_then(|entry| entry.at_ms),
    );
    if let (Some(first), Some(last)) = ends
        && first < last
        && total > count
    {
        let number = total.div_ceil(count);
        let path = format!("{path}&page={number}");
        entries.extend(page(client, &path, degraded_passes, once)?.0);
    }
    Ok(entries)
}

/// One page, and how many entries there are in all.
fn page(
    client: &mut Client,
    path: &str,
    degraded_passes: bool,
    once: bool,
) -> Result<(Vec<Entry>, usize), Failure> {
    let answer = match once {
        true => client.get_once(path)?,
        false => client.get(path)?,
    };
    let service = client.service();
    let is_nothing = answer.json.get("data").is_some_and(Value::is_null);
    let Some(items) =
        json::list(&answer.json, service.assumed("list")).or_else(|| is_nothing.then(Vec::new))
    else {
        return Err(Failure {
            call: format!("GET {}", path.split('?').next().unwrap_or(path)),
            fault: Fault::Malformed {
                why: "there is no list in it".to_owned(),
                request_id: answer.request_id,
            },
        });
    };
    let total = json::number(&answer.json, service.assumed("total")).unwrap_or(0.0);
    let entries = items
        .into_iter()
        .map(|item| Entry::read(service, degraded_passes, item.clone()))
        .collect();
    Ok((entries, total as usize))
}
