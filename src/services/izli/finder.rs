//! Looks for the runs of a trigger in the list of all runs, as there is no call for a single one.

use std::time::Duration;

use serde_json::{Value, json};

use super::attribution::{Group, by_location, ours, retries, was_there};
use super::entry::{Entry, Outcome, degraded_passes, meaning, recent};
use super::{Kind, named};
use crate::api::{Client, Failure, Fault, json as read};
use crate::model::{Target, Trigger, Verdict};
use crate::ports::Instant;
use crate::services::{Description, Observer, Seen, State};

/// One poll's interval: how long a retry of a journey is waited for. Ours.
const SETTLE: Duration = Duration::from_secs(15);

/// After how many looks at a list without the run the trigger's own answer counts, where that was a result.
const LOOKS: u32 = 3;

/// How many locations have to bring a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locations {
    First,
    All,
    Number(usize),
}

impl Locations {
    /// Reads the parameter; none if it is neither a word nor a number that makes sense.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "first" => Some(Self::First),
            "all" => Some(Self::All),
            number => match number.parse() {
                Ok(number @ 1..=100) => Some(Self::Number(number)),
                _ => None,
            },
        }
    }
}

/// What is due of a run, by its own entry.
struct Due {
    count: usize,
    /// The locations by name, where all of them are due.
    names: Vec<String>,
    settle: Duration,
    /// How often the service runs it again at most.
    retries: usize,
    /// The names of the steps that are defined.
    steps: Vec<String>,
}

/// Looks for the runs of one trigger.
pub struct Finder {
    trigger: Trigger,
    locations: Option<Locations>,
    settle: Option<Duration>,
    degraded_passes: bool,
    due: Option<Due>,
    /// The word of the trigger's own answer, where that was a result.
    told: Option<String>,
    /// Since when everything that is due is there, but did not pass.
    ended: Option<Instant>,
    looks: u32,
}

impl Finder {
    pub fn new(target: &Target, trigger: &Trigger) -> Self {
        let seconds = target.integer("settle");
        Self {
            trigger: trigger.clone(),
            locations: target.text("locations").and_then(Locations::read),
            settle: seconds.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0))),
            degraded_passes: degraded_passes(target),
            due: None,
            told: None,
            ended: None,
            looks: 0,
        }
    }

    /// Reads what is due from the entry of what was triggered. Source: the older pages for `locations`. Where the service
    /// does not give the entry, one result is due; none comes back for an answer that is something else than an entry.
    fn read_due(&self, client: &mut Client) -> Result<Option<Due>, Failure> {
        let (kind, id) = named(&self.trigger);
        let entry = match client.get_once(&kind.path(id)) {
            Ok(answer) if !is_entry(client, &answer.json) => return Ok(None),
            Ok(answer) => answer.json,
            Err(failure) if is_no_entry(&failure) => {
                client.warn(format!(
                    "{}: {}; which locations are due is not known",
                    failure.call,
                    failure.fault.told()
                ));
                Value::Null
            }
            Err(failure) => return Err(failure),
        };
        let service = client.service();
        let names = names(&entry, service.assumed("thing_locations"));
        let retries = read::number(&entry, service.assumed("thing_retries"));
        let usual = match is_journey(kind) {
            true => Locations::First,
            false => Locations::All,
        };
        let (count, names) = match self.locations.unwrap_or(usual) {
            Locations::First => (1, Vec::new()),
            Locations::Number(number) => (number, Vec::new()),
            // Zero, as nobody tells how many there are: never enough to pass where all were asked for.
            Locations::All if names.is_empty() => (usize::from(self.locations.is_none()), names),
            Locations::All => (names.len(), names),
        };
        let retried = is_journey(kind) && retries.is_some_and(|retries| retries > 0.0);
        let usual = if retried { SETTLE } else { Duration::ZERO };
        Ok(Some(Due {
            count,
            names,
            settle: self.settle.unwrap_or(usual),
            // Where the service tells of none and `settle` waits for one all the same, it is one.
            retries: retries.map_or(1, |retries| retries as usize).max(1),
            steps: steps(
                &entry,
                service.assumed("thing_steps"),
                service.assumed("step_name"),
            ),
        }))
    }

    fn judge(&mut self, client: &Client, entries: &[Entry], due: &Due) -> Seen {
        let mut ours = ours(entries, &self.trigger, due.count);
        let newest = !due.settle.is_zero();
        if newest {
            let retries = retries(entries, &ours, &self.trigger, due.retries).into_iter();
            // Where several are due and their locations are not told, each counts as one of its own.
            ours.extend(retries.filter(|entry| due.count == 1 || entry.location.is_some()));
        }
        let groups = by_location(&ours, due.count);
        let body = |why: Option<String>| self.body(&groups, due, newest, why);
        if due.count == 0 {
            let why = "locations = all, but the service does not tell of which it is".to_owned();
            return ended("no locations", body(Some(why)));
        }
        if groups.is_empty() {
            return self.nothing(entries, body);
        }
        let complete = groups.iter().filter(|group| group.is_complete()).count();
        let is_there = |id: &String| {
            ours.iter()
                .any(|entry| entry.identity().as_ref() == Some(id) && entry.verdict().is_some())
        };
        if complete < due.count || !self.trigger.runs.iter().all(is_there) {
            let state = going(client.service(), &ours, complete, due.count);
            let body = body(None);
            self.ended = None;
            return Seen { state, body };
        }
        let now = client.ports.now();
        let passed = groups
            .iter()
            .filter(|group| group.is_complete())
            .all(|group| group.counting(newest).verdict() == Some(Verdict::Passed));
        let since = *self.ended.get_or_insert(now);
        let body = self.body(&groups, due, newest, None);
        if !passed && now.since(since) < due.settle {
            let state = State::Running("waiting for a retry".to_owned());
            return Seen { state, body };
        }
        ended(&results(complete, due.count), body)
    }

    /// What it means that no entry is ours yet.
    fn nothing(&self, entries: &[Entry], body: impl Fn(Option<String>) -> Value) -> Seen {
        let nameless =
            !entries.is_empty() && entries.iter().all(|entry| entry.identity().is_none());
        if nameless && self.trigger.runs.is_empty() {
            let why = "the service's entries have neither an id nor a time, so that none can be told to be of this run";
            return ended("no evidence", body(Some(why.to_owned())));
        }
        if self.told.is_some() && self.looks >= LOOKS {
            return ended("answered at once", body(None));
        }
        let is_earlier = |entry: &Entry| {
            let id = entry.id.as_ref();
            id.is_some_and(|id| self.trigger.runs.contains(id)) && was_there(entry, &self.trigger)
        };
        let word = match entries.iter().any(is_earlier) {
            true => "an earlier run under the id that the trigger was answered with",
            false => "no result yet",
        };
        Seen {
            state: State::Queued(word.to_owned()),
            body: body(None),
        }
    }

    /// What the results are made of.
    fn body(&self, groups: &[Group], due: &Due, newest: bool, why: Option<String>) -> Value {
        let mut runs = Vec::with_capacity(groups.len());
        for group in groups {
            let counting = group.going().unwrap_or_else(|| group.counting(newest));
            runs.push(json!({
                "entry": counting.value,
                "attempts": if newest { group.entries.len() } else { 1 },
            }));
        }
        json!({
            "runs": runs,
            "due": due.count,
            "locations": due.names,
            "steps": due.steps,
            "told": self.told,
            "why": why,
        })
    }
}

