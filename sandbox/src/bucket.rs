//! Rate limits: a token bucket for each key. Keploy: 100 a minute, burst 100 (source: the guide, "rate limits").

use std::collections::HashMap;
use std::time::Instant;

/// The buckets of all keys.
pub struct Buckets {
    per_minute: u32,
    burst: u32,
    of: HashMap<String, (f64, Instant)>,
}

/// What a request found in its bucket.
pub struct Budget {
    pub granted: bool,
    pub remaining: u32,
    /// Seconds until one token is free; 0 while some are left.
    pub reset_s: u64,
}

impl Buckets {
    pub fn new(per_minute: u32, burst: u32) -> Self {
        Self {
            per_minute,
            burst,
            of: HashMap::new(),
        }
    }

    /// Takes a token for a request, if one is left.
    pub fn take(&mut self, key: &str) -> Budget {
        let tokens = self.refilled(key);
        let granted = *tokens >= 1.0;
        if granted {
            *tokens -= 1.0;
        }
        Budget {
            granted,
            ..self.look(key)
        }
    }

    /// What is left, taking nothing.
    pub fn look(&mut self, key: &str) -> Budget {
        let tokens = *self.refilled(key);
        let reset_s = if tokens >= 1.0 {
            0
        } else {
            ((1.0 - tokens) / self.each_second()).ceil() as u64
        };
        Budget {
            granted: tokens >= 1.0,
            remaining: tokens as u32,
            reset_s,
        }
    }

    fn each_second(&self) -> f64 {
        f64::from(self.per_minute.max(1)) / 60.0
    }

    fn refilled(&mut self, key: &str) -> &mut f64 {
        let now = Instant::now();
        let full = f64::from(self.burst);
        let each_second = self.each_second();
        let (tokens, since) = self.of.entry(key.to_owned()).or_insert((full, now));
        *tokens = (*tokens + now.duration_since(*since).as_secs_f64() * each_second).min(full);
        *since = now;
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_the_burst_and_tells_when_to_come_again() {
        let mut buckets = Buckets::new(6, 2);
        let first = buckets.take("a");
        assert!(first.granted && first.remaining == 1 && first.reset_s == 0);
        assert!(buckets.take("a").granted);
        let third = buckets.take("a");
        assert!(!third.granted && third.reset_s >= 9, "{}", third.reset_s);
        assert!(
            buckets.take("b").granted,
            "another key has a bucket of its own"
        );
    }
}
