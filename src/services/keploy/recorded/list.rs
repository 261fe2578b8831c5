//! Which test cases a report has: the full report, and where that leaves some out, the lists page by page.

use serde_json::Value;

use super::{case, path};
use crate::api::{Client, Failure, encode, json};
use crate::error::Problem;
use crate::model::{TestCase, Trigger};
use crate::services::keploy::attribution::{Untold, unread};
use crate::services::{Found, by_offset};

/// The full report, with as many test cases of each set as it gives. DOC: 1000 at most.
const FULL: &str = "/full?include_oss_report=true&max_test_cases_per_set=1000";

/// How many entries are asked for at once. DOC: at most 100 a page.
const PAGE: usize = 100;

/// How many sets, and test cases of one, are read at most. Ours: what is beyond them is missing beside the totals.
const MOST: usize = 20_000;

/// Reads all test cases that can be had. What could not be read is warned of, and missing beside the totals.
pub fn read(client: &mut Client, trigger: &Trigger, found: &mut Found) -> Result<(), Problem> {
    let is_whole = match client.get(&path(trigger, FULL)) {
        Ok(answer) => full(client, &answer.json, found),
        Err(failure) => {
            let why = evidence(&failure)?;
            client.warn(format!("the full test report cannot be read: {why}"));
            false
        }
    };
    if is_whole {
        return Ok(());
    }
    match by_pages(client, trigger, found) {
        Ok(()) => {}
        Err(failure) => {
            let why = evidence(&failure)?;
            client.warn(format!("the list of test cases cannot be read: {why}"));
        }
    }
    Ok(())
}

/// Why a list cannot be had, if that is an answer and nothing that somebody else must act on.
fn evidence(failure: &Failure) -> Result<String, Problem> {
    match unread(failure) {
        Untold::Unread(problem) => Err(problem),
        Untold::Evidence(why) => Ok(why),
    }
}

/// Takes the test cases of the full report. Returns whether it has all of them.
fn full(client: &mut Client, answer: &Value, found: &mut Found) -> bool {
    let service = client.service();
    let Some(sets) = json::list(answer, service.assumed("test_sets")) else {
        client.warn("the full test report has no test sets".to_owned());
        return false;
    };
    for set in sets {
        let name = json::text(set, service.assumed("test_set_name")).unwrap_or_default();
        let cases = json::list(set, service.assumed("test_cases")).unwrap_or_default();
        let first = found.tests.len();
        for value in cases {
            found.tests.push(case::read(service, &name, value));
        }
        // Some may be there by name and state alone.
        for value in json::list(set, service.assumed("test_names")).unwrap_or_default() {
            let case = case::read(service, &name, value);
            if !holds(&found.tests[first..], &case) {
                found.tests.push(case);
            }
        }
    }
    let left_out = left_out(answer);
    if let Some(left_out) = &left_out {
        client.warn(format!(
            "the full test report is cut short ({left_out}); the rest is looked for in its lists"
        ));
    }
    left_out.is_none()
}

/// What the full report says that it leaves out. DOC: three counts.
fn left_out(answer: &Value) -> Option<String> {
    let truncated = answer.pointer("/data/truncated")?;
    let counts = [
        "test_sets_dropped",
        "test_cases_dropped",
        "test_cases_capped_dropped",
    ];
    let told: Vec<String> = counts
        .iter()
        .filter_map(|name| {
            let count = truncated.get(*name)?;
            (count.as_f64()? > 0.0).then(|| format!("{name}: {count}"))
        })
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn holds(tests: &[TestCase], case: &TestCase) -> bool {
    tests
        .iter()
        .any(|known| known.name == case.name && known.suite == case.suite)
}

/// Adds what the lists have and the full report did not.
fn by_pages(client: &mut Client, trigger: &Trigger, found: &mut Found) -> Result<(), Failure> {
    let sets = path(trigger, "/test-set-reports?");
    let sets = by_offset(client, &sets, "list", PAGE, MOST)?;
    let known = found.tests.clone();
    for set in &sets {
        let service = client.service();
        let name = json::text(set, service.assumed("test_set_name")).unwrap_or_default();
        let Some(id) = json::text(set, service.assumed("id")) else {
            client.warn(format!(
                "the test set {name:?} has no id, and cannot be read"
            ));
            continue;
        };
        let below = format!("/test-set-reports/{}/test-cases?", encode(&id));
        let cases = by_offset(client, &path(trigger, &below), "list", PAGE, MOST)?;
        let service = client.service();
        for value in &cases {
            let case = case::read(service, &name, value);
            if !holds(&known, &case) {
                found.tests.push(case);
            }
        }
    }
    Ok(())
}
