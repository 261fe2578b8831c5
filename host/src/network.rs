//! The network as components get it: one origin each, the credential attached on the way out and masked on the way
//! back, limits on time and size.

pub mod account;
mod body;
mod certificate;
mod clients;
mod dialling;
mod exchange;
mod fault;
mod gate;
mod identity;
mod lanes;
mod origin;
mod pem;
mod policy;
pub mod probe;
pub mod proxy;
pub mod reach;
mod times;
mod trace;
mod traffic;
mod trust;

pub use clients::Network;
pub(crate) use clients::{platform, visitor};
pub(crate) use fault::chain;
pub(crate) use gate::{Gate, Open};
pub use origin::{Origin, OriginError};
pub(crate) use policy::Policy;
pub(crate) use times::{Cut, Times};
pub use trace::Trace;
pub(crate) use trace::{Entry, Watch};
pub(crate) use traffic::Overuse;

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
