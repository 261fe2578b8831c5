//! Tells a component that waits for something from one that computes, and how long it has computed.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::limits::{REAL_WAIT, TICK};

/// The most that counts of one stretch of computing, which is interrupted at each tick: what is longer was the host's
/// doing, or the system let others go on.
const LONGEST_STRETCH: Duration = TICK;

/// What is known of the waits of one call.
#[derive(Debug, Default)]
pub struct Waits {
    /// Whether the component stands still only because it was interrupted.
    yielded: AtomicBool,
    /// How long it has computed since it last waited, in nanoseconds.
    since_wait: AtomicU64,
    /// How long it has computed altogether, in nanoseconds.
    in_all: AtomicU64,
}

impl Waits {
    /// Takes note that the component is interrupted while it computes.
    pub fn yields(&self) {
        self.yielded.store(true, Ordering::Relaxed);
    }

    /// Takes note that the component waited, or did something else that is no endless loop.
    pub fn waited(&self) {
        self.since_wait.store(0, Ordering::Relaxed);
    }

    /// How long the component has computed since it last waited.
    pub fn since_wait(&self) -> Duration {
        Duration::from_nanos(self.since_wait.load(Ordering::Relaxed))
    }

    /// How long it has computed altogether.
    pub fn in_all(&self) -> Duration {
        Duration::from_nanos(self.in_all.load(Ordering::Relaxed))
    }

    fn computed(&self, time: Duration) {
        let nanos = u64::try_from(time.min(LONGEST_STRETCH).as_nanos()).unwrap_or(u64::MAX);
        self.since_wait.fetch_add(nanos, Ordering::Relaxed);
        self.in_all.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Carries out a call and takes note of each real wait in it, for an answer, a piece of a stream, or a clock, and of the
/// time between them. An interruption is no wait, however long the others take that go on meanwhile.
pub async fn noting<F: Future>(waits: Arc<Waits>, call: F) -> F::Output {
    let mut call = pin!(call);
    let mut stands_since: Option<Instant> = None;
    poll_fn(|context| {
        let interrupted = waits.yielded.swap(false, Ordering::Relaxed);
        let now = Instant::now();
        if !interrupted && stands_since.is_some_and(|since| now - since >= REAL_WAIT) {
            waits.waited();
        }
        let polled = call.as_mut().poll(context);
        waits.computed(now.elapsed());
        stands_since = Some(Instant::now());
        polled
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_millis(5);

    #[tokio::test]
    async fn a_wait_is_noted_and_an_interruption_is_not() {
        let waits = Arc::new(Waits::default());
        waits.computed(REST);
        noting(Arc::clone(&waits), tokio::time::sleep(REST)).await;
        assert!(waits.since_wait() < REST);
        assert!(waits.in_all() >= REST);

        waits.computed(REST);
        noting(Arc::clone(&waits), async {
            waits.yields();
            tokio::time::sleep(REST).await;
        })
        .await;
        assert!(waits.since_wait() >= REST);
    }

    #[test]
    fn what_a_component_is_not_to_blame_for_hardly_counts() {
        let waits = Waits::default();
        waits.computed(Duration::from_secs(60));
        assert_eq!(waits.in_all(), LONGEST_STRETCH);
    }
}
