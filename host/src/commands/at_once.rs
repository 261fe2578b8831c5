//! How many targets are followed at once.
//!
//! To follow a run costs next to nothing here, so what bounds it is what the services grant. Targets that begin at once
//! share their account's rate from their first request on, each with its own time limit running: too many of them, and
//! runs are triggered that nobody can look at before their time is over.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::component::Work;

/// The most that are followed at once when nothing is said: an instance and what it has read take about half a megabyte.
pub const MOST: usize = 500;

/// The least that an account gets, however small its rate is.
const LEAST: u32 = 8;

/// How many requests a minute a run takes that is looked at every ten seconds, as often as services suggest.
const LOOKS_A_MINUTE: u32 = 6;

/// Who may be followed now.
pub struct AtOnce {
    all: Arc<Semaphore>,
    /// For each of the works, what the targets of its account share; none without a known rate.
    accounts: Vec<Option<Arc<Semaphore>>>,
}

/// The right to be followed. Dropping it lets another begin.
pub struct Turn {
    _all: OwnedSemaphorePermit,
    _account: Option<OwnedSemaphorePermit>,
}

/// Where a target waits for its turn.
pub struct Queue {
    all: Arc<Semaphore>,
    account: Option<Arc<Semaphore>>,
}

impl AtOnce {
    /// At most `jobs` at once if that was said, whatever the rates are; else as many as each account's rate can follow.
    pub fn new(works: &[&Work], jobs: Option<usize>) -> Self {
        let all = Arc::new(Semaphore::new(jobs.unwrap_or(MOST)));
        let mut known = HashMap::new();
        let accounts = works.iter().map(|work| {
            let rate = work.provider.rate.filter(|_| jobs.is_none())?;
            let account = known
                .entry((&work.target.api_url, &work.key))
                .or_insert_with(|| Arc::new(Semaphore::new(followable(rate.per_minute))));
            Some(Arc::clone(account))
        });
        let accounts = accounts.collect();
        Self { all, accounts }
    }

    /// The queue of the work at this place.
    pub fn queue(&self, place: usize) -> Queue {
        Queue {
            all: Arc::clone(&self.all),
            account: self.accounts.get(place).cloned().flatten(),
        }
    }
}

impl Queue {
    /// Waits for the turn. Who waits for its own account keeps nobody else waiting.
    pub async fn turn(self) -> Turn {
        let account = match self.account {
            Some(account) => Some(granted(account).await),
            None => None,
        };
        Turn {
            _all: granted(self.all).await,
            _account: account,
        }
    }
}

async fn granted(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    let permit = semaphore.acquire_owned().await;
    permit.expect("the semaphore is never closed")
}

/// How many runs can be followed at such a rate.
fn followable(per_minute: u32) -> usize {
    let runs = (per_minute / LOOKS_A_MINUTE).max(LEAST);
    usize::try_from(runs).map_or(MOST, |runs| runs.min(MOST))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        bindings::proctor::ci::types::{Rate, Target},
        fixtures::catalogue,
        secret::Secret,
        stop::Stop,
    };

    fn work(rate: Option<u32>, key: &str) -> Work {
        let mut provider = catalogue().provider("browse").expect("a provider").clone();
        provider.rate = rate.map(|per_minute| Rate {
            per_minute,
            burst: 1,
        });
        Work {
            target: Target {
                name: String::new(),
                provider: provider.name.clone(),
                api_url: provider.api_url.clone(),
                settings: Vec::new(),
                overrides: Vec::new(),
                timeout_ms: 1,
                location: None,
            },
            provider,
            key: Some(Secret::new(key)),
            events: Arc::new(|_| {}),
            keep: None,
            stop: Stop::new(),
        }
    }

    /// How many of the works get their turn while none is done with.
    async fn begin(works: &[Work], jobs: Option<usize>) -> usize {
        let at_once = AtOnce::new(&works.iter().collect::<Vec<_>>(), jobs);
        let mut turns = Vec::new();
        for place in 0..works.len() {
            let turn = tokio::time::timeout(Duration::from_secs(1), at_once.queue(place).turn());
            turns.extend(turn.await);
        }
        turns.len()
    }

    fn works(count: usize, rate: Option<u32>, key: &str) -> Vec<Work> {
        (0..count).map(|_| work(rate, key)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_follows_what_its_rate_allows() {
        assert_eq!(begin(&works(100, Some(100), "key"), None).await, 16);
        assert_eq!(begin(&works(100, Some(60), "key"), None).await, 10);
        assert_eq!(begin(&works(100, Some(1), "key"), None).await, 8);
        assert_eq!(begin(&works(600, None, "key"), None).await, MOST);
        assert_eq!(begin(&works(600, Some(60_000), "key"), None).await, MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn accounts_do_not_hold_each_other_up() {
        let mut all = works(100, Some(100), "key");
        all.extend(works(100, Some(100), "other key"));
        all.extend(works(100, None, "third key"));
        assert_eq!(begin(&all, None).await, 16 + 16 + 100);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_said_counts_alone() {
        assert_eq!(begin(&works(20, Some(1), "key"), Some(20)).await, 20);
        assert_eq!(begin(&works(20, None, "key"), Some(3)).await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_given_back_goes_to_the_next() {
        let all = works(9, Some(1), "key");
        let at_once = AtOnce::new(&all.iter().collect::<Vec<_>>(), None);
        let mut turns = Vec::new();
        for place in 0..8 {
            turns.push(at_once.queue(place).turn().await);
        }
        let next = tokio::spawn(at_once.queue(8).turn());
        tokio::task::yield_now().await;
        assert!(!next.is_finished());
        turns.pop();
        next.await.expect("no panic");
    }
}
