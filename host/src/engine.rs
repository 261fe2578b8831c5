//! Runs the component and plugins: one instance per call about a target, one without any network for what is pure.

mod call;
mod generate;
mod guest;
mod input;
mod job;
mod journal;
mod limits;
mod load;
mod plugin;
mod problem;
mod pure;
mod report;
mod settings;
mod state;
mod texts;
mod ticker;
mod waits;

use std::sync::Arc;

pub use input::Source;
pub use job::{Access, Job};
pub use load::LoadError;
pub use plugin::{PluginError, Refusal};
pub use state::Keep;

use crate::{
    bindings::exports::proctor::ci::{generation, reports, reruns, resumption, service, sink},
    network::{Network, Trace, account::Accounts},
};
use problem::Maker;
use state::State;
use ticker::Ticker;

/// A loaded component and what its instances share. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

struct Shared {
    engine: wasmtime::Engine,
    instance: wasmtime::component::InstancePre<State>,
    service: service::GuestIndices,
    /// None for a plugin, which has services alone.
    reports: Option<reports::GuestIndices>,
    /// As `reports`.
    reruns: Option<reruns::GuestIndices>,
    /// As `reports`.
    resumption: Option<resumption::GuestIndices>,
    /// As `reports`.
    sink: Option<sink::GuestIndices>,
    /// As `reports`.
    generation: Option<generation::GuestIndices>,
    maker: Maker,
    ticker: Ticker,
    network: Network,
    accounts: Accounts,
    /// The lines that plugins stand in.
    plugin_accounts: Accounts,
}

impl Engine {
    /// Writes down all requests from now on, those of plugins too.
    pub fn record(&self, trace: &Trace) {
        self.0.network.record(trace);
    }
}

impl Engine {
    /// The way out, which plugins share.
    pub(crate) fn network(&self) -> &Network {
        &self.0.network
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}
