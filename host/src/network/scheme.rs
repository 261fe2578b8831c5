//! How a service is shown who asks.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::{
    bindings::proctor::ci::types::{Authentication, Provider, Target, Value},
    secret::Secret,
};

/// How a credential is presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer KEY`
    Bearer,
    /// `Authorization: Basic` with the key, which is `USER:PASSWORD`, in base64. Source: RFC 7617.
    Basic,
    /// The key as the value of the header of this name.
    Header(String),
    /// Nothing is presented.
    None,
}

impl Scheme {
    /// What a provider says, or leaves to its target.
    #[must_use]
    pub fn of(provider: &Provider, target: &Target) -> Self {
        let parameter = match &provider.authentication {
            Authentication::Bearer => return Self::Bearer,
            Authentication::Header(name) => return Self::Header(name.clone()),
            Authentication::Chosen(parameter) => parameter,
        };
        let chosen = target
            .settings
            .iter()
            .find_map(|setting| match &setting.value {
                Value::Text(text) if setting.name == *parameter => Some(text.as_str()),
                _ => None,
            });
        match chosen {
            Some("bearer") => Self::Bearer,
            Some("basic") => Self::Basic,
            Some("none") | None => Self::None,
            Some(header) => Self::Header(header.to_owned()),
        }
    }
}

/// The credential and how it is presented.
#[derive(Debug, Clone)]
pub struct Credential {
    pub scheme: Scheme,
    pub key: Secret,
}

impl Credential {
    /// The header that shows the key: its name and its value; none if nothing is shown.
    #[must_use]
    pub fn header(&self) -> Option<(&str, String)> {
        const AUTHORIZATION: &str = "authorization";
        let key = self.key.expose();
        Some(match &self.scheme {
            Scheme::Bearer => (AUTHORIZATION, format!("Bearer {key}")),
            Scheme::Basic => (AUTHORIZATION, format!("Basic {}", BASE64.encode(key))),
            Scheme::Header(name) => (name, key.to_owned()),
            Scheme::None => return None,
        })
    }
}
