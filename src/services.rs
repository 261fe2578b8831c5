//! The services, each a description and what is peculiar to it, and the engine that runs any of them.

mod description;
mod engine;
mod follow;
pub mod keploy;
mod paging;
mod record;

pub use description::{Assumed, Description, State};
pub use engine::{cancel, check, discover, run, start, watch};
pub use follow::Followed;
pub use paging::{by_cursor, by_offset};

use serde_json::Value;

use crate::api::{Answer, Client, Failure};
use crate::error::Problem;
use crate::model::{Handle, Item, Run, Target, TestCase, Verdict};

/// All services. Adding one is its module and a line here.
#[must_use]
pub fn all() -> Vec<Box<dyn Service>> {
    vec![Box::new(keploy::Keploy)]
}

/// The service of this name.
#[must_use]
pub fn named(name: &str) -> Option<Box<dyn Service>> {
    all()
        .into_iter()
        .find(|service| service.description().provider.name == name)
}

/// A trigger, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub path: String,
    pub body: Value,
    /// The handle as far as it is known before the trigger, with the baseline.
    pub intent: Handle,
}

/// What was found of a run whose trigger was not answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Lost {
    /// Exactly one run is new: it is ours.
    Found(Handle),
    /// Nothing is new.
    Nothing,
    /// It cannot be told: why.
    Unclear(String),
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

/// What is peculiar to a service. Everything else is its [`Description`].
pub trait Service {
    /// What the service is known and assumed to be like.
    fn description(&self) -> Description;

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

    /// Resolves names and reads what is there before the trigger.
    ///
    /// # Errors
    /// Whatever makes the trigger pointless. Nothing has been triggered then.
    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Plan, Problem>;

    /// Reads the handle from the trigger's answer; none if the answer names no run.
    fn accepted(&self, answer: &Answer, intent: &Handle, service: &Description) -> Option<Handle>;

    /// Looks for the run of a trigger that was not answered.
    ///
    /// # Errors
    /// Whatever kept the lists from being read.
    fn find_lost(&self, client: &mut Client, intent: &Handle) -> Result<Lost, Failure>;

    /// Where the run's state is read.
    fn state_path(&self, handle: &Handle) -> String;

    /// Where the run's events are streamed, if they are.
    fn stream_path(&self, handle: &Handle) -> Option<String>;

    /// Where the run is stopped, if it can be.
    fn stop_path(&self, handle: &Handle) -> Option<String>;

    /// Collects the results of a run that has ended or was left, and judges them.
    ///
    /// # Errors
    /// Whatever kept the results from being read. What was read before stays in `found`.
    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        handle: &Handle,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem>;
}
