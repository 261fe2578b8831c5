//! From compiled code to something that can be run. The only unsafe code of the workspace.

use std::sync::Arc;

use wasmtime::component::{Component, HasSelf, Linker};

use super::{Engine, Shared, problem::Maker, settings, state::State, ticker::Ticker};
use crate::{
    bindings::{
        exports::proctor::ci::{generation, reports, reruns, resumption, service, sink},
        proctor::ci::{host, input},
    },
    network::{Network, account::Accounts},
};

/// The component, compiled for the machine this program is for. See `build.rs`.
static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/proctor.cwasm"));

/// Why a component cannot be run: it was compiled for another machine or under other settings, or it wants what the
/// host does not offer.
#[derive(Debug, thiserror::Error)]
#[error("the component cannot be loaded: {0:#}")]
pub struct LoadError(wasmtime::Error);

impl From<wasmtime::Error> for LoadError {
    fn from(error: wasmtime::Error) -> Self {
        Self(error)
    }
}

impl Engine {
    /// Loads the component that this program ships. Compiles nothing.
    ///
    /// # Errors
    /// [`LoadError`] if this program was built for another processor than the one it runs on.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::precompiled(EMBEDDED)
    }

    /// Loads a component that the build has compiled ahead of time under the same settings.
    ///
    /// The bytes are native code that is run as it is, so they must be part of the program: never pass on what was
    /// read from a file or received.
    ///
    /// # Errors
    /// [`LoadError`] if the code is for another processor, of other settings, or not a plugin.
    pub fn precompiled(code: &'static [u8]) -> Result<Self, LoadError> {
        let engine = wasmtime::Engine::new(&settings::config())?;
        let component = deserialize(&engine, code)?;
        let mut linker = linker(&engine)?;
        // What the component alone gets: it publishes, plugins do not.
        input::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let instance = linker.instantiate_pre(&component)?;
        Ok(Self(Arc::new(Shared {
            service: service::GuestIndices::new(&instance)?,
            reports: reports::GuestIndices::new(&instance).ok(),
            reruns: reruns::GuestIndices::new(&instance).ok(),
            resumption: resumption::GuestIndices::new(&instance).ok(),
            sink: sink::GuestIndices::new(&instance).ok(),
            generation: generation::GuestIndices::new(&instance).ok(),
            maker: Maker::Proctor,
            ticker: Ticker::new(&engine),
            network: Network::new(),
            accounts: Accounts::new(),
            plugin_accounts: Accounts::new(),
            instance,
            engine,
        })))
    }
}

/// What every component gets, ours and plugins alike: WASI 0.2 without anything behind it but clocks and randomness,
/// outgoing HTTP, and `proctor:ci/host`.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    host::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

#[expect(
    unsafe_code,
    reason = "loading code that was compiled ahead of time cannot be checked"
)]
fn deserialize(engine: &wasmtime::Engine, code: &'static [u8]) -> wasmtime::Result<Component> {
    // SAFETY: the code comes from `Engine::precompile_component` in this workspace's own build and is part of this
    // program: whoever could change it could change the program. wasmtime checks its version, target and settings.
    unsafe { Component::deserialize(engine, code) }
}
