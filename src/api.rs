//! A JSON client over the ports: turns, retries, the rate budget, the time limit, and errors by who must act.

mod client;
mod fault;
pub mod headers;
pub mod json;
pub mod moment;

pub use client::{Answer, Client, Mode};
pub use fault::{Failure, Fault, Phase, Refusal};

use std::time::Duration;

/// The longest pause that a service can impose by a header. Source of the figure: ours; a longer one is asked again.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// How often a read is tried when it fails for a passing reason.
pub const READ_ATTEMPTS: u32 = 4;

/// The wait after the failed attempt `attempt` (from 1): half a second, doubling to 8 s, spread by a fifth.
#[must_use]
pub fn backoff(attempt: u32, chance: f64) -> Duration {
    let base = 0.5 * f64::from(1u32 << attempt.saturating_sub(1).min(4));
    Duration::from_secs_f64(base * (0.8 + 0.4 * chance))
}

/// Percent-encodes text for use as one segment of a path or one value of a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    // A segment of dots alone would be resolved away by the URL's reader.
    match out.as_str() {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_would_leave_its_segment() {
        assert_eq!(encode("a b/c?d&e#ü"), "a%20b%2Fc%3Fd%26e%23%C3%BC");
        assert_eq!(encode(".."), "%2E%2E");
        assert_eq!(encode("app-7f3_x.~"), "app-7f3_x.~");
    }

    #[test]
    fn backs_off_to_a_ceiling() {
        assert_eq!(backoff(1, 0.5), Duration::from_millis(500));
        assert_eq!(backoff(3, 0.5), Duration::from_secs(2));
        assert_eq!(backoff(40, 1.0), Duration::from_secs_f64(9.6));
    }
}
