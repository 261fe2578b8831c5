//! Reading JSON objects member by member, and noting all that is wrong with them.

use serde_json::{Map, Value};

use super::answers::Wrongs;
use super::check::length;
use super::scenario::{Settings, UnknownMembers};

/// An object and where it is.
pub struct Object<'v> {
    members: &'v Map<String, Value>,
    /// What goes before the names of its members: empty, or `tests.0.`.
    prefix: String,
}

impl<'v> Object<'v> {
    /// ASSUMED: a member that is null is as good as left out.
    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// How long a list is; 0 if it is none.
    pub fn count(&self, name: &str) -> usize {
        let list = self.get(name).and_then(Value::as_array);
        list.map_or(0, Vec::len)
    }
}

/// Checks a body.
pub struct Checker<'s> {
    pub settings: &'s Settings,
    wrongs: Wrongs,
}

impl<'s> Checker<'s> {
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            wrongs: Wrongs::default(),
        }
    }

    /// What is wrong.
    pub fn end(self) -> Result<(), Wrongs> {
        self.wrongs.or_fine()
    }

    pub fn wrong(&mut self, object: &Object, name: &str, text: String) {
        self.wrongs.add(format!("{}{name}", object.prefix), text);
    }

    /// The body itself, which may have these members.
    pub fn root<'v>(&mut self, members: &'v Map<String, Value>, known: &[&str]) -> Object<'v> {
        self.object(members, String::new(), known)
    }

    fn object<'v>(
        &mut self,
        members: &'v Map<String, Value>,
        prefix: String,
        known: &[&str],
    ) -> Object<'v> {
        let object = Object { members, prefix };
        if self.settings.unknown_members == UnknownMembers::Refuse {
            for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
                self.wrong(&object, name, "is not a member of this object".to_owned());
            }
        }
        object
    }

    /// A text that may be left out.
    pub fn text<'v>(
        &mut self,
        object: &Object<'v>,
        name: &str,
        longest: usize,
    ) -> Option<&'v str> {
        let text = match object.get(name)? {
            Value::String(text) => text,
            _ => {
                self.wrong(object, name, "must be a text".to_owned());
                return None;
            }
        };
        self.short(object, name, text, longest);
        Some(text)
    }

    fn short(&mut self, object: &Object, name: &str, text: &str, longest: usize) {
        if self.settings.client_limits && length(text) > longest {
            self.wrong(
                object,
                name,
                format!("must be at most {longest} characters"),
            );
        }
    }

    /// A text that must be there and not be empty.
    pub fn required<'v>(
        &mut self,
        object: &Object<'v>,
        name: &str,
        longest: usize,
    ) -> Option<&'v str> {
        let text = self.text(object, name, longest);
        if !object.has(name) || text == Some("") {
            self.wrong(object, name, "is required".to_owned());
        }
        text.filter(|text| !text.is_empty())
    }

    /// A whole number that is not negative.
    pub fn whole(&mut self, object: &Object, name: &str) -> Option<u64> {
        let value = object.get(name)?;
        if !value.is_u64() {
            let text = "must be a whole number, 0 or more".to_owned();
            self.wrong(object, name, text);
        }
        value.as_u64()
    }

    pub fn flag(&mut self, object: &Object, name: &str) {
        if object.get(name).is_some_and(|value| !value.is_boolean()) {
            self.wrong(object, name, "must be true or false".to_owned());
        }
    }

    /// A map of texts.
    pub fn texts(&mut self, object: &Object, name: &str, longest: usize) {
        match object.get(name) {
            None => {}
            Some(Value::Object(map)) => {
                for (key, value) in map {
                    let place = format!("{name}.{key}");
                    match value.as_str() {
                        Some(text) => self.short(object, &place, text, longest),
                        None => self.wrong(object, &place, "must be a text".to_owned()),
                    }
                }
            }
            Some(_) => self.wrong(object, name, "must be a map of texts".to_owned()),
        }
    }

    /// A list that may be left out.
    pub fn list<'v>(&mut self, object: &Object<'v>, name: &str) -> &'v [Value] {
        match object.get(name) {
            None => &[],
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.wrong(object, name, "must be a list".to_owned());
                &[]
            }
        }
    }

    /// A list of objects that may have these members.
    pub fn each(
        &mut self,
        object: &Object,
        name: &str,
        known: &[&str],
        check: impl Fn(&mut Self, &Object),
    ) {
        for (index, value) in self.list(object, name).iter().enumerate() {
            let place = format!("{name}.{index}");
            match value {
                Value::Object(members) => {
                    let prefix = format!("{}{place}.", object.prefix);
                    let item = self.object(members, prefix, known);
                    check(self, &item);
                }
                _ => self.wrong(object, &place, "must be an object".to_owned()),
            }
        }
    }
}
