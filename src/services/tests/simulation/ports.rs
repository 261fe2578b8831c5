//! The host as a run sees it: two clocks, limits of time, the account's line, the word to stop, and its own death.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::chance::Chance;
use super::fault::{Fault, date};
use super::stream::Played;
use super::world::{BASE, EPOCH, Served, World, place};
use crate::model::Handle;
use crate::ports::{
    Account, Budget, Clock, Event, Events, Instant, Method, Request, Response, SendError, Stream,
    Transport, Turn, Wake,
};

/// The limits of the host, as it has them: how long the head of an answer may take, a request that is begun after the
/// deadline, one that is begun after the word to stop, and how long after that word the last one ends.
const FIRST_BYTE: Duration = Duration::from_secs(30);
const AFTER_DEADLINE: Duration = Duration::from_secs(5);
const AFTER_STOP: Duration = Duration::from_secs(2);
const LAST_AFTER_STOP: Duration = Duration::from_millis(3_800);

/// What ends a run by unwinding: the death of the host.
pub struct Killed;

/// Which requests a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// From the first of these numbers on, and before the second.
    Numbers(usize, usize),
    /// The requests of this method and path, from the first of these of their own numbers on, and before the second.
    Call(String, usize, usize),
}

/// A fault, and what it happens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub about: About,
    pub fault: Fault,
}

/// Ports onto a world, with faults in between.
pub struct Sim {
    pub world: Box<dyn World>,
    pub rules: Vec<Rule>,
    /// What happens to every call from a moment on.
    pub begins_at: Option<(Duration, Fault)>,
    pub chance: Chance,
    clock: Rc<Cell<Duration>>,
    /// How far this side's clock is off, in seconds.
    off: i64,
    /// Whether the service tells its date.
    pub dated: bool,
    /// How long each exchange takes, at most.
    pub latency: u64,
    /// When the time of the operation is over.
    pub deadline: Duration,
    pub stop_at: Option<Duration>,
    told_to_stop: bool,
    /// After how many things that happen the host dies.
    pub dies_after: Option<usize>,
    happened: usize,
    paused_until: Duration,
    /// The calls that were made, in order.
    pub calls: Vec<String>,
    /// The handle that was told last.
    pub handle: Option<Handle>,
    /// The evidence of passes that was delivered, as bits.
    pub delivered: u8,
    /// What was sent to another origin.
    pub strayed: Vec<String>,
    /// What happened, for people.
    pub story: Option<Vec<String>>,
}

impl Sim {
    pub fn new(world: Box<dyn World>, rules: Vec<Rule>, chance: Chance) -> Self {
        Self {
            world,
            rules,
            begins_at: None,
            chance,
            clock: Rc::new(Cell::new(Duration::ZERO)),
            off: 0,
            dated: true,
            latency: 40,
            deadline: Duration::MAX,
            stop_at: None,
            told_to_stop: false,
            dies_after: None,
            happened: 0,
            paused_until: Duration::ZERO,
            calls: Vec::new(),
            handle: None,
            delivered: 0,
            strayed: Vec::new(),
            story: None,
        }
    }

    pub fn time(&self) -> Duration {
        self.clock.get()
    }

    /// Another process begins, so much later, with a time limit.
    pub fn begin(&mut self, later: Duration, limit: Duration) {
        self.clock.set(self.clock.get() + later);
        self.deadline = self.clock.get() + limit;
        self.paused_until = Duration::ZERO;
        // The word was for an earlier process, or came while there was none.
        let now = self.clock.get();
        let is_past = |at: &Duration| *at <= now && !now.is_zero();
        if self.told_to_stop || self.stop_at.as_ref().is_some_and(is_past) {
            self.stop_at = None;
        }
        self.told_to_stop = false;
    }

