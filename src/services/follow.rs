//! Carries out the steps of a [`Watch`] for each run: the only loop with effects.

use std::time::Duration;

use serde_json::Value;

use super::{Call, Description, Observer, Service, State};
use crate::api::{Client, Failure, Fault, Mode};
use crate::model::{Handle, Stage, Target, Trigger};
use crate::ports::{Chunk, Event as Told, Instant, Stream, Wake};
use crate::watch::{Cadence, Ending, Event, Limits, Look, Offers, Step, Watch};

mod lines;
pub use lines::Lines;

/// What following a run brought.
#[derive(Debug, Clone)]
pub struct Followed {
    pub ending: Ending,
    /// The last state that was read, not merely heard.
    pub state: State,
    /// The last word for a state that was no end.
    pub going: Option<String>,
    /// The last answer to a look.
    pub body: Value,
    /// The id of the run, where an event told it.
    pub run_hint: Option<String>,
    /// Time until the run was first seen out of the queue.
    pub queued: Option<Duration>,
    /// The last failure, if the last look failed.
    pub failure: Option<Failure>,
}

/// Asks the service to stop a run. That there is nothing left to be stopped is no failure.
///
/// # Errors
/// What the last attempt failed of.
pub fn ask_to_stop(client: &mut Client, call: &Call) -> Result<(), Failure> {
    match client.send(call) {
        Ok(_) => Ok(()),
        Err(Failure {
            fault: Fault::Refused(refusal),
            ..
        }) if matches!(refusal.status, 404 | 409 | 410) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Follows runs side by side, one step of one of them at a time, each to its end, its deadline or an interrupt.
pub struct Followers {
    /// With the place among all triggers.
    going: Vec<(usize, Follower)>,
    /// What the host is told where a run is known by its way.
    kept: Option<Handle>,
}

impl Followers {
    /// Begins to follow those that were accepted. With several runs there is no room to wait for one's stream, so streams
    /// are for a single one.
    #[must_use]
    pub fn new(
        client: &Client,
        service: &dyn Service,
        target: &Target,
        all: &[Trigger],
        limits: Limits,
    ) -> Self {
        let is_accepted = |(_, trigger): &(usize, &Trigger)| trigger.stage == Stage::Accepted;
        let triggers: Vec<(usize, &Trigger)> = all.iter().enumerate().filter(is_accepted).collect();
        let alone = triggers.len() == 1;
        let description = client.service();
        let cadence = match description.provider.rate {
            Some(rate) if !alone => description.cadence.among(triggers.len(), rate.per_minute),
            _ => description.cadence,
        };
        let mut going = Vec::with_capacity(triggers.len());
        for (place, trigger) in triggers {
            let stream_path = service.stream_path(target, trigger).filter(|_| alone);
            let stop = service.stop(target, trigger);
            let observer = service.observer(target, trigger);
            let paths = (stream_path, stop);
            let watch = (limits, cadence);
            going.push((place, Follower::new(client, observer, paths, watch)));
        }
        let kept = service.is_known_by_its_way(target).then(|| Handle {
            provider: target.provider.clone(),
            triggers: all.to_vec(),
        });
        Self { going, kept }
    }

    /// The word by which a run was seen at work, where it is known by that.
    #[must_use]
    pub fn way(&self, place: usize) -> Option<&str> {
        let trigger = self.kept.as_ref()?.triggers.get(place)?;
        trigger.last_state.as_deref()
    }

    /// Follows until one of the runs is done with; none when all are. The client is left in the mode in which that run
    /// was followed, so that what is collected of it is bound by the same time.
    pub fn next(&mut self, client: &mut Client) -> Option<(usize, Followed)> {
        loop {
            let (at, due) = self.soonest()?;
            let now = client.ports.now();
            if due > now
                && let Wake::Cancelled(by) = client.rest(due.since(now))
            {
                self.cancel(now, &by);
                continue;
            }
            let (place, follower) = &mut self.going[at];
            client.set_mode(follower.mode);
            let has_ended = follower.step(client);
            follower.mode = client.mode();
            if let State::Queued(word) | State::Running(word) = &follower.followed.state {
                keep(&mut self.kept, client, *place, word);
            }
            // Whichever of them was told, all are to know.
            if let Some(by) = client.interrupted().map(str::to_owned) {
                self.cancel(now, &by);
            }
            if has_ended {
                let (place, follower) = self.going.remove(at);
                return Some((place, follower.followed));
            }
        }
    }

    /// The one that is due next, the first of them if several are.
    fn soonest(&self) -> Option<(usize, Instant)> {
        let mut soonest: Option<(usize, Instant)> = None;
        for (at, (_, follower)) in self.going.iter().enumerate() {
            if soonest.is_none_or(|(_, due)| follower.due < due) {
                soonest = Some((at, follower.due));
            }
        }
        soonest
    }

    fn cancel(&mut self, now: Instant, by: &str) {
        for (_, follower) in &mut self.going {
            if !follower.cancelled {
                follower.cancelled = true;
                follower.cancel = Some(by.to_owned());
                follower.due = now;
            }
        }
    }
}

/// Tells the host by which word a run was seen at work, so that it is known even if this process does not see its end.
fn keep(kept: &mut Option<Handle>, client: &mut Client, place: usize, word: &str) {
    let Some(handle) = kept else { return };
    let trigger = &mut handle.triggers[place];
    if trigger.last_state.as_deref() != Some(word) {
        trigger.last_state = Some(word.to_owned());
        client.ports.emit(Told::Triggered(handle.clone()));
    }
}

struct Follower {
    watch: Watch,
    /// What happened last, and when to act on it.
    event: Event,
    due: Instant,
    mode: Mode,
    /// Whether the word to stop has come, and the word itself until it is acted on.
    cancelled: bool,
    cancel: Option<String>,
    observer: Box<dyn Observer>,
    stream_path: Option<String>,
    stop: Option<Call>,
    began: Instant,
    stream: Option<Box<dyn Stream>>,
    lines: Lines,
    /// The state that was told last, with its progress.
    told: Option<(String, Option<u32>, Option<u32>)>,
    warned: Vec<String>,
    followed: Followed,
}

impl Follower {
    fn new(
        client: &Client,
        observer: Box<dyn Observer>,
        (stream_path, stop): (Option<String>, Option<Call>),
        (limits, cadence): (Limits, Cadence),
    ) -> Self {
        let now = client.ports.now();
        let offers = Offers {
            stream: stream_path.is_some(),
            stop: stop.is_some(),
        };
        let interrupt = client.interrupted().map(str::to_owned);
        Self {
            watch: Watch::new(limits, offers, cadence, now),
            cancelled: interrupt.is_some(),
            cancel: None,
            event: interrupt.map_or(Event::Ready, Event::Cancelled),
            due: now,
            mode: client.mode(),
            observer,
            stream_path,
            stop,
            began: now,
            stream: None,
            lines: Lines::default(),
            told: None,
            warned: Vec::new(),
            followed: Followed {
                ending: Ending::Refused,
                state: State::Absent,
                going: None,
                body: Value::Null,
                run_hint: None,
                queued: None,
                failure: None,
            },
        }
    }

    /// Acts on what happened last. Returns whether that was the end.
    fn step(&mut self, client: &mut Client) -> bool {
        let chance = client.ports.chance();
        let event = std::mem::replace(&mut self.event, Event::Ready);
        let now = client.ports.now();
        self.due = now;
        let step = self.watch.step(now, event, chance);
        // What has happened counts before the word to stop: a run that was seen to end has ended.
        let waits = matches!(step, Step::Look | Step::Listen(_) | Step::Wait(_));
        if let Some(by) = self.cancel.take_if(|_| waits) {
            self.event = Event::Cancelled(by);
            return false;
        }
        self.event = match step {
            Step::Look => self.look(client),
            Step::Listen(time) => self.listen(client, time),
            Step::Wait(time) => {
                self.due = now.after(time);
                Event::Ready
            }
            Step::Stop { within } => self.stop(client, within),
            Step::End(ending) => {
                self.followed.ending = ending;
                return true;
            }
        };
        self.cancelled |= matches!(self.event, Event::Cancelled(_));
        false
    }

    fn look(&mut self, client: &mut Client) -> Event {
        match self.observer.look(client) {
            Ok(seen) => {
                let look = match &seen.state {
                    State::Absent => Look::Absent,
                    ended if ended.has_ended() => Look::Ended,
                    _ => Look::Going,
                };
                self.note(client, &seen.state, &seen.body);
                if !seen.state.has_ended() {
                    self.followed.going = seen.state.word().map(str::to_owned);
                }
                self.followed.state = seen.state;
                self.followed.body = seen.body;
                self.followed.failure = None;
                Event::Looked(look)
            }
            Err(failure) => self.failed(client, failure),
        }
    }

    fn failed(&mut self, client: &mut Client, failure: Failure) -> Event {
        let event = match &failure.fault {
            Fault::Interrupted(by) => return Event::Cancelled(by.clone()),
            Fault::OutOfTime => return Event::NoTurn,
            fault => Event::Failed {
                passing: fault.is_passing(),
                retry_after: fault.retry_after(),
            },
        };
        // A run of failures is told once. One that is not looked after again becomes the problem itself.
        if failure.fault.is_passing() && self.followed.failure.is_none() {
            client.warn(format!(
                "{}: {}; looking again",
                failure.call,
                failure.fault.told()
            ));
        }
        self.followed.failure = Some(failure);
        event
    }

    fn stop(&mut self, client: &mut Client, within: Duration) -> Event {
        self.stream = None;
        client.leave_within(within);
        let Some(call) = &self.stop else {
            return Event::Stopped(false);
        };
        match ask_to_stop(client, call) {
            Ok(()) => Event::Stopped(true),
            // It has cut off what asked, and is no reason to let the run go on.
            Err(Failure {
                fault: Fault::Interrupted(by),
                ..
            }) => Event::Cancelled(by),
            Err(failure) => {
                client.warn(format!(
                    "the run could not be stopped: {}: {}",
                    failure.call,
                    failure.fault.told()
                ));
                if failure.fault.is_passing() {
                    self.followed.failure.get_or_insert(failure);
                }
                Event::Stopped(false)
            }
        }
    }

    fn listen(&mut self, client: &mut Client, time: Duration) -> Event {
        // A stream that talks without pause must not keep an interrupt from being noticed.
        if let Wake::Cancelled(by) = client.rest(Duration::ZERO) {
            return Event::Cancelled(by);
        }
        if let Some(closed) = self.open_stream(client) {
            return closed;
        }
        let Some(stream) = &mut self.stream else {
            return Event::StreamClosed;
        };
        match stream.next(time) {
            Chunk::Head(head) => {
                client.note(&head);
                if (200..300).contains(&head.status) {
                    Event::Quiet
                } else {
                    self.close(client, &format!("the service answered {}", head.status))
                }
            }
            Chunk::Bytes(bytes) => match self.lines.push(&bytes) {
                Ok(events) => self.heard(client, &events),
                Err(why) => self.close(client, why),
            },
            Chunk::Idle => Event::Quiet,
            Chunk::Ended => {
                let rest = self.lines.finish();
                self.heard(client, &rest);
                self.close(client, "it ended")
            }
            Chunk::Broken(why) => self.close(client, &why.to_string()),
        }
    }

    /// Opens the stream if it is not open; an event if that failed.
    fn open_stream(&mut self, client: &mut Client) -> Option<Event> {
        if self.stream.is_some() {
            return None;
        }
        match client.open(self.stream_path.as_ref()?) {
            Ok(stream) => {
                self.stream = Some(stream);
                None
            }
            Err(Failure {
                fault: Fault::Interrupted(by),
                ..
            }) => Some(Event::Cancelled(by)),
            Err(failure) => Some(self.close(client, &failure.fault.told())),
        }
    }

    fn close(&mut self, client: &mut Client, why: &str) -> Event {
        self.stream = None;
        client.ports.emit(Told::Debug(format!(
            "stream of events closed ({why}); polling"
        )));
        Event::StreamClosed
    }

    fn heard(&mut self, client: &mut Client, events: &[Value]) -> Event {
        if events.is_empty() {
            return Event::Quiet;
        }
        let mut ending = false;
        for event in events {
            let state = client.service().state(event, "event_state");
            ending |= state.has_ended();
            self.note(client, &state, event);
        }
        Event::Heard { ending }
    }

    /// Tells of a change of state, whether it was read or heard.
    fn note(&mut self, client: &mut Client, state: &State, value: &Value) {
        let description = client.service();
        if let Some(run) = crate::api::json::text(value, description.assumed("run_id")) {
            self.followed.run_hint = Some(run);
        }
        let Some(word) = state.word() else { return };
        let done = count(description, value, "progress_done");
        if has_begun(state) || done.is_some_and(|done| done > 0) {
            self.watch.begun();
            let since = client.ports.now().since(self.began);
            self.followed.queued.get_or_insert(since);
        }
        if matches!(state, State::Unknown(_)) && !self.warned.iter().any(|known| known == word) {
            self.warned.push(word.to_owned());
            client.warn(format!(
                "the service tells of a state that is not known, {word:?}; it is not taken for an end"
            ));
        }
        let total = count(description, value, "progress_total");
        let told = Some((word.to_owned(), done, total));
        if self.told != told {
            self.told = told;
            client.ports.emit(Told::StateChanged {
                word: word.to_owned(),
                done,
                total,
            });
        }
    }
}

/// Whether a state shows that the run was at work. What was cancelled or skipped may never have been.
const fn has_begun(state: &State) -> bool {
    !matches!(
        state,
        State::Queued(_)
            | State::Unknown(_)
            | State::Unproven(_)
            | State::Cancelled(_)
            | State::Skipped(_)
    )
}

fn count(description: &Description, value: &Value, places: &str) -> Option<u32> {
    let number = crate::api::json::number(value, description.assumed(places))?;
    (number >= 0.0 && number < f64::from(u32::MAX)).then_some(number as u32)
}
