use std::path::Path;

use crate::{
    ci::{Ci, github},
    config::{options::OnMissingKey, plan::Planned, short_title},
    environment::Environment,
    failure::Failure,
    network::{Scheme, proxy::Proxies, reach::Reach},
    secret::Secret,
};

use super::{session::Session, way};

/// What was found for each target, by its name: the key and the variable it was in, or what is wrong.
pub struct Found(Vec<(String, Sought)>);

type Sought = Result<Option<(Secret, String)>, NoKey>;

/// Why there is no key that can be used.
enum NoKey {
    /// Nobody gives one: what to do about it, and the same in few words.
    Missing { told: String, short: String },
    /// Something is wrong with the one that is given, or with where it is looked for.
    Wrong(String),
}

/// What there is for a target to show.
pub enum Key {
    /// A key; none for a provider that has none.
    There(Option<Secret>),
    /// There is no key, which was allowed, and why there is none.
    LeftOut(String),
}

/// Looks for the key of every target, tells the CI system to mask them, and keeps them out of everything that is printed.
///
/// `out_is_data` says that standard output is no place for commands to the CI system.
pub fn seek(session: &Session, planned: &[Planned], ci: Option<Ci>, out_is_data: bool) -> Found {
    // Each once: a key may come through a pipe.
    let sought = planned.iter().map(|planned| {
        let found = find(planned, &session.environment, &session.directory);
        (planned.target.name.clone(), found)
    });
    let found = Found(sought.collect());
    let keys = found.0.iter().filter_map(|(_, found)| found.as_ref().ok());
    let keys: Vec<&Secret> = keys.flatten().map(|(key, _)| key).collect();
    let passwords: Vec<Secret> = Proxies::of(&session.environment).secrets().collect();
    let masked: Vec<&Secret> = keys.iter().copied().chain(&passwords).collect();
    announce(session, &masked, ci, out_is_data);
    // Whoever needs the way tells of what is wrong with it.
    let private = session.reach().map_or_else(|_| Vec::new(), Reach::secrets);
    let hidden: Vec<&Secret> = keys.into_iter().chain(&private).collect();
    session.console.hide(&hidden);
    found
}

/// Finds the key of every target. See [`seek`].
///
/// # Errors
/// As for [`Found::equip`].
pub fn equip(
    session: &Session,
    planned: &[Planned],
    ci: Option<Ci>,
    out_is_data: bool,
) -> Result<Vec<Option<Secret>>, Failure> {
    seek(session, planned, ci, out_is_data).equip(session, planned)
}

impl Found {
    /// The keys of these targets, which are those that were looked for, or some of them in the same order.
    ///
    /// # Errors
    /// A usage failure that tells of every key that is missing or malformed, and where to put it.
    pub fn equip(
        self,
        session: &Session,
        planned: &[Planned],
    ) -> Result<Vec<Option<Secret>>, Failure> {
        let keys = self.equip_those(session, planned, OnMissingKey::Fail)?;
        let only = |key| match key {
            Key::There(key) => key,
            Key::LeftOut(_) => None,
        };
        Ok(keys.into_iter().map(only).collect())
    }

    /// The same, but that a target for which there is no key may be left out.
    ///
    /// # Errors
    /// As for [`Found::equip`]; of keys that are missing only if none may be.
    pub fn equip_those(
        self,
        session: &Session,
        planned: &[Planned],
        on_missing: OnMissingKey,
    ) -> Result<Vec<Key>, Failure> {
        let mut keys = Vec::new();
        let mut equipped = Vec::new();
        let mut wrong: Vec<String> = Vec::new();
        let mut warnings: Vec<String> = Vec::new();
        let mut all = self.0.into_iter();
        for planned in planned {
            match all.find(|(name, _)| *name == planned.target.name) {
                Some((_, Ok(found))) => {
                    let found = found.as_ref();
                    warnings.extend(found.and_then(|(key, name)| doubt(planned, key, name)));
                    keys.push(Key::There(found.map(|(key, _)| key.clone())));
                    equipped.push(planned.clone());
                }
                Some((_, Err(NoKey::Missing { short, .. })))
                    if on_missing == OnMissingKey::Skip =>
                {
                    keys.push(Key::LeftOut(short));
                }
                Some((_, Err(NoKey::Missing { told, .. } | NoKey::Wrong(told)))) => {
                    wrong.push(told)
                }
                None => {
                    keys.push(Key::There(None));
                    equipped.push(planned.clone());
                }
            }
        }
        wrong.dedup();
        match wrong.len() {
            0 => {}
            1 => return Err(refuse(wrong.remove(0))),
            many => {
                let whole = refuse(format!("{many} keys are not usable"));
                return Err(whole.details(wrong.join("\n")));
            }
        }
        way::check(session, &equipped)?;
        warnings.dedup();
        for warning in warnings {
            session.console.warn(&warning);
        }
        Ok(keys)
    }
}

/// Tells the CI system what to mask.
pub fn announce(session: &Session, keys: &[&Secret], ci: Option<Ci>, out_is_data: bool) {
    if ci == Some(Ci::Github) {
        let mut commands: Vec<String> = keys.iter().map(|key| github::mask(key)).collect();
        commands.sort();
        commands.dedup();
        session
            .console
            .mask_commands(&commands.concat(), out_is_data);
    }
}

