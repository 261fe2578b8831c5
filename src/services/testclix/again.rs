//! Executing tests again that failed, by their ids.

use crate::model::{Setting, Target};
use crate::services::part::{Failed, replaced, texts};

/// Names the tests and what reports call them: a list of those that fail by now may be another one than before.
pub fn narrow(target: &Target, failed: Failed) -> Result<Vec<Setting>, String> {
    let tests = failed.pieces()?;
    let ids = tests.iter().map(|test| test.subject.clone());
    let names = tests.iter().map(|test| test.title.clone());
    let named = vec![
        texts("test", ids.collect()),
        texts("names", names.collect()),
    ];
    Ok(replaced(target, &["test", "names", "failing"], named))
}
