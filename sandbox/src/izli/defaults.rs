//! What is there without a scenario, and what the demo shows.

use std::collections::BTreeMap;

use super::outcome::Outcome;
use super::thing::{MonitorType, Thing};

/// How many monitors there are that only pass: with the others, more than two pages.
const PAGES: usize = 40;

/// Journeys whose ids say what becomes of them.
pub fn journeys() -> Vec<Thing> {
    [
        ("jrn_success", "Sign in"),
        ("jrn_failed", "Checkout"),
        ("jrn_error", "Search"),
        ("jrn_timeout", "Upload"),
        ("jrn_cancelled", "Invite"),
        ("jrn_skipped", "Export"),
        ("jrn_flaky", "Basket"),
        ("jrn_slow", "Report"),
        ("jrn_stuck", "Import"),
        ("jrn_offline", "Wish list"),
        ("jrn_missing", "Newsletter"),
        ("jrn_paused", "Sign up"),
    ]
    .map(|(id, name)| Thing::named(id, name))
    .to_vec()
}

/// API monitors whose ids say what becomes of them.
pub fn api_monitors() -> Vec<Thing> {
    [
        ("apm_success", "Orders API"),
        ("apm_failed", "Payment API"),
        ("apm_error", "Stock API"),
        ("apm_degraded", "Search API"),
        ("apm_completed", "Login API"),
        ("apm_completed_failed", "Mail API"),
        ("apm_no_verdict", "Map API"),
        ("apm_disagree", "Price API"),
        ("apm_unknown", "Tax API"),
    ]
    .map(|(id, name)| Thing::named(id, name))
    .to_vec()
}

/// Monitors of each outcome and type, some with more than one location, and many that pass.
pub fn monitors() -> Vec<Thing> {
    let both = || vec!["eu-west".to_owned(), "us-east".to_owned()];
    let mut monitors = vec![
        Thing::named("mon_success", "Home"),
        Thing::named("mon_failed", "Shop"),
        Thing::named("mon_stuck", "Blog"),
        Thing::named("mon_paused", "Old shop"),
        Thing {
            kind: MonitorType::Tcp,
            ..Thing::named("mon_tcp", "Database")
        },
        Thing {
            kind: MonitorType::Dns,
            ..Thing::named("mon_dns", "Names")
        },
        Thing {
            locations: both(),
            ..Thing::named("mon_two", "Two places")
        },
        Thing {
            locations: both(),
            outcomes: BTreeMap::from([("us-east".to_owned(), Outcome::Failed)]),
            ..Thing::named("mon_mixed", "Good in one place")
        },
        Thing {
            interval_ms: 1_000,
            ..Thing::named("mon_often", "Every second")
        },
    ];
    monitors.extend((1..=PAGES).map(|number| {
        Thing::named(&format!("mon_{number:03}"), &format!("Page {number}"))
    }));
    monitors
}

fn demo(id: &str, name: &str, outcome: Outcome, duration_ms: u64, steps: &[&str]) -> Thing {
    Thing {
        outcome: Some(outcome),
        duration_ms: Some(duration_ms),
        steps: Some(steps.iter().map(|&step| step.to_owned()).collect()),
        ..Thing::named(id, name)
    }
}

/// A shop's journeys: the checkout has broken.
pub fn demo_journeys() -> Vec<Thing> {
    use Outcome::{Failed, Success};
    let sign_in = ["open the shop", "sign in", "see the account"];
    let checkout = ["put into the basket", "pay", "see the order"];
    vec![
        demo("jrn_sign_in", "Sign in", Success, 1_200, &sign_in),
        demo("jrn_checkout", "Checkout", Failed, 1_800, &checkout),
    ]
}

/// A shop's API.
pub fn demo_api_monitors() -> Vec<Thing> {
    let steps = ["request a token", "list orders", "one order"];
    vec![demo("apm_orders", "Orders API", Outcome::Success, 700, &steps)]
}

/// A shop's pages.
pub fn demo_monitors() -> Vec<Thing> {
    let home = demo("mon_home", "Home page", Outcome::Success, 250, &[]);
    vec![Thing {
        locations: vec!["eu-west".to_owned(), "tr-istanbul".to_owned()],
        ..home
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_one_failure_and_is_over_soon() {
        let all = [demo_journeys(), demo_api_monitors(), demo_monitors()].concat();
        let failing = |thing: &&Thing| thing.outcome == Some(Outcome::Failed);
        assert_eq!(all.iter().filter(failing).count(), 1);
        assert!(all.iter().all(|thing| thing.duration_ms() <= 2_500));
    }

    #[test]
    fn there_are_three_pages_of_monitors_with_ids_of_their_own() {
        let mut ids: Vec<String> = monitors().into_iter().map(|thing| thing.id).collect();
        let count = ids.len();
        assert!((45..=60).contains(&count), "{count}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