fn refuse(message: String) -> Failure {
    Failure::usage(
        message,
        "put the key into the environment of this step; nothing was triggered",
    )
}

/// The key of a target and the variable it was found in; nothing for a provider that has no keys.
fn find(planned: &Planned, environment: &Environment, directory: &Path) -> Sought {
    if Scheme::of(&planned.provider, &planned.target) == Scheme::None {
        return Ok(None);
    }
    let variables: Vec<&str> = match &planned.key_env {
        Some(variable) => vec![variable],
        // A plugin's own words must not be enough to get at a variable.
        None if planned.plugin.is_some() => {
            return without_key(planned, environment).map_err(NoKey::Wrong);
        }
        None => planned
            .provider
            .key_variables
            .iter()
            .map(String::as_str)
            .collect(),
    };
    if variables.is_empty() {
        return Ok(None);
    }
    let found = variables
        .iter()
        .find_map(|variable| held(variable, environment, directory));
    match found {
        Some(found) => found.map(Some).map_err(NoKey::Wrong),
        None => Err(missing(planned, &variables, environment)),
    }
}

/// What a variable holds, or the file that the one with `_FILE` behind its name names; and which of the two. None if neither
/// is set.
pub fn held(
    variable: &str,
    environment: &Environment,
    directory: &Path,
) -> Option<Result<(Secret, String), String>> {
    if let Some(key) = environment.get(variable) {
        return Some(well_formed(key, variable).map(|key| (key, variable.to_owned())));
    }
    let file = format!("{variable}_FILE");
    let path = environment.get(&file)?;
    let text = std::fs::read_to_string(directory.join(path));
    let text = text.map_err(|error| format!("the file that {file} names cannot be read: {error}"));
    Some(text.and_then(|text| {
        let key = text.trim_end_matches(['\r', '\n']);
        well_formed(key, &file).map(|key| (key, file))
    }))
}

/// A plugin's target that names no variable gets no key. That is a mistake where the one it asks for is there.
fn without_key(
    planned: &Planned,
    environment: &Environment,
) -> Result<Option<(Secret, String)>, String> {
    let wanted = planned.provider.key_variables.iter();
    let there = wanted
        .filter(|variable| environment.get(variable).is_some())
        .find(|variable| {
            variable
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
    match there {
        None => Ok(None),
        Some(variable) => Err(format!(
            "target `{}` runs a plugin, which gets no key unless its target names the variable: \
             add `key_env = \"{variable}\"` if the plugin is to send that key to {}",
            planned.target.name, planned.target.api_url
        )),
    }
}

fn missing(planned: &Planned, variables: &[&str], environment: &Environment) -> NoKey {
    let names: Vec<String> = variables
        .iter()
        .map(|variable| format!("{variable} or {variable}_FILE"))
        .collect();
    let empty = variables
        .iter()
        .find(|variable| environment.raw(variable).is_some());
    let why = match empty {
        Some(variable) => format!("{variable} is set but empty"),
        None => "none is set".to_owned(),
    };
    let target = &planned.target.name;
    let title = short_title(&planned.provider);
    let told = format!(
        "the key of {title} for target `{target}` is missing: set {} ({why})",
        names.join(", or ")
    );
    // The usual variable holds a key, and another is asked for: that is a mistake of whoever named it.
    let mut usual = planned.provider.key_variables.iter();
    if usual.any(|variable| is_there(environment, variable)) {
        return NoKey::Wrong(told);
    }
    let short = match empty {
        Some(variable) => format!("there is no key, as {variable} is empty"),
        None => format!("there is no key, as {} is not set", variables.join(" or ")),
    };
    NoKey::Missing { told, short }
}

/// Whether a variable, or the one that names a file in place of it, is set.
fn is_there(environment: &Environment, variable: &str) -> bool {
    let of_file = format!("{variable}_FILE");
    environment.get(variable).is_some() || environment.get(&of_file).is_some()
}

/// Checks that a key can be sent in a header. What is wrong is said without showing the key.
fn well_formed(key: &str, origin: &str) -> Result<Secret, String> {
    let fault = if key.is_empty() {
        "is empty"
    } else if key.chars().any(char::is_whitespace) {
        "contains blanks or line breaks"
    } else if !key.chars().all(|c| c.is_ascii_graphic()) {
        "contains characters that no key has"
    } else {
        return Ok(Secret::new(key));
    };
    Err(format!("the key from {origin} {fault}"))
}

/// A warning if the key does not begin as keys of its service do.
fn doubt(planned: &Planned, key: &Secret, origin: &str) -> Option<String> {
    let prefix = planned.provider.key_prefix.as_deref()?;
    let title = short_title(&planned.provider);
    (!key.expose().starts_with(prefix)).then(|| {
        format!("the key from {origin} does not begin with `{prefix}`, as keys of {title} do")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_key_is_refused_without_being_shown() {
        for key in ["", "a b", "abc\n", "gehéim", "a\u{7f}b"] {
            let refusal = well_formed(key, "KEY").unwrap_err();
            assert!(key.is_empty() || !refusal.contains(key), "{refusal}");
        }
        assert!(well_formed("kep_A-1~", "KEY").is_ok());
    }
}
