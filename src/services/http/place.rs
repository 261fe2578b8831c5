//! A place in an answer: a JSONPath. Source: RFC 9535.

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::api::json;

/// The longest path that is read, in bytes. Ours.
const LONGEST: usize = 2_000;

/// How deep brackets may stand in each other. Ours: the parser takes twice as long with each filter inside a filter.
const DEEPEST: usize = 12;

/// A JSONPath, and how it was written.
#[derive(Debug, Clone)]
pub struct Place {
    written: String,
    path: JsonPath,
}

impl Place {
    /// Reads a JSONPath.
    ///
    /// # Errors
    /// Where it is none, or uses what there is not.
    pub fn read(written: &str) -> Result<Self, String> {
        if written.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        if depth(written) > DEEPEST {
            return Err(format!(
                "its brackets stand more than {DEEPEST} deep in each other"
            ));
        }
        match JsonPath::parse(written) {
            Ok(path) => Ok(Self {
                written: written.to_owned(),
                path,
            }),
            Err(error) => Err(told(written, error.position(), error.message())),
        }
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it leads to one value at most, so that its absence is not an empty list. Not whether it is what RFC 9535
    /// calls a singular query: a quoted name with one of these characters only makes it less strict.
    pub fn is_single(&self) -> bool {
        !self.written.contains("..") && !self.written.contains(['*', '?', ':', ','])
    }

    /// All values there.
    pub fn all<'a>(&self, answer: &'a Value) -> Vec<&'a Value> {
        self.path.query(answer).all()
    }

    /// The different words there: texts, numbers and truth values. What is empty or null is none.
    pub fn words(&self, answer: &Value) -> Vec<String> {
        let mut words = Vec::new();
        for word in self.all(answer).into_iter().filter_map(json::scalar) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The word there, if it is one and no other.
    pub fn word(&self, answer: &Value) -> Option<String> {
        let mut words = self.words(answer);
        match words.len() {
            1 => words.pop(),
            _ => None,
        }
    }

    /// The values there, and the items of those that are lists; none where a single value is looked for and missing.
    pub fn list<'a>(&self, answer: &'a Value) -> Option<Vec<&'a Value>> {
        let found = self.all(answer);
        if self.is_single() && found.iter().all(|value| value.is_null()) {
            return None;
        }
        let mut items = Vec::with_capacity(found.len());
        for value in found {
            match value {
                Value::Array(list) => items.extend(list),
                other => items.push(other),
            }
        }
        Some(items)
    }

    /// The address there, if it is one that people can open.
    pub fn link(&self, answer: &Value) -> Option<String> {
        self.word(answer)
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }
}

/// How deep the brackets stand in each other, those in quoted names included.
fn depth(written: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in written.chars() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What is wrong with a path. The parser's own message tells something only where it is about a function.
fn told(written: &str, position: usize, message: &str) -> String {
    let place = written
        .get(..position)
        .map_or(position, |before| before.chars().count())
        + 1;
    if message.contains("'match'") || message.contains("'search'") {
        return format!(
            "`{written}` uses match() or search(), which are not there; compare with == instead"
        );
    }
    let why = message.rsplit(", ").next().unwrap_or(message);
    match why {
        "parser error" | "empty error" => {
            format!(
                "`{written}` is no JSONPath (RFC 9535): it makes no sense from character {place} on"
            )
        }
        why => format!("`{written}` is no JSONPath (RFC 9535): at character {place}, {why}"),
    }
}
