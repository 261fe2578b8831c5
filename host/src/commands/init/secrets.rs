//! What looks like a key is never written: `proctor.toml` is for everyone who reads the repository.

use crate::{
    bindings::proctor::ci::types::Value, cli::InitArgs, config::Catalogue,
    environment::Environment, failure::Failure,
};

use super::{super::session::Session, wanted::Wanted};

/// The shortest value of a variable that is looked for, in bytes: less is in many words.
const SHORTEST: usize = 8;

/// Refuses a key among the arguments, before any of them is shown again.
///
/// # Errors
/// A usage failure that does not show it.
pub fn refuse_arguments(session: &Session, arguments: &InitArgs) -> Result<(), Failure> {
    let sets = arguments.set.iter().map(|set| {
        let (name, text) = set.split_once('=').unwrap_or(("", set));
        (format!("--set {name}"), text)
    });
    let name = arguments
        .name
        .as_deref()
        .map(|name| ("--name".to_owned(), name));
    let url = session.api_url(arguments.api_url.as_deref());
    let url = url.as_deref().map(|url| match arguments.api_url {
        Some(_) => ("--api-url".to_owned(), url),
        None => ("PROCTOR_API_URL".to_owned(), url),
    });
    let mut all = sets.chain(name).chain(url);
    match all.find(|(_, text)| is_key(text, &session.catalogue, &session.environment)) {
        None => Ok(()),
        Some((origin, _)) => Err(refuse(&origin)),
    }
}

/// Refuses a key among the settings of a target, wherever they come from.
///
/// # Errors
/// A usage failure that does not show it.
pub fn refuse_settings(session: &Session, wanted: &Wanted) -> Result<(), Failure> {
    let found = |text: &String| is_key(text, &session.catalogue, &session.environment);
    for setting in &wanted.planned.target.settings {
        let is_key = match &setting.value {
            Value::Text(text) => found(text),
            Value::Texts(texts) => texts.iter().any(found),
            Value::Integer(_) | Value::Boolean(_) => false,
        };
        if is_key {
            return Err(refuse(&format!("`{}`", setting.name)));
        }
    }
    Ok(())
}

fn refuse(origin: &str) -> Failure {
    Failure::usage(
        format!("{origin} looks like a key, and keys are never written to a file"),
        "leave the key out: it comes from the environment of the job; nothing was written",
    )
}

/// Whether a text begins as keys of a service do, or holds a key that is in the environment.
fn is_key(text: &str, catalogue: &Catalogue, environment: &Environment) -> bool {
    let mut prefixes = catalogue
        .providers
        .iter()
        .filter_map(|provider| provider.key_prefix.as_deref());
    let mut keys = catalogue
        .key_variables()
        .filter_map(|variable| environment.get(variable))
        .filter(|key| key.len() >= SHORTEST);
    prefixes.any(|prefix| text.trim().starts_with(prefix)) || keys.any(|key| text.contains(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::catalogue;

    #[test]
    fn a_key_is_known_by_its_beginning_and_by_the_environment() {
        let environment: Environment = [("EXAM_KEY", "0123456789"), ("BROWSE_KEY", "short")]
            .into_iter()
            .collect();
        for (text, expected) in [
            ("pre_abc", true),
            (" pre_abc", true),
            ("x0123456789y", true),
            ("shorter", false),
            ("app-7f3", false),
            ("", false),
        ] {
            assert_eq!(is_key(text, &catalogue(), &environment), expected, "{text}");
        }
    }
}
