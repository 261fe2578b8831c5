//! CheckView: hosted browser tests of websites, which it calls test flows.
//!
//! Source of what is documented: <https://checkview.io/docs/rest-api-getting-started/> and the help articles beside it.
//! They state the key, the limits, the headers of pages, the errors and the idempotency keys. Every path but
//! `/test-flows/{id}` and every body but that of an error is ASSUMED: it stands in [`tables`] and can be corrected by a
//! user in `[targets.NAME.api]`.
//!
//! UX audits are left out, as nothing says how one is started or what it brings.

mod again;
mod catalog;
mod observe;
mod paths;
mod resolve;
mod results;
mod runs;
mod state;
mod tables;
#[cfg(test)]
mod tests;
mod trigger;

use std::time::Duration;

use super::description::{Assumed, Throttle, parameter};
use super::{Description, Followed, Found, Judged, Lost, Narrow, Observer, Plan, Seeker, Service};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure};
use crate::error::Problem;
use crate::model::{
    Abilities, Authentication, Item, Mistake, Parameter, ParameterKind, Provider, Rate, Target,
    Trigger,
};
use crate::watch::Cadence;

/// What it is called.
const NAME: &str = "checkview";

/// The service.
pub struct CheckView;

/// A browser works for tens of seconds at least: a first look after 5 s, later ones every 10 s.
const CADENCE: Cadence = Cadence::new(Duration::from_secs(5), 2.0, Duration::from_secs(10));

/// The wait after a 429 that does not say how long: the budget is one of a minute, so a minute is always enough.
const THROTTLE: Throttle = Throttle::new(Duration::from_secs(60), Duration::from_secs(60));

/// DOC: 60 requests a minute for the whole organisation on a paid plan, 10 without one.
///
/// Of what kind the minute is nobody says, so a fixed one is taken, which is the hardest to keep within: all that is
/// saved up may fall into the same minute as what is earned during it. From a standing start `burst` requests go out at
/// once and one more after each second, so `burst + 59` before the minute is over. That is within 60 for a burst of 1
/// alone. It costs next to nothing: from the first answer on `X-RateLimit-Remaining` tells what may really be sent, and
/// the host's line goes by that, also where it is far more than 1, or where the limit is 10.
const RATE: Rate = Rate {
    per_minute: 60,
    burst: 1,
};

impl Service for CheckView {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        let assumed = Assumed::of(&[
            tables::PATHS,
            tables::ERRORS,
            tables::LISTS,
            tables::RUNS,
            tables::STATES,
            tables::STEPS,
        ]);
        Description::new(provider(), Reset::UnixTime, CADENCE, assumed).throttled(THROTTLE)
    }

    fn validate(&self, target: &Target) -> Vec<Mistake> {
        let service = self.description().corrected(&target.overrides);
        let mut mistakes = one_of_both(target);
        mistakes.extend(paths::mistakes(&service));
        mistakes
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

    fn accepted(
        &self,
        _target: &Target,
        answer: &Answer,
        intent: &Trigger,
        service: &Description,
    ) -> Option<Trigger> {
        trigger::accepted(answer, intent, service)
    }

    fn refused(&self, target: &Target, failure: &Failure) -> Problem {
        trigger::refused(target, failure)
    }

    fn find_lost(
        &self,
        client: &mut Client,
        _target: &Target,
        intent: &Trigger,
        seeker: Seeker,
    ) -> Result<Lost, Failure> {
        runs::find_lost(client, intent, seeker)
    }

    fn observer(&self, _target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        observe::observer(trigger)
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
        results::collect(client.service(), trigger, followed, found)
    }
}

/// The description that users and hosts see. DOC: scheme, prefix, rate limit. ASSUMED: the address, which is read off
/// the `type` and `instance` of the documented sample of an error.
fn provider() -> Provider {
    Provider {
        name: NAME.to_owned(),
        title: "CheckView: hosted browser tests of websites".to_owned(),
        api_url: "https://api.checkview.io/api/v1".to_owned(),
        documentation: "https://checkview.io/docs/rest-api-getting-started/".to_owned(),
        authentication: Authentication::Bearer,
        key_variables: vec!["CHECKVIEW_API_TOKEN".to_owned()],
        key_prefix: Some("cvpat_".to_owned()),
        parameters: parameters(),
        publishing: Vec::new(),
        overrides: Vec::new(),
        abilities: Abilities {
            stream: false,
            cancel: false,
            discover: true,
        },
        rate: Some(RATE),
    }
}

/// Both are exclusive: where a trigger's answer names no run, only a single new run of the flow can be told from others.
fn parameters() -> Vec<Parameter> {
    use ParameterKind::{Text, Texts};
    vec![
        parameter("flow", Texts, "ids or names of the test flows to run").exclusive(),
        parameter(
            "website",
            Text,
            "id, name or domain of a website whose test flows are all run",
        )
        .exclusive(),
    ]
}

fn one_of_both(target: &Target) -> Vec<Mistake> {
    let mistake = |parameter: Option<&str>, message: &str| {
        vec![Mistake {
            parameter: parameter.map(str::to_owned),
            message: message.to_owned(),
        }]
    };
    let flows = target.texts("flow");
    match (target.setting("flow"), target.text("website")) {
        (Some(_), Some(_)) => mistake(
            Some("website"),
            "give either `flow` or `website`, not both: a website stands for all of its flows",
        ),
        (None, None) => mistake(
            None,
            "give `flow` or `website`, so that there is something to run",
        ),
        (Some(_), None) if flows.is_empty() || flows.iter().any(|flow| flow.trim().is_empty()) => {
            mistake(
                Some("flow"),
                "`flow` must name at least one flow, and none of the names may be empty",
            )
        }
        (None, Some(website)) if website.trim().is_empty() => {
            mistake(Some("website"), "`website` must not be empty")
        }
        _ => Vec::new(),
    }
}
