//! The last things to settle about targets before anything is asked of a service: values from the environment, and what the
//! core itself finds wrong with the settings.

use crate::{
    bindings::proctor::ci::types::{Mistake, ParameterKind, Setting, Value},
    config::{
        file::Config,
        plan::{Planned, refused},
    },
    edge::convert,
    failure::Failure,
    handles::VARIABLE,
    session::Session,
};

/// Looks up the variables that targets name, and lets the core look for settings that cannot be right.
///
/// # Errors
/// A usage failure that shows every mistake of the first target that has some, with its place in the file.
pub fn ready(session: &Session, planned: Vec<Planned>) -> Result<Vec<Planned>, Failure> {
    let planned = with_variables(session, planned)?;
    for planned in &planned {
        let target = convert::target_in(planned.target.clone());
        let mistakes = proctor::services::validate(&target);
        let mistakes = convert::each(mistakes, convert::mistake_out);
        if !mistakes.is_empty() {
            return Err(refused(planned, &mistakes, false));
        }
    }
    Ok(planned)
}

/// Adds the values of the environment variables that targets name as settings `env.NAME`.
///
/// # Errors
/// A usage failure if one is not set, or holds a key: a key goes to no place but the request's own header.
pub fn with_variables(
    session: &Session,
    mut planned: Vec<Planned>,
) -> Result<Vec<Planned>, Failure> {
    for planned in &mut planned {
        let (mut values, mut mistakes) = (Vec::new(), Vec::new());
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
            return Err(refused(planned, &mistakes, false));
        }
        planned.target.settings.extend(values);
    }
    Ok(planned)
}

/// Refuses variables that a handle file names on its own: it may have been written by somebody else, and their values would
/// go where it says. The configuration has to name them for the same target.
///
/// # Errors
/// A usage failure that names the variable.
pub fn refuse_unknown(planned: &[Planned], config: Option<&Config>) -> Result<(), Failure> {
    for planned in planned {
        let target = &planned.target;
        let entry = config.and_then(|config| {
            let mut entries = config.targets.iter();
            entries.find(|entry| {
                entry.name == target.name && entry.api_url.as_ref() == Some(&target.api_url)
            })
        });
        for (parameter, name) in named_variables(planned) {
            let settings = entry.iter().flat_map(|entry| &entry.settings);
            let mut lists = settings.filter(|setting| setting.name == parameter);
            let holds = |setting: &Setting| matches!(&setting.value, Value::Texts(all) if all.contains(&name));
            if !lists.any(holds) {
                let target = &target.name;
                return Err(Failure::usage(
                    format!(
                        "the handle of target `{target}` names the environment variable {name}, which no configuration does"
                    ),
                    format!(
                        "have a proctor.toml with `[targets.{target}]`, its `api_url` and `{parameter}` beside the handle file"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// The variables that a target names, each with the parameter that does.
fn named_variables(planned: &Planned) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for setting in &planned.target.settings {
        let mut parameters = planned.provider.parameters.iter();
        let is_list =
            parameters.any(|it| it.kind == ParameterKind::Variables && it.name == setting.name);
        if let (true, Value::Texts(names)) = (is_list, &setting.value) {
            let each = names.iter().cloned();
            named.extend(each.map(|name| (setting.name.clone(), name)));
        }
    }
    named
}

fn value(session: &Session, planned: &Planned, name: &str) -> Result<String, String> {
    let stem = name.strip_suffix("_FILE").unwrap_or(name);
    let mut keys = session
        .catalogue
        .key_variables()
        .chain(planned.key_env.as_deref());
    if keys.any(|known| known == name || known == stem) {
        return Err(format!(
            "the variable {name} holds a key, which goes nowhere but into the request's own header"
        ));
    }
    match session.environment.raw(name) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!(
            "the environment variable {name} is not set: hand it over with --env"
        )),
    }
}
