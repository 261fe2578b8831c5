//! What every command works with.

pub use crate::clock::now_ms;
use crate::{
    accounts::Accounts,
    config::{
        self, Catalogue,
        file::{self, Config},
    },
    environment::Environment,
    failure::Failure,
    terminal::Terminal,
};

/// What every command works with.
pub struct Session {
    pub terminal: Terminal,
    pub environment: Environment,
    pub catalogue: Catalogue,
    pub accounts: Accounts,
}

impl Session {
    /// Reads the configuration file that a flag, the environment or nobody names.
    ///
    /// # Errors
    /// A usage failure if it cannot be read, or names a plugin: a component cannot load another.
    pub fn config(&self, flag: Option<&str>) -> Result<Option<Config>, Failure> {
        let named = flag.or_else(|| self.environment.get("PROCTOR_CONFIG"));
        let Some(source) = config::load(std::path::Path::new("."), named)? else {
            return Ok(None);
        };
        if let Some(plugin) = file::plugins(&source).first() {
            return Err(Failure::usage(
                format!(
                    "{} names the plugin {plugin}, which this program cannot load",
                    source.path
                ),
                "run targets of plugins with the native program, and keep them in a file of their own; nothing was triggered",
            ));
        }
        Ok(Some(file::read(source, &self.catalogue)))
    }

    /// The API's URL by a flag or the environment.
    pub fn api_url(&self, flag: Option<&str>) -> Option<String> {
        flag.or_else(|| self.environment.get("PROCTOR_API_URL"))
            .map(str::to_owned)
    }
}
