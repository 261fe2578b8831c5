use crate::{cli::RenderArgs, config::advice, failure::Failure};

use super::session::Session;

/// `proctor render`.
pub async fn render(session: &Session, arguments: &RenderArgs) -> Result<u8, Failure> {
    let kinds: Vec<&str> = session
        .catalogue
        .kinds
        .iter()
        .map(|kind| kind.name.as_str())
        .collect();
    if !kinds.contains(&arguments.kind.as_str()) {
        let message = format!("there is no report kind `{}`", arguments.kind);
        return Err(Failure::usage(message, advice(&arguments.kind, kinds)));
    }
    let shown = &arguments.from;
    let next = "give a file that `proctor run --report json` has written";
    let text = std::fs::read_to_string(session.path(shown))
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}"), next))?;
    let results =
        session.component.read(&text).await?.map_err(|reason| {
            Failure::usage(format!("{shown} is no results file: {reason}"), next)
        })?;
    let report = session.component.render(&arguments.kind, &results).await?;
    session.console.raw_out(&report);
    Ok(0)
}
