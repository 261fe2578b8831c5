//! Which runs a list of runs has. Source: the API's reference of automation runs.

use std::time::SystemTime;

use super::list::Query;
use super::scenario::Settings;
use super::shapes::run_counts;
use super::store::Run;

/// The parameters that choose.
pub const PARAMETERS: [&str; 8] = [
    "config_id",
    "created_after",
    "created_before",
    "created_by",
    "milestone_id",
    "source_id",
    "status",
    "tags",
];

/// What a query wants.
pub struct Wanted {
    config: Option<u64>,
    milestone: Option<u64>,
    source: Option<u64>,
    created_by: Option<u64>,
    created_after: Option<SystemTime>,
    created_before: Option<SystemTime>,
    status: Option<Vec<&'static str>>,
    tags: Option<String>,
}

impl Wanted {
    pub fn read(query: &mut Query) -> Self {
        Self {
            config: query.number("config_id"),
            milestone: query.number("milestone_id"),
            source: query.number("source_id"),
            created_by: query.number("created_by"),
            created_after: query.moment("created_after"),
            created_before: query.moment("created_before"),
            status: query.words("status", &["2", "3", "4"]),
            tags: query.text("tags"),
        }
    }

    /// Whether a run is among them. ASSUMED: one of the tags is enough, and the limits of time are not within.
    pub fn takes(&self, settings: &Settings, run: &Run) -> bool {
        let is = |wanted: Option<u64>, own: Option<u64>| wanted.is_none_or(|id| own == Some(id));
        let has_status = |wanted: &Vec<&str>| {
            let own = run_counts(settings, run).status(run.completed.is_some(), settings);
            wanted.contains(&own.to_string().as_str())
        };
        let has_tag = |wanted: &String| {
            let mut wanted = wanted.split(',');
            wanted.any(|tag| run.tags.iter().any(|own| own == tag))
        };
        is(self.config, run.config)
            && is(self.milestone, run.milestone)
            && is(self.source, Some(run.source))
            && is(self.created_by, Some(run.created_by))
            && self.created_after.is_none_or(|time| run.created > time)
            && self.created_before.is_none_or(|time| run.created < time)
            && self.status.as_ref().is_none_or(has_status)
            && self.tags.as_ref().is_none_or(has_tag)
    }
}
