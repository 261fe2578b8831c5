//! Which suite stands for the whole file: its time and properties are those of all tests in it.

use super::case::{Resources, Seen};

/// What the file says of all its tests together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Top {
    /// In microseconds.
    pub elapsed_us: Option<u64>,
    pub resources: Resources,
}

/// What is known of the document, or of a suite that may stand for it.
#[derive(Default)]
struct Level {
    suites: usize,
    has_cases: bool,
    has_time: bool,
    elapsed_us: Option<u64>,
    seen: Seen,
    resources: Resources,
}

/// The document, its first suite, the first suite in that, and so on.
///
/// Only those can be the single top element, and whether one is, is known at the end of the file.
pub(super) struct Suites {
    levels: Vec<Level>,
    /// Which level is open.
    open: usize,
    /// How many suites are open in it that are no level.
    others: usize,
}

impl Suites {
    pub(super) fn new() -> Self {
        Self {
            levels: vec![Level::default()],
            open: 0,
            others: 0,
        }
    }

    /// Whether no suite is open.
    pub(super) const fn is_outside(&self) -> bool {
        self.open == 0 && self.others == 0
    }

    /// Whether there was anything.
    pub(super) fn is_empty(&self) -> bool {
        self.levels[0].suites == 0 && !self.levels[0].has_cases
    }

    /// A suite begins.
    pub(super) fn enter(&mut self, has_time: bool, elapsed_us: Option<u64>) {
        let level = &mut self.levels[self.open];
        if self.others == 0 {
            level.suites += 1;
        }
        if self.others > 0 || level.suites > 1 {
            self.others += 1;
            return;
        }
        self.levels.push(Level {
            has_time,
            elapsed_us,
            ..Level::default()
        });
        self.open += 1;
    }

    /// A suite ends.
    pub(super) const fn leave(&mut self) {
        if self.others > 0 {
            self.others -= 1;
        } else {
            self.open -= 1;
        }
    }

    /// A case begins.
    pub(super) fn case(&mut self) {
        if self.others == 0 {
            self.levels[self.open].has_cases = true;
        }
    }

    /// Where what the open suite brings along is kept, if it may stand for the file.
    pub(super) fn resources(&mut self) -> Option<(&mut Resources, &mut Seen)> {
        if self.others > 0 || self.open == 0 {
            return None;
        }
        let level = &mut self.levels[self.open];
        Some((&mut level.resources, &mut level.seen))
    }

    /// What the file says of all its tests.
    ///
    /// The outermost element with a time gives the time, the outermost with something else gives that, as long as each
    /// is the only suite in the one around it and no case stands beside it.
    ///
    /// Source: the vendor's client.
    pub(super) fn finish(self) -> Top {
        let mut top = Top::default();
        let (mut has_time, mut has_any) = (false, false);
        for level in self.levels {
            if level.has_time && !has_time {
                has_time = true;
                top.elapsed_us = level.elapsed_us;
            }
            if level.seen.any() && !has_any {
                has_any = true;
                top.resources = level.resources;
            }
            if level.has_cases || level.suites != 1 {
                break;
            }
        }
        top
    }
}
