//! Testmo: keeps results of tests that ran elsewhere. It runs nothing itself.
//!
//! Two things can be done with it: results are published as an automation run, and a run that others fill is waited for
//! and judged.
//!
//! Source of what is documented: <https://docs.testmo.com/api> and how the vendor's client `@testmo/testmo-cli` 1.4.0
//! behaves. Everything that neither states is ASSUMED: it stands in the description's rows where a user may correct it.

mod catalog;
mod description;
mod gate;
mod publish;
#[cfg(test)]
mod tests;
mod validate;

use std::time::Duration;

use super::description::Throttle;
use super::{Description, Followed, Found, Judged, Lost, Observer, Plan, Seeker, Service};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure, encode};
use crate::error::Problem;
use crate::model::{Item, Mistake, Publication, Target, Trigger};
use crate::ports::Input;
use crate::watch::Cadence;

/// How long to wait after a 429 that does not say. DOC: at least a minute.
const THROTTLE: Throttle = Throttle::new(Duration::from_secs(60), Duration::from_secs(120));

/// What it is called.
const NAME: &str = "testmo";

/// The service.
pub struct Testmo;

impl Service for Testmo {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        Description::new(
            description::provider(),
            // DOC: no header but `Retry-After` is named.
            Reset::Untold,
            Cadence::USUAL,
            description::assumed(),
        )
        .throttled(THROTTLE)
    }

    fn validate(&self, target: &Target) -> Vec<Mistake> {
        validate::mistakes(target)
    }

    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        catalog::check(client, target)
    }

    fn discover(&self, client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
        catalog::discover(client, target)
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
        gate::prepare(client, target)
    }

    /// Nothing is ever triggered.
    fn accepted(
        &self,
        _target: &Target,
        _answer: &Answer,
        _intent: &Trigger,
        _service: &Description,
    ) -> Option<Trigger> {
        None
    }

    fn find_lost(
        &self,
        _client: &mut Client,
        _target: &Target,
        _intent: &Trigger,
        _seeker: Seeker,
    ) -> Result<Lost, Failure> {
        Ok(Lost::Nothing)
    }

    fn observer(&self, target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        gate::observer(target, trigger)
    }

    fn publish(
        &self,
        client: &mut Client,
        target: &Target,
        input: &mut dyn Input,
        observed: Option<Duration>,
    ) -> Option<Publication> {
        Some(publish::publish(client, target, input, observed))
    }

    /// The origin of what was given and the path of the API, as the vendor's client has it.
    fn base_url(&self, api_url: &str) -> String {
        let authority = api_url.find("://").map_or(0, |at| at + 3);
        let end = api_url[authority..]
            .find(['/', '?', '#'])
            .map_or(api_url.len(), |at| authority + at);
        format!("{}/api/v1", &api_url[..end])
    }

    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        gate::collect(client, target, trigger, followed, found)
    }
}

fn run_path(run: &str, below: &str) -> String {
    format!("/automation/runs/{}{below}", encode(run))
}

fn thread_path(thread: &str, below: &str) -> String {
    format!("/automation/runs/threads/{}{below}", encode(thread))
}

fn project_path(project: &str, below: &str) -> String {
    format!("/projects/{}{below}", encode(project))
}
