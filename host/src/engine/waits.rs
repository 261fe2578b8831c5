//! Tells a component that waits for something from one that computes.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::limits::REAL_WAIT;

/// What is known of the waits of one call.
#[derive(Debug, Default)]
pub struct Waits {
    /// Whether the component stands still only because it was interrupted.
    yielded: AtomicBool,
    /// Whether it has waited since this was last asked.
    waited: AtomicBool,
}

impl Waits {
    /// Takes note that the component is interrupted while it computes.
    pub fn yields(&self) {
        self.yielded.store(true, Ordering::Relaxed);
    }

    /// Whether the component has waited since this was last asked.
    pub fn take(&self) -> bool {
        self.waited.swap(false, Ordering::Relaxed)
    }
}

/// Carries out a call and takes note of each real wait in it: for an answer, a piece of a stream, or a clock. An
/// interruption is none, however long the others take that go on meanwhile.
pub async fn noting<F: Future>(waits: Arc<Waits>, call: F) -> F::Output {
    let mut call = pin!(call);
    let mut stands_since: Option<Instant> = None;
    poll_fn(|context| {
        let interrupted = waits.yielded.swap(false, Ordering::Relaxed);
        let long = stands_since.is_some_and(|since| since.elapsed() >= REAL_WAIT);
        if long && !interrupted {
            waits.waited.store(true, Ordering::Relaxed);
        }
        let polled = call.as_mut().poll(context);
        stands_since = Some(Instant::now());
        polled
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_wait_is_noted_and_an_interruption_is_not() {
        let waits = Arc::new(Waits::default());
        noting(
            Arc::clone(&waits),
            tokio::time::sleep(Duration::from_millis(5)),
        )
        .await;
        assert!(waits.take() && !waits.take());
        noting(Arc::clone(&waits), async {
            waits.yields();
            tokio::time::sleep(Duration::from_millis(5)).await;
        })
        .await;
        assert!(!waits.take());
    }
}
