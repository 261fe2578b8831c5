//! Properties, of which so many are kept.

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    pub name: String,
    pub value: String,
    /// Whether the value was the text of the element, or several lines of output.
    pub is_text: bool,
}

/// How many properties of one element are kept: more than any service takes.
const MOST: usize = 1000;
/// How long they may be together, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A list of properties. What is too much is left out.
#[derive(Default)]
pub(super) struct Properties {
    list: Vec<Property>,
    length: usize,
}

impl Properties {
    pub(super) fn push(&mut self, name: &str, value: &str, is_text: bool) {
        let length = self.length + name.len() + value.len();
        if self.list.len() < MOST && length <= LONGEST {
            self.length = length;
            self.list.push(Property {
                name: name.to_owned(),
                value: value.to_owned(),
                is_text,
            });
        }
    }

    pub(super) fn finish(self) -> Vec<Property> {
        self.list
    }
}
