//! Naming a part of what a target runs.

use std::collections::HashMap;

use crate::model::{Setting, Target, Value};

/// One thing that a target runs, which has a trigger of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What the service knows it by.
    pub subject: String,
    /// What the reports call it.
    pub title: String,
}

impl Piece {
    /// What follows the title in a suite's name, if that is about it: nothing, or in brackets where it was run.
    #[must_use]
    pub fn rest_of<'a>(&self, suite: &'a str) -> Option<&'a str> {
        let rest = suite.strip_prefix(&self.title)?;
        (rest.is_empty() || (rest.starts_with(" (") && rest.ends_with(')'))).then_some(rest)
    }
}

/// What failed.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// The suites of the failed tests, each once.
    pub suites: &'a [&'a str],
    /// All that the target has run.
    pub pieces: &'a [Piece],
}

/// Narrows a target's settings to what failed, or says why that cannot be named.
pub type Narrow = fn(&Target, Failed) -> Result<Vec<Setting>, String>;

impl<'a> Failed<'a> {
    /// The pieces that failed, in the order in which they were run.
    ///
    /// # Errors
    /// If a suite is about none of them.
    pub fn pieces(self) -> Result<Vec<&'a Piece>, String> {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            places.entry(&piece.title).or_default().push(at);
        }
        let mut wanted = vec![false; self.pieces.len()];
        for suite in self.suites {
            // A title may hold another one with something in brackets behind it: then the whole name counts.
            let about: Vec<&Vec<usize>> = match places.get(suite) {
                Some(whole) => vec![whole],
                None => titles_in(suite)
                    .filter_map(|title| places.get(title))
                    .collect(),
            };
            if about.is_empty() {
                return Err(format!("nothing tells what {suite:?} is at the service"));
            }
            for at in about.into_iter().flatten() {
                wanted[*at] = true;
            }
        }
        let pieces = self.pieces.iter().zip(wanted);
        Ok(pieces
            .filter(|(_, wanted)| *wanted)
            .map(|(piece, _)| piece)
            .collect())
    }
}

/// The titles that a suite's name may have in front of what is in brackets.
fn titles_in(suite: &str) -> impl Iterator<Item = &str> {
    let brackets = suite.match_indices(" (").filter(|_| suite.ends_with(')'));
    brackets.map(|(at, _)| &suite[..at])
}

/// The target's settings with others in the place of those of these names.
#[must_use]
pub fn replaced(target: &Target, names: &[&str], others: Vec<Setting>) -> Vec<Setting> {
    let kept = target.settings.iter();
    let kept = kept.filter(|setting| !names.contains(&setting.name.as_str()));
    kept.cloned().chain(others).collect()
}

/// A setting with several values.
#[must_use]
pub fn texts(name: &str, values: Vec<String>) -> Setting {
    Setting {
        name: name.to_owned(),
        value: Value::Texts(values),
    }
}
