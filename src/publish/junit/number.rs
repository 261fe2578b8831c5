//! Numbers as reporters write them.

/// What is longer than this is no duration, in microseconds: 2^53, about 285 years.
const LONGEST: u64 = 1 << 53;

/// Reads seconds with a dot or a comma as whole microseconds, rounded. Nothing for what is negative or no number.
///
/// By integers, so that the component carries no code for floating point.
pub(super) fn micros(seconds: &str) -> Option<u64> {
    let (is_negative, digits) = signed(seconds);
    let (whole, fraction) = match digits.find(['.', ',']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.unwrap_or(whole).is_empty() || !is_number(whole) || !fraction.is_none_or(is_number)
    {
        return None;
    }
    let mut micros: u64 = 0;
    let mut fraction = fraction.unwrap_or_default().bytes();
    for digit in whole
        .bytes()
        .chain((0..6).map(|_| fraction.next().unwrap_or(b'0')))
    {
        micros = micros
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
    }
    micros += u64::from(fraction.next().is_some_and(|digit| digit >= b'5'));
    (micros <= LONGEST && (micros == 0 || !is_negative)).then_some(micros)
}

/// Reads a whole number that is not negative.
pub(super) fn whole(text: &str) -> Option<u64> {
    let (is_negative, digits) = signed(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    (number <= LONGEST && (number == 0 || !is_negative)).then_some(number)
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::{micros, whole};

    #[test]
    fn times() {
        for (text, expected) in [
            ("1.5", Some(1_500_000)),
            ("1,5", Some(1_500_000)),
            ("0", Some(0)),
            (".25", Some(250_000)),
            ("+2", Some(2_000_000)),
            ("-0.0", Some(0)),
            ("0.0012345678", Some(1_235)),
            ("0.0012344999", Some(1_234)),
            ("0.9999999", Some(1_000_000)),
            ("3600", Some(3_600_000_000)),
            ("-1", None),
            ("1.", None),
            ("", None),
            (".", None),
            ("1,234.5", None),
            ("1e-05", None),
            ("NaN", None),
            ("12 s", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(micros(text), expected, "{text:?}");
        }
    }

    #[test]
    fn counts() {
        for (text, expected) in [
            ("12", Some(12)),
            ("007", Some(7)),
            ("+3", Some(3)),
            ("-0", Some(0)),
            ("-3", None),
            ("+-3", None),
            ("1.0", None),
            ("", None),
        ] {
            assert_eq!(whole(text), expected, "{text:?}");
        }
    }
}
