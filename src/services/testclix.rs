//! TestCLIX: hosted website scenarios, availability checks and vitals.
//!
//! Source of what is documented: <https://docs.testclix.com/integration/api> and the vendor's pages about the statuses of
//! each kind of test. The API has neither runs nor times: what is asked for is the state of a *test*, which right after a
//! trigger may still be that of an earlier run. How a new state is told from an old one is ASSUMED and stands in
//! [`freshness`]; the places and words stand in [`assumed`] and can be corrected by a user in `[targets.NAME.api]`.

mod again;
mod freshness;
mod results;
mod status;
#[cfg(test)]
mod tests;
mod trigger;

use std::time::Duration;

use super::description::{ASSUMED, Assumed, DOCUMENTED, Table, Throttle, parameter};
use super::{
    Call, Description, Followed, Found, Judged, Lost, Narrow, Observer, Plan, Seeker, Service,
};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure};
use crate::error::Problem;
use crate::model::{
    Abilities, Authentication, Item, Mistake, Parameter, ParameterKind, Provider, Target, Trigger,
};
use crate::watch::Cadence;

/// Once a second for the first ten seconds, as a short run would else be missed, then every five.
const CADENCE: Cadence = Cadence::new(Duration::from_secs(1), 5.0, Duration::from_secs(5))
    .held(10)
    // A short run must be seen at work, so nothing is lost by looking at once.
    .leading(Duration::ZERO);

/// ASSUMED: no limit of requests is documented, nor what a refusal for it looks like.
const THROTTLE: Throttle = Throttle::new(Duration::from_secs(10), Duration::from_secs(40));

/// How long, in seconds, an unchanged state is waited on before it counts as inconclusive, unless `grace` says otherwise.
const GRACE: u64 = 60;

/// What it is called.
const NAME: &str = "testclix";

/// The service.
pub struct TestClix;

