use std::sync::{Arc, OnceLock};

use crate::{
    config::plan::Planned,
    failure::Failure,
    network::reach::{Files, Reach},
};

use super::session::Session;

/// How the network is reached: chosen by the options of a command, and settled when it is first asked for.
#[derive(Debug, Clone, Default)]
pub struct Way(Arc<Settling>);

#[derive(Debug, Default)]
struct Settling {
    files: OnceLock<Files>,
    reach: OnceLock<Result<Reach, Failure>>,
}

impl Way {
    /// Says which files the options name.
    pub fn choose(&self, files: Files) {
        // One command has one set of options.
        let _ = self.0.files.set(files);
    }

    /// How the network is reached; the component goes by it as well.
    ///
    /// # Errors
    /// A usage failure if a file is not what its option is for.
    pub fn reach(&self, session: &Session) -> Result<&Reach, Failure> {
        let settle = || {
            let files = self.0.files.get().cloned().unwrap_or_default();
            let reach = Reach::read(&files, &session.environment, &session.directory)
                .map_err(|why| Failure::usage(why, "correct it; nothing was triggered"))?;
            session.component.set_reach(&reach);
            Ok(reach)
        };
        self.0
            .reach
            .get_or_init(settle)
            .as_ref()
            .map_err(Clone::clone)
    }
}

/// Looks whether the way to every service is set up right, as far as that can be told without going it.
///
/// # Errors
/// A usage failure about a file that an option names, about a proxy that cannot be used, or about a store without
/// certificates.
pub fn check(session: &Session, planned: &[Planned]) -> Result<(), Failure> {
    let reach = session.reach()?;
    if let Some(warning) = reach.doubt() {
        session.console.warn(&warning);
    }
    for planned in planned {
        // A URL that is none is told of by whoever needs it.
        let Ok(url) = reqwest::Url::parse(&planned.target.api_url) else {
            continue;
        };
        reach.route(&url).map_err(|error| {
            Failure::usage(
                error.to_string(),
                format!(
                    "correct {}, or except the address with NO_PROXY; nothing was triggered",
                    error.variable
                ),
            )
        })?;
        if url.scheme() == "https" {
            reach.trust().map_err(|why| {
                let next = "name a file that holds certificates as PEM, or unset the variable; nothing was triggered";
                Failure::usage(why, next)
            })?;
        }
    }
    Ok(())
}