    /// Whether the host was told to stop in this process.
    pub const fn was_told(&self) -> bool {
        self.told_to_stop
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            let at = self.clock.get().as_secs_f64();
            story.push(format!("{at:9.3} s  {}", what()));
        }
    }

    /// Something happens, and may be the last thing.
    fn happen(&mut self) {
        self.happened += 1;
        if self.dies_after.is_some_and(|after| self.happened > after) {
            self.dies_after = None;
            self.tell(|| "the host dies".to_owned());
            std::panic::resume_unwind(Box::new(Killed));
        }
    }

    /// Whether the word to stop comes by then; it is told once.
    fn is_told(&mut self, by: Duration) -> bool {
        let due = self.stop_at.is_some_and(|at| at <= by) && !self.told_to_stop;
        if due {
            self.told_to_stop = true;
            let at = self.stop_at.unwrap_or_default();
            self.clock.set(self.clock.get().max(at));
            self.tell(|| "the host is told to stop".to_owned());
        }
        due
    }

    /// Until when a request may take that begins now.
    fn window(&self) -> Duration {
        let now = self.clock.get();
        match self.stop_at {
            Some(stop) if stop <= now => (now + AFTER_STOP).min(stop + LAST_AFTER_STOP),
            stop => {
                let until = match now >= self.deadline {
                    true => now + AFTER_DEADLINE,
                    false => self.deadline,
                };
                until.min(stop.unwrap_or(until)).min(now + FIRST_BYTE)
            }
        }
    }

    /// The fault that happens to a call, which is the last one that was noted.
    fn fault(&self) -> Option<Fault> {
        let number = self.calls.len() - 1;
        let call = &self.calls[number];
        let rule = self.rules.iter().find(|rule| match &rule.about {
            About::Numbers(from, to) => (*from..*to).contains(&number),
            About::Call(about, from, to) => {
                let own = self.calls[..number].iter().filter(|other| *other == call);
                about == call && (*from..*to).contains(&own.count())
            }
        });
        let begun = self.begins_at.filter(|(at, _)| *at <= self.clock.get());
        rule.map(|rule| rule.fault)
            .or(begun.map(|(_, fault)| fault))
    }

    fn note(&mut self, request: &Request) -> Option<Fault> {
        if !request.url.starts_with(BASE) {
            self.strayed.push(request.url.clone());
        }
        let (path, _) = place(request);
        self.calls.push(format!("{} {path}", request.method.name()));
        let fault = self.fault();
        if let Some(Fault::ClockJump(seconds)) = fault {
            self.off += seconds;
        }
        fault
    }

    fn exchange(&mut self, request: &Request, fault: Option<Fault>) -> Result<Served, SendError> {
        let until = self.window();
        let now = self.clock.get();
        if until <= now {
            return Err(SendError::Lost("no time was left".to_owned()));
        }
        let took = self.chance.ms(1, 2 + self.latency);
        let carried_out = fault.is_none_or(Fault::is_carried_out);
        let served = carried_out.then(|| self.world.serve(request, now + took / 2));
        let over = now + took + fault.map_or(Duration::ZERO, Fault::delay);
        if over > until {
            self.clock.set(until);
            return Err(SendError::Lost("it took too long".to_owned()));
        }
        self.clock.set(over);
        let mut outcome = match fault {
            None => Ok(served.expect("it was carried out")),
            Some(fault) => fault.outcome(served, over, &mut self.chance),
        };
        if let Ok(served) = &mut outcome
            && self.dated
        {
            let headers = &mut served.response.head.headers;
            if headers.iter().all(|(name, _)| name != "date") {
                headers.push(("date".to_owned(), date(over, 0)));
            }
        }
        outcome
    }
}

