//! Any service with a trigger and a poll, described by the target itself.
//!
//! What is sent, where an answer is read and what its words mean all come from the target's parameters. Nothing of it
//! is guessed: what is missing, unknown or ambiguous never passes. The places in [`ERRORS`] are guesses, but only about
//! how an error is told.

mod body;
mod observer;
mod paging;
mod parameters;
mod path;
mod place;
mod preview;
mod request;
mod results;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod trigger;
mod words;

use std::time::Duration;

use super::description::{ASSUMED, Assumed, Table};
use super::{Call, Description, Followed, Found, Judged, Lost, Observer, Plan, Seeker, Service};
use crate::api::headers::Reset;
use crate::api::{Answer, Client, Failure};
use crate::error::{Code, Problem};
use crate::model::{Item, Mistake, Target, Trigger};
use crate::watch::Cadence;
use settings::Settings;

/// What it is called.
const NAME: &str = "http";

/// The service.
pub struct Http;

impl Service for Http {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> Description {
        let rows = Assumed::of(&[ERRORS]);
        Description::new(parameters::provider(), Reset::Untold, Cadence::USUAL, rows)
    }

    fn described(&self, target: &Target) -> Description {
        let mut rows = Assumed::of(&[ERRORS]);
        rows.extend(words::rows(target));
        let cadence = match target.integer("poll_every") {
            Some(seconds) => {
                let every = seconds.clamp(1, settings::LONGEST_POLL).unsigned_abs();
                Cadence::new(Duration::from_secs(every), 1.0, Duration::from_secs(every))
            }
            None => Cadence::USUAL,
        };
        Description::new(parameters::provider(), Reset::Untold, cadence, rows)
            .corrected(&target.overrides)
    }

    fn validate(&self, target: &Target) -> Vec<Mistake> {
        Settings::read(target).err().unwrap_or_default()
    }

    fn check(&self, _client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
        Ok(preview::facts(target, &Settings::sound(target)?))
    }

    fn discover(&self, _client: &mut Client, _target: &Target) -> Result<Vec<Item>, Problem> {
        Err(Problem::new(
            Code::Usage,
            "http cannot list what can be run: nothing describes where such a list is",
        )
        .next("look at the service's own pages, and name what to run in `trigger`"))
    }

    fn prepare(&self, client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
        trigger::prepare(client, target, &Settings::sound(target)?)
    }

    fn accepted(
        &self,
        target: &Target,
        answer: &Answer,
        intent: &Trigger,
        _service: &Description,
    ) -> Option<Trigger> {
        trigger::accepted(target, &Settings::read(target).ok()?, answer, intent)
    }

    fn find_lost(
        &self,
        _client: &mut Client,
        _target: &Target,
        _intent: &Trigger,
        _seeker: Seeker,
    ) -> Result<Lost, Failure> {
        Ok(Lost::Unclear(
            "nothing describes where the service lists its runs".to_owned(),
        ))
    }

    fn observer(&self, target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
        observer::of(target, trigger)
    }

    fn is_known_by_its_way(&self, target: &Target) -> bool {
        Settings::read(target).is_ok_and(|settings| !settings.poll.uses(&template::Part::RunId))
    }

    fn stop(&self, target: &Target, trigger: &Trigger) -> Option<Call> {
        let cancel = Settings::read(target).ok()?.cancel?;
        cancel.call(&trigger::values(target, trigger)).ok()
    }

    fn collect(
        &self,
        client: &mut Client,
        target: &Target,
        trigger: &Trigger,
        followed: &Followed,
        found: &mut Found,
    ) -> Result<Judged, Problem> {
        let settings = Settings::sound(target)?;
        results::collect(client, target, &settings, trigger, followed, found)
    }
}

/// ASSUMED: where services tell of an error and name a request. First RFC 9457's members, then what is common.
const ERRORS: Table = &[
    (
        "request_id",
        ASSUMED,
        "where an answer names its request",
        &["request_id", "requestId", "meta.request_id"],
    ),
    (
        "error_code",
        ASSUMED,
        "where an error names itself",
        &["error.code", "code", "error_code"],
    ),
    (
        "error_message",
        ASSUMED,
        "where an error tells",
        &[
            "detail",
            "title",
            "message",
            "error.message",
            "error",
            "errors[].message",
        ],
    ),
    (
        "quota_codes",
        ASSUMED,
        "error codes that mean a used-up plan",
        &["QUOTA_EXCEEDED", "PAYMENT_REQUIRED"],
    ),
];
