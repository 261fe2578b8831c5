//! Starting runs: one key for each, what was there before, and what the answer says.

use super::{paths, resolve, runs};
use crate::api::{Answer, Client, Failure, Fault, Phase, json};
use crate::error::{Code, Problem};
use crate::model::{Baseline, Target, Trigger};
use crate::ports::Ports;
use crate::services::{Description, Plan};
use serde_json::Value;

/// Resolves the flows and reads the runs that are there already. One plan for each flow.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let flows = resolve::wanted(client, target)?;
    let ids: Vec<&str> = flows.iter().map(|flow| flow.id.as_str()).collect();
    let before = runs::before(client, &ids)?;
    let mut plans = Vec::with_capacity(flows.len());
    for (flow, runs) in flows.iter().zip(before) {
        let namesakes = flows.iter().filter(|other| other.name == flow.name).count();
        let key = key(client.ports);
        plans.push(Plan {
            call: Some(paths::trigger(client.service(), &flow.id, key)),
            intent: Trigger {
                subject: flow.id.clone(),
                title: match namesakes {
                    1 => flow.name.clone(),
                    _ => format!("{} ({})", flow.name, flow.id),
                },
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

/// A new key for one trigger: a UUID of random bits (RFC 9562, 5.4).
///
/// DOC: for 60 minutes the service answers a repeated key with the answer of the first time, so a key must never serve
/// another trigger.
fn key(ports: &mut dyn Ports) -> String {
    let (high, low) = (ports.random(), ports.random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0x0fff,
        0x8000 | low >> 48 & 0x3fff,
        low & 0xffff_ffff_ffff,
    )
}

/// Reads the run's id. An answer of success without one is accepted as well, as 204 is documented: the observer then
/// looks for the run in the list. What is neither an object nor nothing is not the API's.
///
/// The flow's own id, and the id of a run that was there before, are never those of the new run.
pub fn accepted(answer: &Answer, intent: &Trigger, service: &Description) -> Option<Trigger> {
    if !matches!(answer.json, Value::Object(_) | Value::Null) {
        return None;
    }
    let old = intent.baseline.runs.as_deref().unwrap_or_default();
    let run = service
        .assumed("trigger_run_id")
        .iter()
        .flat_map(|place| json::select(&answer.json, place))
        .filter_map(json::scalar)
        .find(|id| *id != intent.subject && !old.contains(id));
    Some(Trigger {
        runs: run.into_iter().collect(),
        ..intent.clone()
    })
}

/// A flow that is not there was found out before, so a path that is not there is the trigger's own.
pub fn refused(target: &Target, failure: &Failure) -> Problem {
    match &failure.fault {
        Fault::Refused(refusal) if matches!(refusal.status, 404 | 405) => Problem::new(
            Code::Protocol,
            format!(
                "{}: {}; the path that starts a run is not publicly documented",
                failure.call,
                failure.fault.told()
            ),
        )
        .next(format!(
            "take the path from the endpoint reference in your account and set it in [targets.{}.api], for example path_trigger = \"POST /test-flows/{{flow_id}}/runs\"; no other path was tried, as each that works starts a run",
            target.name
        ))
        .request(refusal.request_id.clone()),
        _ => failure.problem(Phase::BeforeTrigger),
    }
}
