//! Text with placeholders: `{run_id}`, `{next}` and `{env.NAME}`.

use crate::model::Target;

/// By which settings the host hands over the values of environment variables.
pub const VARIABLE: &str = "env.";

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    /// The id from the trigger's answer.
    RunId,
    /// Where a list goes on, as the page before told.
    Next,
    /// The value of an environment variable.
    Variable(String),
}

/// What the placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    pub target: &'a Target,
    pub run_id: Option<&'a str>,
    pub next: Option<&'a str>,
}

impl<'a> Values<'a> {
    /// The values of one target, before anything is known of a run.
    pub const fn of(target: &'a Target) -> Self {
        Self {
            target,
            run_id: None,
            next: None,
        }
    }

    /// What a part stands for.
    ///
    /// # Errors
    /// Which value is missing.
    pub fn of_part(&self, part: &Part) -> Result<String, String> {
        match part {
            Part::Literal(text) => Ok(text.clone()),
            Part::RunId => known(self.run_id, "the run has no id"),
            Part::Next => known(self.next, "there is no next page"),
            Part::Variable(name) => known(
                self.target.text(&format!("{VARIABLE}{name}")),
                &format!("the environment variable {name} is not set"),
            ),
        }
    }
}

fn known(value: Option<&str>, missing: &str) -> Result<String, String> {
    value.map(str::to_owned).ok_or_else(|| missing.to_owned())
}

/// How messages name a placeholder.
pub fn named(part: &Part) -> String {
    match part {
        Part::Literal(text) => text.clone(),
        Part::RunId => "the id of the run".to_owned(),
        Part::Next => "the cursor of the next page".to_owned(),
        Part::Variable(name) => format!("the environment variable {name}"),
    }
}

/// The placeholder of this name.
///
/// # Errors
/// That there is none.
pub fn placeholder(name: &str) -> Result<Part, String> {
    match (name, name.strip_prefix(VARIABLE)) {
        ("run_id", _) => Ok(Part::RunId),
        ("next", _) => Ok(Part::Next),
        (_, Some(variable)) if is_variable(variable) => Ok(Part::Variable(variable.to_owned())),
        _ => Err(format!(
            "`{{{name}}}` is no placeholder: there are {{run_id}} and {{env.NAME}}"
        )),
    }
}

/// Whether an environment variable can have this name. Source: POSIX.1-2017, 8.1, with lower case.
pub fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
