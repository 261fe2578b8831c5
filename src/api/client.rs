mod pending;
#[cfg(test)]
mod tests;

pub use pending::Pending;

use std::time::Duration;

use serde_json::Value;

use super::fault::{Failure, Fault, Refusal};
use super::{KEY_KEPT, READ_ATTEMPTS, backoff, headers, json};
use crate::error::spoken;
use crate::ports::{
    Budget, Event, Head, Instant, Ports, Request, Response, SendError, Stream, Turn, Wake,
};
use crate::services::{Call, Description};

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `null` if there was no body.
    pub json: Value,
    pub head: Head,
    pub request_id: Option<String>,
}

/// How far an attempt is to send something that must not be carried out twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It has its turn, and is sent as soon as whoever is told of it returns.
    Due,
    /// It certainly had no effect, as those before it, and another one is waited for.
    InVain,
}

/// Who is told of attempts.
pub type Teller<'t> = &'t mut dyn FnMut(&mut dyn Ports, Attempt);

/// Tells nobody.
fn silently(_: &mut dyn Ports, _: Attempt) {}

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
    /// Whether a run is being left, so that nobody waits for a service that is silent.
    leaving: bool,
    silent: bool,
    /// How many answers in a row were 429.
    throttled: u32,
}

/// How long a request may be without an answer, while a run is left, before the service counts as silent.
const SILENCE: Duration = Duration::from_secs(2);

