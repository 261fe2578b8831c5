//! From test cases to what Testmo takes: tests in the form in which the vendor's own client sends them, in batches.
//!
//! Sources: the API reference (docs.testmo.com/api), the JUnit XML guide (github.com/testmoapp/junitxml), and how the
//! vendor's client `@testmo/testmo-cli` 1.4.0 behaves, against which the form was compared. What differs on purpose:
//!
//! - Steps and HTML that stands in a test's output are escaped.
//! - The HTML of steps is cut between steps and never in a tag.
//! - Of two tests with one key in a thread the later one gets a key of its own ([`Batches`]).
//! - References to characters (`&#228;`) are resolved everywhere, so a name that is written with them has another key.

mod artifact;
mod batches;
mod field;
mod keys;
mod limits;
mod run;
mod steps;
mod wire;

pub use batches::{Batch, Batches};
pub use run::{run_field, run_link};

use serde_json::Value;

use self::field::Gathered;
use super::junit::{Outcome, Top};

/// The words for the outcomes of a test: aliases of statuses, which the administrators of an instance set.
///
/// The default is what the vendor's client sends, as those work in every instance that uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub passed: String,
    pub failure: String,
    pub error: String,
    pub skipped: String,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            passed: "passed".to_owned(),
            failure: "failure".to_owned(),
            error: "error".to_owned(),
            skipped: "skipped".to_owned(),
        }
    }
}

impl Words {
    /// The word for an outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> &str {
        match outcome {
            Outcome::Passed => &self.passed,
            Outcome::Failure => &self.failure,
            Outcome::Error => &self.error,
            Outcome::Skipped => &self.skipped,
        }
    }
}

/// What a file says of all its tests, as the `fields` of a thread.
///
/// A thread takes no steps; attachments in it are left out, as the vendor's client does.
#[must_use]
pub fn thread_fields(top: Top) -> Vec<Value> {
    let mut fields = Vec::new();
    for field in Gathered::from(top.resources).fields {
        if fields.len() < limits::MOST_FIELDS {
            fields.push(field.wire());
        }
    }
    fields
}

#[cfg(test)]
mod tests;
