//! Looking at the run, and whether the state that is seen is the new run's.

use serde_json::Value;

use super::settings::Settings;
use super::template::Part;
use super::trigger;
use crate::api::{Client, Failure, Fault};
use crate::model::{Target, Trigger};
use crate::services::description::normal;
use crate::services::{Call, Description, Observer, Seen, State};

/// What looks at the run that a trigger has started.
pub fn of(target: &Target, started: &Trigger) -> Box<dyn Observer> {
    let ready = Settings::sound(target)
        .map_err(|problem| problem.message)
        .and_then(|settings| {
            let call = settings.poll.call(&trigger::values(target, started))?;
            Ok((call, settings))
        });
    match ready {
        Ok((call, settings)) => {
            let before = started.baseline.state.clone();
            let proven = settings.poll.uses(&Part::RunId)
                || started
                    .last_state
                    .as_deref()
                    .is_some_and(|word| differs(before.as_deref(), word));
            Box::new(Poll {
                call,
                settings,
                before,
                proven,
            })
        }
        Err(why) => Box::new(Impossible(why)),
    }
}

/// The state that an answer tells. Words that contradict each other are no state that is known.
pub fn state(service: &Description, settings: &Settings, answer: &Value) -> State {
    for place in &settings.states {
        let mut words = place.words(answer);
        match words.len() {
            0 => {}
            1 => return service.meaning(words.remove(0)),
            _ => return State::Unknown(words.join(", ")),
        }
    }
    State::Absent
}

struct Poll {
    call: Call,
    settings: Settings,
    /// The word before the trigger.
    before: Option<String>,
    /// Whether what is seen is the new run's: it is asked for by its id, or the word has changed since the trigger.
    proven: bool,
}

impl Observer for Poll {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        let answer = client.send_once(&self.call)?;
        let state = state(client.service(), &self.settings, &answer.json);
        let new = |word| differs(self.before.as_deref(), word);
        self.proven |= state.word().is_some_and(new);
        let state = match state.word() {
            Some(word) if state.has_ended() && !self.proven => State::Unproven(word.to_owned()),
            _ => state,
        };
        Ok(Seen {
            state,
            body: answer.json,
        })
    }
}

fn differs(before: Option<&str>, word: &str) -> bool {
    before.map(normal) != Some(normal(word))
}

/// A run that cannot be asked for, as with a handle of a target that has changed since.
struct Impossible(String);

impl Observer for Impossible {
    fn look(&mut self, _client: &mut Client) -> Result<Seen, Failure> {
        Err(Failure {
            call: "looking at the run".to_owned(),
            fault: Fault::Denied(self.0.clone()),
        })
    }
}
