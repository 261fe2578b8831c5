//! The body of an answer as a component reads it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::time::Instant;
use wasmtime_wasi_http::{Error, WasiBody};

use super::{
    exchange::{Tell, cut_off},
    fault,
    lanes::Lane,
    times::Window,
    trace::Entry,
    traffic::{Place, Traffic},
};
use crate::{diagnostics::note, secret::Filter};

/// The largest body of an answer that is not a stream, in bytes.
pub const LARGEST: u64 = 32 << 20;

/// The largest body of an answer that is a stream, in bytes: a hundred thousand events of some hundred bytes.
pub const LARGEST_STREAM: u64 = 64 << 20;

/// How far apart the pieces of a stream are. A component that reads a stream which never pauses would have nothing to
/// wait for and be taken for one that computes without end. More than [`crate::engine`] counts as a wait.
const APART: Duration = Duration::from_millis(2);

/// An answer whose body is still to come.
pub struct Incoming {
    pub response: reqwest::Response,
    pub filter: Filter,
    pub window: Window,
    /// How long nothing may come.
    pub pause: Duration,
    /// How many bytes may still come.
    pub left: u64,
    /// Set for a stream.
    pub pace: Option<Pace>,
    pub label: String,
    pub target: Arc<str>,
    pub tell: Tell,
    /// Where it is written down, if it is.
    pub entry: Option<Entry>,
    pub traffic: Traffic,
    /// The request is under way as long as its answer is.
    pub _place: Place,
    /// Held until the body has ended or is given up.
    pub _lane: Lane,
}

/// Keeps the pieces of a stream apart.
#[derive(Debug, Default)]
pub struct Pace {
    last: Option<Instant>,
}

impl Pace {
    /// Waits until another piece may be passed on.
    async fn keep(&mut self) {
        if let Some(last) = self.last {
            tokio::time::sleep_until(last + APART).await;
        }
        self.last = Some(Instant::now());
    }
}

impl Incoming {
    /// The body: filtered pieces, read only as fast as the component asks for them.
    pub fn into_body(self) -> WasiBody {
        let pieces = stream::unfold(Some(self), |incoming| async {
            let mut incoming = incoming?;
            match incoming.next().await {
                Ok(Some(piece)) => Some((Ok(Frame::data(piece)), Some(incoming))),
                Ok(None) => {
                    let rest = incoming.end();
                    (!rest.is_empty()).then(|| (Ok(Frame::data(Bytes::from(rest))), None))
                }
                Err(error) => Some((Err(incoming.fail(error)), None)),
            }
        });
        BodyExt::boxed_unsync(StreamBody::new(pieces))
    }

    /// The next piece that is not empty; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let chunk = tokio::select! {
                biased;
                chunk = self.response.chunk() => chunk,
                cut = self.window.closed() => return Err(cut_off(&cut)),
                () = tokio::time::sleep(self.pause) => return Err(Error::ConnectionReadTimeout),
            };
            let chunk = chunk.map_err(|error| {
                let error = error.without_url();
                (self.tell)(format!("{}: {}", self.label, fault::chain(&error)));
                fault::amid_answer(&error)
            })?;
            let Some(chunk) = chunk else {
                return Ok(None);
            };
            self.count(chunk.len() as u64)?;
            let piece = self.filter.push(&chunk);
            if let Some(entry) = &mut self.entry {
                entry.counts(chunk.len());
                entry.takes(&piece);
            }
            if !piece.is_empty() {
                if let Some(pace) = &mut self.pace {
                    pace.keep().await;
                }
                return Ok(Some(Bytes::from(piece)));
            }
        }
    }

    /// The rest, once all has come.
    fn end(mut self) -> Vec<u8> {
        let rest = self.filter.finish();
        note!(
            Trace,
            "proctor::network",
            &self.target,
            "{}: the answer ended",
            self.label
        );
        if let Some(mut entry) = self.entry {
            entry.takes(&rest);
            entry.end();
        }
        rest
    }

    fn fail(self, error: Error) -> Error {
        if let Some(entry) = self.entry {
            entry.fail(&format!("the answer broke off: {error}"));
        }
        error
    }

    fn count(&mut self, size: u64) -> Result<(), Error> {
        let left = self.left.checked_sub(size);
        match left.filter(|_| self.traffic.receive(size)) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::HttpResponseBodySize(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pieces_of_a_stream_are_kept_apart_and_none_is_held_up_for_long() {
        let mut pace = Pace::default();
        let begun = Instant::now();
        pace.keep().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for _ in 0..10 {
            pace.keep().await;
        }
        assert!((10 * APART..12 * APART).contains(&begun.elapsed()));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        pace.keep().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
