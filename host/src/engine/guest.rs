//! The functions of `proctor:ci/host`, as `wit/host.wit` describes them.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use super::{
    limits::REAL_WAIT,
    state::{State, Unkept},
};
use crate::{
    bindings::proctor::ci::{
        host::{Budget, Host, Turn, Wake},
        types::{self, Event},
    },
    diagnostics::note,
    stop::Told,
};

/// The longest single wait. Jobs are dropped at their time limit anyway; this keeps the timer's arithmetic sane.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Host for State {
    async fn wait(&mut self, nanoseconds: u64) -> wasmtime::Result<Wake> {
        let time = Duration::from_nanos(nanoseconds).min(LONGEST_WAIT);
        if !time.is_zero() {
            note!(
                Trace,
                "proctor::engine",
                &self.session.target,
                "waits {time:.1?}"
            );
        }
        let wait = async {
            match time {
                Duration::ZERO => tokio::task::yield_now().await,
                _ => tokio::time::sleep(time).await,
            }
        };
        let wake = match self.unless_told(wait).await {
            Ok(()) => Wake::Elapsed,
            Err(told) => Wake::Cancelled(told.reason.to_string()),
        };
        if time >= REAL_WAIT {
            self.has_waited();
        }
        Ok(wake)
    }

    async fn emit(&mut self, mut event: Event) -> wasmtime::Result<()> {
        if let Event::Triggering(handle) | Event::Triggered(handle) = &mut event {
            // Whatever it says: a handle of another service's would be followed there later, with another key.
            handle.provider.clone_from(&self.session.provider);
        }
        let (event, before) = {
            let journal = &self.session.record.journal;
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            let is_kept = self.session.keep.is_some()
                && matches!(event, Event::Triggering(_) | Event::Triggered(_));
            let before = is_kept.then(|| journal.handle.clone()).flatten();
            (journal.take(event)?, before)
        };
        let Some(event) = event else { return Ok(()) };
        if let Event::Triggering(_) | Event::Triggered(_) = event
            && let Some(keep) = &self.session.keep
            && let Err(problem) = keep(&event)
        {
            // Nothing more is sent: what is known is what was known before.
            let journal = &self.session.record.journal;
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.handle = before;
            return Err(Unkept(problem).into());
        }
        (self.session.tell)(event);
        Ok(())
    }

    async fn take_turn(&mut self, within_nanoseconds: u64) -> wasmtime::Result<Turn> {
        let account = self.session.account.clone();
        let within = Duration::from_nanos(within_nanoseconds);
        let asked = Instant::now();
        let turn = match self.unless_told(account.take_turn(within)).await {
            Ok(true) => Turn::Granted,
            Ok(false) => Turn::NotWithin,
            Err(told) => Turn::Cancelled(told.reason.to_string()),
        };
        let name = match turn {
            Turn::Granted => "a turn of the account's line",
            Turn::NotWithin => "no turn of the account's line in time",
            Turn::Cancelled(_) => "told to stop in the account's line",
        };
        let waited = asked.elapsed();
        note!(
            Trace,
            "proctor::network",
            &self.session.target,
            "{name} after {waited:.1?}"
        );
        Ok(turn)
    }

    async fn note_budget(&mut self, budget: Budget) -> wasmtime::Result<()> {
        let Budget {
            remaining,
            per_minute,
            pause,
        } = &budget;
        let pause = Duration::from_nanos(*pause);
        note!(
            Trace,
            "proctor::network",
            &self.session.target,
            "the account has {} requests left, of {} a minute, and pauses for {pause:.1?}",
            told(remaining),
            told(per_minute)
        );
        self.session.account.note(&budget);
        Ok(())
    }
}

/// A number that is not always known.
fn told(number: &Option<u32>) -> String {
    number.map_or_else(
        || "an unknown number of".to_owned(),
        |number| number.to_string(),
    )
}

impl types::Host for State {}

impl State {
    /// Waits for something, or for the word to stop if the component does not know it yet.
    async fn unless_told<T>(&mut self, wait: impl Future<Output = T>) -> Result<T, Told> {
        if self.session.stop_told {
            return Ok(wait.await);
        }
        let stop = self.session.stop.clone();
        tokio::select! {
            biased;
            told = stop.wait() => {
                self.session.stop_told = true;
                Err(told)
            }
            done = wait => Ok(done),
        }
    }
}
