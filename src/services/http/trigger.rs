//! Triggering: the request, the run's id, and where there is none what was to be seen before.

use super::observer;
use super::request::Request;
use super::settings::{Next, Settings};
use super::template::{Part, Values};
use crate::api::{Answer, Client, Failure, Fault, Phase};
use crate::error::{Code, Problem};
use crate::model::{Baseline, Target, Trigger};
use crate::services::{Plan, State};

/// The longest id that is taken from a service, in bytes. Ours: it becomes part of an address.
const LONGEST_ID: usize = 512;

/// What the placeholders stand for once the run is known.
pub fn values<'a>(target: &'a Target, trigger: &'a Trigger) -> Values<'a> {
    Values {
        run_id: trigger.runs.first().map(String::as_str),
        ..Values::of(target)
    }
}

/// The one trigger. Every variable is looked at first, so that no later request can lack one.
pub fn prepare(
    client: &mut Client,
    target: &Target,
    settings: &Settings,
) -> Result<Vec<Plan>, Problem> {
    let usage = |why: String| Problem::new(Code::Usage, why);
    let call = settings
        .trigger
        .call(&Values::of(target))
        .map_err(|why| usage(format!("`trigger`: {why}")))?;
    // The id of a run as services give it; what they really give is looked at in the answer.
    let stand_in = Some("0");
    for (name, request) in followers(settings) {
        let values = Values {
            run_id: stand_in,
            next: stand_in,
            ..Values::of(target)
        };
        request
            .call(&values)
            .map_err(|why| usage(format!("`{name}`: {why}")))?;
    }
    let intent = Trigger {
        // As it was written: a handle is kept in a file, and holds no value of a variable.
        subject: settings.trigger.shown(""),
        title: target.name.clone(),
        baseline: baseline(client, target, settings)?,
        ..Trigger::default()
    };
    Ok(vec![Plan {
        call: Some(call),
        intent,
    }])
}

/// The requests after the trigger.
fn followers(settings: &Settings) -> Vec<(&'static str, &Request)> {
    let mut all = vec![("poll", &settings.poll)];
    all.extend(
        settings
            .results
            .as_ref()
            .map(|request| ("results", request)),
    );
    all.extend(settings.cancel.as_ref().map(|request| ("cancel", request)));
    if let Some(Next::Cursor(_, page)) = &settings.next {
        all.push(("results_page", page));
    }
    all
}

/// The state before the trigger, where no id tells the new run from an earlier one.
fn baseline(
    client: &mut Client,
    target: &Target,
    settings: &Settings,
) -> Result<Baseline, Problem> {
    if settings.poll.uses(&Part::RunId) {
        return Ok(Baseline::default());
    }
    let call = settings
        .poll
        .call(&Values::of(target))
        .map_err(|why| Problem::new(Code::Usage, why))?;
    let state = match client.ask(&call) {
        Ok(answer) => observer::state(client.service(), settings, &answer.json),
        // Nothing was run there yet.
        Err(Failure {
            fault: Fault::Refused(refusal),
            ..
        }) if refusal.status == 404 => State::Absent,
        Err(failure) => return Err(failure.problem(Phase::BeforeTrigger)),
    };
    // A word in none of the lists may be that of a run that is going on.
    if let State::Queued(word) | State::Running(word) | State::Unknown(word) = &state {
        return Err(Problem::new(
            Code::ServiceErrored,
            format!(
                "a run is going on already ({word}), and without a {{run_id}} in `poll` nothing would tell it from a new one; nothing was triggered"
            ),
        )
        .next("wait for its end, or set `run_id` and use it in `poll`"));
    }
    Ok(Baseline {
        state: state.word().map(str::to_owned),
        ..Baseline::default()
    })
}

/// Reads the run's id. None if there is not exactly one, or if it would make a request another one.
pub fn accepted(
    target: &Target,
    settings: &Settings,
    answer: &Answer,
    intent: &Trigger,
) -> Option<Trigger> {
    let Some(place) = &settings.run_id else {
        return Some(intent.clone());
    };
    let id = place.word(&answer.json)?;
    if id.len() > LONGEST_ID {
        return None;
    }
    let accepted = Trigger {
        runs: vec![id],
        ..intent.clone()
    };
    let values = Values {
        next: Some("0"),
        ..values(target, &accepted)
    };
    let all_right = followers(settings)
        .iter()
        .all(|(_, request)| request.call(&values).is_ok());
    all_right.then_some(accepted)
}
