//! Lengths of jobs, drawn at random so that no contender's rhythm fits them, and the same in every run.

use std::time::Duration;

/// Where the drawing begins. Any number would do.
const SEED: u64 = 0x5eed_0f70_c702;

/// So many lengths between two, evenly drawn.
#[must_use]
pub fn drawn(count: usize, shortest: Duration, longest: Duration) -> Vec<Duration> {
    let mut state = SEED;
    let range = longest.saturating_sub(shortest).as_secs_f64();
    (0..count)
        .map(|_| shortest + Duration::from_secs_f64(range * fraction(&mut state)))
        .collect()
}

/// The next number from 0 to 1: SplitMix64, by Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
fn fraction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    // 53 bits are what a double holds exactly.
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_same_each_time_and_spread() {
        let (from, to) = (Duration::from_secs(10), Duration::from_secs(20));
        let lengths = drawn(1_000, from, to);
        assert_eq!(lengths, drawn(1_000, from, to));
        assert!(lengths.iter().all(|it| (from..=to).contains(it)));
        for second in 10..20 {
            let within = lengths.iter().filter(|it| it.as_secs() == second).count();
            assert!((60..140).contains(&within), "{second} s: {within}");
        }
    }
}