impl Transport for Sim {
    fn send(&mut self, request: &Request) -> Result<Response, SendError> {
        self.happen();
        let fault = self.note(request);
        let outcome = self.exchange(request, fault);
        self.tell(|| {
            let (path, asked) = place(request);
            let told = match &outcome {
                Ok(Served { response, .. }) => {
                    let body = String::from_utf8_lossy(&response.body);
                    let body: String = body.chars().take(400).collect();
                    format!("{} {body}", response.head.status)
                }
                Err(error) => format!("{error:?}"),
            };
            let fault = fault.map_or_else(String::new, |fault| format!(" [{fault:?}]"));
            format!("{} {path}?{asked}{fault} → {told}", request.method.name())
        });
        self.happen();
        let Served { response, evidence } = outcome?;
        self.delivered |= evidence;
        Ok(response)
    }

    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError> {
        self.happen();
        let fault = self.note(request);
        self.tell(|| format!("the stream is opened [{fault:?}]"));
        if matches!(fault, Some(Fault::Refused | Fault::Dns | Fault::Tls)) {
            return Err(SendError::NotSent("connection refused".to_owned()));
        }
        let (path, _) = place(request);
        let events = self.world.events(path, self.clock.get());
        let stop = self.stop_at.filter(|_| !self.told_to_stop);
        Ok(Box::new(match events {
            Some(events) => Played::new(Rc::clone(&self.clock), stop, events, fault),
            None => {
                let missing = Fault::Status {
                    status: 404,
                    done: false,
                    body: super::fault::Body::Api,
                };
                Played::new(Rc::clone(&self.clock), stop, Vec::new(), Some(missing))
            }
        }))
    }
}

impl Clock for Sim {
    fn now(&self) -> Instant {
        Instant(self.clock.get())
    }

    fn unix_ms(&self) -> u64 {
        let seconds = EPOCH.saturating_add_signed(self.off);
        let now = u64::try_from(self.clock.get().as_millis()).expect("a schedule is short");
        seconds * 1000 + now
    }

    fn wait(&mut self, time: Duration) -> Wake {
        let until = self.clock.get().saturating_add(time);
        if self.is_told(until) {
            return Wake::Cancelled("SIGTERM".to_owned());
        }
        self.clock.set(until);
        Wake::Elapsed
    }

    fn random(&mut self) -> u64 {
        self.chance.next()
    }
}

impl Account for Sim {
    fn take_turn(&mut self, within: Duration) -> Turn {
        let now = self.clock.get();
        let latest = now.saturating_add(within);
        let turn = self.paused_until.max(now);
        let number = self.calls.len();
        let refuses = |rule: &Rule| {
            let About::Numbers(from, to) = rule.about else {
                return false;
            };
            rule.fault == Fault::NoTurn && (from..to).contains(&number)
        };
        if self.is_told(turn.min(latest)) {
            return Turn::Cancelled("SIGTERM".to_owned());
        }
        if turn > latest || self.rules.iter().any(refuses) {
            // What does not get its turn makes no request, so the next one is as far.
            self.rules.retain(|rule| {
                !refuses(rule) || matches!(rule.about, About::Numbers(_, usize::MAX))
            });
            self.tell(|| "no turn".to_owned());
            return Turn::NotWithin;
        }
        self.clock.set(turn);
        Turn::Granted
    }

    fn note_budget(&mut self, budget: Budget) {
        // The host's own longest pause is a day.
        let pause = budget.pause.min(Duration::from_secs(86_400));
        self.paused_until = self.paused_until.max(self.clock.get() + pause);
    }
}

impl Events for Sim {
    fn emit(&mut self, event: Event) {
        if !matches!(event, Event::Debug(_)) {
            self.tell(|| format!("{event:?}").chars().take(600).collect());
        }
        match event {
            Event::Triggering(handle) | Event::Triggered(handle) => {
                // The host dies before it has written it, or after.
                self.happen();
                self.handle = Some(handle);
                self.happen();
            }
            Event::Debug(_) => {}
            _ => self.happen(),
        }
    }
}

/// Whether a request starts a run.
pub fn is_trigger(call: &str) -> bool {
    call.starts_with(Method::Post.name()) && !call.ends_with("/stop")
}
