//! Carries out the steps of a [`Watch`]: the only loop with effects.

use std::time::Duration;

use serde_json::Value;

use super::{Description, Service, State};
use crate::api::{Client, Failure, Fault};
use crate::model::Handle;
use crate::ports::{Chunk, Event as Told, Instant, Stream, Wake};
use crate::watch::{Ending, Event, Limits, Look, Offers, Step, Watch};

mod lines;
use lines::Lines;

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

/// Follows a run to its end, its deadline or an interrupt.
pub fn follow(
    client: &mut Client,
    service: &dyn Service,
    handle: &Handle,
    limits: Limits,
) -> Followed {
    let description = client.service();
    let now = client.ports.now();
    let offers = Offers {
        stream: service.stream_path(handle).is_some(),
        stop: service.stop_path(handle).is_some(),
    };
    let driver = Driver {
        client,
        description,
        service,
        handle,
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
    };
    driver.drive(Watch::new(limits, offers, description.cadence, now))
}

/// Asks the service to stop a run. That there is nothing left to be stopped is no failure.
///
/// # Errors
/// What the last attempt failed of.
pub fn ask_to_stop(client: &mut Client, path: &str) -> Result<(), Failure> {
    match client.post(path) {
        Ok(_) => Ok(()),
        Err(Failure {
            fault: Fault::Refused(refusal),
            ..
        }) if matches!(refusal.status, 404 | 409 | 410) => Ok(()),
        Err(failure) => Err(failure),
    }
}

struct Driver<'d, 'c> {
    client: &'d mut Client<'c>,
    description: &'c Description,
    service: &'d dyn Service,
    handle: &'d Handle,
    began: Instant,
    stream: Option<Box<dyn Stream>>,
    lines: Lines,
    /// The state that was told last, with its progress.
    told: Option<(String, Option<u32>, Option<u32>)>,
    warned: Vec<String>,
    followed: Followed,
}

impl Driver<'_, '_> {
    fn drive(mut self, mut watch: Watch) -> Followed {
        let mut event = match self.client.interrupted() {
            Some(by) => Event::Cancelled(by.to_owned()),
            None => Event::Ready,
        };
        loop {
            let chance = self.client.ports.chance();
            event = match watch.step(self.client.ports.now(), event, chance) {
                Step::Look => self.look(),
                Step::Listen(time) => self.listen(time),
                Step::Wait(time) => self.wait(time),
                Step::Stop { within } => self.stop(within),
                Step::End(ending) => {
                    self.followed.ending = ending;
                    return self.followed;
                }
            };
        }
    }

    fn wait(&mut self, time: Duration) -> Event {
        match self.client.ports.wait(time) {
            Wake::Elapsed => Event::Ready,
            Wake::Cancelled(by) => Event::Cancelled(by),
        }
    }

    fn look(&mut self) -> Event {
        match self.client.get_once(&self.service.state_path(self.handle)) {
            Ok(answer) => {
                let state = self.description.state(&answer.json, "state");
                let look = match &state {
                    State::Absent => Look::Absent,
                    ended if ended.has_ended() => Look::Ended,
                    _ => Look::Going,
                };
                self.note(&state, &answer.json);
                if !state.has_ended() {
                    self.followed.going = state.word().map(str::to_owned);
                }
                self.followed.state = state;
                self.followed.body = answer.json;
                self.followed.failure = None;
                Event::Looked(look)
            }
            Err(failure) => self.failed(failure),
        }
    }

    fn failed(&mut self, failure: Failure) -> Event {
        let event = match &failure.fault {
            Fault::Interrupted(by) => return Event::Cancelled(by.clone()),
            Fault::OutOfTime => return Event::NoTurn,
            fault => Event::Failed {
                passing: fault.is_passing(),
                retry_after: fault.retry_after(),
            },
        };
        // A run of failures is told once.
        if self.followed.failure.is_none() {
            self.client.warn(format!(
                "{}: {}; looking again",
                failure.call,
                failure.fault.told()
            ));
        }
        self.followed.failure = Some(failure);
        event
    }

