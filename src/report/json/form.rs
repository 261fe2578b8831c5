//! What JSON must look like, as data, and reading it so that errors say where the text is wrong.
//!
//! One reader follows a table. A type with its own reader for every part of the file would be ten times its size.

use std::fmt;
use std::time::UNIX_EPOCH;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::Code;
use crate::model::Verdict;
use crate::report::clean::one_line;

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Anything at all; it is passed over.
    Any,
    Text,
    /// A whole number from the first to the second.
    Number(u64, u64),
    Truth,
    /// The word for a verdict.
    Verdict,
    /// The name of a code.
    Code,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A time in UTC as in RFC 3339; read as milliseconds since the Unix epoch.
    Moment,
    /// `null`, or absent, or this.
    Optional(&'static Form),
    List(&'static Form),
    /// These members, and any other, which are passed over.
    Object(&'static [(&'static str, Form)]),
}

impl Form {
    /// Reads a text of this form.
    pub(super) fn read(self, text: &str) -> serde_json::Result<Value> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = self.deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// The form of what is there if it is not `null`.
    const fn inner(self) -> Self {
        match self {
            Self::Optional(inner) => *inner,
            other => other,
        }
    }

    /// Takes a value that is neither a list nor an object, or says why not.
    fn take(self, value: Value) -> Result<Value, String> {
        if matches!(self, Self::Any) || matches!((self, &value), (Self::Optional(_), Value::Null)) {
            return Ok(value);
        }
        let fits = match (self.inner(), &value) {
            (Self::Text, Value::String(_)) | (Self::Truth, Value::Bool(_)) => true,
            (Self::Number(least, most), Value::Number(number)) => number
                .as_u64()
                .is_some_and(|number| (least..=most).contains(&number)),
            (Self::Verdict, Value::String(word)) => return verdict(word).map(|()| value),
            (Self::Code, Value::String(name)) => return code(name).map(|()| value),
            (Self::Word(words), Value::String(word)) => words.contains(&word.as_str()),
            (Self::Moment, Value::String(text)) => return moment(text).map(Value::from),
            _ => false,
        };
        if fits {
            Ok(value)
        } else {
            Err(self.mismatch(&value))
        }
    }

    fn mismatch(self, found: &Value) -> String {
        let found = match found {
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => format!("`{truth}`"),
            Value::Number(number) => format!("`{number}`"),
            Value::String(text) => format!("the text `{}`", one_line(text, 40)),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        format!("{found} where {} is expected", self.name())
    }

    fn name(self) -> String {
        let name = match self.inner() {
            Self::Number(least, most) => return format!("a whole number from {least} to {most}"),
            Self::Any | Self::Optional(_) => "a value",
            Self::Text => "a text",
            Self::Truth => "true or false",
            Self::Verdict => "a verdict",
            Self::Code => "the name of a code",
            Self::Word(words) => return format!("one of `{}`", words.join("`, `")),
            Self::Moment => "a time",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        };
        name.to_owned()
    }
}

fn verdict(word: &str) -> Result<(), String> {
    if Verdict::ALL.iter().any(|known| known.word() == word) {
        return Ok(());
    }
    let words = Verdict::ALL.map(|verdict| format!("`{}`", verdict.word()));
    Err(format!(
        "unknown variant `{}`, expected one of {}",
        one_line(word, 40),
        words.join(", ")
    ))
}

fn code(name: &str) -> Result<(), String> {
    match Code::from_name(name) {
        Some(_) => Ok(()),
        None => Err(format!(
            "`{}` is not the name of a code",
            one_line(name, 40)
        )),
    }
}

fn moment(text: &str) -> Result<u64, String> {
    humantime::parse_rfc3339(text)
        .ok()
        .and_then(|moment| moment.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .ok_or_else(|| {
            format!(
                "`{}` is not a time in UTC as in RFC 3339",
                one_line(text, 40)
            )
        })
}

impl<'de> DeserializeSeed<'de> for Form {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Every kind of value that JSON has is taken here, as the trait's own methods write numbers in ways that nothing else
/// in the component needs.
impl<'de> Visitor<'de> for Form {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.take(Value::Null).map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        self.take(truth.into()).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        self.take(number.into()).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        self.take(number.into()).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        self.take(number.into()).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.take(text.into()).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let form = match self.inner() {
            Self::Any => Self::Any,
            Self::List(form) => *form,
            _ => return Err(A::Error::custom(self.mismatch(&Value::Array(Vec::new())))),
        };
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(form)? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let forms = match self.inner() {
            Self::Any => &[],
            Self::Object(forms) => forms,
            _ => return Err(A::Error::custom(self.mismatch(&Value::Object(Map::new())))),
        };
        let mut object = Map::new();
        while let Some(Value::String(name)) = members.next_key_seed(Self::Text)? {
            let known = forms.iter().find(|(known, _)| *known == name);
            let value = members.next_value_seed(known.map_or(Self::Any, |(_, form)| *form))?;
            if known.is_some() && object.insert(name, value).is_some() {
                return Err(A::Error::custom("a field stands there twice"));
            }
        }
        for (name, form) in forms {
            if !matches!(form, Self::Optional(_)) && !object.contains_key(*name) {
                return Err(A::Error::custom(format!("missing field `{name}`")));
            }
        }
        Ok(Value::Object(object))
    }
}
