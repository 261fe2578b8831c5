//! Moments as services write them.

use serde_json::Value;

/// A moment as milliseconds since the Unix epoch: a number of seconds or milliseconds, or an RFC 3339 text.
#[must_use]
pub fn unix_ms(value: &Value) -> Option<u64> {
    match value {
        // Seconds stay below this until the year 5138, milliseconds are above it since 1973.
        Value::Number(number) => {
            let number = number.as_u64()?;
            Some(if number < 100_000_000_000 {
                number * 1000
            } else {
                number
            })
        }
        Value::String(text) => {
            let time =
                humantime::parse_rfc3339_weak(text.strip_suffix("+00:00").unwrap_or(text)).ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            u64::try_from(since.as_millis()).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_moments_in_every_form() {
        assert_eq!(unix_ms(&json!(1_735_689_600)), Some(1_735_689_600_000));
        assert_eq!(
            unix_ms(&json!(1_735_689_600_000u64)),
            Some(1_735_689_600_000)
        );
        assert_eq!(
            unix_ms(&json!("2025-01-01T00:00:00Z")),
            Some(1_735_689_600_000)
        );
        assert_eq!(
            unix_ms(&json!("2025-01-01T00:00:00.5+00:00")),
            Some(1_735_689_600_500)
        );
        assert_eq!(unix_ms(&json!("yesterday")), None);
    }
}
