//! From a first run to a last one, at every service.

use serde_json::json;

use super::site::{ALL, CHECKVIEW, KEPLOY, Served, repeated, tests, warnings};
use crate::services::service::each;

#[test]
fn what_passes_then_is_flaky() {
    each(&ALL, |site| {
        let served = site.serve(1, "");
        let outcome = served.run("2").end().expect(0);
        served.only_the_part_again(1);
        let results = outcome.results();
        let target = &results["targets"][0];
        assert_eq!(target["verdict"], "passed", "{results:#}");
        assert_eq!(target["error"], json!(null), "{results:#}");
        let repeated = repeated(&outcome);
        assert_eq!(repeated.len(), 1, "{results:#}");
        let test = &repeated[0];
        assert_eq!(test["suite"], site.suite);
        assert_eq!(test["verdict"], "passed");
        assert_eq!(test["flaky"], true);
        assert_eq!(test["attempts"], 2);
        assert_eq!(test["earlier"].as_array().map(Vec::len), Some(1));
        assert_eq!(test["earlier"][0]["verdict"], "failed");
        let flaky = tests(&outcome)
            .iter()
            .filter(|test| test["flaky"] == true)
            .count();
        assert_eq!(flaky, 1, "{}: {results:#}", site.name);
        outcome
            .says("tests that fail are run again, up to 2 times for each target")
            .says("tests failed, running it again (1 of 2)");
    });
}

#[test]
fn what_fails_to_the_last_has_failed() {
    each(&ALL, |site| {
        let served = site.serve(9, "");
        let outcome = served.run("2").end().expect(1);
        served.only_the_part_again(2);
        let repeated = repeated(&outcome);
        assert_eq!(repeated.len(), 1, "{:#}", outcome.results());
        let test = &repeated[0];
        assert_eq!(test["verdict"], "failed");
        assert_eq!(test["flaky"], false);
        assert_eq!(test["attempts"], 3);
        let earlier = test["earlier"].as_array().expect("a list");
        assert_eq!(earlier.len(), 2);
        assert!(
            earlier
                .iter()
                .all(|test| test["verdict"] == "failed" && test["attempts"] == 1)
        );
        assert_eq!(outcome.results()["targets"][0]["error"]["code"], "failed");
    });
}

#[test]
fn nobody_who_does_not_ask_for_it_pays_for_it() {
    each(&ALL, |site| {
        let served = site.serve(1, "");
        let outcome = served.run("0").end().expect(1);
        assert_eq!(served.triggers().len(), site.whole);
        assert!(!outcome.err.contains("run again"), "{}", outcome.err);
        assert!(repeated(&outcome).is_empty());
    });
}

#[test]
fn what_passes_at_once_is_not_run_again() {
    let served = KEPLOY.serve(0, "");
    let outcome = served.run("3").end().expect(0);
    served.only_the_part_again(0);
    assert!(repeated(&outcome).is_empty());
}

#[test]
fn what_is_in_quarantine_is_not_run_again() {
    let rule =
        "[[quarantine]]\ntests = [\"search/*\"]\nuntil = 2099-12-31\nreason = \"it moves\"\n";
    let served = KEPLOY.serve(1, "");
    let with_rule = |served: &Served| format!("{}\n{rule}", served.config());
    let outcome = served
        .run("2")
        .file("proctor.toml", &with_rule(&served))
        .end()
        .expect(0);
    served.only_the_part_again(0);
    assert_eq!(outcome.results()["targets"][0]["verdict"], "failed");
    assert!(repeated(&outcome).is_empty());
    // What fails beside it is.
    let more = "[[keploy.apps.suites]]\nid = \"s-3\"\nname = \"basket\"\nfails_first = 1";
    let served = KEPLOY.serve(9, more);
    let outcome = served
        .run("2")
        .file("proctor.toml", &with_rule(&served))
        .end()
        .expect(0);
    let triggers = served.triggers();
    assert_eq!(triggers.len(), 2);
    let again = &triggers[1].body;
    assert!(again.contains("s-3") && !again.contains("s-2"), "{again}");
    assert_eq!(repeated(&outcome).len(), 1);
}

