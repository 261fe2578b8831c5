//! What answers say about time and budget.

use std::time::{Duration, SystemTime};

use super::LONGEST_PAUSE;
use crate::ports::{Budget, Head};

/// What `X-RateLimit-Reset` counts in. Services differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// Seconds from now.
    SecondsFromNow,
    /// Seconds, or above 10^11 milliseconds, since the Unix epoch.
    UnixTime,
    /// Nobody says: of `X-RateLimit-*` only that nothing remains is believed.
    Untold,
}

/// How long to hold back where nothing remains and nobody says for how long. Ours.
const UNTOLD_PAUSE: Duration = Duration::from_secs(10);

/// The service's clock, in milliseconds since the Unix epoch. Source: RFC 9110, 6.6.1.
#[must_use]
pub fn date_ms(head: &Head) -> Option<u64> {
    http_date_ms(head.header("date")?)
}

/// `Retry-After`, in seconds or as a date, cut to [`LONGEST_PAUSE`]. Source: RFC 9110, 10.2.3.
///
/// A date is taken relative to the answer's own `Date`, so that a wrong clock on this side does no harm.
#[must_use]
pub fn retry_after(head: &Head, unix_ms: u64) -> Option<Duration> {
    let value = head.header("retry-after")?.trim();
    let wait = match number(value) {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        None => {
            let now = date_ms(head).unwrap_or(unix_ms);
            Duration::from_millis(http_date_ms(value)?.saturating_sub(now))
        }
    };
    Some(wait.min(LONGEST_PAUSE))
}

/// The rate budget: `X-RateLimit-Limit`, `-Remaining`, `-Reset`, and how long nothing must be sent.
#[must_use]
pub fn budget(head: &Head, reset: Reset, unix_ms: u64) -> Budget {
    let whole = |name: &str| head.header(name)?.trim().parse::<u32>().ok();
    let remaining = whole("x-ratelimit-remaining");
    if reset == Reset::Untold {
        let pause = match remaining {
            Some(0) => UNTOLD_PAUSE,
            _ => Duration::ZERO,
        };
        return Budget {
            pause,
            ..Budget::default()
        };
    }
    let spent = remaining == Some(0) || head.status == 429;
    let pause = if spent {
        let told = (head.status == 429)
            .then(|| retry_after(head, unix_ms))
            .flatten();
        told.or_else(|| reset_in(head, reset, unix_ms))
            .unwrap_or_default()
    } else {
        Duration::ZERO
    };
    Budget {
        remaining,
        per_minute: whole("x-ratelimit-limit"),
        pause,
    }
}

/// How long until the budget is replenished, if the answer says so and it is not now.
#[must_use]
pub fn reset_in(head: &Head, reset: Reset, unix_ms: u64) -> Option<Duration> {
    let value = number(head.header("x-ratelimit-reset")?.trim())?;
    let seconds = match reset {
        Reset::SecondsFromNow => value,
        Reset::UnixTime => {
            let at = if value > 1e11 { value / 1000.0 } else { value };
            at - date_ms(head).unwrap_or(unix_ms) as f64 / 1000.0
        }
        Reset::Untold => return None,
    };
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    (!wait.is_zero()).then(|| wait.min(LONGEST_PAUSE))
}

/// A number as JSON writes it, as some services give fractions of a second.
fn number(text: &str) -> Option<f64> {
    text.parse::<serde_json::Number>().ok()?.as_f64()
}

fn http_date_ms(value: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(value).ok()?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, headers: &[(&str, &str)]) -> Head {
        Head {
            status,
            headers: headers
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    #[test]
    fn reads_retry_after_in_both_forms() {
        let seconds = |value| retry_after(&head(429, &[("retry-after", value)]), 0);
        assert_eq!(seconds("7"), Some(Duration::from_secs(7)));
        assert_eq!(seconds("0"), Some(Duration::ZERO));
        assert_eq!(seconds("86400"), Some(LONGEST_PAUSE));
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("NaN"), None);
        assert_eq!(seconds("1e300"), None);
        assert_eq!(seconds("soon"), None);
        let dated = head(
            429,
            &[
                ("date", "Wed, 21 Oct 2015 07:27:50 GMT"),
                ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
            ],
        );
        assert_eq!(retry_after(&dated, 0), Some(Duration::from_secs(10)));
    }

    #[test]
    fn reads_the_budget_in_both_units_of_reset() {
        let spent = head(
            200,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3")],
        );
        assert_eq!(
            budget(&spent, Reset::SecondsFromNow, 0).pause,
            Duration::from_secs(3)
        );
        let unix = head(
            200,
            &[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1005"),
            ],
        );
        assert_eq!(
            budget(&unix, Reset::UnixTime, 1_000_000).pause,
            Duration::from_secs(5)
        );
        let free = head(
            200,
            &[
                ("x-ratelimit-remaining", "9"),
                ("x-ratelimit-limit", "100"),
                ("x-ratelimit-reset", "3"),
            ],
        );
        assert_eq!(
            budget(&free, Reset::SecondsFromNow, 0),
            Budget {
                remaining: Some(9),
                per_minute: Some(100),
                pause: Duration::ZERO
            }
        );
    }

    #[test]
    fn a_429_pauses_by_retry_after_before_reset() {
        let both = head(429, &[("retry-after", "2"), ("x-ratelimit-reset", "30")]);
        assert_eq!(
            budget(&both, Reset::SecondsFromNow, 0).pause,
            Duration::from_secs(2)
        );
        let reset = head(429, &[("x-ratelimit-reset", "30")]);
        assert_eq!(
            budget(&reset, Reset::SecondsFromNow, 0).pause,
            Duration::from_secs(30)
        );
    }
}
