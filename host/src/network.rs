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
mod scheme;
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
pub use scheme::{Credential, Scheme};
pub(crate) use times::{Cut, Times};
pub use trace::Trace;
pub(crate) use trace::{Entry, Watch};
pub(crate) use traffic::Overuse;
