//! A JSON client over the ports: turns, retries, the rate budget, the time limit, and errors by who must act.

mod client;
mod fault;
pub mod headers;
pub mod json;
pub mod moment;
mod surrogates;

pub use client::{Answer, Attempt, Client, Mode, Pending};
pub use fault::{Failure, Fault, Phase, Refusal};
pub use surrogates::mended;

use std::time::Duration;

/// The longest pause that a service can impose by a header. Source of the figure: ours; a longer one is asked again.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// How often a read is tried when it fails for a passing reason.
pub const READ_ATTEMPTS: u32 = 4;

/// How long after its first use a key is sent again at most. Ours: services forget a key after an hour or later, and one
/// that is forgotten no longer tells a repeated request from a new one.
pub const KEY_KEPT: Duration = Duration::from_secs(45 * 60);

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
    out
}

/// Whether a path has a segment that the reader of a URL resolves away, in whichever way it is written: such a path
/// would end up somewhere else. Source: WHATWG URL, "single-dot" and "double-dot URL path segment".
#[must_use]
pub fn leaves_its_place(path: &str) -> bool {
    // Nearly every path has neither, and this is looked at before each request.
    if !path.contains('.') && !path.contains('%') {
        return false;
    }
    let path = path.split(['?', '#']).next().unwrap_or(path).as_bytes();
    path.split(|byte| matches!(byte, b'/' | b'\\')).any(is_dots)
}

/// Whether a segment is one dot or two, each as it is or encoded, and nothing else.
fn is_dots(segment: &[u8]) -> bool {
    let (mut dots, mut rest) = (0, segment);
    loop {
        rest = match rest {
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            rest => return rest.is_empty() && (1..=2).contains(&dots),
        };
        dots += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_would_leave_its_segment() {
        assert_eq!(encode("a b/c?d&e#ü"), "a%20b%2Fc%3Fd%26e%23%C3%BC");
        assert_eq!(encode("app-7f3_x.~"), "app-7f3_x.~");
    }

    #[test]
    fn finds_segments_that_would_be_resolved_away() {
        for path in ["/a/../b", "/a/%2E%2e", "/.", "/.%2e/x", "/a\\..\\b"] {
            assert!(leaves_its_place(path), "{path}");
        }
        for path in ["/a/b..c/...", "/a?next=../b", "/", "/%2E%2E%2E"] {
            assert!(!leaves_its_place(path), "{path}");
        }
    }

    #[test]
    fn backs_off_to_a_ceiling() {
        assert_eq!(backoff(1, 0.5), Duration::from_millis(500));
        assert_eq!(backoff(3, 0.5), Duration::from_secs(2));
        assert_eq!(backoff(40, 1.0), Duration::from_secs_f64(9.6));
    }
}
