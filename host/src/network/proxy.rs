//! Which proxy a URL is reached by: what the environment says, read once, so that what is explained is what is done.
//!
//! The variables and their order are those of curl and of most programs that CI systems are set up for; see
//! `docs/network.md`. A proxy that cannot be used is an error and never passed over: whoever sets one up may not want
//! anything to go past it.

mod exceptions;

use reqwest::Url;

use crate::{
    config::url::{is_loopback, masked, shown},
    environment::Environment,
    secret::Secret,
};
use exceptions::Exceptions;

/// What a URL may begin with whose proxy is in these variables, in this order.
const FOR_HTTPS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const FOR_HTTP: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Set where a web server runs a program (RFC 3875, 4.1.12). `HTTP_PROXY` holds the header `Proxy` of whoever asked
/// then, and is not believed. Source: httpoxy.org, CVE-2016-5385.
const CGI: &str = "REQUEST_METHOD";

/// The proxies that the environment names.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// By variable.
    named: Vec<(&'static str, Result<Server, String>)>,
    exceptions: Exceptions,
    /// What must not be shown, of the proxies that cannot be used too.
    secrets: Vec<Secret>,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Server(Url);

/// How a URL is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    Direct(Direct<'a>),
    /// By the proxy that this variable names.
    Proxy(&'static str, &'a Server),
}

/// Why no proxy is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direct<'a> {
    /// This machine is never reached by a proxy.
    Loopback,
    /// An entry of this variable.
    Exception(&'static str, &'a str),
    /// No variable names one.
    Unset,
}

/// A proxy that would be used, but cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the proxy in {variable} cannot be used: {reason}")]
pub struct ProxyError {
    pub variable: &'static str,
    pub reason: String,
}

impl Proxies {
    /// Reads the environment.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let is_cgi = environment.raw(CGI).is_some();
        let mut named = Vec::new();
        let mut found = Vec::new();
        for variable in FOR_HTTPS.into_iter().chain(FOR_HTTP) {
            let is_known = named.iter().any(|(known, _)| *known == variable);
            let Some(text) = environment.get(variable).filter(|_| !is_known) else {
                continue;
            };
            found.extend(secrets(text));
            if !is_cgi || variable != "HTTP_PROXY" {
                named.push((variable, Server::read(text)));
            }
        }
        Self {
            named,
            exceptions: Exceptions::of(environment),
            secrets: found,
        }
    }

    /// Whether no proxy is named at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// How a URL is reached.
    ///
    /// # Errors
    /// [`ProxyError`] if the variable that counts for it does not hold the URL of a proxy.
    pub fn route(&self, url: &Url) -> Result<Route<'_>, ProxyError> {
        if is_loopback(url) {
            return Ok(Route::Direct(Direct::Loopback));
        }
        let variables = match url.scheme() {
            "http" => FOR_HTTP,
            _ => FOR_HTTPS,
        };
        let named = variables.iter().find_map(|variable| {
            self.named
                .iter()
                .find(|(known, _)| known == variable)
                .map(|(known, server)| (*known, server))
        });
        let Some((variable, server)) = named else {
            return Ok(Route::Direct(Direct::Unset));
        };
        if let Some((variable, entry)) = self.exceptions.find(url) {
            return Ok(Route::Direct(Direct::Exception(variable, entry)));
        }
        match server {
            Ok(server) => Ok(Route::Proxy(variable, server)),
            Err(reason) => Err(ProxyError {
                variable,
                reason: reason.clone(),
            }),
        }
    }

    /// What must not be shown: the passwords of all proxies, as they are and as they stand in URLs, and with the user's
    /// name, as they are sent. A name without a password is one itself.
    ///
    /// A password is whatever somebody has thought of, `test` or `name`. So it is looked for in what shows the line
    /// itself and in what others say of it, never in texts of our own: those do not hold it, and would be torn up.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> + '_ {
        self.secrets.iter().cloned()
    }
}

impl Server {
    fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // As every program does: `proxy.example:3128` is short for an http URL.
        let whole = match text.contains("://") {
            true => text.to_owned(),
            false => format!("http://{text}"),
        };
        let unreadable = |why: String| {
            let hint = match text.contains('@') {
                true => {
                    "; in a user name or password, `@ : / ? #` are written `%40 %3A %2F %3F %23`"
                }
                false => "",
            };
            format!("`{}` is not a URL ({why}){hint}", masked(&whole))
        };
        let url = Url::parse(&whole).map_err(|error| unreadable(error.to_string()))?;
        match url.scheme() {
            "http" | "https" => {}
            scheme if scheme.starts_with("socks") => {
                return Err(format!(
                    "it is a {} proxy, and only those that speak HTTP are supported",
                    scheme.to_uppercase()
                ));
            }
            scheme => {
                return Err(format!(
                    "`{scheme}:` is not supported; it begins with http:// or https://"
                ));
            }
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(unreadable("no host is named".to_owned()));
        }
        // What is behind the host means nothing; a password that holds a slash ends up there.
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(unreadable("there is something behind the port".to_owned()));
        }
        Ok(Self(url))
    }

    /// With its credentials.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is itself reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The user's name and password.
    #[must_use]
    pub fn credentials(&self) -> Option<(String, Secret)> {
        let (user, password) = (self.0.username(), self.0.password());
        if user.is_empty() && password.is_none() {
            return None;
        }
        let password = decoded(password.unwrap_or_default());
        Some((decoded(user), Secret::new(password)))
    }

    /// The user's name, unless it is a secret itself, for having no password.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        let (user, password) = self.credentials()?;
        (!user.is_empty() && !password.expose().is_empty()).then_some(user)
    }
}

/// The secrets in what a variable holds, whether it is the URL of a proxy or not.
fn secrets(text: &str) -> Vec<Secret> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let Some((credentials, _)) = rest.rsplit_once('@') else {
        return Vec::new();
    };
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let mut secrets = match password {
        "" => vec![user.to_owned(), decoded(user)],
        _ => vec![
            password.to_owned(),
            decoded(password),
            format!("{}:{}", decoded(user), decoded(password)),
        ],
    };
    secrets.retain(|secret| !secret.is_empty());
    secrets.dedup();
    secrets.into_iter().map(Secret::new).collect()
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(shown(&self.0).trim_end_matches('/'))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests;
