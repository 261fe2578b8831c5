use super::Item;
use crate::error::Problem;

/// What is to be made, beside what the target says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The description of the API under test, as text.
    pub schema: Option<String>,
    /// What else there is to read about it.
    pub docs: Option<String>,
    /// What to pay attention to, in somebody's own words.
    pub prompt: Option<String>,
    /// How many suites to make at most.
    pub max_suites: Option<u32>,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// What is there and was not before.
    pub items: Vec<Item>,
    /// The job at the service, once it is known.
    pub job: Option<String>,
    /// Why it did not come to its end, or to nothing.
    pub problem: Option<Problem>,
    pub warnings: Vec<String>,
}
