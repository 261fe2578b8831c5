//! What is wanted: flags over environment over `proctor.toml` over defaults, checked before anything is done.

mod defaults;
pub mod diagnostic;
pub mod entry;
pub mod file;
pub mod options;
pub mod plan;
pub mod quarantine;
pub mod schema;
mod suggest;
#[cfg(test)]
mod tests;
pub mod url;
pub mod value;

pub use suggest::advice;

use std::path::Path;

use crate::{
    bindings::{exports::proctor::ci::reports::ReportKind, proctor::ci::types::Provider},
    failure::Failure,
};
use diagnostic::Source;

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "proctor.toml";

/// What the component says can be asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    pub providers: Vec<Provider>,
    pub kinds: Vec<ReportKind>,
    /// What each plugin runs, by its path as named.
    pub plugins: Vec<(String, Vec<Provider>)>,
}

/// What a service is called in the middle of a sentence: a title goes on behind the name.
#[must_use]
pub fn short_title(provider: &Provider) -> &str {
    let name = provider.title.split(':').next();
    name.unwrap_or_default().trim()
}

impl Catalogue {
    /// The provider of this name.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// What the plugin of this path runs; nothing if it is not loaded.
    #[must_use]
    pub fn of_plugin(&self, shown: &str) -> &[Provider] {
        let mut plugins = self.plugins.iter();
        plugins
            .find(|(path, _)| path == shown)
            .map_or(&[], |(_, providers)| providers)
    }

    /// The names of all providers.
    pub fn provider_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.providers.iter().map(|provider| provider.name.as_str())
    }

    /// The same for publishing: the services that keep results, each with the parameters of that.
    #[must_use]
    pub fn of_sinks(&self) -> Self {
        let sinks = self
            .providers
            .iter()
            .filter(|provider| !provider.publishing.is_empty());
        let providers = sinks.map(|provider| Provider {
            parameters: provider.publishing.clone(),
            ..provider.clone()
        });
        Self {
            providers: providers.collect(),
            kinds: self.kinds.clone(),
            plugins: Vec::new(),
        }
    }

    /// The environment variables that may hold a key.
    pub fn key_variables(&self) -> impl Iterator<Item = &str> {
        let variables = self
            .providers
            .iter()
            .map(|provider| &provider.key_variables);
        variables.flatten().map(String::as_str)
    }
}

/// Finds the file that is named, or `proctor.toml` if there is one. [`file::read`] understands it.
///
/// # Errors
/// A usage failure if a file that is named, or one that exists, cannot be read.
pub fn load(directory: &Path, named: Option<&str>) -> Result<Option<Source>, Failure> {
    let path = named.unwrap_or(DEFAULT_FILE);
    let text = match std::fs::read_to_string(directory.join(path)) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => {
            return Err(Failure::usage(
                format!("{path} cannot be read: {error}"),
                "check the path given with --config and that the file is UTF-8 text",
            ));
        }
    };
    // A byte order mark is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    Ok(Some(Source {
        path: path.to_owned(),
        text,
    }))
}
