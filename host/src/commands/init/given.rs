use crate::{cli::InitArgs, config::advice, failure::Failure};

use super::{
    super::session::Session,
    wanted::{Names, Wanted, name_of_target},
};

/// The target that flags alone describe.
///
/// # Errors
/// A usage failure if they do not, or are wrong.
pub fn target(session: &Session, arguments: &InitArgs) -> Result<Wanted, Failure> {
    let Some(provider) = arguments.provider.as_deref() else {
        let known = advice("", session.catalogue.provider_names());
        return Err(Failure::usage(
            "nothing says which service runs the tests",
            format!(
                "add --provider NAME ({known}) and its parameters with --set, or use --interactive; nothing was written"
            ),
        ));
    };
    let mut wanted = Wanted::begin(session, provider, arguments, arguments.api_url.clone())?;
    wanted.planned.target.name = match &arguments.name {
        Some(name) => named(name)?,
        None => Names::default().make(&[provider]),
    };
    Ok(wanted)
}

/// The name by `--name`.
///
/// # Errors
/// A usage failure if no target may be called so.
pub fn named(name: &str) -> Result<String, Failure> {
    match name_of_target(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(error) => {
            let message = format!("--name: {error}");
            Err(Failure::usage(
                message,
                "choose another; nothing was written",
            ))
        }
    }
}