/// Until when calls may be made, and of what sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    deadline: Instant,
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
            leaving: false,
            silent: false,
            throttled: 0,
        }
    }

    /// How calls are made at the moment.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        Mode {
            deadline: self.deadline,
            finishing: self.finishing,
        }
    }

    /// Makes calls as in an earlier [`Self::mode`].
    pub fn set_mode(&mut self, mode: Mode) {
        self.deadline = mode.deadline;
        self.finishing = mode.finishing;
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
        self.finish_until(self.ports.now().after(time));
    }

    /// As [`Self::finish_within`], until a moment.
    pub const fn finish_until(&mut self, deadline: Instant) {
        self.finishing = true;
        self.deadline = deadline;
    }

    /// As [`Self::finish_within`], for a run that is left before its end: a service that turns out to be silent is asked
    /// nothing more.
    pub fn leave_within(&mut self, time: Duration) {
        self.leave_until(self.ports.now().after(time));
    }

    /// As [`Self::leave_within`], until a moment.
    pub const fn leave_until(&mut self, deadline: Instant) {
        self.leaving = true;
        self.finish_until(deadline);
    }

    /// From now on nothing is sent any more in order to finish, as the service does not answer.
    pub const fn ask_no_more(&mut self) {
        self.silent = true;
    }

    /// Whether only what finishes the run is sent.
    #[must_use]
    pub const fn is_finishing(&self) -> bool {
        self.finishing
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
        let over = time >= self.left() && !time.is_zero();
        if over || self.is_given_up() {
            return Err(Fault::OutOfTime);
        }
        match self.rest(time) {
            Wake::Elapsed => Ok(()),
            Wake::Cancelled(by) => Err(Fault::Interrupted(by)),
        }
    }

    /// Waits, whatever the deadline; zero asks without waiting.
    pub fn rest(&mut self, time: Duration) -> Wake {
        let wake = self.ports.wait(time);
        if let Wake::Cancelled(by) = &wake {
            self.note_interrupt(by.clone());
        }
        wake
    }

    /// Reads, and tries again where the reason passes.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        self.ask(&Call::get(path))
    }

    /// As [`Self::get`], for something that is read by a request of any method.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn ask(&mut self, call: &Call) -> Result<Answer, Failure> {
        let first = self
            .once(call, &mut silently)
            .map_err(|failure| self.cut_off(failure));
        self.retrying_after(first, Fault::is_passing, call)
    }

    /// What a read failed of. That its answer did not come before the time limit says nothing of the service.
    #[must_use]
    pub fn cut_off(&self, failure: Failure) -> Failure {
        match failure.fault {
            Fault::Lost(_) if !self.finishing && self.left().is_zero() => Failure {
                fault: Fault::OutOfTime,
                ..failure
            },
            _ => failure,
        }
    }

    /// Reads once.
    ///
    /// # Errors
    /// What the attempt failed of.
    pub fn get_once(&mut self, path: &str) -> Result<Answer, Failure> {
        self.once(&Call::get(path), &mut silently)
    }

    /// Sends something that must not be carried out twice. It is repeated only if it certainly had no effect, or if the
    /// service knows a repeated request by its key.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn send_at_most_once(&mut self, call: &Call) -> Result<Answer, Failure> {
        self.send_telling(call, &mut silently)
    }

    /// As [`Self::send_at_most_once`], and tells of each attempt.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn send_telling(&mut self, call: &Call, tell: Teller<'_>) -> Result<Answer, Failure> {
        let again = if call.idempotency_key.is_some() {
            Fault::may_pass_with_key
        } else {
            Fault::had_no_effect
        };
        let first = self.once(call, tell);
        self.retrying_since(None, first, again, call, tell)
    }

    /// Sends once more, with its key, what may have been sent `age` ago by another process, until the key may be forgotten.
    ///
    /// # Errors
    /// What the last attempt failed of. Whatever it is, it says nothing of what was sent before.
    pub fn send_again(&mut self, call: &Call, age: Duration) -> Result<Answer, Failure> {
        if call.idempotency_key.is_none() || age > KEY_KEPT {
            return Err(Failure {
                call: call.shown(),
                fault: Fault::Denied("its key is no longer surely known".to_owned()),
            });
        }
        let first = self.once(call, &mut silently);
        self.retrying_since(
            Some(age),
            first,
            Fault::may_pass_with_key,
            call,
            &mut silently,
        )
    }

    /// Sends something that may be carried out twice.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn send(&mut self, call: &Call) -> Result<Answer, Failure> {
        self.retrying(Fault::is_passing, call)
    }

    /// Sends something once, come what may.
    ///
    /// # Errors
    /// What the attempt failed of.
    pub fn send_once(&mut self, call: &Call) -> Result<Answer, Failure> {
        self.once(call, &mut silently)
    }

    /// Opens a stream of events.
    ///
    /// # Errors
    /// What the attempt failed of; the head comes as the stream's first piece.
    pub fn open(&mut self, path: &str) -> Result<Box<dyn Stream>, Failure> {
        let accept = "application/x-ndjson, text/event-stream";
        let opened = self
            .admitted(&Call::get(path), accept)
            .and_then(|request| self.ports.open(&request).map_err(Fault::from));
        opened.map_err(|fault| Failure {
            call: format!("GET {path}"),
            fault,
        })
    }

    /// Passes on what the head of an answer says about the rate budget.
    pub fn note(&mut self, head: &Head) {
        let budget = headers::budget(head, self.service.reset, self.ports.unix_ms());
        self.ports.note_budget(budget);
    }

    fn retrying(&mut self, again: fn(&Fault) -> bool, call: &Call) -> Result<Answer, Failure> {
        let first = self.once(call, &mut silently);
        self.retrying_after(first, again, call)
    }

    fn retrying_after(
        &mut self,
        outcome: Result<Answer, Failure>,
        again: fn(&Fault) -> bool,
        call: &Call,
    ) -> Result<Answer, Failure> {
        self.retrying_since(None, outcome, again, call, &mut silently)
    }

    /// `age` is how long ago the same was sent by another process, if it was.
    fn retrying_since(
        &mut self,
        age: Option<Duration>,
        mut outcome: Result<Answer, Failure>,
        again: fn(&Fault) -> bool,
        call: &Call,
        tell: Teller<'_>,
    ) -> Result<Answer, Failure> {
        let mut attempt = 1;
        let mut throttled = 0;
        // That a repeated request was refused or not even sent says nothing of the first one, which may have had an
        // effect.
        let mut unsure: Option<Failure> = None;
        // That no time was left for another attempt says less than what came of the last one.
        let mut last: Option<Failure> = None;
        let mut all_in_vain = age.is_none();
        let began = self.ports.now();
        loop {
            let failure = match (outcome, last) {
                (Ok(answer), _) => return Ok(answer),
                (Err(failure), Some(last)) if failure.fault == Fault::OutOfTime => {
                    return Err(unsure.unwrap_or(last));
                }
                (Err(failure), _) => failure,
            };
            if call.idempotency_key.is_some() && failure.fault.is_ambiguous() {
                unsure = Some(failure.clone());
            }
            if matches!(&failure.fault, Fault::Refused(refusal) if refusal.status == 429) {
                throttled += 1;
            } else {
                attempt += 1;
            }
            let used = self.ports.now().since(began) + age.unwrap_or_default();
            let forgotten = (unsure.is_some() || age.is_some()) && used > KEY_KEPT;
            let over = attempt > READ_ATTEMPTS || forgotten || self.is_given_up();
            if !again(&failure.fault) || over {
                return Err(unsure.unwrap_or(failure));
            }
            all_in_vain &= failure.fault.had_no_effect();
            if all_in_vain {
                tell(self.ports, Attempt::InVain);
            }
            if let Err(failure) = self.pause(&failure, attempt + throttled - 1) {
                return Err(unsure.unwrap_or(failure));
            }
            last = Some(failure);
            outcome = self.once(call, tell);
        }
    }

    /// Waits before another attempt; the failure itself comes back if there is no time for one.
    fn pause(&mut self, failure: &Failure, attempt: u32) -> Result<(), Failure> {
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
                call: format!("waiting to repeat {}", failure.call),
                fault,
            },
        })
    }

    fn once(&mut self, sent: &Call, tell: Teller<'_>) -> Result<Answer, Failure> {
        let call = sent.shown();
        let outcome = self.admitted(sent, "application/json").and_then(|request| {
            tell(self.ports, Attempt::Due);
            let began = self.ports.now();
            let outcome = self.ports.send(&request).map_err(Fault::from);
            let took = self.ports.now().since(began);
            self.silent |=
                self.leaving && took >= SILENCE && matches!(outcome, Err(Fault::Lost(_)));
            self.answered(&call, began, outcome)
        });
        outcome.map_err(|fault| Failure { call, fault })
    }

    /// Whether nothing more is asked of a service that is silent.
    const fn is_given_up(&self) -> bool {
        self.finishing && self.silent
    }

    /// The request, once its turn has come.
    fn admitted(&mut self, call: &Call, accept: &str) -> Result<Request, Fault> {
        if super::leaves_its_place(&call.path) {
            let why = "an id of dots alone cannot stand in an address".to_owned();
            return Err(Fault::Denied(why));
        }
        self.turn()?;
        Ok(self.request(call, accept))
    }

    /// Tells how a call that began then went, and reads its answer.
    fn answered(
        &mut self,
        call: &str,
        began: Instant,
        outcome: Result<Response, Fault>,
    ) -> Result<Answer, Fault> {
        let took = self.ports.now().since(began);
        let told = match &outcome {
            Ok(response) => response.head.status.to_string(),
            Err(fault) => fault.told(),
        };
        self.ports
            .emit(Event::Debug(format!("{call} → {told} in {}", spoken(took))));
        self.read(outcome?)
    }

    fn turn(&mut self) -> Result<(), Fault> {
        if self.finishing {
            return if self.left().is_zero() || self.silent {
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

    fn request(&self, call: &Call, accept: &str) -> Request {
        let mut headers = vec![("accept".to_owned(), accept.to_owned())];
        if call.body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        if let Some(key) = &call.idempotency_key {
            headers.push(("idempotency-key".to_owned(), key.clone()));
        }
        Request {
            method: call.method,
            url: format!("{}{}", self.base, call.path),
            headers,
            body: call.body.clone().unwrap_or_default().into_bytes(),
        }
    }

    fn read(&mut self, response: Response) -> Result<Answer, Fault> {
        let Response { head, body } = response;
        self.note(&head);
        let parsed = parse(&body);
        self.throttled = if head.status == 429 {
            self.throttled + 1
        } else {
            0
        };
        if !(200..300).contains(&head.status) || self.is_refused_with_success(parsed.as_ref()) {
            let refusal = self.refusal(&head, parsed.ok().as_ref(), &body);
            if let (429, Some(wait)) = (refusal.status, refusal.retry_after) {
                self.hold_back(wait);
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

    /// Whether an answer of success says in its body that it is none.
    fn is_refused_with_success(&self, parsed: Result<&Value, &String>) -> bool {
        let flags = self.service.assumed("success_flag");
        parsed.is_ok_and(|json| json::text(json, flags).is_some_and(|flag| flag == "false"))
    }

    /// Keeps everybody with this account from sending for a while.
    fn hold_back(&mut self, pause: Duration) {
        self.ports.emit(Event::Throttled(pause));
        self.ports.note_budget(Budget {
            remaining: None,
            per_minute: None,
            pause,
        });
    }

    fn refusal(&self, head: &Head, json: Option<&Value>, body: &[u8]) -> Refusal {
        let place = |name| json.and_then(|json| json::text(json, self.service.assumed(name)));
        let code = place("error_code");
        let message = place("error_message");
        let unix_ms = self.ports.unix_ms();
        let told = headers::retry_after(head, unix_ms);
        Refusal {
            status: head.status,
            quota: self.speaks_of_quota(head.status, code.as_deref(), message.as_deref()),
            code,
            message,
            request_id: place("request_id"),
            retry_after: match head.status {
                429 => told
                    .or_else(|| headers::reset_in(head, self.service.reset, unix_ms))
                    .or_else(|| Some(self.service.throttle.wait(self.throttled))),
                _ => told,
            },
            location: head.header("location").map(str::to_owned),
            foreign: json.is_none() && !body.is_empty(),
        }
    }
}

impl Client<'_> {
    /// Whether an error means that a plan's limit is reached: by its code, or where the service has none by its message.
    fn speaks_of_quota(&self, status: u16, code: Option<&str>, message: Option<&str>) -> bool {
        let codes = self.service.assumed("quota_codes");
        let messages = self.service.assumed("quota_messages");
        let by_code =
            code.is_some_and(|code| codes.iter().any(|known| known.eq_ignore_ascii_case(code)));
        let by_message = matches!(status, 402 | 403)
            && message.is_some_and(|message| {
                let message = message.to_ascii_lowercase();
                messages
                    .iter()
                    .any(|part| message.contains(&part.to_ascii_lowercase()))
            });
        by_code || by_message
    }
}

/// Reads JSON, or says why it is none.
fn parse(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let parsed: serde_json::Result<Value> = super::mended(text).parse();
    parsed.map_err(|error| error.to_string())
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
            SendError::Barred(bar, why) => Self::Barred(bar, why),
        }
    }
}
