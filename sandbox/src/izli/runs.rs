//! Runs. What a run shows follows from the time; nothing runs in the background.
//!
//! All times are milliseconds since the sandbox was started; runs from before are below 0.

use std::time::{Duration, Instant, SystemTime};

use super::outcome::Outcome;
use super::scenario::{Appears, Settings};
use super::thing::{Collection, Thing};

/// How long ago the runs from before the sandbox was started were: a day, two days, ...
const DAY_MS: i64 = 86_400_000;

/// Longer than any sandbox is up.
const FOREVER_MS: i64 = 1_000_000_000_000;

/// How many of the runs that a thing makes by itself are kept.
const SCHEDULED_KEPT: i64 = 500;

/// A run at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    /// The id of what is run.
    pub thing: String,
    pub collection: Collection,
    pub location: String,
    /// Whether a request started it.
    pub manual: bool,
    pub began_ms: i64,
    pub outcome: Outcome,
    queue_ms: i64,
    duration_ms: i64,
    /// How many attempts within this run fail first.
    attempts: i64,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Pending,
    Running,
    /// An attempt has failed and the next is under way.
    Retrying,
    Ended {
        at_ms: i64,
    },
}

impl Run {
    pub fn phase(&self, now_ms: i64) -> Phase {
        let age = now_ms - self.began_ms;
        let ends = self.queue_ms + self.duration_ms * (self.attempts + 1);
        match self.outcome {
            Outcome::Offline => Phase::Pending,
            _ if age < self.queue_ms => Phase::Pending,
            Outcome::Stuck => Phase::Running,
            _ if age >= ends => Phase::Ended {
                at_ms: self.began_ms + ends,
            },
            _ if age >= self.queue_ms + self.duration_ms => Phase::Retrying,
            _ => Phase::Running,
        }
    }

    /// How long it takes without its time in the queue.
    pub const fn took_ms(&self) -> i64 {
        self.duration_ms * (self.attempts + 1)
    }

    fn is_listed(&self, appears: Appears, now_ms: i64) -> bool {
        let ended = matches!(self.phase(now_ms), Phase::Ended { .. });
        let due = match appears {
            Appears::AtOnce => self.began_ms <= now_ms,
            Appears::Ended => ended,
        };
        due && self.outcome != Outcome::Missing
    }
}

/// The runs that requests started, the oldest first.
pub struct Runs {
    started: Instant,
    started_wall: SystemTime,
    manual: Vec<Run>,
}

impl Runs {
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            started_wall: SystemTime::now(),
            manual: Vec::new(),
        }
    }

    pub fn now_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// A time as the service writes it.
    pub fn moment(&self, at_ms: i64) -> String {
        let distance = Duration::from_millis(at_ms.unsigned_abs());
        let time = if at_ms < 0 {
            self.started_wall - distance
        } else {
            self.started_wall + distance
        };
        humantime::format_rfc3339_millis(time).to_string()
    }

    /// Starts a run at each location. Returns the attempts of each, the last of which has the outcome.
    pub fn start(
        &mut self,
        settings: &Settings,
        collection: Collection,
        thing: &Thing,
        now_ms: i64,
    ) -> Vec<Vec<Run>> {
        let mut started = Vec::new();
        for (at, location) in thing.locations.iter().enumerate() {
            let later = millis(settings.stagger_ms) * i64::try_from(at).unwrap_or(0);
            let runs = self.attempts(settings, collection, thing, location, now_ms + later);
            self.manual.extend(runs.iter().cloned());
            started.push(runs);
        }
        started
    }

    /// How long it takes at its last location from the start to the end of the last attempt.
    pub fn length_ms(settings: &Settings, thing: &Thing) -> i64 {
        let shown = shown_attempts(settings, thing);
        let hidden = i64::from(thing.failed_attempts()) - shown;
        let further = thing.locations.len().saturating_sub(1);
        let stagger = millis(settings.stagger_ms) * i64::try_from(further).unwrap_or(0);
        let each = millis(settings.queue_ms) + millis(thing.duration_ms());
        stagger + each * (shown + 1) + millis(thing.duration_ms()) * hidden
    }

    fn attempts(
        &self,
        settings: &Settings,
        collection: Collection,
        thing: &Thing,
        location: &str,
        now_ms: i64,
    ) -> Vec<Run> {
        let failing = i64::from(thing.failed_attempts());
        let shown = shown_attempts(settings, thing);
        let duration_ms = millis(thing.duration_ms());
        let queue_ms = millis(settings.queue_ms);
        let begun = self.manual.len();
        let outcome = self.outcome_now(collection, thing, location, shown);
        (0..=shown)
            .map(|attempt| Run {
                id: format!("run_{:04x}{attempt:x}", begun + 1),
                thing: thing.id.clone(),
                collection,
                location: location.to_owned(),
                manual: true,
                began_ms: now_ms + attempt * (queue_ms + duration_ms),
                outcome: if attempt < shown {
                    Outcome::Failed
                } else {
                    outcome
                },
                queue_ms,
                duration_ms,
                attempts: failing - shown,
            })
            .collect()
    }

    /// What becomes of the run that is asked for now.
    fn outcome_now(
        &self,
        collection: Collection,
        thing: &Thing,
        location: &str,
        shown: i64,
    ) -> Outcome {
        let own = |run: &&Run| {
            run.collection == collection && run.thing == thing.id && run.location == location
        };
        let attempts = self.manual.iter().filter(own).count();
        let of_each = usize::try_from(shown).map_or(1, |shown| shown + 1);
        match attempts / of_each < thing.fails_first {
            true => Outcome::Failed,
            false => thing.outcome_at(location),
        }
    }

    /// The runs of a thing that its list has, the oldest first.
    pub fn of(
        &self,
        settings: &Settings,
        collection: Collection,
        thing: &Thing,
        now_ms: i64,
    ) -> Vec<Run> {
        let manual = self.manual.iter();
        let manual = manual.filter(|run| run.collection == collection && run.thing == thing.id);
        let mut runs: Vec<Run> = scheduled(settings, collection, thing, now_ms)
            .into_iter()
            .chain(manual.cloned())
            .filter(|run| run.is_listed(settings.appears, now_ms))
            .collect();
        runs.sort_by_key(|run| run.began_ms);
        runs
    }
}

