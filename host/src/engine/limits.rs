//! How much of everything a component may use.

use std::time::Duration;

use wasmtime::{StoreLimits, StoreLimitsBuilder};

/// How often running components are interrupted to let others go on.
pub const TICK: Duration = Duration::from_millis(10);

/// A wait from which on a component counts as waiting rather than computing.
pub const REAL_WAIT: Duration = Duration::from_millis(1);

/// Why the host ended a component that used too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    #[error("it computed for {0:?} without waiting for anything")]
    Computing(Duration),
    #[error("it told of more than {0} events")]
    Events(usize),
    #[error("its events hold more than {0} bytes of text")]
    EventText(usize),
}

/// What one instance may use.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Linear memory in bytes.
    pub memory: usize,
    /// Bytes of text and lists that one call across the boundary may carry out of the component.
    pub transfer: usize,
    /// Computing without waiting for the network or the clock.
    pub computing: Duration,
}

impl Allowance {
    /// For a call about one target.
    pub const TARGET: Self = Self {
        memory: 256 << 20,
        transfer: 128 << 20,
        computing: Duration::from_secs(10),
    };

    /// For a call about the results of all targets, which may be a hundred thousand tests.
    pub const PURE: Self = Self {
        memory: 1 << 30,
        transfer: 512 << 20,
        computing: Duration::from_secs(60),
    };

    /// The part of it that wasmtime watches over.
    pub fn store_limits(&self) -> StoreLimits {
        StoreLimitsBuilder::new()
            .memory_size(self.memory)
            .memories(4)
            .instances(32)
            .tables(16)
            .table_elements(100_000)
            .build()
    }

    /// How many ticks of computing that is.
    pub fn ticks(&self) -> u64 {
        u64::try_from(self.computing.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX)
    }
}
