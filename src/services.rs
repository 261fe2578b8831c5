//! The services, each a description and what is peculiar to it, and the engine that runs any of them.

pub mod case;
pub mod checkview;
pub mod description;
mod engine;
mod follow;
pub mod http;
pub mod izli;
pub mod keploy;
mod lost;
mod observer;
mod paging;
pub mod part;
mod record;
pub mod testclix;
pub mod testmo;
#[cfg(test)]
mod tests;

pub use description::{Description, State};
pub use engine::{
    cancel, check, discover, follow_started, generate, publish, resume, resume_start, run, start,
    validate, watch,
};
pub use follow::{Followed, Lines};
pub use lost::{Candidate, Lost, Seeker, only_ours};
pub use observer::{Observer, Seen, state_at};
pub use paging::{by_cursor, by_header, by_number, by_offset, if_understood};
pub use part::{Failed, Narrow};
pub use record::problem_of;

use std::time::Duration;

use serde_json::Value;

use crate::api::{Answer, Client, Failure, Phase, json};
use crate::error::Problem;
use crate::model::{Item, Mistake, Publication, Run, Target, TestCase, Trigger, Verdict, Wishes};
use crate::ports::{Input, Method};

/// All services. Adding one is its module and a line here.
#[must_use]
pub fn all() -> Vec<Box<dyn Service>> {
    vec![
        Box::new(keploy::Keploy),
        Box::new(checkview::CheckView),
        Box::new(testclix::TestClix),
        Box::new(izli::Izli),
        Box::new(testmo::Testmo),
        Box::new(http::Http),
    ]
}

/// The service of this name.
#[must_use]
pub fn named(name: &str) -> Option<Box<dyn Service>> {
    all().into_iter().find(|service| service.name() == name)
}

/// A request to the service, below its base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    pub path: String,
    /// JSON text.
    pub body: Option<String>,
    /// By which the service knows a repeated request.
    pub idempotency_key: Option<String>,
}

impl Call {
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::Get, path, None)
    }

    #[must_use]
    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::Post, path, Some(json::written(body)))
    }

    /// A POST without a body.
    #[must_use]
    pub fn post_nothing(path: impl Into<String>) -> Self {
        Self::new(Method::Post, path, None)
    }

    #[must_use]
    pub fn new(method: Method, path: impl Into<String>, body: Option<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body,
            idempotency_key: None,
        }
    }

    /// Method and path, as messages name it.
    #[must_use]
    pub fn shown(&self) -> String {
        let path = self.path.split('?').next().unwrap_or(&self.path);
        format!("{} {path}", self.method.name())
    }
}

/// A trigger, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What starts the run; none if there is a run already that is only followed.
    pub call: Option<Call>,
    /// What is known before it is sent, with the baseline.
    pub intent: Trigger,
}

/// What was collected; filled step by step, so that a failure in the middle loses nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    pub tests: Vec<TestCase>,
    pub run: Option<Run>,
}

/// What the evidence amounts to.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub verdict: Verdict,
    /// Where the tests alone do not tell.
    pub reason: Option<String>,
}

impl Judged {
    /// A verdict that needs no words beside the tests.
    #[must_use]
    pub const fn plain(verdict: Verdict) -> Self {
        Self {
            verdict,
            reason: None,
        }
    }

    /// The same, with what else there is to tell.
    #[must_use]
    pub fn beside(self, why: &str) -> Self {
        let reason = match self.reason {
            Some(reason) => format!("{reason}; {why}"),
            None => why.to_owned(),
        };
        Self::because(self.verdict, reason)
    }

    /// A verdict and why.
    #[must_use]
    pub fn because(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: Some(reason.into()),
        }
    }
}

/// What is peculiar to a service. Everything else is its [`Description`].
///
/// A target is one trigger or several; each is sent, followed and collected by itself, and the engine puts together what
/// they amount to.
pub trait Service {
    /// What it is called, in configurations and in its description.
    fn name(&self) -> &'static str;

