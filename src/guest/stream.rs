//! An answer that is read as it comes, piece by piece and each within a time.

use std::time::Duration;

use super::http::wasi::clocks::monotonic_clock;
use super::http::wasi::http::types::{FutureIncomingResponse, IncomingBody, IncomingResponse};
use super::http::wasi::io::poll::{Pollable, poll};
use super::http::wasi::io::streams::{InputStream, StreamError};
use super::http::{self, Limits, PIECE, nanos};
use crate::ports::{Chunk, Request, SendError, Stream};

/// Sends a request whose answer is read piece by piece.
pub fn open(request: &Request, limits: Option<Limits>) -> Result<Box<dyn Stream>, SendError> {
    Ok(Box::new(Events {
        state: State::Waiting(http::begin(request, limits)?),
    }))
}

struct Events {
    state: State,
}

enum State {
    Waiting(FutureIncomingResponse),
    Open(Open),
    Closed,
}

/// The bytes of a body. A body must outlive its stream, so the order of the fields, in which they are dropped, matters.
struct Open {
    stream: InputStream,
    _body: IncomingBody,
}

impl Stream for Events {
    fn next(&mut self, within: Duration) -> Chunk {
        let (chunk, state) = match std::mem::replace(&mut self.state, State::Closed) {
            State::Waiting(future) => head(future, within),
            State::Open(open) => piece(open, within),
            State::Closed => (Chunk::Ended, State::Closed),
        };
        self.state = state;
        chunk
    }
}

/// Whether something is ready within a time. The host makes it ready, with an error, when it is told to stop.
fn ready(pollable: &Pollable, within: Duration) -> bool {
    let timer = monotonic_clock::subscribe_duration(nanos(within));
    poll(&[pollable, &timer]).contains(&0)
}

fn head(future: FutureIncomingResponse, within: Duration) -> (Chunk, State) {
    if !ready(&future.subscribe(), within) {
        return (Chunk::Idle, State::Waiting(future));
    }
    match future.get() {
        None => (Chunk::Idle, State::Waiting(future)),
        Some(Ok(Ok(response))) => begin(&response),
        Some(Ok(Err(code))) => (Chunk::Broken(http::by_code(&code)), State::Closed),
        Some(Err(())) => (
            Chunk::Broken(http::lost("the answer was taken already")),
            State::Closed,
        ),
    }
}

fn begin(response: &IncomingResponse) -> (Chunk, State) {
    let head = http::head(response);
    let state = response.consume().and_then(|body| {
        Ok(State::Open(Open {
            stream: body.stream()?,
            _body: body,
        }))
    });
    match state {
        Ok(state) => (Chunk::Head(head), state),
        Err(()) => (
            Chunk::Broken(http::lost("the answer has no body")),
            State::Closed,
        ),
    }
}

fn piece(open: Open, within: Duration) -> (Chunk, State) {
    if !ready(&open.stream.subscribe(), within) {
        return (Chunk::Idle, State::Open(open));
    }
    match open.stream.read(PIECE) {
        Ok(bytes) if bytes.is_empty() => (Chunk::Idle, State::Open(open)),
        Ok(bytes) => (Chunk::Bytes(bytes), State::Open(open)),
        Err(StreamError::Closed) => (Chunk::Ended, State::Closed),
        Err(StreamError::LastOperationFailed(error)) => {
            (Chunk::Broken(http::amid(&error)), State::Closed)
        }
    }
}
