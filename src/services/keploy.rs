//! Keploy: hosted API test suites.
//!
//! Source of what is documented: <https://keploy.io/docs/running-keploy/public-api/> and the vendor's OpenAPI file
//! "Keploy Public API" 1.0.0. Everything that neither states is ASSUMED: it stands in [`assumed`] and can be corrected
//! by a user in `[targets.NAME.api]`.

mod again;
mod attribution;
mod branch;
mod catalog;
mod coverage;
mod generation;
mod kind;
mod load;
mod lost;
mod parameters;
mod recorded;
mod results;
mod tables;
#[cfg(test)]
mod tests;
mod trigger;
mod validate;

use super::{
    Call, Description, Followed, Found, Judged, Lost, Narrow, Observer, Plan, Seeker, Service,
    state_at,
};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure, encode};
use crate::error::Problem;
use crate::model::{Item, Mistake, Target, TestCase, Trigger, Wishes};
use crate::watch::Cadence;
use kind::Kind;

/// What it is called.
const NAME: &str = "keploy";

/// The service.
pub struct Keploy;

impl Service for Keploy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        Description::new(
            parameters::provider(),
            Reset::SecondsFromNow,
            Cadence::USUAL,
            tables::assumed(),
        )
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
        match Kind::of(target) {
            Kind::Suites => trigger::prepare(client, target),
            Kind::LoadTest => load::prepare(client, target),
            Kind::TestReport => recorded::prepare(client, target),
        }
    }

    fn accepted(
        &self,
        target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger> {
        match Kind::of(target) {
            Kind::Suites => trigger::accepted(answer, intent, service),
            Kind::LoadTest => load::accepted(answer, intent, service),
            Kind::TestReport => None,
        }
    }

    fn find_lost(
        &self,
        client: &mut Client,
        target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure> {
        match Kind::of(target) {
            Kind::Suites => lost::find(client, target, intent, seeker),
            Kind::LoadTest => load::find_lost(client, target, intent, seeker),
            Kind::TestReport => Ok(Lost::Nothing),
        }
    }

    fn observer(&self, target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        match Kind::of(target) {
            Kind::Suites => state_at(job_path(trigger, "")),
            Kind::LoadTest => state_at(load::path(trigger, "")),
            Kind::TestReport => recorded::observer(trigger),
        }
    }

    fn stream_path(&self, target: &Target, trigger: &Trigger) -> Option<String> {
        match Kind::of(target) {
            Kind::Suites => Some(job_path(trigger, "/events")),
            Kind::LoadTest => Some(load::path(trigger, "/events")),
            Kind::TestReport => None,
        }
    }

    fn stop(&self, target: &Target, trigger: &Trigger) -> Option<Call> {
        match Kind::of(target) {
            Kind::Suites => Some(Call::post_nothing(job_path(trigger, "/stop"))),
            Kind::LoadTest => Some(Call::post_nothing(load::path(trigger, "/stop"))),
            // Whoever records it goes on.
            Kind::TestReport => None,
        }
    }

    fn generator(&self, wishes: Wishes) -> Option<Box<dyn Service>> {
        Some(Box::new(generation::Generation::new(wishes)))
    }

    fn parts(&self, target: &Target) -> Result<Narrow, String> {
        again::parts(target)
    }

    fn is_gate(&self, target: &Target, test: &TestCase) -> bool {
        coverage::is_gate(target, test)
    }

    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        match Kind::of(target) {
            Kind::Suites => results::collect(client, target, trigger, followed, found),
            Kind::LoadTest => load::collect(client, target, trigger, followed, found),
            Kind::TestReport => recorded::collect(client, trigger, followed, found),
        }
    }
}

fn job_path(trigger: &Trigger, below: &str) -> String {
    format!(
        "/jobs/{}{below}",
        encode(trigger.job.as_deref().unwrap_or_default())
    )
}

fn app_path(app: &str, below: &str) -> String {
    format!("/apps/{}{below}", encode(app))
}
