//! Until when a request may go on: the job's time limit, and what is left after a word to stop.

use std::time::Duration;

use tokio::time::Instant;

use crate::stop::{Stop, Told};

/// How long after the word to stop a job is dropped. The reports have to be written in what is left of five seconds.
pub const AFTER_STOP: Duration = Duration::from_secs(4);

/// How long after its time limit a job is dropped: it has that long to stop the remote run and to read its results.
pub const AFTER_DEADLINE: Duration = Duration::from_secs(35);

/// How long a request may take that is begun after the time limit.
const REQUEST_AFTER_DEADLINE: Duration = Duration::from_secs(5);

/// How much later than the time limit a request is broken off that was begun before it. The component's own clock has begun
/// a moment later than the host's: by it too the limit must have passed, or what the limit cut off would look like a
/// service that fails.
const PAST_DEADLINE: Duration = Duration::from_secs(1);

/// How long a request may take that is begun after the word to stop.
const REQUEST_AFTER_STOP: Duration = Duration::from_secs(2);

/// What is kept back of [`AFTER_STOP`], so that the component can still act on the answer.
const MARGIN: Duration = Duration::from_millis(200);

/// The times of one job.
#[derive(Debug, Clone)]
pub struct Times {
    pub stop: Stop,
    /// When the time limit passes.
    pub deadline: Instant,
}

/// Why a job, or one of its requests, is cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// The host was told to stop.
    Stopped(Told),
    /// The time limit has passed.
    TimedOut,
}

/// The time of one request.
#[derive(Debug, Clone)]
pub struct Window {
    stop: Option<Stop>,
    until: Instant,
}

impl Times {
    /// The time of a request that begins now.
    pub fn window(&self) -> Window {
        let now = Instant::now();
        match self.stop.told() {
            Some(told) => Window {
                stop: None,
                until: (now + REQUEST_AFTER_STOP).min(told.at + AFTER_STOP - MARGIN),
            },
            None if now >= self.deadline => Window {
                stop: Some(self.stop.clone()),
                until: now + REQUEST_AFTER_DEADLINE,
            },
            None => Window {
                stop: Some(self.stop.clone()),
                until: self.deadline + PAST_DEADLINE,
            },
        }
    }

    /// Waits until the job has to be dropped, and says why.
    pub async fn over(&self) -> Cut {
        let stopped = async {
            let told = self.stop.wait().await;
            tokio::time::sleep_until(told.at + AFTER_STOP).await;
            Cut::Stopped(told)
        };
        let late = async {
            tokio::time::sleep_until(self.deadline + AFTER_DEADLINE).await;
            Cut::TimedOut
        };
        tokio::select! {
            biased;
            cut = stopped => cut,
            cut = late => cut,
        }
    }
}

impl Window {
    /// Waits until the request has to be broken off, and says why.
    pub async fn closed(&self) -> Cut {
        let stopped = async {
            match &self.stop {
                Some(stop) => stop.wait().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            told = stopped => Cut::Stopped(told),
            () = tokio::time::sleep_until(self.until) => Cut::TimedOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times() -> Times {
        Times {
            stop: Stop::new(),
            deadline: Instant::now() + Duration::from_secs(60),
        }
    }

    async fn until_closed(window: &Window) -> (Duration, Cut) {
        let begun = Instant::now();
        let cut = window.closed().await;
        (begun.elapsed(), cut)
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_ends_a_moment_after_the_time_limit() {
        assert_eq!(
            until_closed(&times().window()).await,
            (Duration::from_secs(61), Cut::TimedOut)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_after_the_time_limit_is_short() {
        let times = times();
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(
            until_closed(&times.window()).await,
            (REQUEST_AFTER_DEADLINE, Cut::TimedOut)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_word_to_stop_ends_what_is_in_flight_and_shortens_what_comes() {
        let times = times();
        let (window, stop) = (times.window(), times.stop.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            stop.tell("SIGINT");
        });
        let (took, cut) = until_closed(&window).await;
        assert!(matches!(cut, Cut::Stopped(_)) && took == Duration::from_secs(1));
        assert_eq!(until_closed(&times.window()).await.0, REQUEST_AFTER_STOP);
        assert_eq!(
            until_closed(&times.window()).await.0,
            AFTER_STOP - MARGIN - REQUEST_AFTER_STOP
        );
        assert!(
            matches!(times.over().await, Cut::Stopped(told) if told.at.elapsed() == AFTER_STOP)
        );
    }
}
