//! Reads a target's parameters one by one, and notes every mistake.

use super::{LONGEST_POLL, Settings};
use crate::model::{Mistake, Target};
use crate::ports::Method;
use crate::services::http::body::Body;
use crate::services::http::place::Place;
use crate::services::http::request::Request;
use crate::services::http::template::{Part, is_variable};
use crate::services::http::words;

/// Headers that a request has for itself.
const OF_REQUESTS: [&str; 8] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "transfer-encoding",
];

/// Reads the settings of a target.
///
/// # Errors
/// All mistakes found.
pub fn read(target: &Target) -> Result<Settings, Vec<Mistake>> {
    let mut reader = Reader {
        target,
        mistakes: Vec::new(),
    };
    match reader.settings() {
        Some(settings) if reader.mistakes.is_empty() => Ok(settings),
        _ => Err(reader.mistakes),
    }
}

/// A target that is being read.
pub struct Reader<'a> {
    pub target: &'a Target,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    /// The settings; none only if there is a mistake.
    fn settings(&mut self) -> Option<Settings> {
        self.whole();
        let trigger = self.trigger();
        let run_id = self.place("run_id");
        let has_id = self.target.text("run_id").is_some();
        let poll = self.request("poll", has_id);
        let results = self.request("results", has_id);
        let cancel = self.request("cancel", has_id);
        for (name, request) in [("poll", &poll), ("results", &results)] {
            self.reads_only(name, request.as_ref());
        }
        self.same_run(poll.as_ref(), [("results", &results), ("cancel", &cancel)]);
        let states = self.states();
        let next = self.next(has_id);
        let tests = self.tests();
        let run_url = self.place("run_url");
        if poll.is_none() && self.target.text("poll").is_none() {
            self.mistake("poll", "it is missing");
        }
        Some(Settings {
            trigger: trigger?,
            run_id,
            poll: poll?,
            states,
            results,
            next,
            tests,
            cancel,
            run_url,
        })
    }

    /// Notes what is wrong with a parameter.
    pub fn mistake(&mut self, parameter: &str, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            parameter: Some(parameter.to_owned()),
            message: message.into(),
        });
    }

    /// What is not one of the requests and places.
    fn whole(&mut self) {
        if self.target.api_url.is_empty() {
            self.mistake(
                "api_url",
                "it is missing; an HTTP service has no address of its own",
            );
        }
        self.authentication();
        for name in self.target.texts("env") {
            if !is_variable(name) {
                self.mistake(
                    "env",
                    format!("{name:?} cannot be the name of an environment variable"),
                );
            }
        }
        for (parameter, message) in words::mistakes(self.target) {
            self.mistake(parameter, message);
        }
        if let Some(seconds) = self.target.integer("poll_every")
            && !(1..=LONGEST_POLL).contains(&seconds)
        {
            self.mistake(
                "poll_every",
                format!("it must be from 1 to {LONGEST_POLL} seconds"),
            );
        }
    }

    /// A header's name is a token. Source: RFC 9110, 5.6.2.
    fn authentication(&mut self) {
        let is_token = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        };
        match self.target.text("auth") {
            None => self.mistake("auth", "it is missing; write \"none\" if there is no key"),
            Some("bearer" | "basic" | "none") => {}
            Some(known)
                if ["bearer", "basic", "none"]
                    .iter()
                    .any(|word| word.eq_ignore_ascii_case(known)) =>
            {
                self.mistake("auth", format!("write {:?}", known.to_ascii_lowercase()));
            }
            Some(name) if OF_REQUESTS.iter().any(|own| own.eq_ignore_ascii_case(name)) => {
                self.mistake("auth", format!("the header {name} cannot hold a key"));
            }
            Some(name) if is_token(name) => {}
            Some(name) => self.mistake(
                "auth",
                format!("{name:?} is neither bearer, basic or none, nor the name of a header"),
            ),
        }
    }

    /// The JSONPath that a parameter holds.
    pub fn place(&mut self, parameter: &str) -> Option<Place> {
        let written = self.target.text(parameter)?;
        self.read_place(parameter, written)
    }

    /// A JSONPath, of which a mistake is the parameter's.
    pub fn read_place(&mut self, parameter: &str, written: &str) -> Option<Place> {
        match Place::read(written) {
            Ok(place) => Some(place),
            Err(why) => {
                self.mistake(parameter, why);
                None
            }
        }
    }

    fn states(&mut self) -> Vec<Place> {
        let written = self.target.texts("state");
        if written.is_empty() {
            self.mistake("state", "it is missing");
        }
        let mut states = Vec::new();
        for written in written {
            states.extend(self.read_place("state", written));
        }
        states
    }

    /// A request; `has_id` is whether the id of a run may stand in it.
    pub fn request(&mut self, parameter: &str, has_id: bool) -> Option<Request> {
        let written = self.target.text(parameter)?;
        match Request::read(written) {
            Ok(request) => {
                self.placeholders(parameter, request.path.parts(), has_id);
                Some(request)
            }
            Err(why) => {
                self.mistake(parameter, why);
                None
            }
        }
    }

    fn placeholders(&mut self, parameter: &str, parts: &[Part], has_id: bool) {
        for part in parts {
            match part {
                Part::RunId if !has_id => {
                    let why = match parameter {
                        "trigger" | "trigger_body" => {
                            "{run_id} is not known before the run is triggered"
                        }
                        _ => "{run_id} is used, but `run_id` does not say where the id is",
                    };
                    self.mistake(parameter, why);
                }
                Part::Next if parameter != "results_page" => {
                    self.mistake(parameter, "{next} is for `results_page` alone");
                }
                Part::Variable(name) if !self.target.texts("env").contains(name) => {
                    self.mistake(
                        parameter,
                        format!("{{env.{name}}} is used, but `env` does not name {name}"),
                    );
                }
                _ => {}
            }
        }
    }

    /// What is sent again and again must not change anything.
    pub fn reads_only(&mut self, parameter: &str, request: Option<&Request>) {
        if let Some(request) = request
            && !matches!(request.method, Method::Get | Method::Post)
        {
            self.mistake(
                parameter,
                format!(
                    "it is sent again and again, so it must be a GET or POST, not a {}",
                    request.method.name()
                ),
            );
        }
    }

    /// Where the poll names the run, so must what is read of it and what stops it.
    fn same_run(&mut self, poll: Option<&Request>, others: [(&str, &Option<Request>); 2]) {
        let named = |request: &Request| request.uses(&Part::RunId);
        if !poll.is_some_and(named) {
            return;
        }
        for (parameter, request) in others {
            if request.as_ref().is_some_and(|request| !named(request)) {
                self.mistake(
                    parameter,
                    "{run_id} is not used, so that it could be about another run",
                );
            }
        }
    }

    fn trigger(&mut self) -> Option<Request> {
        let mut trigger = self.request("trigger", false);
        if trigger.is_none() && self.target.text("trigger").is_none() {
            self.mistake("trigger", "it is missing");
        }
        let Some(written) = self.target.text("trigger_body") else {
            return trigger;
        };
        match Body::read(written) {
            Err(why) => self.mistake("trigger_body", why),
            Ok(body) => {
                self.placeholders("trigger_body", body.parts(), false);
                if let Some(trigger) = &mut trigger {
                    if trigger.method == Method::Get {
                        self.mistake("trigger_body", "a GET has no body");
                    }
                    trigger.body = Some(body);
                }
            }
        }
        trigger
    }
}