    fn stop(&mut self, within: Duration) -> Event {
        self.stream = None;
        self.client.finish_within(within);
        let Some(path) = self.service.stop_path(self.handle) else {
            return Event::Stopped(false);
        };
        match ask_to_stop(self.client, &path) {
            Ok(()) => Event::Stopped(true),
            Err(failure) => {
                self.client.warn(format!(
                    "the run could not be stopped: {}: {}",
                    failure.call,
                    failure.fault.told()
                ));
                Event::Stopped(false)
            }
        }
    }

    fn listen(&mut self, time: Duration) -> Event {
        // A stream that talks without pause must not keep an interrupt from being noticed.
        if let Wake::Cancelled(by) = self.client.ports.wait(Duration::ZERO) {
            return Event::Cancelled(by);
        }
        if let Some(closed) = self.open_stream() {
            return closed;
        }
        let Some(stream) = &mut self.stream else {
            return Event::StreamClosed;
        };
        match stream.next(time) {
            Chunk::Head(head) => {
                self.client.note(&head);
                if (200..300).contains(&head.status) {
                    Event::Quiet
                } else {
                    self.close(&format!("the service answered {}", head.status))
                }
            }
            Chunk::Bytes(bytes) => match self.lines.push(&bytes) {
                Ok(events) => self.heard(&events),
                Err(why) => self.close(why),
            },
            Chunk::Idle => Event::Quiet,
            Chunk::Ended => {
                let rest = self.lines.finish();
                self.heard(&rest);
                self.close("it ended")
            }
            Chunk::Broken(why) => self.close(&why),
        }
    }

    /// Opens the stream if it is not open; an event if that failed.
    fn open_stream(&mut self) -> Option<Event> {
        if self.stream.is_some() {
            return None;
        }
        let path = self.service.stream_path(self.handle)?;
        match self.client.open(&path) {
            Ok(stream) => {
                self.stream = Some(stream);
                None
            }
            Err(Failure {
                fault: Fault::Interrupted(by),
                ..
            }) => Some(Event::Cancelled(by)),
            Err(failure) => Some(self.close(&failure.fault.told())),
        }
    }

    fn close(&mut self, why: &str) -> Event {
        self.stream = None;
        self.client.ports.emit(Told::Debug(format!(
            "stream of events closed ({why}); polling"
        )));
        Event::StreamClosed
    }

    fn heard(&mut self, events: &[Value]) -> Event {
        if events.is_empty() {
            return Event::Quiet;
        }
        let mut ending = false;
        for event in events {
            let state = self.description.state(event, "event_state");
            ending |= state.has_ended();
            self.note(&state, event);
        }
        Event::Heard { ending }
    }

    /// Tells of a change of state, whether it was read or heard.
    fn note(&mut self, state: &State, value: &Value) {
        if let Some(run) = crate::api::json::text(value, self.description.assumed("run_id")) {
            self.followed.run_hint = Some(run);
        }
        let Some(word) = state.word() else { return };
        if self.followed.queued.is_none() && !matches!(state, State::Queued(_) | State::Unknown(_))
        {
            self.followed.queued = Some(self.client.ports.now().since(self.began));
        }
        if matches!(state, State::Unknown(_)) && !self.warned.iter().any(|known| known == word) {
            self.warned.push(word.to_owned());
            self.client.warn(format!(
                "the service tells of a state that is not known, {word:?}; it is not taken for an end"
            ));
        }
        let count = |places| {
            let number = crate::api::json::number(value, self.description.assumed(places))?;
            (number >= 0.0 && number < f64::from(u32::MAX)).then_some(number as u32)
        };
        let (done, total) = (count("progress_done"), count("progress_total"));
        let told = Some((word.to_owned(), done, total));
        if self.told != told {
            self.told = told;
            self.client.ports.emit(Told::StateChanged {
                word: word.to_owned(),
                done,
                total,
            });
        }
    }
}
