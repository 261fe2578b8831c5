//! Finding the load test of a trigger that was not answered: by what is new, and what it was asked for.

use serde_json::Value;

use super::{begun, id, list};
use crate::api::{Client, Failure, json as read};
use crate::model::{Target, Trigger};
use crate::services::keploy::lost::began;
use crate::services::{Candidate, Description, Lost, Seeker, only_ours};

/// Looks for the one load test that is new since the baseline.
pub fn find_lost(
    client: &mut Client,
    target: &Target,
    intent: &Trigger,
    seeker: Seeker,
) -> Result<Lost, Failure> {
    let Some(before) = &intent.baseline.runs else {
        return Ok(Lost::Unclear(
            "the load tests before the trigger are not known".to_owned(),
        ));
    };
    let tests = list(client, &intent.subject)?;
    let service = client.service();
    let mut new = Vec::new();
    let mut others = 0;
    for test in &tests {
        let Some(id) = id(service, test).filter(|id| !before.contains(id)) else {
            continue;
        };
        match fits(service, target, test) {
            true => new.push(Candidate {
                id,
                began_ms: began(service, test),
            }),
            false => others += 1,
        }
    }
    if new.is_empty() && others > 0 {
        return Ok(Lost::Unclear(
            "what is new was asked for something else, so somebody else has started it".to_owned(),
        ));
    }
    let ours = match only_ours(new, intent, seeker) {
        Ok(ours) => ours,
        Err(why) => return Ok(Lost::Unclear(format!("the load test {why}"))),
    };
    Ok(match ours.as_slice() {
        [] => Lost::Nothing,
        [test] => Lost::Found(Trigger {
            at_ms: Some(test.began_ms.unwrap_or_else(|| client.ports.unix_ms())),
            ..begun(intent, test.id.clone())
        }),
        several => {
            let ids: Vec<&str> = several.iter().map(|test| test.id.as_str()).collect();
            Lost::Unclear(format!(
                "{} load tests are new ({})",
                ids.len(),
                ids.join(", ")
            ))
        }
    })
}

/// Whether nothing that a load test tells contradicts that it is ours.
fn fits(service: &Description, target: &Target, test: &Value) -> bool {
    let url = target.text("base_url").unwrap_or_default();
    let told = read::text(test, service.assumed("job_base_url"));
    let is_same_system =
        told.is_none_or(|told| told.trim_end_matches('/') == url.trim_end_matches('/'));
    let is_same = |places: &str, setting: &str| {
        let told = read::number(test, service.assumed(places));
        told.is_none_or(|told| {
            target
                .integer(setting)
                .is_some_and(|asked| told == asked as f64)
        })
    };
    is_same_system
        && is_same("load_users", "load_test.virtual_users")
        && is_same("load_duration", "load_test.duration_secs")
}
