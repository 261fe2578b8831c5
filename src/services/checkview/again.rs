//! Running flows again that failed, by their ids.

use crate::model::{Setting, Target};
use crate::services::part::{Failed, replaced, texts};

/// Names the flows alone, also where the target names a website.
pub fn narrow(target: &Target, failed: Failed) -> Result<Vec<Setting>, String> {
    let flows = failed.pieces()?;
    let flows = flows.into_iter().map(|flow| flow.subject.clone());
    let flows = texts("flow", flows.collect());
    Ok(replaced(target, &["flow", "website"], vec![flows]))
}
