//! What is refused before anybody is asked.

use super::{but, flows, target, text, texts, website};
use crate::services::validate;

fn told(target: &crate::model::Target) -> Vec<String> {
    validate(target)
        .into_iter()
        .map(|mistake| {
            format!(
                "{}: {}",
                mistake.parameter.unwrap_or_default(),
                mistake.message
            )
        })
        .collect()
}

#[test]
fn either_flows_or_a_website_must_be_named() {
    assert_eq!(told(&flows(&["a", "b"])), [""; 0]);
    assert_eq!(told(&website("w")), [""; 0]);
    let table = [
        (target(Vec::new()), "give `flow` or `website`"),
        (
            target(vec![text("website", "w"), texts("flow", &["a"])]),
            "website: give either",
        ),
        (flows(&[]), "flow: `flow` must name"),
        (flows(&["a", " "]), "flow: `flow` must name"),
        (website(""), "website: `website` must not be empty"),
    ];
    for (target, part) in table {
        let told = told(&target);
        assert!(
            told.len() == 1 && told[0].contains(part),
            "{part}: {told:?}"
        );
    }
}

#[test]
fn corrections_that_cannot_work_are_refused() {
    let good = [
        ("path_trigger", "POST /test-flows/{flow_id}/runs"),
        ("path_trigger", "/test-flows/{flow_id}/runs"),
        ("path_trigger", "put /f/{flow_id}"),
        ("trigger_body", ""),
        ("trigger_body", r#"{"mode": "fast"}"#),
        ("path_runs", "/test-runs?flow={flow_id}"),
    ];
    for (name, value) in good {
        let told = told(&but(flows(&["a"]), name, &[value]));
        assert!(told.is_empty(), "{name} = {value}: {told:?}");
    }
    let bad = [
        ("path_trigger", "GET /test-flows/{flow_id}/run"),
        ("path_trigger", "DELETE /test-flows/{flow_id}"),
        ("path_trigger", "POST test-flows/{flow_id}/run"),
        ("path_trigger", "POST /test-runs"),
        ("trigger_body", "{"),
        ("path_run", "/test-runs"),
        ("path_flow", "/test-flows/"),
        ("path_flows", "https://elsewhere.example.com/test-flows"),
        ("path_websites", ""),
    ];
    for (name, value) in bad {
        let told = told(&but(flows(&["a"]), name, &[value]));
        assert!(
            !told.is_empty() && told[0].contains(name),
            "{name} = {value}: {told:?}"
        );
    }
    let by_body = but(
        but(flows(&["a"]), "path_trigger", &["POST /test-runs"]),
        "trigger_body",
        &[r#"{"id": "{flow_id}"}"#],
    );
    assert_eq!(told(&by_body), [""; 0]);
}

#[test]
fn a_window_of_a_minute_is_never_overrun_from_a_standing_start() {
    let rate = super::super::RATE;
    // What is saved up, and what is earned after each second before the minute is over.
    assert!(rate.burst + (rate.per_minute - 1) <= 60);
    assert!(
        rate.burst >= 1,
        "without any turn nothing would ever be sent"
    );
}
