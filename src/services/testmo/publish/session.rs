//! One run and one thread in it: opened when the first tests are ready, filled in order, and closed whatever happens.
//!
//! While a batch is under way the next one is made, so that there are never more than two.

mod closing;
mod header;
mod opening;

pub use header::MARK;

use std::collections::VecDeque;
use std::time::Duration;

use super::desk::Desk;
use super::lot::Lot;
use super::remote::{ATTEMPTS, blamed, have_arrived, is_unclear, tell};
use super::wish::Wish;
use crate::api::{Client, Failure, Fault, Pending, Phase};
use crate::error::Problem;
use crate::services::Call;
use crate::services::testmo::thread_path;

/// Where the results go, and how far they have come.
pub struct Session {
    wish: Wish,
    /// In microseconds; told once.
    observed_us: Option<u64>,
    place: Place,
    /// How many runs were made for these results.
    made: u64,
    /// Whether what is known of the run stems from an earlier time and was not looked at.
    is_old: bool,
    /// What a look has shown about the tests in doubt: whether they have arrived.
    has_arrived: Option<bool>,
    flight: Option<(Lot, Result<Pending, Failure>)>,
    is_closed: bool,
    has_header: bool,
}

/// The run and the thread.
#[derive(Debug, Clone, Default, PartialEq)]
struct Place {
    run: Option<String>,
    /// Whether it was made for these results.
    is_own: bool,
    is_run_open: bool,
    /// Whether a run may have been made of which the id is not known.
    is_run_in_doubt: bool,
    thread: Option<String>,
    is_thread_open: bool,
    /// Whether the thread was told its time when it was made.
    is_timed: bool,
    /// How many tests the thread surely has.
    sent: u64,
    /// How many tests may have arrived beyond that.
    in_doubt: u64,
    /// The sum of the times of the tests that were sent.
    elapsed_us: u64,
}

/// What became of a batch.
enum Fate {
    Taken,
    TooLong(Problem),
    NotTaken(Problem),
    /// It may have arrived.
    InDoubt(Problem),
}

impl Session {
    /// Nothing is opened before there is something to be sent.
    pub fn new(wish: Wish, observed: Option<Duration>, made: u64) -> Self {
        Self {
            wish,
            observed_us: observed.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
            place: Place::default(),
            made,
            is_old: false,
            has_arrived: None,
            flight: None,
            is_closed: false,
            has_header: false,
        }
    }

    /// Sends the next tests, or keeps them. `whole_us` is the time of all of them, if these are the last.
    pub fn push(
        &mut self,
        client: &mut Client,
        desk: &mut Desk,
        mut lot: Lot,
        whole_us: Option<u64>,
    ) {
        self.settle(client, desk);
        if desk.halted.is_none()
            && let Err(problem) = self.look_back(client)
        {
            desk.halt(client, problem);
        }
        // The first tests of those that were kept may have been the ones in doubt.
        if let Some(true) = self.has_arrived.take() {
            if self.place.thread.is_some() {
                self.place.elapsed_us = self.place.elapsed_us.saturating_add(lot.elapsed_us());
            }
            desk.publication.sent += lot.len();
            return;
        }
        if desk.halted.is_none()
            && let Err(problem) = self.open(client, &mut lot, whole_us)
        {
            desk.halt(client, problem);
        }
        if desk.halted.is_some() {
            return self.keep(client, desk, &lot);
        }
        let pending = client.begin(&self.call(&lot));
        self.flight = Some((lot, pending));
    }

    /// The end of the results. `whole_us` is the time of all of them.
    pub fn end(mut self, client: &mut Client, desk: &mut Desk, whole_us: Option<u64>) {
        self.settle(client, desk);
        self.finish(client, desk, whole_us);
    }

    fn call(&self, lot: &Lot) -> Call {
        let thread = self.place.thread.as_deref().unwrap_or_default();
        Call::new(
            crate::ports::Method::Post,
            thread_path(thread, "/append"),
            Some(lot.body()),
        )
    }

