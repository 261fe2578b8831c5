//! What a target says, read and looked at as a whole before anything is sent.

mod reader;
mod results;

use super::place::Place;
use super::request::Request;
use crate::error::{Code, Problem};
use crate::model::{Mistake, Target};

/// A service as its target describes it.
#[derive(Debug, Clone)]
pub struct Settings {
    pub trigger: Request,
    pub run_id: Option<Place>,
    pub poll: Request,
    /// The first that leads to a word counts.
    pub states: Vec<Place>,
    pub results: Option<Request>,
    pub next: Option<Next>,
    pub tests: Option<Tests>,
    pub cancel: Option<Request>,
    pub run_url: Option<Place>,
}

/// Where a list of results tells that it goes on.
#[derive(Debug, Clone)]
pub enum Next {
    /// A path or URL in the answer.
    Address(Place),
    /// A cursor in the answer, and the request in which it is put.
    Cursor(Place, Request),
    /// The `Link` header. Source: RFC 8288.
    Link,
}

/// The word for [`Next::Link`].
pub const LINK: &str = "link";

/// Where the results are, and where each has what is reported of it.
#[derive(Debug, Clone)]
pub struct Tests {
    pub list: Place,
    pub verdict: Place,
    pub name: Option<Place>,
    pub suite: Option<Place>,
    pub duration: Option<Place>,
    /// Milliseconds to one unit of a duration.
    pub unit_ms: f64,
    pub message: Option<Place>,
    pub url: Option<Place>,
}

/// The longest time between two looks, in seconds. Ours: who waits longer finds no run that ended in time.
pub const LONGEST_POLL: i64 = 3_600;

impl Settings {
    /// Reads the settings of a target.
    ///
    /// # Errors
    /// All mistakes found.
    pub fn read(target: &Target) -> Result<Self, Vec<Mistake>> {
        reader::read(target)
    }

    /// As [`Self::read`], with the mistakes as one problem.
    ///
    /// # Errors
    /// All mistakes found.
    pub fn sound(target: &Target) -> Result<Self, Problem> {
        Self::read(target).map_err(|mistakes| {
            let told: Vec<String> = mistakes
                .into_iter()
                .map(|mistake| match mistake.parameter {
                    Some(parameter) => format!("`{parameter}`: {}", mistake.message),
                    None => mistake.message,
                })
                .collect();
            Problem::new(Code::Usage, told.join("; "))
        })
    }
}
