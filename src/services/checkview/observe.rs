//! Looking at one run by its id; before that, where the trigger's answer named none, for the run itself.

use std::time::Duration;

use serde_json::{Value, json};

use super::runs::{self, New};
use super::{paths, state};
use crate::api::{Client, Failure, Fault};
use crate::model::Trigger;
use crate::ports::Instant;
use crate::services::{Observer, Seeker, Seen, State};

/// How long a run that the trigger's answer did not name may take to be listed. ASSUMED.
const LISTED_WITHIN: Duration = Duration::from_secs(120);

/// How long after the first look a run that was just accepted may be unknown under its own path. ASSUMED.
const THERE_WITHIN: Duration = Duration::from_secs(15);

/// Looks at the run of a trigger. What it sees is `{"run_id", "run"}`, or `{"untraced"}` with why there is none.
pub fn observer(trigger: &Trigger) -> Box<dyn Observer> {
    Box::new(Look {
        run: trigger.runs.first().cloned(),
        trigger: trigger.clone(),
        began: None,
        seen: false,
    })
}

struct Look {
    trigger: Trigger,
    run: Option<String>,
    /// When the first look was.
    began: Option<Instant>,
    /// Whether the run was ever there.
    seen: bool,
}

impl Observer for Look {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        let now = client.ports.now();
        let waited = now.since(*self.began.get_or_insert(now));
        if let Some(id) = self.run.clone() {
            return self.at(client, &id, waited);
        }
        let flow = &self.trigger.subject;
        match runs::new(client, &self.trigger, Seeker::Sender)? {
            New::One(id) => {
                self.run = Some(id.clone());
                self.at(client, &id, waited)
            }
            New::Nothing if waited < LISTED_WITHIN => Ok(not_there()),
            New::Nothing => Ok(untraced(&format!(
                "no new run of the flow {flow} was listed within {} s",
                LISTED_WITHIN.as_secs()
            ))),
            New::Unclear(why) => Ok(untraced(&why)),
        }
    }
}

impl Look {
    fn at(&mut self, client: &mut Client, id: &str, waited: Duration) -> Result<Seen, Failure> {
        let path = paths::path(client.service(), "path_run", id);
        let answer = match client.get_once(&path) {
            Ok(answer) => answer,
            Err(failure) if is_unknown(&failure) && !self.seen => {
                // Just accepted, it may not be readable yet.
                if waited < THERE_WITHIN {
                    return Ok(not_there());
                }
                return Err(hinted(failure));
            }
            Err(failure) => return Err(failure),
        };
        self.seen = true;
        let service = client.service();
        let run = state::run_in(service, &answer.json, id);
        Ok(Seen {
            state: state::read(service, run).state,
            body: json!({"run_id": id, "run": run}),
        })
    }
}

/// The trigger was accepted, and the run is not to be seen yet.
fn not_there() -> Seen {
    Seen {
        state: State::Queued("accepted".to_owned()),
        body: Value::Null,
    }
}

fn untraced(why: &str) -> Seen {
    Seen {
        state: State::Errored("untraced".to_owned()),
        body: json!({"untraced": why}),
    }
}

fn is_unknown(failure: &Failure) -> bool {
    matches!(&failure.fault, Fault::Refused(refusal) if matches!(refusal.status, 404 | 405))
}

/// The failure with a word about the path, which is ASSUMED.
fn hinted(mut failure: Failure) -> Failure {
    if let Fault::Refused(refusal) = &mut failure.fault {
        let told = refusal.message.take().unwrap_or_default();
        let hint = "the path of a run is not publicly documented; if it is another, set path_run in the target's api table and follow the run with `proctor wait`";
        refusal.message = Some(match told.as_str() {
            "" => hint.to_owned(),
            told => format!("{told} ({hint})"),
        });
    }
    failure
}