    /// Waits for what is under way, and sees to it that it arrives.
    fn settle(&mut self, client: &mut Client, desk: &mut Desk) {
        let Some((lot, pending)) = self.flight.take() else {
            return;
        };
        let mut answered = Some(pending.and_then(|pending| client.answer(pending)));
        let mut queue = VecDeque::from([lot]);
        while let Some(mut lot) = queue.pop_front() {
            let outcome = match answered.take() {
                Some(outcome) => outcome,
                None => client.send_at_most_once(&self.call(&lot)),
            };
            match self.fate(client, &lot, outcome.map(|_| ())) {
                Fate::Taken => self.taken(desk, &lot),
                Fate::TooLong(problem) => match lot.split() {
                    Some(later) => {
                        queue.push_front(later);
                        queue.push_front(lot);
                    }
                    None => {
                        queue.push_front(lot);
                        return self.give_up(client, desk, problem, queue);
                    }
                },
                Fate::NotTaken(problem) => {
                    queue.push_front(lot);
                    return self.give_up(client, desk, problem, queue);
                }
                Fate::InDoubt(problem) => {
                    desk.halt(client, problem.clone());
                    if self.is_there_now(client, &lot) {
                        self.taken(desk, &lot);
                    } else {
                        self.place.in_doubt = lot.len();
                        queue.push_front(lot);
                    }
                    return self.give_up(client, desk, problem, queue);
                }
            }
        }
    }

    fn taken(&mut self, desk: &mut Desk, lot: &Lot) {
        self.place.sent += lot.len();
        self.place.elapsed_us = self.place.elapsed_us.saturating_add(lot.elapsed_us());
        desk.publication.sent += lot.len();
    }

    fn give_up(&mut self, client: &mut Client, desk: &mut Desk, why: Problem, lots: VecDeque<Lot>) {
        desk.halt(client, why);
        for lot in lots {
            self.keep(client, desk, &lot);
        }
    }

    /// Sends tests again until it is known what became of them.
    fn fate(&self, client: &mut Client, lot: &Lot, first: Result<(), Failure>) -> Fate {
        let mut outcome = first;
        let mut attempt = 1;
        loop {
            let failure = match outcome {
                Ok(()) => return Fate::Taken,
                Err(failure) if failure.fault.had_no_effect() => {
                    match client.repeat_at_most_once(failure, &self.call(lot)) {
                        Ok(_) => return Fate::Taken,
                        Err(failure) => failure,
                    }
                }
                Err(failure) => failure,
            };
            if !is_unclear(&failure.fault) {
                return refused(&failure);
            }
            tell(client, &failure);
            match self.have_arrived(client, lot) {
                Ok(true) => return Fate::Taken,
                Ok(false) if attempt == ATTEMPTS => {
                    return Fate::NotTaken(failure.problem(Phase::AfterTrigger));
                }
                Ok(false) => attempt += 1,
                Err(unseen) => return Fate::InDoubt(blamed(&failure, &unseen)),
            }
            outcome = client.send_at_most_once(&self.call(lot)).map(|_| ());
        }
    }

    fn have_arrived(&self, client: &mut Client, lot: &Lot) -> Result<bool, Failure> {
        have_arrived(client, self.ids(), self.place.sent, lot.len())
    }

    /// The run and the thread, which are known once something was sent.
    fn ids(&self) -> (&str, &str) {
        let Place { run, thread, .. } = &self.place;
        (
            run.as_deref().unwrap_or_default(),
            thread.as_deref().unwrap_or_default(),
        )
    }

    /// Whether tests in doubt are there by now. If not, they may be on their way.
    fn is_there_now(&self, client: &mut Client, lot: &Lot) -> bool {
        let (run, thread) = self.ids();
        let total = super::remote::total(client, run, thread);
        total.is_ok_and(|total| total == self.place.sent + lot.len())
    }
}

/// What it means that tests were not taken, where that is certain.
fn refused(failure: &Failure) -> Fate {
    let Fault::Refused(refusal) = &failure.fault else {
        return Fate::NotTaken(failure.problem(Phase::AfterTrigger));
    };
    match refusal.status {
        413 => Fate::TooLong(failure.problem(Phase::BeforeTrigger)),
        // About what was sent, perhaps a word for a status. DOC: 422; ASSUMED: also of a run that is complete.
        400 | 422 => Fate::NotTaken(failure.problem(Phase::BeforeTrigger)),
        _ => Fate::NotTaken(failure.problem(Phase::AfterTrigger)),
    }
}
