//! From measurements to figures.

use std::time::Duration;

/// One thing, measured several times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// The measurements in any order. What is no number is left out.
    #[must_use]
    pub fn new(measured: impl IntoIterator<Item = f64>) -> Self {
        let mut all: Vec<f64> = measured.into_iter().filter(|it| it.is_finite()).collect();
        all.sort_by(f64::total_cmp);
        Self(all)
    }

    /// The one in the middle, or halfway between the two that are; 0 of none.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The value that a share of the measurements does not pass, between neighbours in proportion; 0 of none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let Some(last) = self.0.len().checked_sub(1) else {
            return 0.0;
        };
        let at = share.clamp(0.0, 1.0) * last as f64;
        let (below, above) = (self.0[at.floor() as usize], self.0[at.ceil() as usize]);
        below + (above - below) * at.fract()
    }

    /// The largest; 0 of none.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.quantile(1.0)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How many times as much the second is as the first, in words: `12 times`, `1.4 times`, `0.8 times`; none if either is
/// nothing.
#[must_use]
pub fn times(first: f64, second: f64) -> Option<String> {
    let ratio = second / first;
    let sound = first > 0.0 && second > 0.0 && ratio.is_finite();
    sound.then(|| match ratio {
        10.0.. => format!("{ratio:.0} times"),
        0.1.. => format!("{ratio:.1} times"),
        _ => format!("{ratio:.2} times"),
    })
}

/// Milliseconds as people read them.
#[must_use]
pub fn milliseconds(ms: f64) -> String {
    match ms {
        10_000.0.. => format!("{:.1} s", ms / 1_000.0),
        1_000.0.. => format!("{:.2} s", ms / 1_000.0),
        10.0.. => format!("{ms:.0} ms"),
        1.0.. => format!("{ms:.1} ms"),
        _ => format!("{ms:.2} ms"),
    }
}

/// Bytes as people read them.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    const MIB: f64 = 1_048_576.0;
    match bytes / MIB {
        mib @ 10.0.. => format!("{mib:.0} MiB"),
        mib @ 0.1.. => format!("{mib:.1} MiB"),
        _ if bytes >= 1_024.0 => format!("{:.0} KiB", bytes / 1_024.0),
        _ => format!("{bytes:.0} bytes"),
    }
}

/// A number with its thousands apart.
#[must_use]
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut told = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// A duration in milliseconds.
#[must_use]
pub fn in_ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_in_the_middle() {
        let median = |all: &[f64]| Sample::new(all.iter().copied()).median();
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[7.0]), 7.0);
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), 3.0);
        assert_eq!(median(&[f64::NAN, 5.0, f64::INFINITY]), 5.0);
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let sample = Sample::new([0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(sample.quantile(0.25), 10.0);
        assert_eq!(sample.quantile(0.9), 36.0);
        assert_eq!((sample.quantile(-1.0), sample.most()), (0.0, 40.0));
    }

    #[test]
    fn ratios_are_told_as_far_as_they_matter() {
        assert_eq!(times(2.0, 25.0).as_deref(), Some("12 times"));
        assert_eq!(times(2.0, 3.0).as_deref(), Some("1.5 times"));
        assert_eq!(times(100.0, 3.0).as_deref(), Some("0.03 times"));
        assert_eq!(times(0.0, 3.0), None);
        assert_eq!(times(3.0, 0.0), None);
    }

    #[test]
    fn figures_have_units() {
        let ms = [0.25, 3.21, 45.6, 1_234.0, 45_678.0].map(milliseconds);
        assert_eq!(ms, ["0.25 ms", "3.2 ms", "46 ms", "1.23 s", "45.7 s"]);
        let sizes = [7.0, 2_048.0, 3_500_000.0, 52_428_800.0].map(bytes);
        assert_eq!(sizes, ["7 bytes", "2 KiB", "3.3 MiB", "50 MiB"]);
        assert_eq!(
            [7, 1_000, 20_000, 1_234_567].map(count),
            ["7", "1,000", "20,000", "1,234,567"]
        );
    }
}
