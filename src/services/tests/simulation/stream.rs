//! A stream of events, and what may become of it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::fault::Fault;
use crate::ports::{Chunk, Head, SendError, Stream};

/// What comes after the last piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Ended,
    Silence,
    Broken,
    /// The same line again and again.
    Chatter,
}

/// A stream that is played by the simulation's clock.
pub struct Played {
    clock: Rc<Cell<Duration>>,
    stop_at: Option<Duration>,
    pieces: VecDeque<(Duration, Chunk)>,
    then: Then,
}

impl Played {
    /// The stream of these events, or what a fault makes of it.
    pub fn new(
        clock: Rc<Cell<Duration>>,
        stop_at: Option<Duration>,
        events: Vec<(Duration, Vec<u8>)>,
        fault: Option<Fault>,
    ) -> Self {
        let now = clock.get();
        let head = |status: u16| {
            let head = Head {
                status,
                headers: Vec::new(),
            };
            (now, Chunk::Head(head))
        };
        let bytes = |text: &[u8]| (now, Chunk::Bytes(text.to_vec()));
        let told = events
            .into_iter()
            .map(|(at, line)| (at, Chunk::Bytes(line)));
        let (pieces, then): (Vec<_>, Then) = match fault {
            None => ([head(200)].into_iter().chain(told).collect(), Then::Ended),
            Some(Fault::SlowHead(_)) => (Vec::new(), Then::Silence),
            Some(Fault::SlowBody(_)) => (vec![head(200)], Then::Silence),
            Some(Fault::WrongLength | Fault::Cut) => {
                (vec![head(200), bytes(b"{\"status\":\"COMPL")], Then::Broken)
            }
            Some(Fault::ResetAfter | Fault::ResetBefore) => (Vec::new(), Then::Broken),
            Some(Fault::Page) => (vec![head(200), bytes(b"<html>\n")], Then::Ended),
            // It lies.
            Some(Fault::Shape | Fault::Changed(_)) => (
                vec![head(200), bytes(b"{\"status\":\"COMPLETED\"}\n")],
                Then::Silence,
            ),
            Some(Fault::TooLarge) => (vec![head(200)], Then::Chatter),
            Some(Fault::Deep) => {
                let mut line = b"{\"a\":".repeat(10_000);
                line.push(b'\n');
                (vec![head(200), bytes(&line)], Then::Silence)
            }
            Some(Fault::NotUtf8) => (
                vec![head(200), bytes(b"{\"status\":\"\xff\"}\n")],
                Then::Ended,
            ),
            Some(Fault::Status { status, .. }) => (vec![head(status)], Then::Ended),
            Some(Fault::Throttled(_)) => (vec![head(429)], Then::Ended),
            Some(Fault::Busy) => (vec![head(503)], Then::Ended),
            Some(Fault::Redirect(_)) => (vec![head(302)], Then::Ended),
            Some(_) => ([head(200)].into_iter().chain(told).collect(), Then::Ended),
        };
        Self {
            clock,
            stop_at,
            pieces: pieces.into(),
            then,
        }
    }

    /// Lets time go by, unless the host is told to stop before.
    fn pass(&self, until: Duration) -> bool {
        let now = self.clock.get();
        if let Some(stop) = self.stop_at
            && stop > now
            && stop <= until
        {
            self.clock.set(stop);
            return false;
        }
        self.clock.set(until.max(now));
        true
    }
}

impl Stream for Played {
    fn next(&mut self, within: Duration) -> Chunk {
        let now = self.clock.get();
        let broken = |why: &str| Chunk::Broken(SendError::Lost(why.to_owned()));
        let latest = now + within;
        let due = match (self.pieces.front(), self.then) {
            (Some((at, _)), _) => *at,
            (None, Then::Ended | Then::Broken) => now,
            (None, Then::Silence) => latest + Duration::from_millis(1),
            (None, Then::Chatter) => now + Duration::from_millis(200),
        };
        if !self.pass(due.min(latest)) {
            return broken("told to stop");
        }
        if due > latest {
            return Chunk::Idle;
        }
        match (self.pieces.pop_front(), self.then) {
            (Some((_, piece)), _) => piece,
            (None, Then::Ended) => Chunk::Ended,
            (None, Then::Chatter) => Chunk::Bytes(b"{\"status\":\"RUNNING\"}\n".to_vec()),
            (None, Then::Broken | Then::Silence) => broken("connection reset"),
        }
    }
}
