//! Looking at one run, again and again.

use serde_json::Value;

use super::State;
use crate::api::{Client, Failure};

/// What one look brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub state: State,
    /// What the state was read from; at the run's end all that the service's `collect` may need.
    pub body: Value,
}

/// Looks at one run. It may remember what it saw, as where the test rather than the run is asked for.
pub trait Observer {
    /// Looks once. The engine decides when the next look is due, and what a failure means.
    ///
    /// # Errors
    /// What the look failed of.
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure>;
}

/// Reads the state where the description's `state` says, from one address.
#[must_use]
pub fn state_at(path: String) -> Box<dyn Observer> {
    Box::new(StateAt(path))
}

struct StateAt(String);

impl Observer for StateAt {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        let answer = client.get_once(&self.0)?;
        Ok(Seen {
            state: client.service().state(&answer.json, "state"),
            body: answer.json,
        })
    }
}
