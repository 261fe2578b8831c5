//! The plugins that targets name: loaded once each, and asked what they run.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    bindings::proctor::ci::types::Provider, component::Component, failure::Failure, network::Origin,
};

use super::session::Session;

/// The plugins that are loaded. Clones are the same.
#[derive(Clone, Default)]
pub struct Plugins(Arc<Mutex<Vec<Plugin>>>);

#[derive(Clone)]
struct Plugin {
    /// The path as the user named it.
    shown: String,
    component: Arc<dyn Component>,
    providers: Vec<Provider>,
}

impl Plugins {
    /// Loads a plugin, if that was not done before, and returns what it runs.
    ///
    /// # Errors
    /// A usage failure if it cannot be run, or describes itself in a way that cannot be.
    pub async fn load(&self, session: &Session, shown: &str) -> Result<Vec<Provider>, Failure> {
        if let Some(plugin) = self.of(shown) {
            return Ok(plugin.providers);
        }
        let path = session.path(shown);
        let component = session.component.plugin(&path, shown).await?;
        let providers = component.providers().await?;
        for provider in &providers {
            well_described(shown, provider)?;
        }
        if providers.is_empty() {
            return Err(refuse(shown, "runs nothing"));
        }
        let plugin = Plugin {
            shown: shown.to_owned(),
            component,
            providers: providers.clone(),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(plugin);
        Ok(providers)
    }

    /// The component of a plugin that was loaded.
    pub fn component(&self, shown: &str) -> Option<Arc<dyn Component>> {
        self.of(shown).map(|plugin| plugin.component)
    }

    fn of(&self, shown: &str) -> Option<Plugin> {
        let plugins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plugins.iter().find(|plugin| plugin.shown == shown).cloned()
    }
}

/// A plugin's own words are as hostile as a service's: its names must be names, and its address one that it may reach.
fn well_described(shown: &str, provider: &Provider) -> Result<(), Failure> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.len() <= 64
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    let parameters = provider.parameters.iter().chain(&provider.overrides);
    let names = parameters.map(|parameter| &parameter.name);
    let mut names = names.chain([&provider.name]);
    if let Some(name) = names.find(|name| !is_name(name)) {
        return Err(refuse(
            shown,
            &format!("uses the name {name:?}, which is none"),
        ));
    }
    if !provider.api_url.is_empty()
        && let Err(error) = Origin::parse(&provider.api_url)
    {
        return Err(refuse(
            shown,
            &format!("names an address that it may not reach: {error}"),
        ));
    }
    Ok(())
}

fn refuse(shown: &str, why: &str) -> Failure {
    Failure::usage(
        format!("the plugin `{shown}` {why}"),
        "report it to the author of the plugin; nothing was triggered",
    )
}
