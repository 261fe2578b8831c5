//! What one append sends: a batch of tests, and with the last one what the thread says of all of them.

use serde_json::Value;

use crate::api::json;
use crate::model::Tally;
use crate::publish::junit::Outcome;
use crate::publish::testmo::{Batch, Words};

/// A batch and the thread's fields that go with it.
pub struct Lot {
    batch: Batch,
    fields: Vec<Value>,
}

impl Lot {
    pub const fn new(batch: Batch, fields: Vec<Value>) -> Self {
        Self { batch, fields }
    }

    /// Reads what [`Self::body`] wrote, and counts its tests. Their statuses are told in the words of today. None if it
    /// is something else.
    pub fn read(mut line: Value, (then, now): (&Words, &Words), tally: &mut Tally) -> Option<Self> {
        let tests = line.get_mut("tests")?.as_array_mut()?;
        let mut read = Tally::default();
        for test in tests.iter_mut() {
            let status = test.get_mut("status")?;
            let outcome = outcome(then, status.as_str()?);
            if let Some(outcome) = outcome {
                *status = now.of(outcome).into();
            }
            // What nobody knows has not passed.
            count(&mut read, outcome.unwrap_or(Outcome::Error));
        }
        let batch = Batch::read(tests)?;
        let fields = line.get_mut("fields").and_then(Value::as_array_mut);
        let fields = fields.map(std::mem::take).unwrap_or_default();
        if batch.is_empty() {
            return None;
        }
        tally.passed += read.passed;
        tally.failed += read.failed;
        tally.errored += read.errored;
        tally.skipped += read.skipped;
        Some(Self::new(batch, fields))
    }

    /// What the thread says of all its tests.
    pub const fn fields(&mut self) -> &mut Vec<Value> {
        &mut self.fields
    }

    /// How many tests it has.
    pub fn len(&self) -> u64 {
        self.batch.len() as u64
    }

    /// The sum of the tests' times, in microseconds.
    pub fn elapsed_us(&self) -> u64 {
        self.batch.elapsed_us()
    }

    /// The body of the append. The times are the thread's, so that they are not counted twice.
    pub fn body(&self) -> String {
        let body = self.batch.body(None);
        if self.fields.is_empty() {
            return body;
        }
        let fields = json::written(&Value::Array(self.fields.clone()));
        // Both are objects.
        format!("{{\"fields\":{fields},{}", &body[1..])
    }

    /// Takes the later half away; none of a single test.
    pub fn split(&mut self) -> Option<Self> {
        let batch = self.batch.split()?;
        Some(Self::new(batch, std::mem::take(&mut self.fields)))
    }
}

/// Counts one more test.
pub const fn count(tally: &mut Tally, outcome: Outcome) {
    match outcome {
        Outcome::Passed => tally.passed += 1,
        Outcome::Failure => tally.failed += 1,
        Outcome::Error => tally.errored += 1,
        Outcome::Skipped => tally.skipped += 1,
    }
}

/// How many tests are counted.
pub const fn all(tally: &Tally) -> u64 {
    tally.passed + tally.failed + tally.errored + tally.skipped
}

/// The outcome that a word stands for.
fn outcome(words: &Words, word: &str) -> Option<Outcome> {
    let all = [
        Outcome::Passed,
        Outcome::Skipped,
        Outcome::Failure,
        Outcome::Error,
    ];
    all.into_iter().find(|&outcome| words.of(outcome) == word)
}
