//! The rate limit. That there is one, its `Retry-After`, and that sending on makes a block longer are documented; its
//! numbers are not.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::scenario::Settings;

/// What each key has sent.
pub struct Limit {
    per_minute: u32,
    burst: u32,
    block: Duration,
    of: HashMap<String, Account>,
}

struct Account {
    tokens: f64,
    since: Instant,
    blocked_until: Option<Instant>,
}

impl Limit {
    pub fn new(settings: &Settings) -> Self {
        Self {
            per_minute: settings.requests_per_minute,
            burst: settings.burst.max(1),
            block: Duration::from_millis(settings.block_ms),
            of: HashMap::new(),
        }
    }

    /// Takes note of a request.
    ///
    /// # Errors
    /// How long the key is blocked, if it is. When that is over its whole burst is there again.
    pub fn take(&mut self, key: &str, now: Instant) -> Result<(), Duration> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let full = Account {
            tokens: f64::from(self.burst),
            since: now,
            blocked_until: None,
        };
        let account = self.of.entry(key.to_owned()).or_insert(full);
        match account.blocked_until {
            Some(until) if until <= now => {
                account.blocked_until = None;
                account.tokens = f64::from(self.burst);
            }
            Some(_) => {}
            None => {
                let gained = now.duration_since(account.since).as_secs_f64()
                    * f64::from(self.per_minute)
                    / 60.0;
                account.tokens = (account.tokens + gained).min(f64::from(self.burst));
            }
        }
        account.since = now;
        if account.blocked_until.is_none() && account.tokens >= 1.0 {
            account.tokens -= 1.0;
            return Ok(());
        }
        account.blocked_until = Some(now + self.block);
        Err(self.block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit() -> Limit {
        Limit::new(&Settings {
            requests_per_minute: 60,
            burst: 2,
            block_ms: 10_000,
            ..Settings::default()
        })
    }

    #[test]
    fn grants_the_burst_and_then_as_many_as_come_back() {
        let (mut limit, start) = (limit(), Instant::now());
        assert_eq!(limit.take("a", start), Ok(()));
        assert_eq!(limit.take("a", start), Ok(()));
        let later = start + Duration::from_secs(1);
        assert_eq!(limit.take("a", later), Ok(()));
        assert_eq!(limit.take("a", later), Err(Duration::from_secs(10)));
        assert_eq!(limit.take("b", later), Ok(()), "another key");
    }

    #[test]
    fn sending_on_makes_the_block_longer() {
        let (mut limit, start) = (limit(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        for expected in [true, true, false] {
            assert_eq!(limit.take("a", start).is_ok(), expected);
        }
        assert!(limit.take("a", after(9)).is_err());
        assert!(limit.take("a", after(18)).is_err());
        assert_eq!(limit.take("a", after(28)), Ok(()));
        assert_eq!(limit.take("a", after(28)), Ok(()), "the burst is back");
    }

    #[test]
    fn none_is_the_usual_one() {
        let mut limit = Limit::new(&Settings::default());
        let now = Instant::now();
        assert!((0..10_000).all(|_| limit.take("a", now).is_ok()));
    }
}
