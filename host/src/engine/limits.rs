//! How much of everything a component may use. `docs/architecture.md` has all limits in one table.

use std::time::Duration;

use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

use crate::network::Overuse;

/// How often running components are interrupted to let others go on.
pub const TICK: Duration = Duration::from_millis(10);

/// A wait from which on a component counts as waiting rather than computing.
pub const REAL_WAIT: Duration = Duration::from_millis(1);

/// How many things of the host's a component may hold at once: requests, answers, their heads, streams, timers. Ours
/// holds some ten for each request; each may keep 128 KiB of the host's memory.
pub const MOST_HANDLES: usize = 1_000;

/// How much randomness it may ask for at once, in bytes: it is made while others wait.
pub const MOST_RANDOM: u64 = 64 << 10;

/// How many elements all of its tables may have together.
const TABLE_ELEMENTS: usize = 100_000;

/// Why the host ended a component that used too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    #[error("it computed for {0:?} without waiting for anything")]
    Computing(Duration),
    #[error("it computed for more than {0:?} in all")]
    InAll(Duration),
    #[error("it held more than {MOST_HANDLES} things of the host's at once")]
    Handles,
    #[error(transparent)]
    Network(#[from] Overuse),
    #[error("it told of more than {0} events")]
    Events(usize),
    #[error("its events hold more than {0} bytes of text")]
    EventText(usize),
    #[error("it told of more than {0} triggers at once")]
    Triggers(usize),
    #[error("what it triggered is told in more than {0} bytes")]
    Handle(usize),
    #[error("its report has more than {0} tests")]
    Tests(usize),
    #[error("its report holds more than {0} bytes of text")]
    ReportText(usize),
}

/// What one instance may use.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// All of its linear memories in bytes.
    pub memory: usize,
    /// Bytes of text and lists that one call across the boundary may carry out of the component.
    pub transfer: usize,
    /// Computing without waiting for the network or the clock.
    pub computing: Duration,
    /// Computing altogether.
    pub in_all: Duration,
}

impl Allowance {
    /// For a call about one target.
    pub const TARGET: Self = Self {
        memory: 256 << 20,
        transfer: 128 << 20,
        computing: Duration::from_secs(10),
        // Polling for a day takes some seconds, reading a hundred thousand results about as long.
        in_all: Duration::from_secs(120),
    };

    /// For a call about the results of all targets, which may be a hundred thousand tests.
    pub const PURE: Self = Self {
        memory: 1 << 30,
        transfer: 512 << 20,
        computing: Duration::from_secs(60),
        in_all: Duration::from_secs(60),
    };

    /// The part of it that wasmtime watches over.
    pub fn limits(&self) -> Limits {
        Limits {
            each: StoreLimitsBuilder::new()
                .memory_size(self.memory)
                .memories(4)
                .instances(32)
                .tables(16)
                .table_elements(TABLE_ELEMENTS)
                .build(),
            memory: self.memory,
            elements: TABLE_ELEMENTS,
        }
    }
}

/// Limits on each memory and table of an instance, and on all of them together.
pub struct Limits {
    each: StoreLimits,
    /// Bytes that its memories may still grow by.
    memory: usize,
    /// Elements that its tables may still grow by.
    elements: usize,
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let granted = more <= self.memory && self.each.memory_growing(current, desired, maximum)?;
        if granted {
            self.memory -= more;
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let granted =
            more <= self.elements && self.each.table_growing(current, desired, maximum)?;
        if granted {
            self.elements -= more;
        }
        Ok(granted)
    }

    fn instances(&self) -> usize {
        self.each.instances()
    }

    fn tables(&self) -> usize {
        self.each.tables()
    }

    fn memories(&self) -> usize {
        self.each.memories()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_memories_share_one_allowance() {
        let mut limits = Allowance::TARGET.limits();
        let half = Allowance::TARGET.memory / 2;
        let mut grow = |from, to| limits.memory_growing(from, to, None).expect("no error");
        assert!(grow(0, half) && grow(0, half));
        assert!(!grow(0, 64 << 10), "a third memory");
        assert!(!grow(half, half + (64 << 10)), "more of the first");
    }

    #[test]
    fn several_tables_share_one_allowance() {
        let mut limits = Allowance::TARGET.limits();
        let mut grow = |from, to| limits.table_growing(from, to, None).expect("no error");
        assert!(grow(0, TABLE_ELEMENTS) && !grow(0, 1));
    }
}
