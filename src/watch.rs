//! The run-poll-report loop as a state machine: takes what happened and a clock reading, returns what to do next.
//!
//! It never waits, calls or reads a clock. [`crate::services`] carries out the steps.

mod cadence;
#[cfg(test)]
mod tests;

pub use cadence::Cadence;

use std::time::Duration;

use crate::ports::Instant;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// When the run must have ended.
    pub deadline: Instant,
    /// When the run must have begun, if that is bounded too.
    pub begin_by: Option<Instant>,
    /// How long the service may keep failing.
    pub patience: Duration,
    /// How long stopping a run may take when its time is over, until it is seen that it has stopped.
    pub leave: Duration,
    /// The same when the host was told to stop: the host itself ends all 4 s after.
    pub leave_at_once: Duration,
}

impl Limits {
    /// The usual limits. All figures are ours.
    #[must_use]
    pub const fn until(deadline: Instant) -> Self {
        Self {
            deadline,
            begin_by: None,
            patience: Duration::from_secs(300),
            leave: Duration::from_secs(10),
            leave_at_once: Duration::from_millis(1500),
        }
    }
}

/// What the service offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    pub stream: bool,
    pub stop: bool,
}

/// What a look at the run's state brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Not at its end, or in a state that is not known.
    Going,
    /// The answer held no state.
    Absent,
    /// At its end.
    Ended,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing; a wait is over.
    Ready,
    Looked(Look),
    /// A look brought no answer. `passing` if a later one may.
    Failed {
        passing: bool,
        retry_after: Option<Duration>,
    },
    /// A look was not possible, as its turn would come after the time that is left.
    NoTurn,
    /// The stream told something. `ending` if it sounded like the end.
    Heard {
        ending: bool,
    },
    /// The stream told nothing in the time given.
    Quiet,
    /// The stream could not be opened, broke or ended.
    StreamClosed,
    /// Stopping the run was tried, and whether the service took the request.
    Stopped(bool),
    /// The host was told to stop, and by what.
    Cancelled(String),
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask for the run's state.
    Look,
    /// Read the stream, at most so long; open it if it is not open.
    Listen(Duration),
    Wait(Duration),
    /// Stop the remote run, best effort. Everything after it happens within `within`.
    Stop {
        within: Duration,
    },
    /// The end; every later step is the same.
    End(Ending),
}

/// Why a run is left before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// Its time is over.
    TimedOut,
    /// It has not begun in the time that it had for that.
    NotBegun,
    /// The service has kept failing.
    Unreachable,
    /// The host was told to stop, and by what.
    Interrupted(String),
}

/// How following ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The run ended by itself.
    Ended,
    /// The run was left.
    Left {
        why: Leave,
        /// Whether a look has seen that the run is no longer going on. That a stop was accepted is not enough.
        stopped: bool,
    },
    /// Answer after answer held no state.
    Absent,
    /// The service refused to tell, for good.
    Refused,
}

/// The answers without a state that are put up with. Ours: one may be a gateway's, three in a row are not.
const ABSENT_LIMIT: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listening {
    No,
    /// Open or to be opened, and whether it has told anything.
    Yes {
        heard: bool,
    },
}

#[derive(Debug, Clone)]
struct Leaving {
    why: Leave,
    until: Instant,
    /// Whether the service is being asked to stop the run.
    asking: bool,
}

/// The state of following one run.
#[derive(Debug, Clone)]
pub struct Watch {
    limits: Limits,
    offers: Offers,
    cadence: Cadence,
    listening: Listening,
    next_look: Instant,
    failing_since: Option<Instant>,
    absent: u32,
    leaving: Option<Leaving>,
    end: Option<Ending>,
}

impl Watch {
    /// Begins to follow a run at `now`.
    #[must_use]
    pub fn new(limits: Limits, offers: Offers, cadence: Cadence, now: Instant) -> Self {
        let next_look = now.after(cadence.lead());
        let next_look = limits.begin_by.map_or(next_look, |by| next_look.min(by));
        Self {
            limits,
            offers,
            cadence,
            listening: if offers.stream {
                Listening::Yes { heard: false }
            } else {
                Listening::No
            },
            next_look,
            failing_since: None,
            absent: 0,
            leaving: None,
            end: None,
        }
    }

    /// Takes one event at one clock reading. `chance`, from 0 to 1, spreads the next look.
    pub fn step(&mut self, now: Instant, event: Event, chance: f64) -> Step {
        if let Some(end) = &self.end {
            return Step::End(end.clone());
        }
        match event {
            Event::Ready | Event::Quiet => self.next(now),
            Event::Looked(look) => self.looked(now, look, chance),
            Event::Failed {
                passing,
                retry_after,
            } => self.failed(now, passing, retry_after, chance),
            Event::NoTurn => {
                self.next_look = self.until();
                self.next(now)
            }
            Event::Heard { ending } => self.heard(now, ending),
            Event::StreamClosed => {
                self.listening = Listening::No;
                self.look_now(now)
            }
            Event::Stopped(stopped) => self.stopped(now, stopped),
            Event::Cancelled(by) => self.leave(now, Leave::Interrupted(by)),
        }
    }

    /// Takes down that the run was seen at work: from now on it cannot be late to begin.
    pub const fn begun(&mut self) {
        self.limits.begin_by = None;
    }