impl Observer for Finder {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        if let Some(word) = self.trigger.last_state.take() {
            let state = meaning(client.service(), self.degraded_passes, word.clone());
            self.told = state.has_ended().then_some(word);
        }
        let read = match self.due.take() {
            Some(due) => Some(due),
            None => self.read_due(client)?,
        };
        let Some(due) = read else {
            return Ok(Seen {
                state: State::Absent,
                body: Value::Null,
            });
        };
        let (kind, id) = named(&self.trigger);
        let entries = recent(client, &kind.runs_path(id), self.degraded_passes, true);
        self.looks += 1;
        let seen = entries.map(|entries| self.judge(client, &entries, &due));
        self.due = Some(due);
        seen
    }
}

fn is_journey(kind: &Kind) -> bool {
    kind.parameter == "journey"
}

/// Whether the service has no such entry, rather than no answer.
fn is_no_entry(failure: &Failure) -> bool {
    match &failure.fault {
        Fault::Refused(refusal) => matches!(refusal.status, 403..=405),
        _ => false,
    }
}

/// Whether an answer is the entry of something that can be run.
fn is_entry(client: &Client, answer: &Value) -> bool {
    let service = client.service();
    let data = answer.get("data").unwrap_or(answer);
    ["id", "name"]
        .iter()
        .any(|name| read::text(data, service.assumed(name)).is_some())
}

/// Names at the first of the places that holds a list: texts, or objects with a name or id.
fn names(value: &Value, places: &[String]) -> Vec<String> {
    let own = ["name".to_owned(), "id".to_owned()];
    let list = read::list(value, places).unwrap_or_default();
    list.into_iter()
        .filter_map(|item| read::scalar(item).or_else(|| read::text(item, &own)))
        .collect()
}

fn steps(value: &Value, places: &[String], names: &[String]) -> Vec<String> {
    let list = read::list(value, places).unwrap_or_default();
    list.into_iter()
        .filter_map(|step| read::text(step, names))
        .collect()
}

/// The state of runs that have not all ended. They wait as long as none of them does anything else.
fn going(service: &Description, ours: &[&Entry], complete: usize, due: usize) -> State {
    let mut waiting = None;
    let mut any_ended = false;
    for entry in ours {
        match entry.outcome {
            Outcome::Unknown => return State::Unknown(entry.word.clone()),
            Outcome::Going if service.knows("states_queued", &entry.word) => {
                waiting.get_or_insert(&entry.word);
            }
            Outcome::Going => return State::Running(entry.word.clone()),
            Outcome::Ended(_) => any_ended = true,
        }
    }
    match waiting {
        Some(word) if !any_ended => State::Queued(word.clone()),
        Some(word) => State::Running(word.clone()),
        None => State::Running(results(complete, due)),
    }
}

/// A word of ours, which on a later occasion is not taken for the service's.
fn results(complete: usize, due: usize) -> String {
    format!("{complete} of {due} results")
}

fn ended(word: &str, body: Value) -> Seen {
    Seen {
        state: State::Completed(word.to_owned()),
        body,
    }
}
