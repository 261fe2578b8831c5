use std::time::Duration;

use serde_json::Value;

use super::fault::{Failure, Fault, Refusal};
use super::{READ_ATTEMPTS, backoff, headers, json};
use crate::error::spoken;
use crate::ports::{
    Event, Head, Instant, Method, Ports, Request, Response, SendError, Stream, Turn, Wake,
};
use crate::services::Description;

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `null` if there was no body.
    pub json: Value,
    pub head: Head,
    pub request_id: Option<String>,
}

/// Calls one service for one target.
pub struct Client<'a> {
    pub ports: &'a mut dyn Ports,
    /// What was warned of so far.
    pub warnings: Vec<String>,
    service: &'a Description,
    base: &'a str,
    deadline: Instant,
    interrupted: Option<String>,
    finishing: bool,
}

impl<'a> Client<'a> {
    /// A client whose calls end by `deadline`.
    pub fn new(
        ports: &'a mut dyn Ports,
        service: &'a Description,
        base: &'a str,
        deadline: Instant,
    ) -> Self {
        Self {
            ports,
            warnings: Vec::new(),
            service,
            base,
            deadline,
            interrupted: None,
            finishing: false,
        }
    }

    /// What the service is known or assumed to be like.
    #[must_use]
    pub const fn service(&self) -> &'a Description {
        self.service
    }

    /// Time left until the deadline.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.deadline.since(self.ports.now())
    }

    /// From now on only what finishes the run is sent: without a turn, and within `time` from now.
    pub fn finish_within(&mut self, time: Duration) {
        self.finishing = true;
        self.deadline = self.ports.now().after(time);
    }

    /// By what the host was told to stop, if it was.
    #[must_use]
    pub fn interrupted(&self) -> Option<&str> {
        self.interrupted.as_deref()
    }

    /// Tells of something worth knowing that changes nothing, now and in the report.
    pub fn warn(&mut self, warning: String) {
        self.ports.emit(Event::Warning(warning.clone()));
        self.warnings.push(warning);
    }

    /// Waits, unless the deadline comes first.
    ///
    /// # Errors
    /// `Interrupted` or `OutOfTime`.
    pub fn wait(&mut self, time: Duration) -> Result<(), Fault> {
        // The host tells it once; whoever waits later must hear of it too.
        if let (Some(by), false) = (&self.interrupted, self.finishing) {
            return Err(Fault::Interrupted(by.clone()));
        }
        if time >= self.left() && !time.is_zero() {
            return Err(Fault::OutOfTime);
        }
        match self.ports.wait(time) {
            Wake::Elapsed => Ok(()),
            Wake::Cancelled(by) => Err(self.note_interrupt(by)),
        }
    }

    /// Reads, and tries again where the reason passes.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        self.retrying(Fault::is_passing, Method::Get, path, None)
    }

    /// Reads once.
    ///
    /// # Errors
    /// What the attempt failed of.
    pub fn get_once(&mut self, path: &str) -> Result<Answer, Failure> {
        self.once(Method::Get, path, None)
    }

    /// Sends something that must not be carried out twice; repeats it only if it certainly had no effect.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn post_at_most_once(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.retrying(Fault::had_no_effect, Method::Post, path, Some(body))
    }

    /// Sends something that may be carried out twice.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn post(&mut self, path: &str) -> Result<Answer, Failure> {
        self.retrying(Fault::is_passing, Method::Post, path, None)
    }

    /// Opens a stream of events.
    ///
    /// # Errors
    /// What the attempt failed of; the head comes as the stream's first piece.
    pub fn open(&mut self, path: &str) -> Result<Box<dyn Stream>, Failure> {
        let call = format!("GET {path}");
        self.turn().map_err(|fault| Failure {
            call: call.clone(),
            fault,
        })?;
        let request = self.request(
            Method::Get,
            path,
            None,
            "application/x-ndjson, text/event-stream",
        );
        self.ports.open(&request).map_err(|error| Failure {
            call,
            fault: error.into(),
        })
    }

    /// Passes on what the head of an answer says about the rate budget.
    pub fn note(&mut self, head: &Head) {
        let budget = headers::budget(head, self.service.reset, self.ports.unix_ms());
        self.ports.note_budget(budget);
    }

    fn retrying(
        &mut self,
        again: fn(&Fault) -> bool,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let mut attempt = 1;
        let mut throttled = 0;
        loop {
            let failure = match self.once(method, path, body) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if matches!(&failure.fault, Fault::Refused(refusal) if refusal.status == 429) {
                throttled += 1;
            } else {
                attempt += 1;
            }
            if !again(&failure.fault) || attempt > READ_ATTEMPTS {
                return Err(failure);
            }
            self.pause(&failure, attempt + throttled - 1, path)?;
        }
    }

    /// Waits before another attempt; the failure itself comes back if there is no time for one.
    fn pause(&mut self, failure: &Failure, attempt: u32, path: &str) -> Result<(), Failure> {
        let chance = self.ports.chance();
        let wait = failure.fault.retry_after().map_or_else(
            || backoff(attempt, chance),
            |told| told.max(Duration::from_secs(1)),
        );
        if wait >= self.left() {
            return Err(failure.clone());
        }
        self.ports.emit(Event::Retrying {
            call: failure.call.clone(),
            attempt,
            wait,
            reason: failure.fault.told(),
        });
        self.wait(wait).map_err(|fault| match fault {
            Fault::OutOfTime => failure.clone(),
            fault => Failure {
                call: format!("waiting to repeat {path}"),
                fault,
            },
        })
    }

    fn once(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let call = format!(
            "{} {}",
            method.name(),
            path.split('?').next().unwrap_or(path)
        );
        let outcome = self.turn().and_then(|()| {
            let request = self.request(method, path, body, "application/json");
            let began = self.ports.now();
            let outcome = self.ports.send(&request).map_err(Fault::from);
            let took = self.ports.now().since(began);
            let told = match &outcome {
                Ok(response) => response.head.status.to_string(),
                Err(fault) => fault.told(),
            };
            self.ports
                .emit(Event::Debug(format!("{call} → {told} in {}", spoken(took))));
            self.read(outcome?)
        });
        outcome.map_err(|fault| Failure { call, fault })
    }

    fn turn(&mut self) -> Result<(), Fault> {
        if self.finishing {
            return if self.left().is_zero() {
                Err(Fault::OutOfTime)
            } else {
                Ok(())
            };
        }
        if let Some(by) = &self.interrupted {
            return Err(Fault::Interrupted(by.clone()));
        }
        match self.ports.take_turn(self.left()) {
            Turn::Granted => Ok(()),
            Turn::NotWithin => Err(Fault::OutOfTime),
            Turn::Cancelled(by) => Err(self.note_interrupt(by)),
        }
    }

    fn note_interrupt(&mut self, by: String) -> Fault {
        self.interrupted.get_or_insert_with(|| by.clone());
        Fault::Interrupted(by)
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>, accept: &str) -> Request {
        let mut headers = vec![("accept", accept.to_owned())];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Request {
            method,
            url: format!("{}{path}", self.base),
            headers,
            body: body
                .map(|body| json::written(body).into_bytes())
                .unwrap_or_default(),
        }
    }

    fn read(&mut self, response: Response) -> Result<Answer, Fault> {
        let Response { head, body } = response;
        self.note(&head);
        let parsed = parse(&body);
        if !(200..300).contains(&head.status) {
            let refusal = self.refusal(&head, parsed.ok().as_ref(), &body);
            if let (429, Some(wait)) = (refusal.status, refusal.retry_after) {
                self.ports.emit(Event::Throttled(wait));
            }
            return Err(Fault::Refused(Box::new(refusal)));
        }
        let json = match parsed {
            Ok(json) => json,
            Err(_) if body.iter().all(u8::is_ascii_whitespace) => Value::Null,
            Err(error) => {
                return Err(Fault::Malformed {
                    why: not_json(&head, &body, &error),
                    request_id: None,
                });
            }
        };
        let request_id = json::text(&json, self.service.assumed("request_id"));
        Ok(Answer {
            json,
            head,
            request_id,
        })
    }

    fn refusal(&self, head: &Head, json: Option<&Value>, body: &[u8]) -> Refusal {
        let place = |name| json.and_then(|json| json::text(json, self.service.assumed(name)));
        let code = place("error_code");
        let limits = self.service.assumed("quota_codes");
        let unix_ms = self.ports.unix_ms();
        let told = headers::retry_after(head, unix_ms);
        Refusal {
            status: head.status,
            quota: code
                .as_ref()
                .is_some_and(|code| limits.iter().any(|limit| limit.eq_ignore_ascii_case(code))),
            code,
            message: place("error_message"),
            request_id: place("request_id"),
            retry_after: match head.status {
                429 => told.or_else(|| headers::reset_in(head, self.service.reset, unix_ms)),
                _ => told,
            },
            location: head.header("location").map(str::to_owned),
            foreign: json.is_none() && !body.is_empty(),
        }
    }
}

/// Reads JSON, or says why it is none.
fn parse(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn not_json(head: &Head, body: &[u8], error: &str) -> String {
    let kind = head.header("content-type").unwrap_or("no content type");
    if body.trim_ascii_start().starts_with(b"<") {
        format!("it is a page ({kind}), not JSON; perhaps api_url does not point at the API")
    } else {
        format!("it is not JSON ({kind}; {error})")
    }
}

impl From<SendError> for Fault {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotSent(why) => Self::NotSent(why),
            SendError::Lost(why) => Self::Lost(why),
            SendError::Denied(why) => Self::Denied(why),
            SendError::TooLarge(why) => Self::TooLarge(why),
        }
    }
}
