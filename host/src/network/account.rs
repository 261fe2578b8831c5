//! The line of all targets that share one account: one clock and one budget for them.

mod bucket;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::Origin;
use crate::{
    bindings::proctor::ci::{host::Budget, types::Rate},
    secret::Secret,
};
use bucket::{Bucket, LONGEST_PAUSE};

/// All accounts in use. Clones are the same accounts.
#[derive(Clone, Default)]
pub struct Accounts(Arc<Mutex<Known>>);

/// By where they are and whose they are.
type Known = HashMap<(Origin, Option<Secret>), Account>;

impl Accounts {
    /// No accounts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The account of a key at an origin. `rate` counts for the first who asks.
    #[must_use]
    pub fn of(&self, origin: &Origin, key: Option<&Secret>, rate: Option<Rate>) -> Account {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts
            .entry((origin.clone(), key.cloned()))
            .or_insert_with(|| Account::new(rate))
            .clone()
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts")
    }
}

/// A line with a token bucket at its head. Clones are the same line.
#[derive(Clone)]
pub struct Account(Arc<Line>);

struct Line {
    /// Held by whoever is first in the line; tokio hands it on in the order of asking.
    head: tokio::sync::Mutex<()>,
    bucket: Mutex<Bucket>,
    /// Wakes the first in the line when an answer has changed the budget.
    changed: Notify,
}

impl Account {
    /// An account with what is documented about its rate; without, nothing is held back until an answer tells.
    #[must_use]
    pub fn new(rate: Option<Rate>) -> Self {
        Self(Arc::new(Line {
            head: tokio::sync::Mutex::new(()),
            bucket: Mutex::new(Bucket::new(rate, Instant::now())),
            changed: Notify::new(),
        }))
    }

    /// Waits for a turn to send one request, in the order of asking. Returns whether it came within the time given;
    /// when it is known that it will not, the answer is no at once.
    ///
    /// Giving up, by dropping the future, takes no turn from the others.
    pub async fn take_turn(&self, within: Duration) -> bool {
        let latest = Instant::now() + within.min(LONGEST_PAUSE);
        tokio::time::timeout_at(latest, self.at_the_head(latest))
            .await
            .unwrap_or(false)
    }

    async fn at_the_head(&self, latest: Instant) -> bool {
        let _first = self.0.head.lock().await;
        loop {
            let changed = self.0.changed.notified();
            let next = self.bucket().take(Instant::now());
            match next {
                Ok(()) => return true,
                Err(next) if next > latest => return false,
                Err(next) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(next) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// Corrects the budget by what an answer said.
    pub fn note(&self, budget: &Budget) {
        self.bucket().note(budget, Instant::now());
        self.0.changed.notify_waiters();
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.0.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    fn account() -> Account {
        Account::new(Some(Rate {
            per_minute: 60,
            burst: 2,
        }))
    }

    fn budget(remaining: Option<u32>, per_minute: Option<u32>, pause: Duration) -> Budget {
        Budget {
            remaining,
            per_minute,
            pause: pause.as_nanos() as u64,
        }
    }

    async fn turn_after(account: &Account, within: Duration) -> Option<u64> {
        let begun = Instant::now();
        account
            .take_turn(within)
            .await
            .then(|| begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_then_the_rate_holds() {
        let account = account();
        let mut waits = Vec::new();
        for _ in 0..5 {
            waits.push(turn_after(&account, LONG).await);
        }
        assert_eq!(waits, [Some(0), Some(0), Some(1), Some(1), Some(1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_comes_too_late_is_refused_at_once() {
        let account = account();
        account.note(&budget(None, None, Duration::from_secs(100)));
        let begun = Instant::now();
        assert!(!account.take_turn(Duration::from_secs(99)).await);
        assert!(begun.elapsed() < Duration::from_secs(1));
        assert_eq!(turn_after(&account, LONG).await, Some(100));
    }

    #[tokio::test(start_paused = true)]
    async fn turns_go_in_the_order_of_asking() {
        let account = account();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for number in 0..10 {
            let (account, order) = (account.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                assert!(account.take_turn(LONG).await);
                order.lock().expect("no panic").push(number);
            }));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(
            *order.lock().expect("no panic"),
            (0..10).collect::<Vec<_>>()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_takes_no_turn() {
        let account = account();
        account.note(&budget(Some(0), None, Duration::ZERO));
        assert!(!account.take_turn(Duration::from_millis(10)).await);
        let dropped =
            tokio::time::timeout(Duration::from_millis(10), account.take_turn(LONG)).await;
        assert!(dropped.is_err());
        assert_eq!(
            turn_after(&account, LONG).await,
            Some(0),
            "the first turn after a second, not the second"
        );
        assert_eq!(turn_after(&account, LONG).await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_headers_win_over_what_is_documented() {
        let account = account();
        account.note(&budget(Some(50), Some(6), Duration::ZERO));
        for _ in 0..50 {
            assert_eq!(turn_after(&account, LONG).await, Some(0));
        }
        assert_eq!(turn_after(&account, LONG).await, Some(10));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_in_flight_counts() {
        let account = account();
        assert!(account.take_turn(LONG).await && account.take_turn(LONG).await);
        // Two were sent; the answer to the first says one is left, which the second uses up.
        account.note(&budget(Some(1), None, Duration::ZERO));
        assert_eq!(turn_after(&account, LONG).await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_was_overtaken_raises_nothing() {
        let account = Account::new(Some(Rate {
            per_minute: 60,
            burst: 10,
        }));
        for _ in 0..4 {
            assert!(account.take_turn(LONG).await);
        }
        for remaining in [6, 7, 8, 9] {
            account.note(&budget(Some(remaining), None, Duration::ZERO));
        }
        let mut at_once = 0;
        while turn_after(&account, LONG).await == Some(0) {
            at_once += 1;
        }
        assert_eq!(
            at_once, 3,
            "the answer that told of 6 came while 3 were under way"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_reaches_who_waits_already() {
        let account = account();
        account.note(&budget(Some(0), Some(1), Duration::ZERO));
        let other = account.clone();
        let waiting = tokio::spawn(async move { turn_after(&other, LONG).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        account.note(&budget(Some(9), Some(60), Duration::from_secs(5)));
        assert_eq!(waiting.await.expect("no panic"), Some(6));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_held_back_without_a_rate() {
        let account = Account::new(None);
        for _ in 0..1000 {
            assert_eq!(turn_after(&account, Duration::ZERO).await, Some(0));
        }
    }

    #[test]
    fn one_key_at_one_origin_is_one_account() {
        let accounts = Accounts::new();
        let origin = Origin::parse("https://api.example.com").expect("valid");
        let (one, other) = (Secret::new("one"), Secret::new("other"));
        let first = accounts.of(&origin, Some(&one), None);
        assert!(Arc::ptr_eq(
            &first.0,
            &accounts.clone().of(&origin, Some(&one), None).0
        ));
        assert!(!Arc::ptr_eq(
            &first.0,
            &accounts.of(&origin, Some(&other), None).0
        ));
    }
}
