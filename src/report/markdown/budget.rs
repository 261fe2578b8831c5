//! Room in bytes, given to parts in the order of their importance.

use crate::report::view::plural;

/// Room for the note, in bytes.
const NOTE: usize = 500;

/// What is left of the room, and what has found none.
pub(super) struct Budget {
    left: usize,
    /// Whether something found no room, so that nothing that matters less gets any.
    closed: bool,
    missing: Vec<String>,
}

impl Budget {
    /// Room of so many bytes, some of which is kept for the note.
    pub(super) const fn new(room: usize) -> Self {
        Self {
            left: room.saturating_sub(NOTE),
            closed: false,
            missing: Vec::new(),
        }
    }

    /// How much is left, in bytes.
    pub(super) const fn left(&self) -> usize {
        self.left
    }

    /// The part, if there is room for all of it; else nothing.
    pub(super) fn whole(&mut self, name: &str, part: String) -> String {
        let kept = self.take(&part);
        if kept {
            return part;
        }
        self.closed = true;
        self.missing.push(name.to_owned());
        String::new()
    }

    /// The first of so many items, as many as there is room for. Those that are missing are counted as so many of a
    /// `noun`, behind a `prefix`, and are not made.
    pub(super) fn first(
        &mut self,
        count: usize,
        make: &dyn Fn(usize) -> String,
        prefix: &str,
        noun: &str,
    ) -> String {
        let mut text = String::new();
        for number in 0..count {
            let item = make(number);
            if !self.take(&item) {
                self.closed = true;
                self.missing
                    .push(format!("{prefix}{}", plural(count - number, noun)));
                break;
            }
            text.push_str(&item);
        }
        text
    }

    /// The same as a list: a heading, the items, an empty line; nothing if there is no item.
    pub(super) fn list(
        &mut self,
        heading: &str,
        count: usize,
        make: &dyn Fn(usize) -> String,
        noun: &str,
    ) -> String {
        let before = self.left;
        self.left = self.left.saturating_sub(heading.len() + 1);
        let text = self.first(count, make, "", noun);
        if text.is_empty() {
            self.left = before;
            return text;
        }
        format!("{heading}{text}\n")
    }

    /// The same of items that are made already, within a share of the room. One that is too small for the list closes
    /// nothing.
    pub(super) fn share(
        &mut self,
        share: usize,
        heading: &str,
        items: &[String],
        noun: &str,
    ) -> String {
        let mut own = Self {
            left: share.min(self.left),
            closed: false,
            missing: Vec::new(),
        };
        let text = own.list(heading, items.len(), &|number| items[number].clone(), noun);
        self.left -= text.len();
        self.missing.append(&mut own.missing);
        text
    }

    fn take(&mut self, part: &str) -> bool {
        match self.left.checked_sub(part.len()) {
            Some(left) if !self.closed => {
                self.left = left;
                true
            }
            _ => part.is_empty(),
        }
    }

    /// What is missing, the least important first; nothing if all is there.
    pub(super) fn note(self) -> String {
        if self.missing.is_empty() {
            return String::new();
        }
        let missing: Vec<String> = self.missing.into_iter().rev().collect();
        format!(
            "_There was no room for all of it. Left out, in this order: {}. The results file has everything._\n",
            missing.join(", ")
        )
    }
}
