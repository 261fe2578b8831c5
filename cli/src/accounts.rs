//! How often each account may be asked, for all of its targets.

use std::{
    cell::RefCell,
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

use crate::{
    bindings::proctor::ci::{host::Budget, types::Rate},
    network::{
        Origin,
        account::bucket::{Bucket, LONGEST_PAUSE},
    },
    secret::Secret,
};

/// By where an account is, and whose it is.
pub type Whose = (Origin, Option<Secret>);

/// All accounts in use.
#[derive(Default)]
pub struct Accounts(RefCell<HashMap<Whose, Bucket>>);

impl Accounts {
    /// Waits for a turn to send one request. Returns whether it came within the time given; when it is known that it will
    /// not, the answer is no at once.
    pub fn take_turn(&self, whose: &Whose, rate: Option<Rate>, within: Duration) -> bool {
        let latest = Instant::now() + within.min(LONGEST_PAUSE);
        loop {
            let now = Instant::now();
            match self.with(whose, rate, |bucket| bucket.take(now)) {
                Ok(()) => return true,
                Err(next) if next > latest => return false,
                Err(next) => thread::sleep(next.saturating_duration_since(now)),
            }
        }
    }

    /// Corrects the budget by what an answer said.
    pub fn note(&self, whose: &Whose, rate: Option<Rate>, budget: &Budget) {
        self.with(whose, rate, |bucket| bucket.note(budget, Instant::now()));
    }

    /// `rate` counts for the first who asks.
    fn with<T>(&self, whose: &Whose, rate: Option<Rate>, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut accounts = self.0.borrow_mut();
        let bucket = accounts
            .entry(whose.clone())
            .or_insert_with(|| Bucket::new(rate, Instant::now()));
        act(bucket)
    }
}
