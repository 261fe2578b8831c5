//! The rate limit: one window of a minute for the whole organization. Source: the "Getting Started" page, "rate limits".

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a window lasts.
const LENGTH: Duration = Duration::from_secs(60);

/// The window of the organization that all keys belong to.
///
/// ASSUMED: it begins with the first request after the last one ended, and a request that is refused costs as much as
/// any other.
pub struct Window {
    per_minute: u32,
    used: u32,
    began: Option<(Instant, SystemTime)>,
}

/// What a request found in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    pub granted: bool,
    pub remaining: u32,
    /// When the window ends, since 1970.
    pub reset: Duration,
    /// How long until then, in whole seconds, at least 1.
    pub wait_s: u64,
}

impl Window {
    pub const fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            used: 0,
            began: None,
        }
    }

    /// Takes a request's share, if one is left.
    pub fn take(&mut self, now: Instant, clock: SystemTime) -> Budget {
        self.renew(now);
        self.began.get_or_insert((now, clock));
        let granted = self.used < self.per_minute;
        if granted {
            self.used += 1;
        }
        Budget {
            granted,
            ..self.look(now, clock)
        }
    }

    /// What is left, taking nothing.
    pub fn look(&mut self, now: Instant, clock: SystemTime) -> Budget {
        self.renew(now);
        let (began, at) = self.began.unwrap_or((now, clock));
        let left = LENGTH.saturating_sub(now.saturating_duration_since(began));
        let reset = at.duration_since(UNIX_EPOCH).unwrap_or_default() + LENGTH;
        Budget {
            granted: self.used < self.per_minute,
            remaining: self.per_minute - self.used,
            reset,
            wait_s: whole_seconds(left).max(1),
        }
    }

    fn renew(&mut self, now: Instant) {
        let over = |(began, _): (Instant, SystemTime)| now.saturating_duration_since(began);
        if self.began.is_some_and(|began| over(began) >= LENGTH) {
            self.began = None;
            self.used = 0;
        }
    }
}

/// Rounded up, so that whoever waits so long has waited long enough.
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_window_lasts_a_minute_from_its_first_request() {
        let (start, clock) = (Instant::now(), UNIX_EPOCH + seconds(1_000));
        let mut window = Window::new(2);
        let mut take = |after: Duration| window.take(start + after, clock + after);
        let first = take(seconds(10));
        let told = (first.granted, first.remaining, first.reset, first.wait_s);
        assert_eq!(told, (true, 1, seconds(1_070), 60));
        let second = take(seconds(20));
        assert_eq!((second.remaining, second.reset), (0, seconds(1_070)));
        let third = take(Duration::from_millis(69_999));
        let told = (third.granted, third.remaining, third.reset, third.wait_s);
        assert_eq!(told, (false, 0, seconds(1_070), 1));
        let next = take(seconds(70));
        let told = (next.granted, next.remaining, next.reset, next.wait_s);
        assert_eq!(told, (true, 1, seconds(1_130), 60));
    }

    #[test]
    fn looking_takes_nothing_and_begins_nothing() {
        let (start, clock) = (Instant::now(), UNIX_EPOCH);
        let mut window = Window::new(1);
        assert_eq!(window.look(start, clock).remaining, 1);
        let later = (start + seconds(30), clock + seconds(30));
        assert_eq!(window.take(later.0, later.1).reset, seconds(90));
        let end = window.look(start + seconds(90), clock + seconds(90));
        assert!(end.granted && end.remaining == 1);
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(seconds(2)), 2);
    }
}
