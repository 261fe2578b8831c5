//! The network as components get it: one origin each, the credential attached on the way out and masked on the way
//! back, limits on time and size.

pub mod account;
mod body;
mod clients;
mod exchange;
mod fault;
mod gate;
mod origin;
mod policy;
mod times;

pub use clients::Network;
pub(crate) use gate::{Gate, Open};
pub use origin::{Origin, OriginError};
pub(crate) use policy::Policy;
pub(crate) use times::{Cut, Times};

use crate::{bindings::proctor::ci::types::Authentication, secret::Secret};

/// The credential and how it is presented.
#[derive(Debug, Clone)]
pub struct Credential {
    pub authentication: Authentication,
    pub key: Secret,
}
