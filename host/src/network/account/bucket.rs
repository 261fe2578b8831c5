//! How many requests an account may send. The clock is that of whoever includes this: the program's, or a test's.

use std::{collections::VecDeque, time::Duration};

use super::Instant;
use crate::bindings::proctor::ci::{host::Budget, types::Rate};

/// The longest pause that is believed.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a turn counts as a request whose answer is still to come.
const ANSWER_DUE: Duration = Duration::from_secs(30);

/// A token bucket that answers correct.
pub struct Bucket {
    /// Turns a second and how many may be saved up; none if nothing is known.
    rate: Option<(f64, f64)>,
    tokens: f64,
    filled_at: Instant,
    paused_until: Instant,
    /// When turns were given whose answers have not been noted yet.
    in_flight: VecDeque<Instant>,
}

impl Bucket {
    /// A bucket that is full: with what is documented about the rate, or without a limit until an answer tells of one.
    pub fn new(rate: Option<Rate>, now: Instant) -> Self {
        let rate = rate.map(|rate| (per_second(rate.per_minute), f64::from(rate.burst.max(1))));
        Self {
            rate,
            tokens: rate.map_or(0.0, |(_, burst)| burst),
            filled_at: now,
            paused_until: now,
            in_flight: VecDeque::new(),
        }
    }

    /// Takes a turn, or says when the next look is due.
    pub fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if now < self.paused_until {
            return Err(self.paused_until);
        }
        if let Some((per_second, _)) = self.rate {
            self.fill(now);
            if self.tokens < 1.0 {
                // Rounded up to the timer's milliseconds, so that the turn is there at the next look.
                let wait = Duration::from_secs_f64((1.0 - self.tokens) / per_second);
                return Err(now + wait + Duration::from_millis(1));
            }
            self.tokens -= 1.0;
        }
        self.in_flight.push_back(now);
        self.forget(now);
        Ok(())
    }

    fn fill(&mut self, now: Instant) {
        if let Some((per_second, burst)) = self.rate {
            let earned = now.saturating_duration_since(self.filled_at).as_secs_f64() * per_second;
            // More than a burst stays if the service itself has granted it.
            self.tokens = (self.tokens + earned).min(burst.max(self.tokens));
        }
        self.filled_at = now;
    }

    /// Corrects the budget by what an answer said.
    pub fn note(&mut self, budget: &Budget, now: Instant) {
        self.fill(now);
        self.forget(now);
        self.in_flight.pop_front();
        if let Some(per_minute) = budget.per_minute {
            let burst = self.rate.map_or(1.0, |(_, burst)| burst);
            if self.rate.is_none() {
                self.tokens = burst;
            }
            self.rate = Some((per_second(per_minute), burst));
        }
        if let (Some(remaining), Some((_, burst))) = (budget.remaining, self.rate) {
            let remaining = f64::from(remaining);
            // What others have under way will be taken off by the service as well.
            let left = (remaining - self.in_flight.len() as f64).max(0.0);
            // Answers overtake each other, and a late one tells of a budget that is partly spent: only one that is
            // larger than was known to be possible may raise it.
            self.tokens = if remaining > burst {
                left
            } else {
                self.tokens.min(left)
            };
        }
        let pause = Duration::from_nanos(budget.pause).min(LONGEST_PAUSE);
        self.paused_until = self.paused_until.max(now + pause);
    }

    fn forget(&mut self, now: Instant) {
        while self
            .in_flight
            .front()
            .is_some_and(|given| now.saturating_duration_since(*given) > ANSWER_DUE)
        {
            self.in_flight.pop_front();
        }
    }
}

fn per_second(per_minute: u32) -> f64 {
    f64::from(per_minute.max(1)) / 60.0
}
