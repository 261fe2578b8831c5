//! The effects of a run, carried out by a script: nothing leaves the process, and waiting takes no time.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use proctor::ports::{
    Account, Bar, Budget, Chunk, Clock, Event, Events, Instant, Method, Request, Response,
    SendError, Stream, Transport, Turn, Wake,
};

use crate::script::{Answer, Script};

/// How much may happen in a run. A usual one takes some hundred steps.
const MOST_STEPS: usize = 50_000;
/// How long a request takes.
const CALL: Duration = Duration::from_millis(20);
/// How many bytes of a stream come at once.
const PIECE: usize = 37;
/// The moment at which every script begins, in milliseconds since the Unix epoch.
const BEGAN_MS: u64 = 1_760_000_000_000;

/// One thing that happened, in its order.
#[derive(Debug)]
pub enum Happened {
    /// The host heard that a trigger is about to be sent.
    Triggering,
    /// A request, and whether it may have had an effect at the service.
    Sent(Request, bool),
    /// A test was told of.
    Tested,
}

/// Ports that follow a script.
pub struct Scripted {
    clock: Rc<Cell<Duration>>,
    answers: Vec<Answer>,
    /// How many answers were given.
    given: usize,
    streams: VecDeque<Vec<u8>>,
    stop_at: Option<Duration>,
    late_from: Option<Duration>,
    told: bool,
    steps: Rc<Cell<usize>>,
    drawn: u64,
    pub happened: Vec<Happened>,
    /// The bodies of all answers, and what came by streams.
    pub delivered: Vec<Vec<u8>>,
}

impl Scripted {
    pub fn new(script: Script) -> Self {
        Self {
            clock: Rc::default(),
            answers: script.answers,
            given: 0,
            streams: script.streams.into(),
            stop_at: script.stop_at,
            late_from: script.late_from,
            told: false,
            steps: Rc::default(),
            drawn: 0,
            happened: Vec::new(),
            delivered: Vec::new(),
        }
    }

    /// The next answer of the script; the last one again where it is at its end.
    fn answer(&mut self, request: &Request) -> Answer {
        count(&self.steps);
        let place = self.given.min(self.answers.len().saturating_sub(1));
        self.given += 1;
        let answer = match self.answers.get(place) {
            Some(answer) => answer.clone(),
            None => Err(SendError::NotSent("connection refused".into())),
        };
        let has_effect = request.method != Method::Get && may_have_effect(&answer);
        self.happened
            .push(Happened::Sent(request.clone(), has_effect));
        if let Ok(response) = &answer {
            self.delivered.push(response.body.clone());
        }
        answer
    }

    fn advance(&self, time: Duration) {
        self.clock.set(self.clock.get().saturating_add(time));
    }

    fn stopped_within(&mut self, time: Duration) -> bool {
        let now = self.clock.get();
        let due = self.stop_at.filter(|at| !self.told && *at <= now + time);
        let Some(at) = due else { return false };
        self.told = true;
        self.clock.set(now.max(at));
        true
    }
}

/// Counts a step, so that a run that never ends is noticed.
fn count(steps: &Cell<usize>) {
    steps.set(steps.get() + 1);
    assert!(steps.get() < MOST_STEPS, "the run never ends");
}

/// Whether a request that was answered so may have been carried out. That of a 429 and of a 503 that says when to come
/// again was turned away, and other answers of 4xx refuse it.
fn may_have_effect(answer: &Answer) -> bool {
    match answer {
        Err(
            SendError::Lost(_)
            | SendError::TooLarge(_)
            | SendError::Barred(Bar::CertificateRefusedLate, _),
        ) => true,
        Err(SendError::NotSent(_) | SendError::Denied(_) | SendError::Barred(..)) => false,
        Ok(Response { head, .. }) => match head.status {
            503 => head.header("retry-after").is_none(),
            status => !(400..500).contains(&status),
        },
    }
}

impl Transport for Scripted {
    fn send(&mut self, request: &Request) -> Answer {
        self.advance(CALL);
        self.answer(request)
    }

    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError> {
        let mut pieces = VecDeque::new();
        if request.method == Method::Get
            && let Some(bytes) = self.streams.pop_front()
        {
            count(&self.steps);
            pieces.push_back(Chunk::Head(proctor::ports::Head {
                status: 200,
                headers: Vec::new(),
            }));
            pieces.extend(
                bytes
                    .chunks(PIECE)
                    .map(|piece| Chunk::Bytes(piece.to_vec())),
            );
            self.delivered.push(bytes);
        } else {
            match self.answer(request) {
                Ok(Response { head, body }) => {
                    pieces.extend([Chunk::Head(head), Chunk::Bytes(body)]);
                }
                Err(error) => pieces.push_back(Chunk::Broken(error)),
            }
        }
        Ok(Box::new(Pieces {
            clock: Rc::clone(&self.clock),
            steps: Rc::clone(&self.steps),
            pieces,
        }))
    }
}

struct Pieces {
    clock: Rc<Cell<Duration>>,
    steps: Rc<Cell<usize>>,
    pieces: VecDeque<Chunk>,
}

impl Stream for Pieces {
    fn next(&mut self, within: Duration) -> Chunk {
        count(&self.steps);
        let now = self.clock.get();
        self.clock.set(now.saturating_add(within.min(CALL)));
        self.pieces.pop_front().unwrap_or(Chunk::Ended)
    }
}

impl Clock for Scripted {
    fn now(&self) -> Instant {
        Instant(self.clock.get())
    }

    fn unix_ms(&self) -> u64 {
        BEGAN_MS + u64::try_from(self.clock.get().as_millis()).expect("no run lasts so long")
    }

    fn wait(&mut self, time: Duration) -> Wake {
        count(&self.steps);
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
}

impl Account for Scripted {
    fn take_turn(&mut self, _within: Duration) -> Turn {
        count(&self.steps);
        if self.stopped_within(Duration::ZERO) {
            return Turn::Cancelled("SIGTERM".into());
        }
        match self.late_from {
            Some(from) if from <= self.clock.get() => Turn::NotWithin,
            _ => Turn::Granted,
        }
    }

    fn note_budget(&mut self, _budget: Budget) {}
}

impl Events for Scripted {
    fn emit(&mut self, event: Event) {
        match event {
            Event::Triggering(_) => self.happened.push(Happened::Triggering),
            Event::TestFinished(_) => self.happened.push(Happened::Tested),
            _ => {}
        }
    }
}
