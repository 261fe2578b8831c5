//! From the answer for one run to its state. Several words may tell of it, and the worse one counts.

use serde_json::Value;

use crate::api::json;
use crate::model::Verdict;
use crate::services::{Description, State};
use crate::verdict::seriousness;

/// What a run says of itself.
pub struct Reading {
    pub state: State,
    /// Why it is no better, where the word alone does not tell.
    pub why: Option<String>,
}

/// The run in an answer. An answer with the run's id is the run itself; otherwise what it wraps, never the wrapper: a
/// wrapper may have a `status` of its own that speaks of the request and says `success`.
pub fn run_in<'a>(service: &Description, answer: &'a Value, id: &str) -> &'a Value {
    let is_own = service
        .assumed("run_own_id")
        .iter()
        .flat_map(|place| json::select(answer, place))
        .filter_map(json::scalar)
        .any(|own| own == id);
    if is_own {
        return answer;
    }
    let mut wrapped: Option<&Value> = None;
    for inner in service
        .assumed("run")
        .iter()
        .flat_map(|place| json::select(answer, place))
    {
        match inner {
            Value::Object(_) => return inner,
            // A wrapper around nothing.
            Value::Null | Value::Array(_) => wrapped = Some(&Value::Null),
            _ => {}
        }
    }
    wrapped.unwrap_or(answer)
}

/// Reads the state. Nothing but words that are known for a pass, all of them, is one.
pub fn read(service: &Description, run: &Value) -> Reading {
    let plain = |state| Reading { state, why: None };
    let result = service.state(run, "result");
    let state = match service.state(run, "state") {
        State::Absent => return plain(result),
        state => state,
    };
    let ended = match (state.has_ended(), &result) {
        (false, _) => return plain(state),
        // The run is over, its verdict is not there yet.
        (true, State::Queued(_) | State::Running(_)) => return plain(result),
        (true, State::Unknown(word)) => return beside(&state, word),
        (true, _) => worse(state, result),
    };
    match flag(service, run) {
        Some(true) => plain(worse(ended, State::Passed("passed".to_owned()))),
        Some(false) => plain(worse(ended, State::Failed("not passed".to_owned()))),
        None => plain(ended),
    }
}

/// An unknown word beside a run's end: over it is, but a pass it is not.
fn beside(state: &State, word: &str) -> Reading {
    let told = state.word().unwrap_or_default();
    let why =
        format!("the run ended {told}, and beside it stands a verdict that is not known: {word:?}");
    let state = match state.verdict() {
        Some(Verdict::Failed) => State::Failed(told.to_owned()),
        Some(Verdict::Cancelled) => State::Cancelled(told.to_owned()),
        _ => State::Errored(told.to_owned()),
    };
    Reading {
        state,
        why: Some(why),
    }
}

/// The worse of two ends; one that says nothing of a verdict leaves it to the other.
fn worse(one: State, other: State) -> State {
    match (one.verdict(), other.verdict()) {
        (Some(first), Some(second)) if seriousness(second) < seriousness(first) => other,
        (None, Some(_)) => other,
        _ => one,
    }
}

/// True or false where a run says whether it passed. A number there would be a count of steps.
fn flag(service: &Description, run: &Value) -> Option<bool> {
    service
        .assumed("passed_flag")
        .iter()
        .flat_map(|place| json::select(run, place))
        .find_map(Value::as_bool)
}
