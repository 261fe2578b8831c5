//! Whether the state of a test is that of the run that was triggered. ASSUMED throughout; it builds on nothing but the
//! documented states.
//!
//! A state counts as new if the test was seen queued or processing after the trigger, or if it is another than before.
//! Either way it has to be read twice, as the order of the states within a run is not documented. A state that is as
//! before, of a test that was never seen at work, is never taken for an end: after a while it is inconclusive.

use std::time::Duration;

use serde_json::{Value, json};

use super::status::{Kind, path, segment_of, word};
use super::trigger::grace;
use crate::api::{Answer, Client, Failure, headers};
use crate::model::{Target, Trigger};
use crate::ports::Instant;
use crate::services::{Description, Observer, Seen, State};

/// How far apart two readings of a state lie that is the same as before the trigger: between `queued` and `processing`
/// it may show for a moment.
const APART: Duration = Duration::from_secs(4);

/// How long after the trigger its own word is not trusted yet, in milliseconds.
const TRUSTED_AFTER_MS: u64 = 10_000;

/// Looks at a test until its state is that of the new run.
pub struct Fresh {
    trigger: Trigger,
    grace_ms: u64,
    /// Whether the trigger's own word may show that the run began.
    trusting: bool,
    valid_passes: bool,
    acknowledged: fn(String) -> State,
    /// Whether the test was seen at work since the trigger.
    observed: bool,
    /// What the last look read of a test at rest, and since when that has been read.
    resting: Option<(Kind, Instant)>,
}

impl Fresh {
    /// Begins to look, or goes on: that the test was seen at work on an earlier occasion stands in the trigger.
    pub fn new(target: &Target, trigger: &Trigger) -> Self {
        Self {
            trigger: trigger.clone(),
            grace_ms: grace(target) * 1000,
            trusting: target.is_set("trust_trigger_status"),
            valid_passes: target.text("treat_valid_as") == Some("pass"),
            acknowledged: match target.text("acknowledged") {
                Some("pass") => State::Passed,
                Some("skip") => State::Skipped,
                _ => State::Failed,
            },
            observed: false,
            resting: None,
        }
    }

    /// Milliseconds since the trigger, by the clock that its answer was dated with.
    fn since_trigger(&mut self, client: &Client, answer: &Answer) -> u64 {
        let now = headers::date_ms(&answer.head).unwrap_or_else(|| client.ports.unix_ms());
        now.saturating_sub(*self.trigger.at_ms.get_or_insert(now))
    }

    fn read(&mut self, service: &Description, word: String, now: Instant, since_ms: u64) -> Seen {
        let kind = Kind::of(service, &word);
        match kind {
            Kind::Queued | Kind::Running => {
                self.observed = true;
                self.resting = None;
                return going(match kind {
                    Kind::Queued => State::Queued(word),
                    _ => State::Running(word),
                });
            }
            Kind::Unknown => {
                self.resting = None;
                return going(State::Unknown(word));
            }
            _ => {}
        }
        let before = self.kind_before(service);
        let twice = self.read_twice(kind, before, now);
        let over = since_ms >= self.grace_ms;
        let proven = self.was_at_work(service, since_ms) || has_changed(before, kind);
        match (proven, twice) {
            // Only a test that never ran is in this state, so the run has not even begun.
            _ if kind == Kind::Unexecuted && !over => going(State::Unproven(word)),
            (true, true) => self.end(kind, word),
            (false, _) if over => Seen {
                body: json!({ "why": inconclusive(kind, &word), "unproven": true }),
                state: State::Errored(word),
            },
            _ => going(State::Unproven(word)),
        }
    }

    /// What the word before the trigger means; none if it tells nothing that a change could be seen by.
    fn kind_before(&self, service: &Description) -> Option<Kind> {
        let word = self.trigger.baseline.state.as_deref()?;
        let kind = Kind::of(service, word);
        (!kind.is_busy() && kind != Kind::Unknown).then_some(kind)
    }

    /// Whether this state was read before it as well, long enough ago.
    fn read_twice(&mut self, kind: Kind, before: Option<Kind>, now: Instant) -> bool {
        match self.resting {
            Some((same, since)) if same == kind => {
                before != Some(kind) || now.since(since) >= APART
            }
            _ => {
                self.resting = Some((kind, now));
                false
            }
        }
    }

    /// Whether the test was at work since the trigger: seen now or on an earlier occasion, or by the trigger's own word
    /// where the user trusts that.
    fn was_at_work(&self, service: &Description, since_ms: u64) -> bool {
        let told = self.trigger.last_state.as_deref();
        let told = told.is_some_and(|word| Kind::of(service, word).is_busy());
        self.observed || (told && (!self.trusting || since_ms >= TRUSTED_AFTER_MS))
    }

    fn end(&self, kind: Kind, word: String) -> Seen {
        match kind {
            Kind::Passed => ended(State::Passed(word), None),
            Kind::Failed => ended(State::Failed(word), None),
            Kind::Acknowledged => {
                let why = format!(
                    "the test is in alarm, and a person has acknowledged that (state {word})"
                );
                ended((self.acknowledged)(word), Some(why))
            }
            // A change alone does not show a good run: it may be that the schedule was removed.
            Kind::Valid if self.valid_passes => {
                let why = format!("the state {word} counts as a pass (treat_valid_as)");
                ended(State::Passed(word), Some(why))
            }
            _ => {
                let why = inconclusive(kind, &word);
                ended(State::Errored(word), Some(why))
            }
        }
    }
}

impl Observer for Fresh {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        let answer = client.get_once(&path(&segment_of(&self.trigger)))?;
        let service = client.service();
        Ok(match word(service, &self.trigger.subject, &answer) {
            None => going(State::Absent),
            Some(word) => {
                let since_ms = self.since_trigger(client, &answer);
                self.read(service, word, client.ports.now(), since_ms)
            }
        })
    }
}

/// Whether the state shows by itself that a run has ended since: it is another than before, and one that a run brings
/// about. A person acknowledges; and a test turns valid when its schedule is removed.
fn has_changed(before: Option<Kind>, kind: Kind) -> bool {
    matches!(kind, Kind::Passed | Kind::Failed) && before.is_some_and(|before| before != kind)
}

fn inconclusive(kind: Kind, word: &str) -> String {
    match kind {
        Kind::Unready => format!("the test cannot be run: its state is {word}"),
        Kind::Unexecuted => format!("the test was triggered but not run: its state is {word}"),
        Kind::Valid => format!(
            "inconclusive: the state {word} says that the test is ready, not how a run ended (see treat_valid_as)"
        ),
        Kind::Acknowledged => format!(
            "inconclusive: the state {word} is set by a person, and no run was seen since the trigger"
        ),
        _ => format!(
            "no evidence that the new run has ended: the state is {word} as before, and the test was never seen at work"
        ),
    }
}

const fn going(state: State) -> Seen {
    Seen {
        state,
        body: Value::Null,
    }
}

/// The end, with why where the word alone does not tell.
fn ended(state: State, why: Option<String>) -> Seen {
    Seen {
        state,
        body: json!({ "why": why }),
    }
}
