//! The one place that a component may reach.

use std::net::IpAddr;

use url::Url;

/// Scheme, host and port of a service's API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// Why a URL cannot be a service's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("not a URL: {0}")]
    NotAUrl(String),
    #[error("neither https nor http, but {0}")]
    Scheme(String),
    #[error("names no host")]
    NoHost,
    #[error("holds a user name or password; give the key in the environment")]
    UserInfo,
    #[error("plain http to {0}, where anybody on the way can read the key; use https")]
    NotSecure(String),
}

impl Origin {
    /// The origin of a base URL.
    ///
    /// # Errors
    /// [`OriginError`] if it is no https URL, nor an http URL of a loopback address, or if it holds user information.
    pub fn parse(api_url: &str) -> Result<Self, OriginError> {
        let url = Url::parse(api_url).map_err(|error| OriginError::NotAUrl(error.to_string()))?;
        Self::of(&url)
    }

    /// The origin of a parsed URL. Errors as in [`Origin::parse`].
    pub(crate) fn of(url: &Url) -> Result<Self, OriginError> {
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(OriginError::Scheme(other.to_owned())),
        };
        let host = url.host_str().ok_or(OriginError::NoHost)?.to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::UserInfo);
        }
        let port = url.port_or_known_default().ok_or(OriginError::NoHost)?;
        let origin = Self { secure, host, port };
        if !secure && !origin.is_loopback() {
            return Err(OriginError::NotSecure(origin.host));
        }
        Ok(origin)
    }

    /// Whether it is this machine: a loopback address, or a name that must stand for one (RFC 6761, 6.3).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// The URL of its root.
    pub(crate) fn url(&self) -> Url {
        Url::parse(&format!("{self}/")).expect("an origin was taken from a URL")
    }

    /// Whether it is spoken to over TLS.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_in_their_normal_form() {
        let plain = Origin::parse("https://API.example.com/v1").expect("valid");
        assert_eq!(
            Ok(plain.clone()),
            Origin::parse("https://api.example.com:443/other")
        );
        for other in [
            "https://api.example.com:444",
            "https://example.com",
            "https://api.example.com.evil.example",
        ] {
            assert_ne!(Ok(plain.clone()), Origin::parse(other), "{other}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        for good in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost:3",
            "http://a.localhost",
            "http://2130706433/", // 127.0.0.1 as one number
        ] {
            assert!(
                Origin::parse(good).is_ok_and(|origin| origin.is_loopback()),
                "{good}"
            );
        }
        for bad in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "http://[::2]",
            "http://localhost.example.com",
        ] {
            assert!(
                matches!(Origin::parse(bad), Err(OriginError::NotSecure(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn other_urls_are_refused() {
        assert!(matches!(
            Origin::parse("ftp://x.example"),
            Err(OriginError::Scheme(_))
        ));
        assert_eq!(
            Origin::parse("https://me:pw@x.example"),
            Err(OriginError::UserInfo)
        );
        assert!(matches!(
            Origin::parse("x.example"),
            Err(OriginError::NotAUrl(_))
        ));
    }
}
