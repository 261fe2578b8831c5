//! Running suites again that failed. DOC: a trigger may name suites (`test_suite_ids`).

use super::results::NAMELESS;
use crate::model::{Setting, Target};
use crate::services::part::{Failed, Narrow, replaced, texts};

/// What narrows the target, unless it is a load test, of which nothing is a part.
pub fn parts(target: &Target) -> Result<Narrow, String> {
    match target.setting("load_test") {
        Some(_) => Err("a load test is run as a whole".to_owned()),
        None => Ok(narrow),
    }
}

/// Names the suites as the reports do, which is by name, and by id where they have none.
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
    Ok(replaced(target, &["suites"], vec![suites]))
}
