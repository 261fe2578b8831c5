//! Finding the job of a trigger that was not answered. Jobs have no mark of ours, so that all there is to go by is what is
//! new, when it began, and what it was asked for.

use serde_json::Value;

use super::trigger::{LIST_LIMIT, runs_path};
use super::{branch, catalog};
use crate::api::{Client, Failure, json as read, moment};
use crate::error::Problem;
use crate::model::{Target, Trigger};
use crate::services::{Candidate, Description, Lost, Seeker, by_offset, only_ours};

/// Looks for the one job of suites that is new since the baseline. Source of the rule: only a single new one is surely
/// ours.
pub fn find(
    client: &mut Client,
    target: &Target,
    intent: &Trigger,
    seeker: Seeker,
) -> Result<Lost, Failure> {
    among_new(client, intent, seeker, &mut |client, new| {
        asked_for(client, target, new)
    })
}

/// The same for a job that generates suites, which was asked for none.
pub fn find_generation(
    client: &mut Client,
    target: &Target,
    intent: &Trigger,
    seeker: Seeker,
) -> Result<Lost, Failure> {
    among_new(client, intent, seeker, &mut |_, _| {
        Ok(Asked {
            base_url: target.text("base_url").unwrap_or_default(),
            suites: Some(Vec::new()),
        })
    })
}

/// What a trigger has asked for, which may depend on what the new jobs tell.
type Asking<'a, 'b> = &'b mut dyn FnMut(&mut Client, &[&Value]) -> Result<Asked<'a>, String>;

fn among_new(
    client: &mut Client,
    intent: &Trigger,
    seeker: Seeker,
    asking: Asking<'_, '_>,
) -> Result<Lost, Failure> {
    let Some(before) = &intent.baseline.jobs else {
        return Ok(Lost::Unclear(
            "the jobs before the trigger are not known".to_owned(),
        ));
    };
    let items = by_offset(client, "/jobs?", "list", LIST_LIMIT, LIST_LIMIT)?;
    let service = client.service();
    let new: Vec<&Value> = items
        .iter()
        .filter(|item| {
            read::text(item, service.assumed("app_id")).is_none_or(|app| app == intent.subject)
        })
        .filter(|item| {
            read::text(item, service.assumed("job_id")).is_some_and(|id| !before.contains(&id))
        })
        .collect();
    let there = new.len();
    let asked = match asking(client, &new) {
        Ok(asked) => asked,
        Err(why) => return Ok(Lost::Unclear(why)),
    };
    let service = client.service();
    let new: Vec<&Value> = new
        .into_iter()
        .filter(|job| asked.fits(service, job))
        .collect();
    if new.is_empty() && there > 0 {
        return Ok(Lost::Unclear(
            "what is new was asked for something else, so somebody else has started it".to_owned(),
        ));
    }
    let candidates = dated(client, intent, seeker, &new)?;
    let ours = match only_ours(candidates, intent, seeker) {
        Ok(ours) => ours,
        Err(why) => return Ok(Lost::Unclear(format!("the job {why}"))),
    };
    Ok(match ours.as_slice() {
        [] => Lost::Nothing,
        [job] => Lost::Found(Trigger {
            job: Some(job.id.clone()),
            at_ms: Some(job.began_ms.unwrap_or_else(|| client.ports.unix_ms())),
            ..intent.clone()
        }),
        several => {
            let ids: Vec<&str> = several.iter().map(|job| job.id.as_str()).collect();
            Lost::Unclear(format!("{} jobs are new ({})", ids.len(), ids.join(", ")))
        }
    })
}

/// What the trigger has asked for, as far as a job may tell of it.
struct Asked<'a> {
    base_url: &'a str,
    /// The ids of the suites, sorted; none if no job tells its suites, or all of the app were asked for.
    suites: Option<Vec<String>>,
}

fn asked_for<'a>(
    client: &mut Client,
    target: &'a Target,
    new: &[&Value],
) -> Result<Asked<'a>, String> {
    let words = target.texts("suites");
    let service = client.service();
    let is_told = new.iter().any(|job| suites(service, job).is_some());
    let mut asked = Asked {
        base_url: target.text("base_url").unwrap_or_default(),
        suites: None,
    };
    let of_branch = branch::word(target).is_some();
    if is_told && (of_branch || !words.is_empty()) {
        let told = |problem: Problem| problem.message;
        let scope = branch::there(client, target).map_err(told)?;
        let mut ids = catalog::wanted_suites(client, &scope, words).map_err(told)?;
        ids.sort_unstable();
        ids.dedup();
        asked.suites = Some(ids);
    }
    Ok(asked)
}

impl Asked<'_> {
    /// Whether nothing that a job tells contradicts that it is ours.
    fn fits(&self, service: &Description, job: &Value) -> bool {
        let same = |url: &str| url.trim_end_matches('/') == self.base_url.trim_end_matches('/');
        let told = read::text(job, service.assumed("job_base_url"));
        let is_same_system = told.is_none_or(|url| same(&url));
        let is_same_suites = match (&self.suites, suites(service, job)) {
            (Some(asked), Some(told)) => *asked == told,
            _ => true,
        };
        is_same_system && is_same_suites
    }
}

/// The ids of the suites that a job was asked for, sorted.
fn suites(service: &Description, job: &Value) -> Option<Vec<String>> {
    let list = read::list(job, service.assumed("job_suites"))?;
    let mut ids: Vec<String> = list.into_iter().filter_map(read::scalar).collect();
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then_some(ids)
}

/// The jobs with when they began. Where one does not tell, and it matters, the run that names it may.
fn dated(
    client: &mut Client,
    intent: &Trigger,
    seeker: Seeker,
    jobs: &[&Value],
) -> Result<Vec<Candidate>, Failure> {
    let service = client.service();
    let mut all: Vec<Candidate> = Vec::with_capacity(jobs.len());
    for job in jobs {
        if let Some(id) = read::text(job, service.assumed("job_id")) {
            let began_ms = began(service, job);
            all.push(Candidate { id, began_ms });
        }
    }
    if seeker == Seeker::Sender || all.iter().all(|each| each.began_ms.is_some()) {
        return Ok(all);
    }
    let path = runs_path(&intent.subject, true);
    let runs = by_offset(client, &path, "list", LIST_LIMIT, LIST_LIMIT)?;
    let service = client.service();
    for each in all.iter_mut().filter(|each| each.began_ms.is_none()) {
        let own = runs.iter().find(|run| {
            read::text(run, service.assumed("run_job")).as_deref() == Some(each.id.as_str())
        });
        each.began_ms = own.and_then(|run| began(service, run));
    }
    Ok(all)
}

/// When a job or run began, by its own word.
pub fn began(service: &Description, thing: &Value) -> Option<u64> {
    let mut places = service.assumed("began_at").iter();
    places.find_map(|place| {
        read::select(thing, place)
            .into_iter()
            .find_map(moment::unix_ms)
    })
}
