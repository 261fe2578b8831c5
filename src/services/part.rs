//! Naming a part of what a target runs.

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
    /// Whether a suite of the reports is about it: it has its title, and behind that perhaps where it was run.
    #[must_use]
    pub fn is_of(&self, suite: &str) -> bool {
        self.rest_of(suite).is_some()
    }

    /// What follows the title in a suite's name, if that is about it.
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
        let mut wanted = vec![false; self.pieces.len()];
        for suite in self.suites {
            // A title may hold another one with something in brackets behind it: then the whole name counts.
            let whole = |piece: &Piece| piece.title == *suite;
            let is_whole = self.pieces.iter().any(whole);
            let mut is_known = false;
            for (piece, wanted) in self.pieces.iter().zip(&mut wanted) {
                if whole(piece) || (!is_whole && piece.is_of(suite)) {
                    *wanted = true;
                    is_known = true;
                }
            }
            if !is_known {
                return Err(format!("nothing tells what {suite:?} is at the service"));
            }
        }
        let pieces = self.pieces.iter().zip(wanted);
        Ok(pieces
            .filter(|(_, wanted)| *wanted)
            .map(|(piece, _)| piece)
            .collect())
    }
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
