//! The `[testclix]` part of a scenario.

use serde::Deserialize;

use super::defaults;
pub use super::state::Spelling;
pub use super::test::Test;

/// What TestCLIX holds and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub tests: Vec<Test>,
    /// How often tests may still be started; no limit if left out.
    pub executions_left: Option<u32>,
    /// How many requests a minute a key may make; 0 is any number. No limit is documented.
    pub requests_per_minute: u32,
    /// Whether an answer 429 says when to come again.
    pub retry_after: bool,
    pub ampersand: Ampersand,
    pub spelling: Spelling,
    pub items: Items,
    /// Whether errors have `Message` in the place of `message`.
    pub capital_message: bool,
}

/// Which form of the ampersand in a path is known; the other one is 404. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ampersand {
    Both,
    /// `%26`
    Encoded,
    /// `&`
    Bare,
}

/// What stands for a test in the list of failing ones. Not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Items {
    Ids,
    Names,
    /// With `test_id`, `name` and `status`.
    Objects,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tests: defaults::tests(),
            executions_left: None,
            requests_per_minute: 0,
            retry_after: true,
            ampersand: Ampersand::Both,
            spelling: Spelling::Blank,
            items: Items::Ids,
            capital_message: false,
        }
    }
}

impl Settings {
    /// What `proctor demo` shows: a shop whose search has broken.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            tests: defaults::demo(),
            ..Self::default()
        }
    }
}
