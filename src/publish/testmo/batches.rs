//! Tests in batches, each of which is one request.

use serde_json::Value;

use super::Words;
use super::keys::Keys;
use super::wire::test;
use crate::publish::junit::Case;

/// How many tests are sent at once, as by the vendor's client. The server's limit is not documented.
const MOST_TESTS: usize = 250;
/// How long a batch may be, in bytes of JSON.
///
/// ASSUMED: a server takes at least this much; 250 tests with all that may be said of each would be a gigabyte.
const LONGEST: usize = 4 * 1024 * 1024;

/// Makes batches of the cases of one thread. One for all its files, as keys must differ within a thread.
#[derive(Default)]
pub struct Batches {
    words: Words,
    keys: Keys,
    batch: Batch,
    length: usize,
    unnamed: usize,
}

/// Some tests that are sent at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    tests: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    /// In the form of the service.
    json: String,
    elapsed_us: u64,
}

impl Batches {
    /// Begins with none; the words say how tests ended.
    #[must_use]
    pub fn new(words: Words) -> Self {
        Self {
            words,
            ..Self::default()
        }
    }

    /// Adds a case. If the batch was full without it, that is given back and the next one begun.
    ///
    /// A case without a name is left out, as by the vendor's client, and counted.
    pub fn push(&mut self, case: Case) -> Option<Batch> {
        if case.name.is_empty() {
            self.unnamed += 1;
            return None;
        }
        let elapsed_us = case.elapsed_us.unwrap_or_default();
        let json = test(case, &self.words, &mut self.keys).to_string();
        let is_full = self.batch.len() == MOST_TESTS || self.length + json.len() + 1 > LONGEST;
        let full = if is_full { self.finish() } else { None };
        self.length += json.len() + 1;
        self.batch.tests.push(Test { json, elapsed_us });
        full
    }

    /// The last batch, if there is one.
    pub fn finish(&mut self) -> Option<Batch> {
        self.length = 0;
        let batch = std::mem::take(&mut self.batch);
        (!batch.is_empty()).then_some(batch)
    }

    /// How many cases were left out for want of a name.
    #[must_use]
    pub const fn unnamed(&self) -> usize {
        self.unnamed
    }
}

impl Batch {
    /// Reads tests that are in the form of the service already, as [`Self::body`] writes them; none if they are not.
    #[must_use]
    pub fn read(tests: &[Value]) -> Option<Self> {
        let mut batch = Self::default();
        for test in tests {
            // What the service cannot do without.
            for member in ["key", "name", "folder", "status"] {
                test.get(member)?.as_str()?;
            }
            batch.tests.push(Test {
                json: test.to_string(),
                elapsed_us: test.get("elapsed").and_then(Value::as_u64).unwrap_or(0),
            });
        }
        Some(batch)
    }

    /// How many tests it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tests.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// The sum of the tests' times, in microseconds.
    #[must_use]
    pub fn elapsed_us(&self) -> u64 {
        let mut sum: u64 = 0;
        for test in &self.tests {
            sum = sum.saturating_add(test.elapsed_us);
        }
        sum
    }

    /// The body of the request that appends these tests. What `elapsed_computed` says is added to the thread's time.
    #[must_use]
    pub fn body(&self, elapsed_computed_us: Option<u64>) -> String {
        let length: usize = self.tests.iter().map(|test| test.json.len() + 1).sum();
        let mut body = String::with_capacity(length + 64);
        body.push('{');
        if let Some(elapsed) = elapsed_computed_us {
            body.push_str("\"elapsed_computed\":");
            body.push_str(&elapsed.to_string());
            body.push(',');
        }
        body.push_str("\"tests\":[");
        for (number, test) in self.tests.iter().enumerate() {
            if number > 0 {
                body.push(',');
            }
            body.push_str(&test.json);
        }
        body.push_str("]}");
        body
    }

    /// Takes the later half away, for a server that says a batch is too long. None of a single test.
    pub fn split(&mut self) -> Option<Self> {
        let half = self.tests.len().div_ceil(2);
        let tests = self.tests.split_off(half);
        (!tests.is_empty()).then_some(Self { tests })
    }
}
