//! The tests that are there without a scenario, and those of the demo.

use super::state::State;
use super::test::{Kind, Test};

/// Ids that say what becomes of the test.
const IDS: [&str; 20] = [
    "01GDPASS&01AAAA",
    "01GDFAIL&01AAAA",
    "01GDFIXED&01AAAA",
    "01GDVALID&01AAAA",
    "01GDSTUCK&01AAAA",
    "01GDFAST&01AAAA",
    "01GDUNRECORDED&01AAAA",
    "01GDRECORDED&01AAAA",
    "01GDACK&01AAAA",
    "01GDUNKNOWN&01AAAA",
    "01GDSLOW&01AAAA",
    "01GDLAG&01AAAA",
    "01GDDIP&01AAAA",
    "01GDBUSY&01AAAA",
    "01GDPASS&01AVAIL",
    "01GDFAIL&01AVAIL",
    "01GDFAST&01AVAIL",
    "01GDUNEXECUTED&01AVAIL",
    "01GDPASS&01VITALS",
    "01GDFAIL&01VITALS",
];

/// One test of each kind and outcome.
pub fn tests() -> Vec<Test> {
    IDS.iter().map(|id| Test::with_id(id)).collect()
}

/// Tests of a shop: two that pass and one that fails.
pub fn demo() -> Vec<Test> {
    let test = |id: &str, name: &str, kind, after| Test {
        name: name.to_owned(),
        kind,
        before: State::Pass,
        after,
        queued_ms: 400,
        processing_ms: if kind == Kind::Scenario { 1_200 } else { 0 },
        ..Test::with_id(id)
    };
    vec![
        test("01J8SHOP4Q&01J8HOMEX2", "Home page", Kind::Scenario, State::Pass),
        test("01J8SHOP4Q&01J8SRCH7M", "Search", Kind::Scenario, State::Error),
        test("01J8SHOP4Q&01J8BASK3T", "Basket", Kind::Scenario, State::Pass),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_one_failure_and_says_what_it_means() {
        let tests = demo();
        let failing = |test: &&Test| test.after == State::Error;
        assert_eq!(tests.iter().filter(failing).count(), 1);
        for test in &tests {
            let plain = !test.dip && !test.too_fast && test.lag_ms + test.busy_ms == 0;
            assert!(plain, "no word in {} means anything", test.id);
            assert!((1_000..=3_000).contains(&(test.queued_ms + test.processing_ms)));
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids = IDS.to_vec();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), IDS.len());
    }
}
