//! The ports' real side: WASI's clocks and randomness, the host's waits, turns and events.

use std::time::Duration;

use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::random::random;

use super::bindings::proctor::ci::{host, input};
use super::http::nanos;
use super::{convert, http, stream};
use crate::ports::{
    Account, Budget, Clock, Event, Events, Input, Instant, Piece, Request, Response, SendError,
    Stream, Transport, Turn, Wake,
};

/// What the host gives the component.
pub struct WasiPorts;

impl Transport for WasiPorts {
    fn send(&mut self, request: &Request) -> Result<Response, SendError> {
        http::send(request, None)
    }

    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError> {
        stream::open(request, None)
    }
}

impl Clock for WasiPorts {
    fn now(&self) -> Instant {
        Instant(Duration::from_nanos(monotonic_clock::now()))
    }

    fn unix_ms(&self) -> u64 {
        let now = wall_clock::now();
        now.seconds * 1000 + u64::from(now.nanoseconds) / 1_000_000
    }

    fn wait(&mut self, time: Duration) -> Wake {
        match host::wait(nanos(time)) {
            host::Wake::Elapsed => Wake::Elapsed,
            host::Wake::Cancelled(by) => Wake::Cancelled(by),
        }
    }

    fn random(&mut self) -> u64 {
        random::get_random_u64()
    }
}

impl Account for WasiPorts {
    fn take_turn(&mut self, within: Duration) -> Turn {
        match host::take_turn(nanos(within)) {
            host::Turn::Granted => Turn::Granted,
            host::Turn::NotWithin => Turn::NotWithin,
            host::Turn::Cancelled(by) => Turn::Cancelled(by),
        }
    }

    fn note_budget(&mut self, budget: Budget) {
        let Budget {
            remaining,
            per_minute,
            pause,
        } = budget;
        host::note_budget(host::Budget {
            remaining,
            per_minute,
            pause: nanos(pause),
        });
    }
}

impl Events for WasiPorts {
    fn emit(&mut self, event: Event) {
        host::emit(&convert::event_out(event));
    }
}

/// What the host hands over to be published.
pub struct HostInput;

impl Input for HostInput {
    fn next(&mut self) -> Option<Piece> {
        Some(match input::next()? {
            input::Piece::Junit(name) => Piece::Junit(name),
            input::Piece::Kept(name) => Piece::Kept(name),
            input::Piece::Bytes(bytes) => Piece::Bytes(bytes),
        })
    }

    fn keep(&mut self, bytes: &[u8]) {
        input::keep(bytes);
    }
}
