//! A target that is to be written.

use crate::{
    bindings::proctor::ci::types::{Item, Mistake, Parameter, ParameterKind, Setting, Value},
    cli::InitArgs,
    config::plan::{self, Planned, Wish},
    failure::Failure,
};

use super::super::{ready, session::Session};

/// A target that is to be written.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The target by its final name. It stands in no file yet.
    pub planned: Planned,
    /// The API's URL, if it is not the usual one.
    pub api_url: Option<String>,
    /// What the service calls it.
    pub about: Option<String>,
}

impl Wanted {
    /// A target as far as the command line describes it: parameters that it needs may be missing. Without a URL that of the
    /// environment counts, as for `list` and `run`; the file then says it, so that the job asks where the list comes from.
    ///
    /// # Errors
    /// A usage failure that tells of every flag that is wrong.
    pub fn begin(
        session: &Session,
        provider: &str,
        arguments: &InitArgs,
        api_url: Option<String>,
    ) -> Result<Self, Failure> {
        let api_url = session.api_url(api_url.as_deref());
        let wish = Wish {
            provider: Some(provider.to_owned()),
            sets: arguments.set.clone(),
            api_url: api_url.clone(),
            partial: true,
            ..Wish::default()
        };
        let mut planned = plan::plan(&wish, None, &session.catalogue, false)?;
        let planned = planned.pop().expect("a provider makes exactly one target");
        let api_url = api_url
            .map(|_| planned.target.api_url.clone())
            .filter(|url| *url != planned.provider.api_url);
        Ok(Self {
            planned,
            api_url,
            about: None,
        })
    }

    /// What the parameter of this name is set to.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        let mut settings = self.planned.target.settings.iter();
        let found = settings.find(|setting| setting.name == name)?;
        Some(&found.value)
    }

    /// Sets a parameter, or leaves it out.
    pub fn set(&mut self, name: &str, value: Option<Value>) {
        let settings = &mut self.planned.target.settings;
        settings.retain(|setting| setting.name != name);
        settings.extend(value.map(|value| Setting {
            name: name.to_owned(),
            value,
        }));
    }

    /// The parameters that a run needs and that nobody has given.
    pub fn missing(&self) -> impl Iterator<Item = &Parameter> {
        let parameters = self.planned.provider.parameters.iter();
        parameters.filter(|parameter| parameter.required && self.setting(&parameter.name).is_none())
    }
}

/// What a parameter is to be so that it names this item; nothing if it does not name things of this kind.
///
/// The parameter is called after the kind: `app`, `suites` for each `suite`, `project_id` for a `project`. A kind with a dash is
/// no parameter's: what is called so (`load-test`, `test-report`) has run already.
pub fn naming(parameter: &Parameter, item: &Item) -> Option<Value> {
    let rest = parameter.name.strip_prefix(item.kind.as_str())?;
    if item.kind.is_empty() || !["", "s", "_id"].contains(&rest) {
        return None;
    }
    match parameter.kind {
        ParameterKind::Text => Some(Value::Text(item.id.clone())),
        ParameterKind::Texts => Some(Value::Texts(vec![item.id.clone()])),
        ParameterKind::Integer => item.id.parse().ok().map(Value::Integer),
        ParameterKind::Boolean | ParameterKind::SystemUrl | ParameterKind::Variables => None,
    }
}

/// Refuses a target that lacks what a run needs.
///
/// # Errors
/// A usage failure that names every parameter that is missing, and what it is for.
pub fn complete(wanted: &Wanted) -> Result<(), Failure> {
    let lacking = |parameter: &Parameter| {
        let (name, help) = (&parameter.name, &parameter.help);
        format!("`{name}` is missing; add --set {name}=VALUE ({help})")
    };
    let lines: Vec<String> = wanted.missing().map(lacking).collect();
    let next =
        "add it, or answer questions on a terminal or with --interactive; nothing was written";
    match lines.as_slice() {
        [] => Ok(()),
        [line] => Err(Failure::usage(line.clone(), next)),
        many => {
            let name = &wanted.planned.target.name;
            let message = format!("target `{name}` lacks {} parameters", many.len());
            Err(Failure::usage(message, next).details(many.join("\n")))
        }
    }
}

