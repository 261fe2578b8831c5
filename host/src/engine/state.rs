//! What belongs to one instance.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{UpdateDeadline, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, p2::pipe::MemoryOutputPipe};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{
    input::Source,
    journal::Journal,
    limits::{Allowance, Excess, Limits, MOST_HANDLES, MOST_RANDOM},
    waits::Waits,
};
use crate::{
    bindings::proctor::ci::types::{Event, Problem},
    network::{Gate, account::Account},
    stop::Stop,
};

/// How much of what a component prints is kept, in bytes: enough for a panic's message.
const PRINTED: usize = 8 << 10;

/// Where events go.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// Keeps the handle of what is about to be sent, or was, before the component goes on. Fails with why it cannot: then
/// nothing more may be sent.
pub type Keep = Arc<dyn Fn(&Event) -> Result<(), Box<Problem>> + Send + Sync>;

/// What could not be kept, so that the component was ended before it could send it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Unkept(pub Box<Problem>);

/// The data of a store.
pub struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    gate: Gate,
    pub limits: Limits,
    pub session: Session,
    computing: Computing,
}

/// What the functions of `proctor:ci/host` work on.
pub struct Session {
    pub stop: Stop,
    /// Whether the component knows that it is to stop: it is told once.
    pub stop_told: bool,
    pub account: Account,
    pub tell: Tell,
    /// Told of each event with a handle, if anybody keeps handles.
    pub keep: Option<Keep>,
    /// Whose handles it may tell of.
    pub provider: String,
    pub record: Record,
    /// What is to be published.
    pub source: Option<Box<dyn Source>>,
    /// The name of the target that the call is about; empty if there is none.
    pub target: Arc<str>,
}

/// What outlives the instance, for the report that the host makes if the component cannot.
#[derive(Clone)]
pub struct Record {
    pub journal: Arc<Mutex<Journal>>,
    pub stdout: MemoryOutputPipe,
    pub stderr: MemoryOutputPipe,
}

impl Record {
    /// An empty record.
    pub fn new() -> Self {
        Self {
            journal: Arc::default(),
            stdout: MemoryOutputPipe::new(PRINTED),
            stderr: MemoryOutputPipe::new(PRINTED),
        }
    }

    /// Takes the journal out.
    pub fn take_journal(&self) -> Journal {
        std::mem::take(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the component printed to standard error, in one line.
    pub fn printed(&self) -> String {
        let bytes = self.stderr.contents();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        lines.join(" · ")
    }
}

/// How much the component has computed, and may.
struct Computing {
    allowance: Allowance,
    /// How many requests there were at the last tick.
    sent: u64,
    waits: Arc<Waits>,
}

impl State {
    /// The data of an instance that has no files, no environment, no arguments and no sockets, and whose requests go
    /// through `gate`.
    pub fn new(session: Session, gate: Gate, allowance: Allowance) -> Self {
        let wasi = WasiCtx::builder()
            .stdout(session.record.stdout.clone())
            .stderr(session.record.stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(MOST_RANDOM)
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_HANDLES);
        Self {
            wasi,
            http: WasiHttpCtx::new(),
            table,
            gate,
            limits: allowance.limits(),
            session,
            computing: Computing {
                allowance,
                sent: 0,
                waits: Arc::default(),
            },
        }
    }

    /// Counts a tick that found the component computing, and lets others go on.
    pub fn on_tick(&mut self) -> wasmtime::Result<UpdateDeadline> {
        if let Some(overuse) = self.gate.overuse() {
            return Err(Excess::Network(overuse).into());
        }
        let Computing {
            allowance,
            sent,
            waits,
        } = &mut self.computing;
        if self.gate.sent() != *sent {
            *sent = self.gate.sent();
            waits.waited();
        }
        if waits.since_wait() > allowance.computing {
            return Err(Excess::Computing(allowance.computing).into());
        }
        if waits.in_all() > allowance.in_all {
            return Err(Excess::InAll(allowance.in_all).into());
        }
        waits.yields();
        Ok(UpdateDeadline::Yield(1))
    }

    /// Where it is noted that the component waits.
    pub fn waits(&self) -> Arc<Waits> {
        Arc::clone(&self.computing.waits)
    }

    /// Takes note that the component waited.
    pub fn has_waited(&mut self) {
        self.computing.waits.waited();
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.gate,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
