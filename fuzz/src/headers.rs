//! What answers say about time and budget, in whatever words.

use std::time::Duration;

use proctor::api::LONGEST_PAUSE;
use proctor::api::headers::{Reset, budget, date_ms, reset_in, retry_after};
use proctor::ports::Head;

/// The headers that are read, in the order of the lines of the input.
const NAMES: [&str; 5] = [
    "date",
    "retry-after",
    "x-ratelimit-reset",
    "x-ratelimit-remaining",
    "x-ratelimit-limit",
];

/// The first line is the clock's reading, the others are the headers' values.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let now = lines.next().and_then(|line| line.parse::<u64>().ok());
    let now = now.unwrap_or(1_760_000_000_000);
    let values = NAMES.into_iter().zip(lines);
    let headers: Vec<(String, String)> = values
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for status in [200, 429, 503] {
        look(
            &Head {
                status,
                headers: headers.clone(),
            },
            now,
        );
    }
}

fn look(head: &Head, now: u64) {
    let wait = retry_after(head, now);
    assert!(
        wait.is_none_or(|wait| wait <= LONGEST_PAUSE),
        "{head:?}: {wait:?}"
    );
    if let (Some(wait), Some(value)) = (wait, head.header("retry-after")) {
        is_as_said(wait, value.trim(), head, now);
    }
    for reset in [Reset::SecondsFromNow, Reset::UnixTime, Reset::Untold] {
        let wait = reset_in(head, reset, now);
        assert!(
            wait.is_none_or(|wait| wait <= LONGEST_PAUSE && !wait.is_zero()),
            "{head:?}: {wait:?}"
        );
        let budget = budget(head, reset, now);
        assert!(budget.pause <= LONGEST_PAUSE, "{head:?}: {budget:?}");
        let spent = head.status == 429 || budget.remaining == Some(0) || reset == Reset::Untold;
        assert!(budget.pause.is_zero() || spent, "{head:?}: {budget:?}");
    }
}

/// A whole number of seconds, as RFC 9110 has it, is read as what it is; a date is waited for, and no date is later than the year 9999.
fn is_as_said(wait: Duration, value: &str, head: &Head, now: u64) {
    if value.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(seconds) = value.parse::<u64>()
    {
        assert_eq!(wait, Duration::from_secs(seconds).min(LONGEST_PAUSE));
    } else if value.ends_with("GMT") && !wait.is_zero() {
        let now = date_ms(head).unwrap_or(now);
        let until = Duration::from_millis(now) + wait;
        assert!(
            until.as_millis() < 253_402_300_800_000,
            "{value}: after the year 9999"
        );
    }
}
