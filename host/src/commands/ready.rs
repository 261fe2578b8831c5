//! The last things to settle about targets before anything is asked of a service: values from the environment, and what
//! the component itself finds wrong with the settings.

use crate::{
    bindings::proctor::ci::types::{Mistake, ParameterKind, Setting, Value},
    config::plan::{Planned, refused},
    failure::Failure,
    handles::VARIABLE,
};

use super::session::Session;

/// Where CI systems keep keys of their own.
const CI_KEYS: [&str; 4] = [
    "GITHUB_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "CI_JOB_TOKEN",
];

/// Looks up the variables that targets name, and lets the component look for settings that cannot be right.
///
/// # Errors
/// A usage failure that shows every mistake of the first target that has some, with its place in the file.
pub async fn ready(session: &Session, planned: Vec<Planned>) -> Result<Vec<Planned>, Failure> {
    let planned = with_variables(session, planned)?;
    validated(session, &planned).await?;
    Ok(planned)
}

/// Lets the component look for settings that cannot be right.
///
/// # Errors
/// As for [`ready`].
pub async fn validated(session: &Session, planned: &[Planned]) -> Result<(), Failure> {
    for planned in planned {
        let mistakes = session
            .component_of(planned.plugin.as_deref())
            .validate(&planned.target)
            .await?;
        if !mistakes.is_empty() {
            return Err(refuse(session, planned, &mistakes));
        }
    }
    Ok(())
}

/// Adds the values of the environment variables that targets name as settings `env.NAME`.
///
/// # Errors
/// A usage failure if one is not set, or holds a key: a key goes to no place but the host's own header.
pub fn with_variables(
    session: &Session,
    mut planned: Vec<Planned>,
) -> Result<Vec<Planned>, Failure> {
    for planned in &mut planned {
        let mut values = Vec::new();
        let mut mistakes = Vec::new();
        for (parameter, name) in named_variables(planned) {
            match value(session, planned, &name) {
                Ok(text) => values.push(Setting {
                    name: format!("{VARIABLE}{name}"),
                    value: Value::Text(text),
                }),
                Err(message) => mistakes.push(Mistake {
                    parameter: Some(parameter),
                    message,
                }),
            }
        }
        if !mistakes.is_empty() {
            return Err(refuse(session, planned, &mistakes));
        }
        planned.target.settings.extend(values);
    }
    Ok(planned)
}

/// The variables that a target names, each with the parameter that does.
pub fn named_variables(planned: &Planned) -> Vec<(String, String)> {
    let kinds = &planned.provider.parameters;
    let mut named = Vec::new();
    for setting in &planned.target.settings {
        let is_list = kinds.iter().any(|parameter| {
            parameter.kind == ParameterKind::Variables && parameter.name == setting.name
        });
        if let (true, Value::Texts(names)) = (is_list, &setting.value) {
            named.extend(
                names
                    .iter()
                    .map(|name| (setting.name.clone(), name.clone())),
            );
        }
    }
    named
}

fn value(session: &Session, planned: &Planned, name: &str) -> Result<String, String> {
    let of_keys = session.catalogue.key_variables().chain(CI_KEYS);
    let holds_key = of_keys
        .chain(planned.key_env.as_deref())
        .any(|known| name == known || name.strip_suffix("_FILE").is_some_and(|stem| stem == known));
    if holds_key {
        return Err(format!(
            "the variable {name} holds a key, which goes nowhere but into the request's own header"
        ));
    }
    match session.environment.raw(name) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("the environment variable {name} is not set")),
    }
}

/// The failure that shows mistakes at their places in the file.
pub fn refuse(session: &Session, planned: &Planned, mistakes: &[Mistake]) -> Failure {
    refused(planned, mistakes, session.console.colours_diagnostics())
}