impl Service for TestClix {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        Description::new(provider(), Reset::Untold, CADENCE, assumed()).throttled(THROTTLE)
    }

    fn validate(&self, target: &Target) -> Vec<Mistake> {
        trigger::validate(target)
    }

    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        trigger::check(client, target)
    }

    fn discover(&self, client: &mut Client, _target: &Target) -> Result<Vec<Item>, Problem> {
        trigger::discover(client)
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
        trigger::prepare(client, target)
    }

    fn prepare_left(
        &self,
        client: &mut Client,
        _target: &Target,
        left: &[Trigger],
    ) -> Result<Vec<Plan>, Problem> {
        trigger::prepare_left(client, left)
    }

    fn accepted(
        &self,
        target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger> {
        trigger::accepted(target, answer, intent, service)
    }

    fn find_lost(
        &self,
        client: &mut Client,
        _target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure> {
        trigger::find_lost(client, intent, seeker)
    }

    fn observer(&self, target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        Box::new(freshness::Fresh::new(target, trigger))
    }

    fn is_known_by_its_way(&self, _target: &Target) -> bool {
        true
    }

    fn parts(&self, _target: &Target) -> Result<Narrow, String> {
        Ok(again::narrow)
    }

    fn collect(
        &self,
        client: &mut Client,
        _target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        results::collect(client, trigger, followed, found)
    }
}

/// The trigger of a test. DOC: without a body.
fn execute(trigger: &Trigger) -> Call {
    Call::post_nothing(format!("/execute/{}", status::segment_of(trigger)))
}

/// The description that users and hosts see. DOC: address, header. No prefix of keys and no rate limit is documented.
fn provider() -> Provider {
    Provider {
        name: NAME.to_owned(),
        title: "TestCLIX: website scenarios, availability and vitals".to_owned(),
        api_url: "https://api.testclix.com/v1/api".to_owned(),
        documentation: "https://docs.testclix.com/integration/api".to_owned(),
        authentication: Authentication::Header("x-api-key".to_owned()),
        key_variables: vec!["TESTCLIX_API_KEY".to_owned()],
        key_prefix: None,
        parameters: parameters(),
        publishing: Vec::new(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: false,
            cancel: false,
            discover: true,
        },
        rate: None,
    }
}

fn parameters() -> Vec<Parameter> {
    use ParameterKind::{Boolean, Integer, Text, Texts};
    vec![
        parameter(
            "test",
            Texts,
            "ids of the tests to execute, as the test's panel shows them; either this or failing",
        )
        .exclusive(),
        parameter(
            "names",
            Texts,
            "what reports call the tests, in the order of test; the ids if left out",
        ),
        parameter(
            "failing",
            Boolean,
            "execute the tests that the status list names as failing, instead of test",
        )
        .exclusive(),
        parameter(
            "acknowledged",
            Text,
            "what a new run that ends acknowledged amounts to (default: fail)",
        )
        .one_of(&["fail", "pass", "skip"]),
        parameter(
            "treat_valid_as",
            Text,
            "what a new run that ends valid, as a test without schedule may, amounts to (default: inconclusive)",
        )
        .one_of(&["inconclusive", "pass"]),
        parameter(
            "trust_trigger_status",
            Boolean,
            "let the trigger's own \"queued\" show that the run began, so that an unchanged state counts (default: false)",
        ),
        parameter(
            "grace",
            Integer,
            "seconds after which a state that has not changed is inconclusive (default: 60)",
        ),
    ]
}

/// Where the answers' fields are looked for, and what their words mean.
fn assumed() -> Vec<Assumed> {
    Assumed::of(&[ANSWERS, STATES])
}

const ANSWERS: Table = &[
    // DOC: message; some gateways write it with a capital letter.
    (
        "error_message",
        DOCUMENTED,
        "where an error tells",
        &["message", "Message"],
    ),
    // DOC: "Execution limit exceeded"; every other 403 is about the key.
    (
        "quota_messages",
        DOCUMENTED,
        "parts of the message of a 403 that mean a used-up package",
        &["limit"],
    ),
    (
        "state",
        DOCUMENTED,
        "where an answer tells the state of the test",
        &["status"],
    ),
    (
        "test_id",
        DOCUMENTED,
        "where an answer names the test",
        &["test_id"],
    ),
    (
        "failing",
        DOCUMENTED,
        "where the status list names the failing tests",
        &["tests.error.items"],
    ),
    (
        "failing_count",
        DOCUMENTED,
        "where the status list tells how many tests fail",
        &["tests.error.count"],
    ),
    // ASSUMED: the entries may also be texts, which are taken for ids.
    (
        "failing_id",
        ASSUMED,
        "where an entry of the status list has the test's id",
        &["test_id", "id"],
    ),
    (
        "failing_name",
        ASSUMED,
        "where an entry of the status list has the test's name",
        &["name", "title"],
    ),
];

/// DOC as words of the app; the API's spelling is documented for `not recorded`, `queued`, `pass` and `error` alone.
const STATES: Table = &[
    (
        "states_passed",
        DOCUMENTED,
        "states of a test whose last evaluation was good",
        &["pass", "passed"],
    ),
    (
        "states_failed",
        DOCUMENTED,
        "states of a test in alarm",
        &["error", "fail", "failed"],
    ),
    (
        "states_acknowledged",
        ASSUMED,
        "states of a test in alarm that a person has acknowledged",
        &["acknowledged"],
    ),
    (
        "states_valid",
        ASSUMED,
        "states of a test that is ready and has no schedule",
        &["valid"],
    ),
    (
        "states_queued",
        DOCUMENTED,
        "states of a test that waits for its run",
        &["queued"],
    ),
    (
        "states_running",
        ASSUMED,
        "states of a test that is being run",
        &["processing", "running"],
    ),
    (
        "states_unready",
        DOCUMENTED,
        "states of a test that cannot be run yet",
        &["not recorded", "recorded"],
    ),
    (
        "states_unexecuted",
        ASSUMED,
        "states of a test that has never been run",
        &["not executed"],
    ),
];
