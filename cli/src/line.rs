//! The ports of one target: WASI's clocks, the way to its service, and what is told.

use std::{
    cell::Cell,
    thread,
    time::{Duration, Instant as Moment},
};

use wasi::{clocks::monotonic_clock, random::random};

use crate::{
    accounts::Whose,
    bindings::proctor::ci::{host, types::Rate},
    edge::http::nanos,
    model::Handle,
    ports::{
        Account, Budget, Clock, Event, Events, Instant, Request, Response, SendError, Stream,
        Transport, Turn, Wake,
    },
    progress,
    session::{Session, now_ms},
    work::Work,
};

/// How long a request may take that is begun after the time limit: runs are stopped and results read then.
const AFTER_DEADLINE: Duration = Duration::from_secs(5);

/// How much of its time a run has at least once it is followed, so that one that has ended meanwhile is seen to have.
const AT_LEAST: Duration = Duration::from_secs(15);

/// The ports of one target.
pub struct Line<'a> {
    session: &'a Session,
    work: &'a Work,
    whose: Whose,
    rate: Option<Rate>,
    /// When the run has to be over, by the monotonic clock in nanoseconds.
    deadline: u64,
    /// Where the clock stands until the first effect: at the trigger, where that was earlier.
    stands: Cell<Option<u64>>,
    /// What is done with a handle.
    keep: &'a dyn Fn(&Handle),
}

impl<'a> Line<'a> {
    /// The ports of a target whose time begins now.
    pub fn new(session: &'a Session, work: &'a Work, keep: &'a dyn Fn(&Handle)) -> Self {
        Self::since(monotonic_clock::now(), session, work, keep)
    }

    /// The ports of a target that was triggered at an earlier moment of the monotonic clock, from which its time counts.
    pub fn since(
        triggered: u64,
        session: &'a Session,
        work: &'a Work,
        keep: &'a dyn Fn(&Handle),
    ) -> Self {
        let timeout = nanos(work.target.timeout);
        let least = monotonic_clock::now().saturating_add(nanos(AT_LEAST.min(work.target.timeout)));
        let begins = triggered.max(least.saturating_sub(timeout));
        Self {
            session,
            work,
            whose: work.gate.whose(),
            rate: work.planned.provider.rate,
            deadline: begins.saturating_add(timeout),
            stands: Cell::new(Some(begins)),
            keep,
        }
    }

    /// Until when a request may take that begins now. It is the first effect, or a later one.
    fn until(&self) -> u64 {
        self.stands.set(None);
        let later = monotonic_clock::now().saturating_add(nanos(AFTER_DEADLINE));
        self.deadline.max(later)
    }
}

impl Transport for Line<'_> {
    fn send(&mut self, request: &Request) -> Result<Response, SendError> {
        self.work.gate.send(request, self.until())
    }

    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError> {
        self.work.gate.open(request, self.until())
    }
}

impl Clock for Line<'_> {
    fn now(&self) -> Instant {
        let now = self.stands.get().unwrap_or_else(monotonic_clock::now);
        Instant(Duration::from_nanos(now))
    }

    fn unix_ms(&self) -> u64 {
        let since = self.stands.get().map_or(0, |at| {
            monotonic_clock::now().saturating_sub(at) / 1_000_000
        });
        now_ms().saturating_sub(since)
    }

    fn wait(&mut self, time: Duration) -> Wake {
        self.stands.set(None);
        thread::sleep(time);
        Wake::Elapsed
    }

    fn random(&mut self) -> u64 {
        random::get_random_u64()
    }
}

impl Account for Line<'_> {
    fn take_turn(&mut self, within: Duration) -> Turn {
        self.stands.set(None);
        let accounts = &self.session.accounts;
        match accounts.take_turn(&self.whose, self.rate, within) {
            true => Turn::Granted,
            false => Turn::NotWithin,
        }
    }

    fn note_budget(&mut self, budget: Budget) {
        let Budget {
            remaining,
            per_minute,
            pause,
        } = budget;
        let budget = host::Budget {
            remaining,
            per_minute,
            pause: nanos(pause),
        };
        self.session.accounts.note(&self.whose, self.rate, &budget);
    }
}

impl Events for Line<'_> {
    fn emit(&mut self, event: Event) {
        if let Event::Triggering(handle) | Event::Triggered(handle) = &event {
            (self.keep)(handle);
        }
        progress::tell(&self.session.terminal, &self.work.target.name, &event);
    }
}

/// How long something has taken.
pub fn since(moment: Moment) -> u64 {
    crate::config::plan::milliseconds(moment.elapsed())
}
