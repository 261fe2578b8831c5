//! How many tests there are of each kind, and what follows for their run or thread.

use serde_json::{Map, Value, json};

use super::scenario::{Outcome, Settings, StatusWhileRunning};
use super::store::Test;

/// How many statuses an instance can have.
const STATUSES: usize = 24;

/// The numbers of a run or thread.
#[derive(Default)]
pub struct Counts {
    untested: u64,
    of: [u64; STATUSES],
    success: u64,
    failure: u64,
}

impl Counts {
    pub fn of<'t>(tests: impl Iterator<Item = &'t Test>) -> Self {
        let mut counts = Self::default();
        for test in tests {
            counts.add(test);
        }
        counts
    }

    fn add(&mut self, test: &Test) {
        let place = test
            .status
            .and_then(|status| usize::from(status).checked_sub(1));
        match place.and_then(|place| self.of.get_mut(place)) {
            Some(count) => *count += 1,
            None => self.untested += 1,
        }
        match test.outcome {
            Outcome::Neutral => {}
            Outcome::Success => self.success += 1,
            Outcome::Failure => self.failure += 1,
        }
    }

    fn completed(&self) -> u64 {
        self.of.iter().sum()
    }

    /// The number of a run's or thread's status. ASSUMED: one without tests that is completed is a success.
    pub fn status(&self, is_completed: bool, settings: &Settings) -> u64 {
        let early = settings.status_while_running == StatusWhileRunning::Early;
        let decided = is_completed || (early && self.completed() > 0);
        match (decided, self.failure) {
            (false, _) => 4,
            (true, 0) => 2,
            (true, _) => 3,
        }
    }

    /// Adds the members that tell them.
    pub fn tell(&self, members: &mut Map<String, Value>) {
        let completed = self.completed();
        let mut tell = |name: &str, count: u64| members.insert(name.to_owned(), json!(count));
        tell("untested_count", self.untested);
        for (index, count) in self.of.iter().enumerate() {
            tell(&format!("status{}_count", index + 1), *count);
        }
        tell("success_count", self.success);
        tell("failure_count", self.failure);
        tell("completed_count", completed);
        tell("total_count", completed + self.untested);
    }
}
