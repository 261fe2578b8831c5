//! How many requests are under way at one origin at once, however many targets are followed there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Origin;

/// How many requests may wait for their answers at one origin. Together with [`STREAMS`] this stays below the 100 that a
/// service is advised to allow on one connection of HTTP/2, so that one connection is enough; over HTTP/1.1, where each
/// takes a connection of its own, it stays far below the 256 open files that a program has on macOS.
///
/// Source: RFC 9113, 6.5.2, `SETTINGS_MAX_CONCURRENT_STREAMS`.
pub const REQUESTS: usize = 32;

/// How many streams of events may be open at one origin. They last as long as the runs do: who gets none looks from time
/// to time instead.
pub const STREAMS: usize = 64;

/// The lanes of all origins. Clones are the same lanes.
#[derive(Clone, Default)]
pub struct Lanes(Arc<Mutex<HashMap<Origin, Road>>>);

/// The lanes to one origin.
#[derive(Clone)]
struct Road {
    requests: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

/// The right to have one request under way. Dropping it gives the lane to the next.
#[derive(Debug)]
pub struct Lane {
    _permit: OwnedSemaphorePermit,
}

impl Lanes {
    /// Waits until a lane for a request is free, in the order of asking. Dropping the future gives up the place.
    ///
    /// None if there will never be one.
    pub async fn for_request(&self, origin: &Origin) -> Option<Lane> {
        let requests = self.road(origin).requests;
        let permit = requests.acquire_owned().await.ok()?;
        Some(Lane { _permit: permit })
    }

    /// A lane for a stream of events if one is free now. Nobody waits for one: another may be open for hours.
    pub fn for_stream(&self, origin: &Origin) -> Option<Lane> {
        let streams = self.road(origin).streams;
        let permit = streams.try_acquire_owned().ok()?;
        Some(Lane { _permit: permit })
    }

    fn road(&self, origin: &Origin) -> Road {
        let mut roads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = roads.entry(origin.clone()).or_insert_with(|| Road {
            requests: Arc::new(Semaphore::new(REQUESTS)),
            streams: Arc::new(Semaphore::new(STREAMS)),
        });
        made.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::parse(url).expect("valid")
    }

    /// Whether a lane comes while nobody leaves one.
    async fn comes(lanes: &Lanes, origin: &Origin) -> bool {
        let lane = tokio::time::timeout(Duration::from_secs(600), lanes.for_request(origin));
        lane.await.is_ok()
    }

    #[test]
    fn one_connection_of_http_2_is_enough() {
        const { assert!(REQUESTS + STREAMS < 100) }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_each_other_at_one_origin_alone() {
        let (lanes, busy) = (Lanes::default(), origin("https://busy.example"));
        let mut taken = Vec::new();
        for _ in 0..REQUESTS {
            taken.push(lanes.for_request(&busy).await.expect("a lane"));
        }
        assert!(!comes(&lanes, &busy).await);
        assert!(comes(&lanes, &origin("https://other.example")).await);
        assert!(lanes.for_stream(&busy).is_some(), "streams are beside");

        taken.pop();
        assert!(comes(&lanes.clone(), &busy).await);
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_go_to_who_has_waited_longest() {
        let (lanes, origin) = (Lanes::default(), origin("https://api.example"));
        let mut taken = Vec::new();
        for _ in 0..REQUESTS {
            taken.push(lanes.for_request(&origin).await.expect("a lane"));
        }
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for number in 0..10 {
            let (lanes, origin, order) = (lanes.clone(), origin.clone(), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                let _lane = lanes.for_request(&origin).await.expect("a lane");
                order.lock().expect("no panic").push(number);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }));
            tokio::task::yield_now().await;
        }
        taken.truncate(REQUESTS - 1);
        for waiting in waiting {
            waiting.await.expect("no panic");
        }
        let order = order.lock().expect("no panic");
        assert_eq!(*order, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_a_stream() {
        let (lanes, origin) = (Lanes::default(), origin("https://api.example"));
        let mut open: Vec<Lane> = (0..STREAMS)
            .map(|_| lanes.for_stream(&origin).expect("a lane"))
            .collect();
        assert!(lanes.for_stream(&origin).is_none());
        open.pop();
        assert!(lanes.for_stream(&origin).is_some());
    }
}
