use std::time::Duration;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Texts(Vec<String>),
}

/// A named value: a parameter of a target, or an override of something the provider assumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub value: Value,
}

/// A place in a file, for annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// As the user named it, relative to the working directory.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// What to run: one entry of `proctor.toml`, or one command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    pub provider: String,
    /// Base URL of the service's API with its path, without a slash at the end.
    pub api_url: String,
    pub settings: Vec<Setting>,
    pub overrides: Vec<Setting>,
    /// How long a run may take, from the call that receives the target.
    pub timeout: Duration,
    pub location: Option<Location>,
}

impl Target {
    /// How long a run may wait to begin, where that is bounded. No parameter of a service: the host adds it to the settings.
    #[must_use]
    pub fn queue_timeout(&self) -> Option<Duration> {
        let ms = u64::try_from(self.integer("proctor.queue-timeout-ms")?).ok()?;
        Some(Duration::from_millis(ms))
    }

    /// The value of a parameter, if it was given.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Value> {
        find(&self.settings, name)
    }

    /// The text of a parameter, if it was given and is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.setting(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The texts of a parameter; empty if it was not given.
    #[must_use]
    pub fn texts(&self, name: &str) -> &[String] {
        match self.setting(name) {
            Some(Value::Texts(texts)) => texts,
            Some(Value::Text(text)) => std::slice::from_ref(text),
            _ => &[],
        }
    }

    /// The truth of a parameter; false if it was not given.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        matches!(self.setting(name), Some(Value::Boolean(true)))
    }

    /// The number of a parameter, if it was given and is a number.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.setting(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The value of an override, if it was given.
    #[must_use]
    pub fn over(&self, name: &str) -> Option<&Value> {
        find(&self.overrides, name)
    }
}

fn find<'a>(settings: &'a [Setting], name: &str) -> Option<&'a Value> {
    settings
        .iter()
        .find(|setting| setting.name == name)
        .map(|setting| &setting.value)
}
