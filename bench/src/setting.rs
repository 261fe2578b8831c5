//! What the contenders are and how thoroughly they are measured.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use proctor_sandbox::{Sandbox, Scenario};

use crate::{Result, command::Timed};

/// Where everything is.
#[derive(Debug)]
pub struct Setting {
    /// Proctor's own program.
    pub proctor: PathBuf,
    /// The programs of others, as `tests/consumers/install.sh` installs them.
    pub consumers: PathBuf,
    /// Only to see that it works: the figures mean nothing.
    pub quick: bool,
    /// For files.
    pub folder: tempfile::TempDir,
}

impl Setting {
    /// With a folder of its own.
    ///
    /// # Errors
    /// If Proctor's program is not there.
    pub fn new(proctor: &Path, consumers: &Path, quick: bool) -> Result<Self> {
        let absolute = |path: &Path| std::path::absolute(path);
        let proctor = absolute(proctor)?;
        if !proctor.is_file() {
            return Err(format!("{} is not there: build it", proctor.display()).into());
        }
        Ok(Self {
            proctor,
            consumers: absolute(consumers)?,
            quick,
            folder: tempfile::tempdir()?,
        })
    }

    /// One number for a real run, another one for a quick one.
    #[must_use]
    pub const fn either(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// An invocation of Proctor, in a folder.
    #[must_use]
    pub fn proctor(&self, folder: &Path, arguments: &[&str]) -> Timed {
        Timed::new(&self.proctor, folder).arguments(arguments)
    }

    /// A new folder within that of the run.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn within(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// A port that is free.
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A sandbox over http.
///
/// # Errors
/// If the scenario is none, or no port is free.
pub fn sandbox(scenario: &str) -> Result<Sandbox> {
    Ok(Sandbox::start(ANY, Scenario::from_toml(scenario)?)?)
}

/// A sandbox over https, and the file of the authority to trust.
///
/// # Errors
/// As [`sandbox`], and if the file cannot be written.
pub fn sandbox_tls(scenario: &str, authority: &Path) -> Result<Sandbox> {
    let sandbox = Sandbox::start_tls(ANY, Scenario::from_toml(scenario)?)?;
    std::fs::write(authority, sandbox.ca_pem().unwrap_or_default())?;
    Ok(sandbox)
}
