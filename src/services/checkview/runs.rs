//! The list of runs: which of them are new since the trigger. All of it is ASSUMED.

use serde_json::Value;

use super::paths;
use crate::api::{Client, Failure, json, moment};
use crate::error::Problem;
use crate::model::Trigger;
use crate::services::{Candidate, Description, Lost, Seeker, by_header, if_understood, only_ours};

/// How many runs are read: the first page. Runs cannot be deleted (DOC), so the whole list grows for ever, and every
/// page is taken from the organisation's budget. A run that is on no first page is not found, which is no pass.
const MOST_RUNS: usize = 1;

/// A run as the list tells of it.
struct Listed {
    id: String,
    /// None if the entry does not say.
    flow: Option<String>,
    /// In milliseconds since the Unix epoch; none if the entry does not say.
    began_ms: Option<u64>,
}

/// What is new since the trigger.
pub enum New {
    Nothing,
    /// Exactly one run of the flow.
    One(String),
    /// It cannot be told which is ours: why.
    Unclear(String),
}

/// The ids of each flow's runs before the triggers; none where the list cannot be read.
pub fn before(client: &mut Client, flows: &[&str]) -> Result<Vec<Option<Vec<String>>>, Problem> {
    let each = paths::is_of_one_flow(client.service(), "path_runs");
    let mut all = Vec::with_capacity(flows.len());
    let mut shared: Option<Option<Listing>> = None;
    for flow in flows {
        let listed = match shared.take().filter(|_| !each) {
            Some(listed) => listed,
            None => {
                let outcome = listed(client, flow);
                if_understood(client, "the list of runs before the trigger", outcome)?
            }
        };
        // An entry without an id may be any run: it could be taken for a new one later.
        let known = listed.as_ref().filter(|listing| listing.is_whole);
        all.push(known.map(|listing| {
            let runs = listing.runs.iter();
            runs.filter(|run| run.may_be_of(flow))
                .map(|run| run.id.clone())
                .collect()
        }));
        shared = Some(listed);
    }
    Ok(all)
}

/// Compares the list with what was there before the trigger.
pub fn new(client: &mut Client, intent: &Trigger, seeker: Seeker) -> Result<New, Failure> {
    let Some(before) = &intent.baseline.runs else {
        return Ok(New::Unclear(
            "the runs before the trigger are not known".to_owned(),
        ));
    };
    let each = paths::is_of_one_flow(client.service(), "path_runs");
    let listed = listed(client, &intent.subject)?;
    let new: Vec<Listed> = listed
        .runs
        .into_iter()
        .filter(|run| run.may_be_of(&intent.subject) && !before.contains(&run.id))
        .collect();
    let candidates = new.iter().map(|run| Candidate {
        id: run.id.clone(),
        began_ms: run.began_ms,
    });
    let ours = match only_ours(candidates.collect(), intent, seeker) {
        Ok(ours) => ours,
        Err(why) => return Ok(New::Unclear(format!("the run {why}"))),
    };
    // A list that was asked for by flow holds nothing else.
    let is_of_flow = |id: &str| each || new.iter().any(|run| run.id == id && run.flow.is_some());
    Ok(match ours.as_slice() {
        [] => New::Nothing,
        [run] if is_of_flow(&run.id) => New::One(run.id.clone()),
        [run] => New::Unclear(format!(
            "the run {} is new, but does not say of which flow it is",
            run.id
        )),
        several => New::Unclear(format!(
            "{} runs are new ({})",
            several.len(),
            several
                .iter()
                .map(|run| run.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        )),
    })
}

/// Looks for the run of a trigger that was not answered, however often it was repeated with its key.
pub fn find_lost(client: &mut Client, intent: &Trigger, seeker: Seeker) -> Result<Lost, Failure> {
    Ok(match new(client, intent, seeker)? {
        New::Nothing => Lost::Nothing,
        New::Unclear(why) => Lost::Unclear(why),
        New::One(id) => Lost::Found(Trigger {
            runs: vec![id],
            ..intent.clone()
        }),
    })
}

/// The list of runs.
struct Listing {
    runs: Vec<Listed>,
    /// Whether every entry has an id.
    is_whole: bool,
}

fn listed(client: &mut Client, flow: &str) -> Result<Listing, Failure> {
    let path = paths::list_path(client.service(), "path_runs", flow);
    let items = by_header(client, &path, "list", MOST_RUNS)?;
    let service = client.service();
    let runs: Vec<Listed> = items
        .iter()
        .filter_map(|item| Listed::of(service, item))
        .collect();
    let is_whole = runs.len() == items.len();
    Ok(Listing { runs, is_whole })
}

impl Listed {
    fn of(service: &Description, item: &Value) -> Option<Self> {
        Some(Self {
            id: json::text(item, service.assumed("run_own_id"))?,
            flow: json::text(item, service.assumed("run_flow")),
            began_ms: service
                .assumed("run_began")
                .iter()
                .flat_map(|place| json::select(item, place))
                .find_map(moment::unix_ms),
        })
    }

    fn may_be_of(&self, flow: &str) -> bool {
        self.flow.as_deref().is_none_or(|own| own == flow)
    }
}
