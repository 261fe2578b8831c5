//! The state of a test: how it is asked for, and what its words mean.

use serde_json::Value;

use crate::api::{Answer, Client, Failure, Fault, encode, json};
use crate::model::Trigger;
use crate::services::Description;

/// What the word for a test's state tells of a run. DOC: the meanings, by the vendor's pages about statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Passed,
    /// The alarm is on: also where the run itself could not be carried out.
    Failed,
    /// The alarm was on, and a person, never a run, has acknowledged it.
    Acknowledged,
    /// Ready and without a schedule: whether a good run ends so is not documented.
    Valid,
    Queued,
    Running,
    /// Not recorded, or not validated: there is nothing that could run.
    Unready,
    /// Never run.
    Unexecuted,
    Unknown,
}

impl Kind {
    /// What a word means.
    pub fn of(service: &Description, word: &str) -> Self {
        const KINDS: [(&str, Kind); 8] = [
            ("states_passed", Kind::Passed),
            ("states_failed", Kind::Failed),
            ("states_acknowledged", Kind::Acknowledged),
            ("states_valid", Kind::Valid),
            ("states_queued", Kind::Queued),
            ("states_running", Kind::Running),
            ("states_unready", Kind::Unready),
            ("states_unexecuted", Kind::Unexecuted),
        ];
        KINDS
            .into_iter()
            .find(|(name, _)| service.knows(name, word))
            .map_or(Self::Unknown, |(_, kind)| kind)
    }

    /// Whether a run is waiting or going on.
    pub const fn is_busy(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// The path's segment for a test. Its id holds an ampersand, which a path may carry as it is; which form the service's
/// gateway wants is not documented. ASSUMED: the encoded one; a service that does not know it is asked with the other.
pub fn segment(id: &str, bare: bool) -> String {
    if !bare {
        return encode(id);
    }
    id.split('&').map(encode).collect::<Vec<_>>().join("&")
}

/// The segment of a trigger's test. The API has no jobs, so `job` is free to remember that the service takes the id with
/// its ampersand as it is: it is then the id, and none otherwise.
pub fn segment_of(trigger: &Trigger) -> String {
    segment(&trigger.subject, trigger.job.is_some())
}

/// A test's state before it is triggered.
pub struct First {
    pub word: Option<String>,
    /// Whether the service takes the id's ampersand as it is.
    pub bare: bool,
}

/// Reads the state for the first time, and learns in which form the service takes the id.
pub fn first(client: &mut Client, id: &str) -> Result<First, Failure> {
    let unknown = match client.get(&path(&segment(id, false))) {
        Ok(answer) => {
            return Ok(First {
                word: word(client.service(), id, &answer),
                bare: false,
            });
        }
        Err(failure) => failure,
    };
    if !id.contains('&') || !is_404(&unknown) {
        return Err(unknown);
    }
    match client.get(&path(&segment(id, true))) {
        Ok(answer) => Ok(First {
            word: word(client.service(), id, &answer),
            bare: true,
        }),
        // It knows the test in neither form: the first is what people know.
        Err(failure) if is_404(&failure) => Err(unknown),
        Err(failure) => Err(failure),
    }
}

fn is_404(failure: &Failure) -> bool {
    matches!(&failure.fault, Fault::Refused(refusal) if refusal.status == 404)
}

/// The address of a test's state.
pub fn path(segment: &str) -> String {
    format!("/status/{segment}")
}

/// The word for the state; none if the answer has none, or is about another test.
pub fn word(service: &Description, id: &str, answer: &Answer) -> Option<String> {
    if is_of_another(service, id, &answer.json) {
        return None;
    }
    json::text(&answer.json, service.assumed("state"))
}

/// Whether an answer names another test than the one that was asked for.
pub fn is_of_another(service: &Description, id: &str, answer: &Value) -> bool {
    json::text(answer, service.assumed("test_id"))
        .is_some_and(|named| named != id && !named.eq_ignore_ascii_case(&encode(id)))
}
