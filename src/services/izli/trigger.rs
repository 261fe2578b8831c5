//! Triggering: what was there before, what the answer tells, and finding a run whose trigger was not answered.

use serde_json::{Value, json};

use super::attribution::{SKEW_MS, by_location, new};
use super::catalog::{self, Thing};
use super::entry::{Entry, Outcome, degraded_passes, recent};
use super::finder::Locations;
use super::{KINDS, named, subject};
use crate::api::{Answer, Client, Failure, json as read};
use crate::error::Problem;
use crate::model::{Baseline, Mistake, Target, Trigger, Verdict};
use crate::services::{Call, Candidate, Description, Lost, Plan, Seeker, if_understood, only_ours};

/// Looks for settings that cannot be right together.
pub fn validate(target: &Target) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut wrong = |parameter: &str, message: &str| {
        mistakes.push(Mistake {
            parameter: Some(parameter.to_owned()),
            message: message.to_owned(),
        });
    };
    if KINDS
        .iter()
        .all(|kind| target.texts(kind.parameter).is_empty())
    {
        wrong(
            "journey",
            "name at least one journey, api_monitor or monitor to run",
        );
    }
    for kind in &KINDS {
        let words = target.texts(kind.parameter);
        if words.iter().any(|word| word.trim().is_empty()) {
            wrong(kind.parameter, "a name or id is empty");
        }
    }
    if let Some(text) = target.text("locations")
        && Locations::read(text).is_none()
    {
        wrong("locations", "give first, all or a number from 1 to 100");
    }
    if target
        .integer("settle")
        .is_some_and(|seconds| !(0..=3_600).contains(&seconds))
    {
        wrong("settle", "give a number of seconds from 0 to 3600");
    }
    mistakes
}

/// Resolves the names and reads which runs are there already.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let things = catalog::resolve(client, target)?;
    plans(client, target, things)
}

/// The same for what is left of them, under the ids that they were resolved to.
pub fn prepare_left(
    client: &mut Client,
    target: &Target,
    left: &[Trigger],
) -> Result<Vec<Plan>, Problem> {
    let things = left.iter().map(|trigger| {
        let (kind, id) = named(trigger);
        Thing {
            kind,
            id: id.to_owned(),
            title: trigger.title.clone(),
        }
    });
    plans(client, target, things.collect())
}

fn plans(client: &mut Client, target: &Target, things: Vec<Thing>) -> Result<Vec<Plan>, Problem> {
    let mut plans = Vec::with_capacity(things.len());
    for Thing { kind, id, title } in things {
        let runs = known(client, target, &kind.runs_path(&id))?;
        let path = format!("{}/{}", kind.path(&id), kind.word);
        plans.push(Plan {
            // ASSUMED: no body is documented; an empty object is none to a server that wants JSON.
            call: Some(Call::post(path, &json!({}))),
            intent: Trigger {
                subject: subject(kind, &id),
                title,
                baseline: Baseline {
                    runs,
                    ..Baseline::default()
                },
                ..Trigger::default()
            },
        });
    }
    Ok(plans)
}

/// What the runs before the trigger are known by.
fn known(client: &mut Client, target: &Target, path: &str) -> Result<Option<Vec<String>>, Problem> {
    let entries = recent(client, path, degraded_passes(target), false);
    let entries = if_understood(client, "what was there before", entries)?;
    // One that cannot be known again could be taken for a new one later.
    Ok(entries.and_then(|entries| entries.iter().map(Entry::identity).collect()))
}

/// Reads the trigger's answer. That there is one, and that it is no error, is all that is documented of it: that the
/// request was accepted. Ids of runs are taken where there are some; where the answer is already the result, its word.
pub fn accepted(
    target: &Target,
    answer: &Answer,
    intent: &Trigger,
    service: &Description,
) -> Trigger {
    let (_, own) = named(intent);
    let data = answer.json.get("data").unwrap_or(&answer.json);
    let several = data
        .as_array()
        .map(|items| items.iter().collect())
        .or_else(|| read::list(data, service.assumed("started_list")));
    let mut runs: Vec<String> = Vec::new();
    // Beside the ids of several runs the answer's own is that of all together.
    for part in several.unwrap_or_else(|| vec![data]) {
        if let Some(id) = run_id(service, own, part)
            && !runs.contains(&id)
        {
            runs.push(id);
        }
    }
    Trigger {
        last_state: result(target, data, intent, service, !runs.is_empty()),
        runs,
        ..intent.clone()
    }
}

/// The id of the run that a part of the answer names; the id of what was triggered is none.
fn run_id(service: &Description, own: &str, part: &Value) -> Option<String> {
    let id = match part {
        Value::String(_) | Value::Number(_) => read::scalar(part),
        _ => service
            .assumed("started_run")
            .iter()
            .find_map(|place| read::text(part, std::slice::from_ref(place)).filter(|id| id != own)),
    };
    id.filter(|id| id != own)
}

/// The word of an answer that is the result itself: an end, of a run that the answer dates, and not of one that was there
/// before. A good word without a time may be no more than a receipt. ASSUMED that there may be such answers.
fn result(
    target: &Target,
    data: &Value,
    intent: &Trigger,
    service: &Description,
    is_named: bool,
) -> Option<String> {
    let (_, own) = named(intent);
    let is_thing = read::text(data, service.assumed("id")).is_some_and(|id| id == own);
    let has_word = read::text(data, service.assumed("entry_state")).is_some();
    let entry = Entry::read(service, degraded_passes(target), data.clone());
    let passes = matches!(entry.outcome, Outcome::Ended(Verdict::Passed));
    let is_old =
        matches!((entry.at_ms, intent.at_ms), (Some(at), Some(asked)) if at + SKEW_MS < asked);
    let is_result = data.is_object()
        && !is_thing
        && !is_old
        && (entry.is_dated || (has_word && is_named && !passes))
        && matches!(entry.outcome, Outcome::Ended(_));
    is_result.then_some(entry.word)
}

/// Looks for what is new since the trigger. Several new runs of one location cannot be told apart. To a successor the runs
/// that are found are the trigger's, and no others that come later.
pub fn find_lost(
    client: &mut Client,
    target: &Target,
    intent: &Trigger,
    seeker: Seeker,
) -> Result<Lost, Failure> {
    let (kind, id) = named(intent);
    let entries = recent(client, &kind.runs_path(id), degraded_passes(target), false)?;
    if intent.baseline.runs.is_none() {
        return Ok(Lost::Unclear(
            "the runs before the trigger are not known".to_owned(),
        ));
    }
    let mut new = new(&entries, intent);
    if new.is_empty() {
        return Ok(Lost::Nothing);
    }
    let candidates = new.iter().filter_map(|entry| {
        let id = entry.identity()?;
        let began_ms = entry.at_ms;
        Some(Candidate { id, began_ms })
    });
    let ours = match only_ours(candidates.collect(), intent, seeker) {
        Ok(ours) => ours,
        Err(why) => return Ok(Lost::Unclear(format!("the run {why}"))),
    };
    let runs: Vec<String> = ours.into_iter().map(|run| run.id).collect();
    new.retain(|entry| entry.identity().is_some_and(|id| runs.contains(&id)));
    let groups = by_location(&new, 1);
    match groups.iter().find(|group| group.entries.len() > 1) {
        Some(group) => Ok(Lost::Unclear(format!(
            "{} runs are new since the trigger",
            group.entries.len()
        ))),
        None if seeker == Seeker::Sender => Ok(Lost::Found(intent.clone())),
        None => Ok(Lost::Found(Trigger {
            runs,
            ..intent.clone()
        })),
    }
}