    /// What the service is known and assumed to be like.
    fn description(&self) -> Description;

    /// The description as it counts for one target: with the user's corrections.
    fn described(&self, target: &Target) -> Description {
        self.description().corrected(&target.overrides)
    }

    /// Looks for settings that cannot be right, alone or beside each other. Asks nobody.
    fn validate(&self, _target: &Target) -> Vec<Mistake> {
        Vec::new()
    }

    /// Looks whether the target could be run; returns facts.
    ///
    /// # Errors
    /// Whatever would keep it from being run.
    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem>;

    /// Lists what can be run.
    ///
    /// # Errors
    /// Whatever kept the lists from being read.
    fn discover(&self, client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem>;

    /// Resolves names and reads what is there before the triggers; at least one plan.
    ///
    /// # Errors
    /// Whatever makes the triggers pointless. Nothing has been triggered then.
    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem>;

    /// Plans once more what an earlier process has left unsent, with what is there by now. Of what comes back the plans
    /// with the subject of one that is left are taken.
    ///
    /// # Errors
    /// As for [`Self::prepare`].
    fn prepare_left(
        &self,
        client: &mut Client,
        target: &Target,
        _left: &[Trigger],
    ) -> Result<Vec<Plan>, Problem> {
        self.prepare(client, target)
    }

    /// Reads the trigger's answer; none if it does not say what is needed to follow the run.
    fn accepted(
        &self,
        target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger>;

    /// What it means that the trigger was refused. Nothing was started by it.
    fn refused(&self, _target: &Target, failure: &Failure) -> Problem {
        failure.problem(Phase::BeforeTrigger)
    }

    /// Looks for the run of a trigger that was not answered. Never triggers. A successor takes none that may as well be
    /// somebody else's.
    ///
    /// # Errors
    /// Whatever kept the service from telling.
    fn find_lost(
        &self,
        client: &mut Client,
        target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure>;

    /// What looks at the run until its end.
    fn observer(&self, target: &Target, trigger: &Trigger) -> Box<dyn Observer>;

    /// What narrows a target to what failed.
    ///
    /// # Errors
    /// Why it can never be run in part, as part of a sentence.
    fn parts(&self, _target: &Target) -> Result<Narrow, String> {
        Err("no part of what it runs can be named".to_owned())
    }

    /// Whether a test of a target is about the whole of it, so that no part can be run again for its sake.
    fn is_gate(&self, _target: &Target, _test: &TestCase) -> bool {
        false
    }

    /// Whether a run shows that it is the new one by what is seen of it on its way: evidence that is gone at its end, so
    /// that the host has to keep it.
    fn is_known_by_its_way(&self, _target: &Target) -> bool {
        false
    }

    /// Where the run's events are streamed, if they are.
    fn stream_path(&self, _target: &Target, _trigger: &Trigger) -> Option<String> {
        None
    }

    /// What stops the run, if it can be stopped.
    fn stop(&self, _target: &Target, _trigger: &Trigger) -> Option<Call> {
        None
    }

    /// The service as one that makes what can be run: it triggers, follows and stops the making, and what it discovers is
    /// what there is of it. None if the service makes nothing.
    fn generator(&self, _wishes: Wishes) -> Option<Box<dyn Service>> {
        None
    }

    /// Publishes results that are read from `input`; none if the service keeps no results.
    fn publish(
        &self,
        _client: &mut Client,
        _target: &Target,
        _input: &mut dyn Input,
        _observed: Option<Duration>,
    ) -> Option<Publication> {
        None
    }

    /// The base URL to use for what a user has given.
    fn base_url(&self, api_url: &str) -> String {
        api_url.to_owned()
    }

    /// Collects the results of a run that has ended or was left, and judges them.
    ///
    /// # Errors
    /// Whatever kept the results from being read. What was read before stays in `found`.
    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem>;
}
