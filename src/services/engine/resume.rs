//! Going on with what an earlier process has begun: what it sent is looked for, what it left is sent.

use std::time::Duration;

use super::trigger::{LOST_LOOKS, located, may_trigger, not_sent, told, trigger_one};
use crate::api::{Client, Failure, KEY_KEPT, Phase};
use crate::error::{Code, Problem};
use crate::model::{Stage, Target, Trigger};
use crate::ports::Event;
use crate::services::record::{Remote, interrupted};
use crate::services::{Call, Plan, Service};

/// How far the clock of the machine that has sent a trigger may be ahead of ours, in milliseconds. Ours: with one that is
/// further ahead it cannot be told how old a key is.
const SKEW_MS: u64 = 60_000;

/// Finds what was sent, then sends what is left, one after the other; the first that fails ends that. `triggers` says how
/// far each has come.
pub fn go_on(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    triggers: &mut [Trigger],
) -> Result<(), Problem> {
    if triggers.iter().any(|each| each.stage == Stage::Accepted) {
        // Whatever comes of the rest: that there are runs already is told once more, as to somebody new.
        client.ports.emit(Event::Triggered(told(target, triggers)));
    }
    for at in 0..triggers.len() {
        if triggers[at].stage == Stage::Sent && key_age(client, &triggers[at]).is_none() {
            find(service, client, target, triggers, at)?;
        }
    }
    let left: Vec<Trigger> = triggers
        .iter()
        .filter(|trigger| trigger.stage != Stage::Accepted)
        .cloned()
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let plans = match service.prepare_left(client, target, &left) {
        Ok(plans) => plans,
        Err(problem) => return without_plans(service, client, target, triggers, problem),
    };
    for at in 0..triggers.len() {
        match triggers[at].stage {
            Stage::Accepted => {}
            Stage::Sent => repeat(service, client, target, &plans, triggers, at)?,
            Stage::Planned => send(service, client, target, &plans, triggers, at)?,
        }
    }
    Ok(())
}

/// How long ago a trigger was sent whose key the service surely still knows; none if it has none, or one that is too old.
fn key_age(client: &Client, trigger: &Trigger) -> Option<Duration> {
    trigger.idempotency_key.as_ref()?;
    let (sent, now) = (trigger.at_ms?, client.ports.unix_ms());
    let age = Duration::from_millis(now.saturating_sub(sent));
    (sent <= now + SKEW_MS && age < KEY_KEPT).then_some(age)
}

/// What was sent can be found even if nothing more can be sent.
fn without_plans(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    triggers: &mut [Trigger],
    problem: Problem,
) -> Result<(), Problem> {
    for at in 0..triggers.len() {
        if triggers[at].stage == Stage::Sent {
            find(service, client, target, triggers, at)?;
        }
    }
    match triggers.iter().find(|each| each.stage == Stage::Planned) {
        Some(left) => Err(not_sent(&left.title, problem)),
        None => Ok(()),
    }
}

/// Sends a trigger that was planned and not sent, with what is there by now.
fn send(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    plans: &[Plan],
    triggers: &mut [Trigger],
    at: usize,
) -> Result<(), Problem> {
    let plan = plan_of(plans, &triggers[at])?;
    triggers[at] = Trigger {
        // As it is called in what was told of it before.
        title: triggers[at].title.clone(),
        ..plan.intent.clone()
    };
    trigger_one(service, client, target, plan.call.as_ref(), triggers, at)
}

/// Sends a trigger again with the key that it had, by which the service knows it: of the same run it tells once more.
fn repeat(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    plans: &[Plan],
    triggers: &mut [Trigger],
    at: usize,
) -> Result<(), Problem> {
    let intent = triggers[at].clone();
    let planned = plan_of(plans, &intent).map(|plan| plan.call.clone());
    // Reading what is there may have taken its time.
    if let (Ok(Some(call)), Some(age)) = (planned, key_age(client, &intent)) {
        may_trigger(client, &intent)?;
        let call = Call {
            idempotency_key: intent.idempotency_key.clone(),
            ..call
        };
        match client.send_again(&call, age) {
            Ok(answer) => {
                if let Some(found) = service.accepted(target, &answer, &intent, client.service()) {
                    accept(client, target, triggers, at, found);
                    return Ok(());
                }
            }
            Err(failure) => client.warn(format!(
                "{}: {}; looking whether a run was started",
                failure.call,
                failure.fault.told()
            )),
        }
    }
    find(service, client, target, triggers, at)
}

fn plan_of<'a>(plans: &'a [Plan], trigger: &Trigger) -> Result<&'a Plan, Problem> {
    let mut plans = plans.iter();
    plans
        .find(|plan| plan.intent.subject == trigger.subject)
        .ok_or_else(|| {
            let message = format!(
                "{} was to be triggered, but is no longer among what the target names",
                trigger.title
            );
            Problem::new(Code::ServiceErrored, message)
        })
}

/// Looks for the run of a trigger that was sent, several times, as lists may lag behind. Sends nothing.
fn find(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    triggers: &mut [Trigger],
    at: usize,
) -> Result<(), Problem> {
    let mut unfound = None;
    for wait in LOST_LOOKS {
        if let Err(fault) = client.wait(wait) {
            return Err(left_off(
                client,
                unfound,
                Failure {
                    call: "looking for the run that an earlier process may have started".to_owned(),
                    fault,
                },
            ));
        }
        match located(service, client, target, &triggers[at]) {
            Ok(found) => {
                accept(client, target, triggers, at, found);
                return Ok(());
            }
            Err(problem) if is_lasting(problem.code) => return Err(problem),
            Err(problem) => unfound = Some(problem),
        }
    }
    Err(unfound.unwrap_or_else(|| Problem::new(Code::Internal, "nobody looked for the run")))
}

/// Whether a look would come to the same in some seconds.
const fn is_lasting(code: Code) -> bool {
    !matches!(
        code,
        Code::Unavailable | Code::Protocol | Code::ServiceErrored
    )
}

/// Why it was looked no further.
fn left_off(client: &Client, unfound: Option<Problem>, failure: Failure) -> Problem {
    match client.interrupted() {
        Some(by) => interrupted(by, Remote::Unclear),
        None => unfound.unwrap_or_else(|| failure.problem(Phase::AfterTrigger)),
    }
}

fn accept(
    client: &mut Client,
    target: &Target,
    triggers: &mut [Trigger],
    at: usize,
    found: Trigger,
) {
    triggers[at] = Trigger {
        stage: Stage::Accepted,
        ..found
    };
    client.ports.emit(Event::Triggered(told(target, triggers)));
}