/// How many failed attempts are runs of their own.
fn shown_attempts(settings: &Settings, thing: &Thing) -> i64 {
    if settings.retries_shown {
        i64::from(thing.failed_attempts())
    } else {
        0
    }
}

fn millis(ms: u64) -> i64 {
    i64::try_from(ms).map_or(FOREVER_MS, |ms| ms.min(FOREVER_MS))
}

/// The runs that a thing made by itself: some from before, and those of its interval.
fn scheduled(settings: &Settings, collection: Collection, thing: &Thing, now_ms: i64) -> Vec<Run> {
    let before = (1..=i64::from(settings.past_runs)).rev();
    let mut times: Vec<(i64, i64)> = before.map(|day| (-day, -day * DAY_MS)).collect();
    let interval = millis(thing.interval_ms);
    if interval > 0 && !thing.is_paused() {
        let last = now_ms / interval;
        let first = (last - SCHEDULED_KEPT).max(0) + 1;
        times.extend((first..=last).map(|number| (number, number * interval)));
    }
    let at = |(number, began_ms): (i64, i64)| {
        thing.locations.iter().map(move |location| Run {
            id: format!("run_{}_{number}_{location}", thing.id),
            thing: thing.id.clone(),
            collection,
            location: location.clone(),
            manual: false,
            began_ms,
            outcome: if number < 0 {
                Outcome::Success
            } else {
                thing.scheduled
            },
            queue_ms: 0,
            duration_ms: millis(thing.duration_ms()),
            attempts: 0,
        })
    };
    times.into_iter().flat_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            queue_ms: 10,
            past_runs: 2,
            ..Settings::default()
        }
    }

    /// Takes 100 ms.
    fn thing(id: &str) -> Thing {
        Thing {
            duration_ms: Some(100),
            ..Thing::named(id, "")
        }
    }

    const KIND: Collection = Collection::Journeys;

    fn outcomes(runs: &[Run]) -> Vec<Outcome> {
        runs.iter().map(|run| run.outcome).collect()
    }

    #[test]
    fn a_run_is_pending_then_running_then_over() {
        let mut runs = Runs::new();
        let run = &runs.start(&settings(), KIND, &thing("a"), 1_000)[0][0];
        assert_eq!(run.phase(1_009), Phase::Pending);
        assert_eq!(run.phase(1_010), Phase::Running);
        assert_eq!(run.phase(1_109), Phase::Running);
        assert_eq!(run.phase(1_110), Phase::Ended { at_ms: 1_110 });
        let stuck = &runs.start(&settings(), KIND, &thing("stuck"), 0)[0][0];
        assert_eq!(stuck.phase(9_000_000), Phase::Running);
        let offline = &runs.start(&settings(), KIND, &thing("offline"), 0)[0][0];
        assert_eq!(offline.phase(9_000_000), Phase::Pending);
    }

    #[test]
    fn attempts_are_runs_of_their_own_or_hidden_in_one() {
        let thing = thing("flaky");
        let mut runs = Runs::new();
        let settings = Settings {
            past_runs: 0,
            ..settings()
        };
        let first = runs.start(&settings, KIND, &thing, 0)[0][0].clone();
        assert_eq!(outcomes(&runs.of(&settings, KIND, &thing, 109)), [Outcome::Failed]);
        let both = runs.of(&settings, KIND, &thing, 110);
        assert_eq!(outcomes(&both), [Outcome::Failed, Outcome::Success]);
        assert_eq!(both[0].id, first.id);
        assert_ne!(both[1].id, first.id);

        let hidden = Settings {
            retries_shown: false,
            ..settings
        };
        let run = &Runs::new().start(&hidden, KIND, &thing, 0)[0][0];
        assert_eq!(run.phase(50), Phase::Running);
        assert_eq!(run.phase(110), Phase::Retrying);
        assert_eq!(run.phase(210), Phase::Ended { at_ms: 210 });
    }

    #[test]
    fn every_location_has_a_run() {
        let thing = Thing {
            locations: vec!["eu-west".to_owned(), "us-east".to_owned()],
            ..thing("a")
        };
        let settings = Settings {
            stagger_ms: 50,
            ..settings()
        };
        let mut runs = Runs::new();
        let started = runs.start(&settings, KIND, &thing, 0);
        assert_eq!((started[0][0].began_ms, started[1][0].began_ms), (0, 50));
        assert_ne!(started[0][0].id, started[1][0].id);
        let manual = |now| {
            let runs = runs.of(&settings, KIND, &thing, now);
            runs.iter().filter(|run| run.manual).count()
        };
        assert_eq!((manual(0), manual(50)), (1, 2));
    }

    #[test]
    fn scheduled_runs_are_mixed_in() {
        let thing = Thing {
            interval_ms: 1_000,
            scheduled: Outcome::Timeout,
            ..thing("fail")
        };
        let mut runs = Runs::new();
        runs.start(&settings(), KIND, &thing, 1_500);
        let all = runs.of(&settings(), KIND, &thing, 2_500);
        use Outcome::{Failed, Success, Timeout};
        assert_eq!(outcomes(&all), [Success, Success, Timeout, Failed, Timeout]);
        let manual: Vec<bool> = all.iter().map(|run| run.manual).collect();
        assert_eq!(manual, [false, false, false, true, false]);
        let later = runs.of(&settings(), KIND, &thing, 10_000_000);
        assert_eq!(later.len(), 503, "two old ones, ours, and the last 500");
        let paused = Thing {
            paused: Some(true),
            ..thing
        };
        assert_eq!(runs.of(&settings(), KIND, &paused, 2_500).len(), 3);
    }

    #[test]
    fn a_list_may_have_ended_runs_only() {
        let thing = thing("a");
        let settings = Settings {
            appears: Appears::Ended,
            past_runs: 0,
            ..settings()
        };
        let mut runs = Runs::new();
        runs.start(&settings, KIND, &thing, 0);
        assert!(runs.of(&settings, KIND, &thing, 109).is_empty());
        assert_eq!(runs.of(&settings, KIND, &thing, 110).len(), 1);
    }

    #[test]
    fn runs_fail_before_others_pass() {
        let settings = Settings {
            past_runs: 0,
            queue_ms: 0,
            ..Settings::default()
        };
        let thing = Thing {
            fails_first: 1,
            locations: vec!["eu-west".to_owned(), "us-east".to_owned()],
            failed_attempts: Some(1),
            duration_ms: Some(0),
            ..Thing::named("jrn_1", "")
        };
        let mut runs = Runs::new();
        runs.start(&settings, KIND, &thing, 0);
        runs.start(&settings, KIND, &thing, 10);
        use Outcome::{Failed, Success};
        let of = |location: &str| {
            let mut all = runs.of(&settings, KIND, &thing, 100);
            all.retain(|run| run.location == location);
            outcomes(&all)
        };
        // Each with an attempt before it.
        assert_eq!(of("eu-west"), [Failed, Failed, Failed, Success]);
        assert_eq!(of("us-east"), [Failed, Failed, Failed, Success]);
    }
}