/// What the component finds wrong with the settings.
///
/// # Errors
/// If it cannot be asked.
pub async fn mistakes(session: &Session, wanted: &Wanted) -> Result<Vec<Mistake>, Failure> {
    // Values of variables are there in the job that runs it alone.
    if !ready::named_variables(&wanted.planned).is_empty() {
        return Ok(Vec::new());
    }
    let component = session.component_of(None);
    Ok(component.validate(&wanted.planned.target).await?)
}

/// Refuses settings that cannot be right.
///
/// # Errors
/// A usage failure that tells of every mistake.
pub async fn validated(session: &Session, wanted: &Wanted) -> Result<(), Failure> {
    let lines: Vec<String> = mistakes(session, wanted).await?.iter().map(told).collect();
    let name = &wanted.planned.target.name;
    match lines.as_slice() {
        [] => Ok(()),
        [line] => {
            let next = "correct the settings; nothing was written";
            Err(Failure::usage(format!("target `{name}`: {line}"), next))
        }
        many => {
            let message = format!("target `{name}` has {} settings that are wrong", many.len());
            let failure = Failure::usage(message, "correct the settings; nothing was written");
            Err(failure.details(many.join("\n")))
        }
    }
}

/// A mistake in one line.
pub fn told(mistake: &Mistake) -> String {
    match &mistake.parameter {
        Some(parameter) => format!("`{parameter}`: {}", mistake.message),
        None => mistake.message.clone(),
    }
}

/// Names for targets, each once.
#[derive(Debug, Default)]
pub struct Names(Vec<String>);

/// The longest name that is made, in letters.
const LONGEST: usize = 40;

impl Names {
    /// Whether a target has this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// Keeps a name.
    pub fn keep(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    /// A name that is made of the first text that has a letter or digit in it, and of a number if it is taken.
    pub fn make(&self, texts: &[&str]) -> String {
        let mut plain = texts.iter().map(|text| plain(text));
        let name = plain.find(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "target".to_owned());
        let numbered = (2_u64..).map(|number| format!("{name}-{number}"));
        std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !self.has(name))
            .expect("there are fewer targets than numbers")
    }
}

/// The text in small letters, digits and single dashes.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
        if name.len() >= LONGEST {
            break;
        }
    }
    name.trim_end_matches('-').to_owned()
}

/// Refuses a name that no target may have.
///
/// # Errors
/// One sentence.
pub fn name_of_target(name: &str) -> Result<(), String> {
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err("a target's name must be printable and not empty".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str, id: &str) -> Item {
        Item {
            kind: kind.to_owned(),
            id: id.to_owned(),
            name: String::new(),
            parent: None,
            note: None,
        }
    }

    fn parameter(name: &str, kind: ParameterKind) -> Parameter {
        Parameter {
            name: name.to_owned(),
            kind,
            required: false,
            choices: Vec::new(),
            exclusive: false,
            help: String::new(),
        }
    }

    #[test]
    fn a_parameter_names_things_of_the_kind_that_it_is_called_after() {
        use ParameterKind::{Boolean, Integer, Text, Texts};
        let app = parameter("app", Text);
        let suites = parameter("suites", Texts);
        let project = parameter("project_id", Integer);
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(naming(&app, &item("app", "a")), Some(text("a")));
        assert_eq!(
            naming(&suites, &item("suite", "a,b")),
            Some(Value::Texts(vec!["a,b".to_owned()]))
        );
        assert_eq!(
            naming(&project, &item("project", "7")),
            Some(Value::Integer(7))
        );
        for (parameter, kind, id) in [
            (&project, "project", "x"),
            (&app, "", "a"),
            (&app, "ap", "a"),
            (&suites, "app", "a"),
            (&parameter("app", Boolean), "app", "true"),
            (&parameter("test_report", Text), "test-report", "r"),
        ] {
            assert_eq!(naming(parameter, &item(kind, id)), None, "{kind} {id}");
        }
    }

    #[test]
    fn names_are_plain_and_each_is_given_once() {
        let mut names = Names::default();
        for (text, expected) in [
            ("Order & Pay!", "order-pay"),
            ("order-pay", "order-pay-2"),
            ("${{ secrets.X }}", "secrets-x"),
            ("'''\n]]", "id-1"),
            ("Ünï", "n"),
        ] {
            let name = names.make(&[text, "id 1"]);
            assert_eq!(name, expected, "{text}");
            names.keep(&name);
        }
        assert_eq!(names.make(&["", "…"]), "target");
        assert!(names.make(&[&"x".repeat(100)]).len() <= LONGEST);
    }
}
