//! Telling jobs to stop.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

/// That, why and when the host was told to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// By what, for example "SIGTERM".
    pub reason: Arc<str>,
    /// When.
    pub at: Instant,
    /// The target that has failed, where that is why.
    pub failed: Option<Arc<str>>,
}

/// A word to stop, shared by all who wait for it. Clones are the same word.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Told>>>);

impl Stop {
    /// A word that has not been given.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Gives the word. Only the first time counts.
    pub fn tell(&self, reason: impl Into<Arc<str>>) {
        self.give(reason.into(), None);
    }

    /// Gives the word, as a target has failed and the others are not to go on. Only the first time counts.
    pub fn tell_failed(&self, target: &str) {
        let reason = format!("--fail-fast, as `{target}` failed");
        self.give(reason.into(), Some(target.into()));
    }

    fn give(&self, reason: Arc<str>, failed: Option<Arc<str>>) {
        self.0.send_if_modified(|told| {
            let first = told.is_none();
            if first {
                *told = Some(Told {
                    reason,
                    at: Instant::now(),
                    failed,
                });
            }
            first
        });
    }

    /// The word, if it was given.
    #[must_use]
    pub fn told(&self) -> Option<Told> {
        self.0.borrow().clone()
    }

    /// Waits until the word is given.
    pub async fn wait(&self) -> Told {
        let mut receiver = self.0.subscribe();
        let told = receiver
            .wait_for(Option::is_some)
            .await
            .expect("self holds the sender")
            .clone();
        told.expect("waited for")
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_word_counts_and_wakes_all() {
        let stop = Stop::new();
        assert_eq!(stop.told(), None);
        let other = stop.clone();
        let waiting = tokio::spawn(async move { other.wait().await });
        tokio::task::yield_now().await;
        stop.tell("SIGTERM");
        stop.tell("SIGINT");
        let told = waiting.await.expect("the task ends");
        assert_eq!(&*told.reason, "SIGTERM");
        assert_eq!(stop.wait().await, told);
    }

    #[test]
    fn a_word_that_follows_from_a_failure_names_the_target() {
        let stop = Stop::new();
        stop.tell_failed("api");
        stop.tell("SIGTERM");
        let told = stop.told().expect("the word was given");
        assert_eq!(told.failed.as_deref(), Some("api"));
        assert!(told.reason.contains("`api`"), "{}", told.reason);
    }
}
