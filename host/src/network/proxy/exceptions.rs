//! `NO_PROXY`: what is reached without a proxy.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;

use crate::environment::Environment;

/// The first that is set counts.
const VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The entries of the variable.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    variable: &'static str,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    written: String,
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// One address, or a network.
    Network(IpNet),
    /// A name and everything below it.
    Domain(String),
}

impl Exceptions {
    /// Reads the environment. Entries are separated by commas or blanks.
    pub fn of(environment: &Environment) -> Self {
        let set = VARIABLES
            .into_iter()
            .find_map(|variable| Some((variable, environment.get(variable)?)));
        let Some((variable, text)) = set else {
            return Self::default();
        };
        let entries = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|entry| !entry.is_empty())
            .map(Entry::read)
            .collect();
        Self { variable, entries }
    }

    /// The variable and the entry by which a URL is reached without a proxy.
    pub fn find(&self, url: &Url) -> Option<(&'static str, &str)> {
        let host = url.host_str()?.to_ascii_lowercase();
        let port = url.port_or_known_default();
        let entry = self.entries.iter().find(|entry| {
            (entry.port.is_none() || entry.port == port) && entry.hosts.hold(&host)
        })?;
        Some((self.variable, &entry.written))
    }
}

impl Entry {
    fn read(written: &str) -> Self {
        let (host, port) = parts(written);
        let host = host.to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let hosts = if host == "*" {
            Hosts::All
        } else if let Ok(network) = bare.parse() {
            Hosts::Network(network)
        } else if let Ok(address) = bare.parse::<IpAddr>() {
            Hosts::Network(address.into())
        } else {
            let name = host.trim_start_matches('*').trim_start_matches('.');
            Hosts::Domain(name.trim_end_matches('.').to_owned())
        };
        Self {
            written: written.to_owned(),
            hosts,
            port,
        }
    }
}

/// Host and port. An IPv6 address has a port only in brackets.
fn parts(written: &str) -> (&str, Option<u16>) {
    let Some((host, port)) = written.rsplit_once(':') else {
        return (written, None);
    };
    let is_address = host.contains(':') && !host.ends_with(']');
    match port.parse() {
        Ok(port) if !is_address => (host, Some(port)),
        _ => (written, None),
    }
}

impl Hosts {
    fn hold(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match self {
            Self::All => true,
            Self::Network(network) => bare
                .parse::<IpAddr>()
                .is_ok_and(|address| network.contains(&address)),
            Self::Domain(name) => {
                let host = host.trim_end_matches('.');
                !name.is_empty()
                    && host
                        .strip_suffix(name.as_str())
                        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
        }
    }
}
