//! izli.io: hosted browser journeys, API monitors, URL and TCP monitors.
//!
//! Source of what is documented: <https://izli.io/docs/api/authentication> and <https://izli.io/docs/api/endpoints>, and
//! where those are silent an older generation of the same pages. The answer to a trigger and the entries of a list of
//! runs are documented nowhere, nor is a call for a single run: whatever is said of them here is ASSUMED. It stands in
//! [`tables`] and can be corrected by a user in `[targets.NAME.api]`.

mod again;
mod attribution;
mod catalog;
mod entry;
mod finder;
mod results;
mod tables;
#[cfg(test)]
mod tests;
mod trigger;

use std::time::Duration;

use super::description::{Throttle, parameter};
use super::{Description, Followed, Found, Judged, Lost, Narrow, Observer, Plan, Seeker, Service};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure, encode};
use crate::error::Problem;
use crate::model::{
    Abilities, Authentication, Item, Mistake, Parameter, ParameterKind, Provider, Rate, Target,
    Trigger,
};
use crate::watch::Cadence;

/// How often to look, from five seconds up to fifteen. ASSUMED to suit the limit of requests of the older pages.
const CADENCE: Cadence = Cadence::new(Duration::from_secs(5), 1.5, Duration::from_secs(15))
    // A check of an address is over in a moment.
    .leading(Duration::from_secs(1));

/// ASSUMED: what a refusal for too many requests looks like is not documented.
const THROTTLE: Throttle = Throttle::new(Duration::from_secs(10), Duration::from_secs(60));

/// What it is called.
const NAME: &str = "izli";

/// The service.
pub struct Izli;

impl Service for Izli {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        Description::new(provider(), Reset::Untold, CADENCE, tables::assumed()).throttled(THROTTLE)
    }

    fn validate(&self, target: &Target) -> Vec<Mistake> {
        trigger::validate(target)
    }

    fn check(&self, client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        catalog::check(client, target)
    }

    fn discover(&self, client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
        catalog::discover(client, target)
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
        trigger::prepare(client, target)
    }

    fn prepare_left(
        &self,
        client: &mut Client,
        target: &Target,
        left: &[Trigger],
    ) -> Result<Vec<Plan>, Problem> {
        trigger::prepare_left(client, target, left)
    }

    fn accepted(
        &self,
        target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger> {
        Some(trigger::accepted(target, answer, intent, service))
    }

    fn find_lost(
        &self,
        client: &mut Client,
        target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure> {
        trigger::find_lost(client, target, intent, seeker)
    }

    fn observer(&self, target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        Box::new(finder::Finder::new(target, trigger))
    }

    fn parts(&self, _target: &Target) -> Result<Narrow, String> {
        Ok(again::narrow)
    }

    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        Ok(results::collect(client, target, trigger, followed, found))
    }
}

/// A kind of thing that can be run. DOC: all paths, among them three different words for the trigger.
pub struct Kind {
    /// The parameter, and the word for one of them.
    pub parameter: &'static str,
    pub collection: &'static str,
    pub word: &'static str,
    pub runs: &'static str,
}

/// All kinds.
pub const KINDS: [Kind; 3] = [
    Kind {
        parameter: "journey",
        collection: "journeys",
        word: "run-now",
        runs: "runs",
    },
    Kind {
        parameter: "api_monitor",
        collection: "api-monitors",
        word: "trigger",
        runs: "runs",
    },
    Kind {
        parameter: "monitor",
        collection: "monitors",
        word: "check",
        runs: "results",
    },
];

impl Kind {
    /// The address of one of them.
    pub fn path(&self, id: &str) -> String {
        format!("/{}/{}", self.collection, encode(id))
    }

    /// The address of its runs.
    pub fn runs_path(&self, id: &str) -> String {
        format!("{}/{}?per_page=100", self.path(id), self.runs)
    }
}

/// What a trigger names: `COLLECTION/ID`.
pub fn subject(kind: &Kind, id: &str) -> String {
    format!("{}/{id}", kind.collection)
}

/// The kind and the id that a trigger names. One that names no kind, as only a handle from elsewhere could, is taken for a
/// monitor, of which the service will know nothing.
pub fn named(trigger: &Trigger) -> (&'static Kind, &str) {
    kind_and_id(&trigger.subject)
}

/// The same of a trigger's subject.
fn kind_and_id(subject: &str) -> (&'static Kind, &str) {
    let known = subject.split_once('/').and_then(|(collection, id)| {
        let kind = KINDS.iter().find(|kind| kind.collection == collection)?;
        Some((kind, id))
    });
    known.unwrap_or((&KINDS[2], subject))
}

/// The description that users and hosts see. DOC: address, scheme, the prefix `izli_agent_`; older keys begin with
/// `izli_sk_live_`, so that only what both share is looked for. The limit of requests is of the older pages.
fn provider() -> Provider {
    Provider {
        name: NAME.to_owned(),
        title: "izli.io: journeys, API monitors and monitors".to_owned(),
        api_url: catalog::BASE.to_owned(),
        documentation: "https://izli.io/docs/api/authentication".to_owned(),
        authentication: Authentication::Bearer,
        key_variables: vec!["IZLI_API_KEY".to_owned()],
        key_prefix: Some("izli_".to_owned()),
        parameters: parameters(),
        publishing: Vec::new(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: false,
            cancel: false,
            discover: true,
        },
        rate: Some(Rate {
            per_minute: 100,
            burst: 10,
        }),
    }
}

fn parameters() -> Vec<Parameter> {
    use ParameterKind::{Integer, Text, Texts};
    vec![
        parameter("journey", Texts, "names or ids of journeys to run").exclusive(),
        parameter(
            "api_monitor",
            Texts,
            "names or ids of API monitors to trigger",
        )
        .exclusive(),
        parameter(
            "monitor",
            Texts,
            "names or ids of URL or TCP monitors to check",
        )
        .exclusive(),
        parameter(
            "locations",
            Text,
            "how many locations have to bring a result: first, all or a number (default: all that the service names, first for journeys)",
        ),
        parameter(
            "settle",
            Integer,
            "seconds to wait after a run that did not pass whether a retry follows (default: 15 for journeys with retries, else 0)",
        ),
        parameter(
            "degraded",
            Text,
            "what a degraded run amounts to (default: fail)",
        )
        .one_of(&["fail", "pass"]),
    ]
}
