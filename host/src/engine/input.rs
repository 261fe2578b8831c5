//! The functions of `proctor:ci/input`, as `wit/sink.wit` describes them.

use super::state::State;
use crate::bindings::proctor::ci::input::{self, Piece};

/// What is to be published, piece by piece. What goes wrong with it is for whoever made it to know and tell.
pub trait Source: Send {
    /// The next piece; none at the end.
    fn next(&mut self) -> Option<Piece>;

    /// Keeps bytes of what could not be sent.
    fn keep(&mut self, bytes: &[u8]);
}

impl input::Host for State {
    async fn next(&mut self) -> wasmtime::Result<Option<Piece>> {
        // Reading a large file is no endless loop.
        self.has_waited();
        let source = self.session.source.as_mut();
        Ok(source.and_then(|source| source.next()))
    }

    async fn keep(&mut self, bytes: Vec<u8>) -> wasmtime::Result<()> {
        if let Some(source) = &mut self.session.source {
            source.keep(&bytes);
        }
        Ok(())
    }
}
