//! Running suites again that failed. DOC: a trigger may name suites (`test_suite_ids`).

use super::{coverage, kind::Kind, results::NAMELESS};
use crate::model::{Setting, Target};
use crate::services::part::{Failed, Narrow, replaced, texts};

/// What narrows the target, if it runs suites.
pub fn parts(target: &Target) -> Result<Narrow, String> {
    match Kind::of(target) {
        Kind::Suites => Ok(narrow),
        Kind::LoadTest => Err("a load test is run as a whole".to_owned()),
        Kind::TestReport => Err("a test report is only read".to_owned()),
    }
}

/// Names the suites as the reports do, which is by name, and by id where they have none. The coverage is not looked at
/// another time: it is that of the whole.
fn narrow(target: &Target, failed: Failed) -> Result<Vec<Setting>, String> {
    if failed
        .suites
        .iter()
        .any(|suite| suite.is_empty() || *suite == NAMELESS)
    {
        return Err("a suite that failed has neither name nor id in its report".to_owned());
    }
    let suites = failed.suites.iter().map(|&suite| suite.to_owned());
    let suites = texts("suites", suites.collect());
    let others = ["suites", coverage::SETTING];
    Ok(replaced(target, &others, vec![suites]))
}
