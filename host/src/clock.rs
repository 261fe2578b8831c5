//! The time of day.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::plan::milliseconds;

/// The time in milliseconds since the Unix epoch; 0 on a machine whose clock stands before it.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    milliseconds(since)
}