    fn looked(&mut self, now: Instant, look: Look, chance: f64) -> Step {
        self.failing_since = None;
        match look {
            Look::Ended => self.end_of_run(),
            Look::Absent if self.absent + 1 >= ABSENT_LIMIT => self.end(Ending::Absent),
            Look::Absent => {
                self.absent += 1;
                self.look_later(now, None, chance)
            }
            // What is late is what a look at that time, or after it, has seen not to have begun.
            Look::Going if self.is_late_to_begin(now) => self.leave(now, Leave::NotBegun),
            Look::Going => {
                self.absent = 0;
                self.look_later(now, None, chance)
            }
        }
    }

    fn end_of_run(&mut self) -> Step {
        match self.leaving.take() {
            None => self.end(Ending::Ended),
            Some(Leaving { why, .. }) => self.end(Ending::Left { why, stopped: true }),
        }
    }

    fn failed(
        &mut self,
        now: Instant,
        passing: bool,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Step {
        if self.leaving.is_some() {
            return self.look_later(now, retry_after, chance);
        }
        if !passing {
            return self.end(Ending::Refused);
        }
        // A look that the deadline cut off says nothing of the service.
        if self.failing_since.is_none() && now >= self.limits.deadline {
            return self.next(now);
        }
        let since = *self.failing_since.get_or_insert(now);
        if now.since(since) >= self.limits.patience {
            return self.leave(now, Leave::Unreachable);
        }
        self.look_later(now, retry_after, chance)
    }

    fn heard(&mut self, now: Instant, ending: bool) -> Step {
        if let Listening::Yes { heard } = &mut self.listening {
            // From the first word on the stream carries the news; looking beside it only guards against a stall.
            if !*heard {
                *heard = true;
                let next_look = now.after(self.cadence.beside_stream);
                self.next_look = self.in_time_to_begin(now, next_look);
            }
        }
        if ending {
            self.look_now(now)
        } else {
            self.next(now)
        }
    }

    fn stopped(&mut self, now: Instant, accepted: bool) -> Step {
        let Some(leaving) = &mut self.leaving else {
            return self.next(now);
        };
        leaving.asking = false;
        if accepted {
            self.cadence.restart();
            self.look_now(now)
        } else {
            self.give_up()
        }
    }

    fn leave(&mut self, now: Instant, why: Leave) -> Step {
        let within = match why {
            Leave::Interrupted(_) => self.limits.leave_at_once,
            Leave::TimedOut | Leave::NotBegun | Leave::Unreachable => self.limits.leave,
        };
        let until = now.after(within);
        if let Some(leaving) = &mut self.leaving {
            let was_told = matches!(leaving.why, Leave::Interrupted(_));
            leaving.why = why;
            leaving.until = leaving.until.min(until);
            // The word has cut off what asked to stop the run: it is asked once more, in the time that is left for it.
            let within = leaving.until.since(now);
            return match leaving.asking && !was_told && !within.is_zero() {
                true => Step::Stop { within },
                false => self.next(now),
            };
        }
        self.listening = Listening::No;
        self.leaving = Some(Leaving {
            why,
            until,
            asking: self.offers.stop,
        });
        if self.offers.stop {
            Step::Stop { within }
        } else {
            self.give_up()
        }
    }

    fn give_up(&mut self) -> Step {
        match self.leaving.take() {
            Some(Leaving { why, .. }) => self.end(Ending::Left {
                why,
                stopped: false,
            }),
            None => self.end(Ending::Refused),
        }
    }

    fn look_now(&mut self, now: Instant) -> Step {
        self.next_look = now;
        self.cadence.restart();
        self.next(now)
    }

    fn look_later(&mut self, now: Instant, at_least: Option<Duration>, chance: f64) -> Step {
        let wait = match (&self.leaving, self.listening) {
            (Some(_), _) => self.cadence.leaving(),
            (None, Listening::Yes { heard: true }) => self.cadence.beside_stream,
            (None, _) => self.cadence.next(chance),
        };
        let next_look = now.after(wait.max(at_least.unwrap_or_default()));
        self.next_look = match at_least {
            // The service has asked for that much time.
            Some(_) => next_look,
            None => self.in_time_to_begin(now, next_look),
        };
        self.next(now)
    }

    /// The time of a look, or that by which the run must have begun if it comes first: it is not to be called late by what was
    /// seen long before.
    fn in_time_to_begin(&self, now: Instant, next_look: Instant) -> Instant {
        match self.limits.begin_by {
            Some(by) if now < by => next_look.min(by),
            _ => next_look,
        }
    }

    fn is_late_to_begin(&self, now: Instant) -> bool {
        self.leaving.is_none() && self.limits.begin_by.is_some_and(|by| now >= by)
    }

    fn next(&mut self, now: Instant) -> Step {
        let until = self.until();
        if now >= until {
            return match (&self.leaving, self.failing_since) {
                (Some(_), _) => self.give_up(),
                (None, Some(_)) => self.leave(now, Leave::Unreachable),
                (None, None) => self.leave(now, Leave::TimedOut),
            };
        }
        if now >= self.next_look {
            return Step::Look;
        }
        let time = self.next_look.min(until).since(now);
        match self.listening {
            Listening::Yes { .. } => Step::Listen(time),
            Listening::No => Step::Wait(time),
        }
    }

    /// When following, or leaving, has to be over.
    fn until(&self) -> Instant {
        match &self.leaving {
            Some(leaving) => leaving.until,
            None => self.limits.deadline,
        }
    }

    fn end(&mut self, end: Ending) -> Step {
        self.end = Some(end.clone());
        Step::End(end)
    }
}
