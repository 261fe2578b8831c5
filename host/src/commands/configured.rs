use crate::{
    config::plan::{self, Planned, Wish},
    failure::Failure,
};

use super::{
    ready::{named_variables, validated},
    session::Session,
};

/// The targets of the configuration file that are named, or all of them, for a command that runs none: looked at as
/// `run` does, but for keys and the values of variables, which only the job that runs them has to have.
///
/// # Errors
/// A usage failure that shows what is wrong with the file or the names.
pub async fn targets(
    session: &Session,
    config: Option<&str>,
    names: &[String],
) -> Result<Vec<Planned>, Failure> {
    let wish = Wish {
        names: names.to_vec(),
        api_url: session.api_url(None),
        ..Wish::default()
    };
    let Some(config) = session.config(config).await? else {
        return Err(Failure::usage(
            "there is no configuration file to take targets from",
            "write a proctor.toml, or name one with --config",
        ));
    };
    let colour = session.console.colours_diagnostics();
    let planned = plan::plan(&wish, Some(config), &session.catalogue, colour)?;
    let complete: Vec<Planned> = planned
        .iter()
        .filter(|planned| named_variables(planned).is_empty())
        .cloned()
        .collect();
    validated(session, &complete).await?;
    Ok(planned)
}
