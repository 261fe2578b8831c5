//! The functions of `proctor:ci/host`, as `wit/host.wit` describes them.

use std::{sync::PoisonError, time::Duration};

use super::{limits::REAL_WAIT, state::State};
use crate::{
    bindings::proctor::ci::{
        host::{Budget, Host, Turn, Wake},
        types::{self, Event},
    },
    stop::Told,
};

/// The longest single wait. Jobs are dropped at their time limit anyway; this keeps the timer's arithmetic sane.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Host for State {
    async fn wait(&mut self, nanoseconds: u64) -> wasmtime::Result<Wake> {
        let time = Duration::from_nanos(nanoseconds).min(LONGEST_WAIT);
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

    async fn emit(&mut self, event: Event) -> wasmtime::Result<()> {
        let event = {
            let journal = &self.session.record.journal;
            journal
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(event)?
        };
        if let Some(event) = event {
            (self.session.tell)(event);
        }
        Ok(())
    }

    async fn take_turn(&mut self, within_nanoseconds: u64) -> wasmtime::Result<Turn> {
        let account = self.session.account.clone();
        let turn = account.take_turn(Duration::from_nanos(within_nanoseconds));
        Ok(match self.unless_told(turn).await {
            Ok(true) => Turn::Granted,
            Ok(false) => Turn::NotWithin,
            Err(told) => Turn::Cancelled(told.reason.to_string()),
        })
    }

    async fn note_budget(&mut self, budget: Budget) -> wasmtime::Result<()> {
        self.session.account.note(&budget);
        Ok(())
    }
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
