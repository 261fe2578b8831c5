//! Running journeys, API monitors and monitors again that failed, by their ids.

use super::{KINDS, kind_and_id};
use crate::model::{Setting, Target};
use crate::services::part::{Failed, replaced, texts};

/// Names each kind's own. Something that failed at one location is run at all of them: a trigger names none.
pub fn narrow(target: &Target, failed: Failed) -> Result<Vec<Setting>, String> {
    let things = failed.pieces()?;
    let mut settings = Vec::new();
    for kind in &KINDS {
        let mut ids = Vec::new();
        for thing in &things {
            let (own, id) = kind_and_id(&thing.subject);
            if own.parameter == kind.parameter {
                ids.push(id.to_owned());
            }
        }
        if !ids.is_empty() {
            settings.push(texts(kind.parameter, ids));
        }
    }
    let names = KINDS.each_ref().map(|kind| kind.parameter);
    Ok(replaced(target, &names, settings))
}
