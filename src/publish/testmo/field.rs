//! Fields: named values of a test or a thread, and what properties become.

use serde_json::{Map, Value};

use super::limits::{self, LONG};
use super::steps::{self, Step};
use crate::publish::junit::{Output, Property, Resources};

/// What a field's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    String = 1,
    Text = 2,
    Html = 3,
    Console = 4,
    Url = 5,
}

/// A named value.
pub(super) struct Field {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) value: String,
    /// More about it, shown beside it.
    pub(super) meta: Vec<(&'static str, String)>,
    /// Whether it is shown at once. Attachments do not say.
    pub(super) highlight: Option<bool>,
}

/// What a test or a suite brings along, sorted by what becomes of it.
#[derive(Default)]
pub(super) struct Gathered {
    /// Names and what they point to.
    pub(super) attachments: Vec<(String, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) steps: Vec<Step>,
}

impl Field {
    /// A plain one.
    pub(super) const fn new(kind: Kind, name: String, value: String) -> Self {
        Self {
            kind,
            name,
            value,
            meta: Vec::new(),
            highlight: Some(false),
        }
    }

    /// In the form of the service.
    pub(super) fn wire(&self) -> Value {
        let value = match self.kind {
            Kind::Text | Kind::Console => limits::middle(&self.value),
            Kind::Html => limits::start(&self.value, LONG).to_owned(),
            Kind::String | Kind::Url => limits::string(&self.value).to_owned(),
        };
        let mut field = Map::new();
        field.insert("type".to_owned(), Value::from(self.kind as u8));
        field.insert("name".to_owned(), limits::string(&self.name).into());
        field.insert("value".to_owned(), Value::String(value));
        if !self.meta.is_empty() {
            let mut meta = Map::new();
            for (name, value) in &self.meta {
                meta.insert((*name).to_owned(), limits::string(value).into());
            }
            field.insert("meta".to_owned(), Value::Object(meta));
        }
        if let Some(highlight) = self.highlight {
            field.insert("is_highlight".to_owned(), Value::Bool(highlight));
        }
        Value::Object(field)
    }
}

impl From<Resources> for Gathered {
    fn from(resources: Resources) -> Self {
        let mut all = Self::default();
        let Resources {
            output,
            errors,
            properties,
        } = resources;
        let printed = [all.output("Output", output), all.output("Errors", errors)];
        for property in printed.into_iter().flatten() {
            all.property(property, true);
        }
        for property in properties {
            all.property(property, false);
        }
        all
    }
}

impl Gathered {
    /// Takes output, and gives back the properties in it.
    fn output(&mut self, name: &str, output: Output) -> Vec<Property> {
        for value in output.attachments {
            self.attachments.push(("attachment".to_owned(), value));
        }
        if !output.text.is_empty() {
            let field = Field::new(Kind::Console, name.to_owned(), output.text);
            self.fields.push(field);
        }
        output.properties
    }

    fn property(&mut self, property: Property, is_printed: bool) {
        if begins_with(&property.name, "attachment") {
            self.attachments.push((property.name, property.value));
        } else if begins_with(&property.name, "step") {
            self.steps.push(Step {
                status: steps::status(&property.name),
                text: property.value,
            });
        } else {
            self.fields.push(typed(property, is_printed));
        }
    }
}

/// A field whose kind its name says: `url:Build` is an address.
///
/// HTML in the properties was written by the author of the tests and goes as it is. In the output it may come from the
/// system under test, so it is escaped there.
pub(super) fn typed(property: Property, is_printed: bool) -> Field {
    const KINDS: [(&str, Kind); 5] = [
        ("string:", Kind::String),
        ("text:", Kind::Text),
        ("html:", Kind::Html),
        ("console:", Kind::Console),
        ("url:", Kind::Url),
    ];
    let Property {
        mut name,
        mut value,
        is_text,
    } = property;
    let mut kind = if is_text { Kind::Text } else { Kind::String };
    for (prefix, named) in KINDS {
        if name.starts_with(prefix) {
            name.drain(..prefix.len());
            kind = named;
            break;
        }
    }
    if kind == Kind::Url && !value.starts_with("https://") {
        kind = Kind::String;
    }
    if kind == Kind::Html && is_printed {
        value = steps::escape(&value);
    }
    Field::new(kind, name, value)
}

/// Whether a name begins with a word, in capitals or not.
fn begins_with(name: &str, word: &str) -> bool {
    let begin = name.as_bytes().get(..word.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(word.as_bytes()))
}
