//! A service, a clock and a line that a test scripts; waiting takes no time.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::{
    Account, Budget, Chunk, Clock, Event, Events, Instant, Method, Request, Response, SendError,
    Stream, Transport, Turn, Wake,
};

/// What a scripted service does with a request at a time.
pub type Answer = Box<dyn FnMut(&Request, Instant) -> Result<Response, SendError>>;

/// What a scripted stream brings, each piece after so long.
pub type Script = Vec<(Duration, Chunk)>;

/// Ports that never leave the process.
pub struct Fake {
    clock: Rc<Cell<Duration>>,
    answer: Answer,
    pub streams: VecDeque<Script>,
    pub sent: Vec<Request>,
    pub events: Vec<Event>,
    pub budgets: Vec<Budget>,
    /// When the host is told to stop.
    pub stop_at: Option<Duration>,
    told: bool,
    /// From when on no turn comes in time.
    pub no_turn_from: Option<Duration>,
    /// How often a turn was asked for.
    pub turns: usize,
    /// How long each turn is waited for.
    pub turn: Duration,
    /// What happens as a turn is asked for.
    pub at_turn: Box<dyn FnMut()>,
    /// How long each request takes.
    pub call: Duration,
    /// The longest single wait that was asked for.
    pub longest_wait: Duration,
    /// How many numbers were drawn; each is the next one.
    drawn: u64,
}

impl Fake {
    pub fn new(
        answer: impl FnMut(&Request, Instant) -> Result<Response, SendError> + 'static,
    ) -> Self {
        Self {
            clock: Rc::new(Cell::new(Duration::ZERO)),
            answer: Box::new(answer),
            streams: VecDeque::new(),
            sent: Vec::new(),
            events: Vec::new(),
            budgets: Vec::new(),
            stop_at: None,
            told: false,
            no_turn_from: None,
            turns: 0,
            turn: Duration::ZERO,
            at_turn: Box::new(|| {}),
            call: Duration::from_millis(20),
            longest_wait: Duration::ZERO,
            drawn: 0,
        }
    }

    /// How many requests of this method went to paths that contain `part`.
    pub fn count(&self, method: &str, part: &str) -> usize {
        self.sent
            .iter()
            .filter(|request| request.method.name() == method && request.url.contains(part))
            .count()
    }

    /// The answer of the scripted service, as it comes once the request has taken its time.
    fn answer_later(&mut self, request: &Request) -> Box<dyn Stream> {
        let at = Instant(self.clock.get() + self.call);
        let chunks = match (self.answer)(request, at) {
            Ok(Response { head, body }) => {
                vec![Chunk::Head(head), Chunk::Bytes(body), Chunk::Ended]
            }
            Err(error) => vec![Chunk::Broken(error)],
        };
        let mut script = VecDeque::new();
        for chunk in chunks {
            let delay = match script.is_empty() {
                true => self.call,
                false => Duration::ZERO,
            };
            script.push_back((delay, chunk));
        }
        Box::new(FakeStream {
            clock: Rc::clone(&self.clock),
            script,
        })
    }

    fn advance(&self, time: Duration) {
        self.clock.set(self.clock.get() + time);
    }

    fn stopped_within(&mut self, time: Duration) -> bool {
        let due = self
            .stop_at
            .is_some_and(|at| !self.told && at <= self.clock.get() + time);
        if due {
            self.told = true;
            self.clock
                .set(self.clock.get().max(self.stop_at.unwrap_or_default()));
        }
        due
    }
}

impl Transport for Fake {
    fn send(&mut self, request: &Request) -> Result<Response, SendError> {
        self.sent.push(request.clone());
        self.advance(self.call);
        (self.answer)(request, Instant(self.clock.get()))
    }

    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError> {
        self.sent.push(request.clone());
        match self.streams.pop_front() {
            Some(script) => Ok(Box::new(FakeStream {
                clock: Rc::clone(&self.clock),
                script: script.into(),
            })),
            None if request.method == Method::Get => {
                Err(SendError::NotSent("no stream scripted".into()))
            }
            None => Ok(self.answer_later(request)),
        }
    }
}

struct FakeStream {
    clock: Rc<Cell<Duration>>,
    script: VecDeque<(Duration, Chunk)>,
}

impl Stream for FakeStream {
    fn next(&mut self, within: Duration) -> Chunk {
        let Some((delay, _)) = self.script.front_mut() else {
            self.clock.set(self.clock.get() + within);
            return Chunk::Idle;
        };
        let step = within.min(*delay);
        self.clock.set(self.clock.get() + step);
        *delay -= step;
        if !delay.is_zero() {
            return Chunk::Idle;
        }
        self.script.pop_front().expect("looked at above").1
    }
}

impl Clock for Fake {
    fn now(&self) -> Instant {
        Instant(self.clock.get())
    }

    fn unix_ms(&self) -> u64 {
        1_760_000_000_000 + u64::try_from(self.clock.get().as_millis()).expect("a test is short")
    }

    fn wait(&mut self, time: Duration) -> Wake {
        self.longest_wait = self.longest_wait.max(time);
        if self.stopped_within(time) {
            return Wake::Cancelled("SIGTERM".into());
        }
        self.advance(time);
        Wake::Elapsed
    }

    fn random(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    fn chance(&mut self) -> f64 {
        0.5
    }
}

impl Account for Fake {
    fn take_turn(&mut self, _within: Duration) -> Turn {
        self.turns += 1;
        (self.at_turn)();
        if self.stopped_within(self.turn) {
            return Turn::Cancelled("SIGTERM".into());
        }
        self.advance(self.turn);
        match self.no_turn_from {
            Some(from) if from <= self.clock.get() => Turn::NotWithin,
            _ => Turn::Granted,
        }
    }

    fn note_budget(&mut self, budget: Budget) {
        self.budgets.push(budget);
    }
}

impl Events for Fake {
    fn emit(&mut self, event: Event) {
        self.events.push(event);
    }
}
