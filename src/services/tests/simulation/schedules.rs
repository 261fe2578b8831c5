//! A hundred thousand schedules.
//!
//! `PROCTOR_SEED=N` plays one of them and tells its story; `PROCTOR_SCHEDULES=N` plays so many.

use std::env;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::schedule::Schedule;

/// How many are played unless it is told.
const USUAL: u64 = 100_000;

/// After how many that are wrong nothing more is played.
const MOST_TOLD: usize = 12;

/// What plays one again, after its seed.
const AGAIN: &str = "cargo test --locked -p proctor --lib whatever_happens -- --nocapture";

#[test]
fn whatever_happens_in_whatever_order_nothing_is_started_twice_lost_or_passed_wrongly() {
    if let Some(seed) = number("PROCTOR_SEED") {
        let outcome = Schedule::of(seed).play(true);
        assert_eq!(outcome, Ok(()), "seed {seed}");
        return;
    }
    let all = number("PROCTOR_SCHEDULES").unwrap_or(USUAL);
    let mut told = String::new();
    for (seed, why) in wrong(all) {
        let words = Schedule::of(seed).in_words();
        told.push_str(&format!(
            "{why}\nin schedule {seed}, {words}\nplay it again: PROCTOR_SEED={seed} {AGAIN}\n\n"
        ));
    }
    assert!(told.is_empty(), "{told}");
}

fn number(variable: &str) -> Option<u64> {
    let told = env::var(variable).ok()?;
    let number = told.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is no number: {told}")))
}

/// Schedules of which something does not hold, and what, the lowest first: not all of them where there are many.
fn wrong(all: u64) -> Vec<(u64, String)> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let play = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= all {
                return;
            }
            if let Err(why) = Schedule::of(seed).play(false) {
                let mut found = found.lock().expect("nobody panics with it");
                found.push((seed, why));
                if found.len() >= MOST_TOLD {
                    next.store(all, Ordering::Relaxed);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(2, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(play);
        }
    });
    let mut found = found.into_inner().expect("nobody panics with it");
    found.sort();
    found
}
