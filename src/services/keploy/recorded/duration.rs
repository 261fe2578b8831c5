//! Durations as Go writes them.

use crate::api::json::read_number;

/// A duration such as `1.2s`, `350ms` or `1h2m3.5s`, in whole milliseconds; none if it is not one, or below nothing.
///
/// Source: the Go standard library, `time.ParseDuration`.
pub fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|at| *at > 0)?;
        let (number, behind) = rest.split_at(digits);
        let end = behind
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        total += read_number(number)? * in_ms(unit)?;
        rest = behind;
    }
    (total < 1e12).then_some(total as u64)
}

/// How many milliseconds a unit is.
fn in_ms(unit: &str) -> Option<f64> {
    Some(match unit {
        "h" => 3_600_000.0,
        "m" => 60_000.0,
        "s" => 1_000.0,
        "ms" => 1.0,
        // U+00B5, which Go writes, and U+03BC, which it reads as well.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1e-3,
        "ns" => 1e-6,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, ms) in [
            ("1.2s", Some(1_200)),
            ("350ms", Some(350)),
            ("1h2m3.5s", Some(3_723_500)),
            ("999.9\u{b5}s", Some(0)),
            ("2500us", Some(2)),
            ("0s", Some(0)),
            ("0", Some(0)),
            ("1500000ns", Some(1)),
            ("", None),
            ("5", None),
            ("-1s", None),
            ("s", None),
            ("1.2.3s", None),
            ("1 s", None),
            ("1d", None),
            ("99999999999999h", None),
        ] {
            assert_eq!(milliseconds(text), ms, "{text:?}");
        }
    }
}