#[test]
fn what_was_known_is_run_again_only_if_it_counts() {
    let served = KEPLOY.serve(9, "");
    let earlier = served.run("0").end().expect(1).read("results.json");
    for (fail_on, code, again) in [("failed,new", 0, 0), ("failed", 1, 1)] {
        let served = KEPLOY.serve(9, "");
        let compared = ["--baseline", "earlier.json", "--fail-on", fail_on];
        served
            .run("1")
            .arguments(&compared)
            .file("earlier.json", &earlier)
            .end()
            .expect(code);
        served.only_the_part_again(again);
    }
}

#[test]
fn the_second_round_is_about_what_still_fails() {
    // A third suite, of which the first retry is enough.
    let more = "[[keploy.apps.suites]]\nid = \"s-3\"\nname = \"basket\"\nfails_first = 1";
    let served = KEPLOY.serve(2, more);
    let outcome = served.run("2").end().expect(0);
    let bodies: Vec<String> = served
        .triggers()
        .into_iter()
        .map(|received| received.body)
        .collect();
    assert_eq!(bodies.len(), 3);
    assert!(!bodies[0].contains("s-2"), "{bodies:?}");
    assert!(
        bodies[1].contains("s-2") && bodies[1].contains("s-3"),
        "{bodies:?}"
    );
    assert!(
        bodies[2].contains("s-2") && !bodies[2].contains("s-3"),
        "{bodies:?}"
    );
    let mut repeated = repeated(&outcome);
    repeated.sort_by_key(|test| test["suite"].to_string());
    let attempts: Vec<_> = repeated
        .iter()
        .map(|test| test["attempts"].as_u64())
        .collect();
    assert_eq!(attempts, [Some(2), Some(3)]);
    assert_eq!(outcome.results()["targets"][0]["run"]["id"], "run-0003");
}

#[test]
fn a_target_its_defaults_and_the_environment_say_how_often() {
    let mut served = KEPLOY.serve(1, "");
    served.lines = "retries = 1".to_owned();
    served.proctor(&["run"]).end().expect(0);
    served.only_the_part_again(1);

    let served = KEPLOY.serve(1, "");
    let outcome = served
        .proctor(&["run"])
        .file(
            "proctor.toml",
            &format!("[defaults]\nretries = 1\n{}", served.config()),
        )
        .end()
        .expect(0);
    outcome.says("tests that fail are run again, once for each target");
    served.only_the_part_again(1);

    // A target's own counts more than what is said for all, and what the environment says more than both.
    let mut served = KEPLOY.serve(1, "");
    served.lines = "retries = 0".to_owned();
    let config = format!("[defaults]\nretries = 1\n{}", served.config());
    served
        .proctor(&["run"])
        .file("proctor.toml", &config)
        .end()
        .expect(1);
    served.only_the_part_again(0);
    let served = KEPLOY.serve(1, "");
    served
        .proctor(&["run"])
        .variable("PROCTOR_RETRY_FAILED", "1")
        .end()
        .expect(0);
    served.only_the_part_again(1);
}

#[test]
fn every_round_is_an_event() {
    let served = CHECKVIEW.serve(1, "");
    let outcome = served
        .run("1")
        .arguments(&["--output", "ndjson"])
        .end()
        .expect(0);
    let lines: Vec<serde_json::Value> = outcome
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let place = |kind: &str| lines.iter().position(|line| line["type"] == kind);
    let note = place("note").expect("it is said beforehand");
    assert!(note < place("triggering").expect("a trigger"));
    let again: Vec<_> = lines
        .iter()
        .filter(|line| line["type"] == "rerunning")
        .collect();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0]["target"], "it");
    assert_eq!(
        (&again[0]["round"], &again[0]["most"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(again[0]["names"], json!(["Contact (flow-2)"]));
    let ends = lines.iter().filter(|line| line["type"] == "ended").count();
    assert_eq!(ends, 1, "the target ends once");
}

#[test]
fn check_says_it_beforehand() {
    let mut served = KEPLOY.serve(0, "");
    served.lines = "retries = 2".to_owned();
    let outcome = served.proctor(&["check"]).end().expect(0);
    outcome.says("up to 2 times for each target; every run that is started so counts");
    assert!(served.triggers().is_empty());
}

#[test]
fn what_went_wrong_otherwise_is_not_run_again() {
    let more = "[[keploy.apps.suites]]\nid = \"s-3\"\nname = \"basket\"\noutcome = \"running\"";
    let served = KEPLOY.serve(9, more);
    let outcome = served.run("2").end().expect(3);
    served.only_the_part_again(0);
    assert!(!warnings(&outcome).contains("run again"));
}
