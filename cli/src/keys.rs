//! The key of each target, from the environment or a file that it names.

use crate::{
    config::{plan::Planned, short_title},
    environment::Environment,
    failure::Failure,
    network::{Credential, Scheme},
    secret::Secret,
};

/// Finds the key of every target; none for one that shows no key.
///
/// # Errors
/// A usage failure that tells of every key that is missing or malformed, and where to put it.
pub fn find_all(
    planned: &[Planned],
    environment: &Environment,
) -> Result<Vec<Option<Credential>>, Failure> {
    let mut credentials = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for planned in planned {
        match find(planned, environment) {
            Ok(credential) => credentials.push(credential),
            Err(error) => wrong.push(error),
        }
    }
    wrong.dedup();
    let next = "give the key to this program alone, with --env; nothing was triggered";
    match wrong.len() {
        0 => Ok(credentials),
        1 => Err(Failure::usage(wrong.remove(0), next)),
        many => {
            Err(Failure::usage(format!("{many} keys are not usable"), next)
                .details(wrong.join("\n")))
        }
    }
}

fn find(planned: &Planned, environment: &Environment) -> Result<Option<Credential>, String> {
    let scheme = Scheme::of(&planned.provider, &planned.target);
    let variables = match &planned.key_env {
        Some(variable) => std::slice::from_ref(variable),
        None => &planned.provider.key_variables,
    };
    if scheme == Scheme::None || variables.is_empty() {
        return Ok(None);
    }
    for variable in variables {
        let file = format!("{variable}_FILE");
        let key = match (environment.get(variable), environment.get(&file)) {
            (Some(key), _) => well_formed(key, variable)?,
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    format!("the file that {file} names cannot be read: {error}")
                })?;
                well_formed(text.trim_end_matches(['\r', '\n']), &file)?
            }
            (None, None) => continue,
        };
        return Ok(Some(Credential { scheme, key }));
    }
    let names: Vec<String> = variables
        .iter()
        .map(|variable| format!("{variable} or {variable}_FILE"))
        .collect();
    Err(format!(
        "the key of {} for target `{}` is missing: set {}",
        short_title(&planned.provider),
        planned.target.name,
        names.join(", or ")
    ))
}

/// Checks that a key can be sent in a header. What is wrong is said without showing the key.
fn well_formed(key: &str, origin: &str) -> Result<Secret, String> {
    match key {
        "" => Err(format!("the key from {origin} is empty")),
        key if key.chars().all(|c| c.is_ascii_graphic()) => Ok(Secret::new(key)),
        _ => Err(format!(
            "the key from {origin} contains blanks, line breaks or other characters that no key has"
        )),
    }
}
