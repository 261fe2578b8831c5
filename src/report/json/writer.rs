//! Writes JSON piece by piece, indented by two blanks a level.

use std::fmt::Display;

use super::quoted;

/// JSON in the making. Every value but the outermost stands behind a [`Writer::key`] or a [`Writer::item`].
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// Begins an object (`{`) or a list (`[`).
    pub(super) fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
    }

    /// Ends an object (`}`) or a list (`]`).
    pub(super) fn close(&mut self, bracket: char) {
        self.depth -= 1;
        if !self.text.ends_with(['{', '[']) {
            self.line();
        }
        self.text.push(bracket);
    }

    /// Begins a member of an object; its value comes next.
    pub(super) fn key(&mut self, name: &str) {
        self.item();
        self.string(name);
        self.text.push_str(": ");
    }

    /// Begins an element of a list; its value comes next.
    pub(super) fn item(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
        self.line();
    }

    /// A text as a value. What could do harm in a terminal or a log is written by number.
    pub(super) fn string(&mut self, text: &str) {
        self.text.push_str(&quoted(text));
    }

    /// A number, a truth value or `null`.
    pub(super) fn plain(&mut self, value: &dyn Display) {
        self.text.push_str(&value.to_string());
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    fn line(&mut self) {
        self.text.push('\n');
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }
}
