//! How much one component may ask of the network, whatever its policy lets through.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests may be under way at once, until their answers are read or given up. Ours has two: a stream, and a
/// look beside it. Each may hold a body of 8 MiB.
const MOST_AT_ONCE: usize = 16;

/// How many requests one call may make: a look every 15 s for a month are 172,800.
const MOST_REQUESTS: u64 = 250_000;

/// How many bytes of answers one call may read: a look of 64 KiB every 15 s for a month are 11 GiB.
const MOST_RECEIVED: u64 = 16 << 30;

/// What was used too much, so that the call has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overuse {
    #[error("it made more than {MOST_REQUESTS} requests")]
    Requests,
    #[error("it read more than {MOST_RECEIVED} bytes of answers")]
    Received,
}

/// What the requests of one call have used. Clones are the same.
#[derive(Debug, Clone)]
pub struct Traffic(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    places: Arc<Semaphore>,
    requests: AtomicU64,
    received: AtomicU64,
}

/// A request that is under way until this is dropped.
pub type Place = OwnedSemaphorePermit;

impl Traffic {
    /// Nothing was used yet.
    pub fn new() -> Self {
        Self(Arc::new(Counters {
            places: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            requests: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }))
    }

    /// Counts a request, unless there are too many under way or there were too many before.
    pub fn begin(&self) -> Option<Place> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().ok()?;
        let before = self.0.requests.fetch_add(1, Ordering::Relaxed);
        (before < MOST_REQUESTS).then_some(place)
    }

    /// Counts bytes of an answer, and says whether they may be passed on.
    pub fn receive(&self, bytes: u64) -> bool {
        self.0.received.fetch_add(bytes, Ordering::Relaxed) + bytes <= MOST_RECEIVED
    }

    /// How many requests were begun.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// What was used too much, if anything was.
    pub fn overuse(&self) -> Option<Overuse> {
        if self.requests() > MOST_REQUESTS {
            return Some(Overuse::Requests);
        }
        (self.0.received.load(Ordering::Relaxed) > MOST_RECEIVED).then_some(Overuse::Received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_under_way_and_no_more() {
        let traffic = Traffic::new();
        let places: Vec<Place> = (0..MOST_AT_ONCE).filter_map(|_| traffic.begin()).collect();
        assert_eq!(places.len(), MOST_AT_ONCE);
        assert!(traffic.begin().is_none());
        drop(places);
        assert!(traffic.begin().is_some());
        assert_eq!(traffic.requests(), 1 + MOST_AT_ONCE as u64);
    }

    #[test]
    fn what_is_used_too_much_is_told() {
        let traffic = Traffic::new();
        for _ in 0..MOST_REQUESTS {
            assert!(traffic.begin().is_some());
        }
        assert_eq!(traffic.overuse(), None);
        assert!(traffic.begin().is_none());
        assert_eq!(traffic.overuse(), Some(Overuse::Requests));

        let traffic = Traffic::new();
        assert!(traffic.receive(MOST_RECEIVED) && traffic.overuse().is_none());
        assert!(!traffic.receive(1));
        assert_eq!(traffic.overuse(), Some(Overuse::Received));
    }
}
