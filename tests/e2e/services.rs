//! What holds for every service, as tables over all of them, and what is peculiar to one.

mod checkview;
mod faults;
mod http;
#[cfg(unix)]
mod interrupts;
mod izli;
mod outcomes;
mod plugin;
mod publish;
mod refusals;
mod sample;
pub mod service;
mod sockets;
mod statuses;
mod testclix;
mod testmo;
mod together;

use service::Service;

/// Every service that the shared tests run at.
const ALL: &[&Service] = &[
    &checkview::SERVICE,
    &testclix::SERVICE,
    &izli::SERVICE,
    &http::SERVICE,
    &testmo::SERVICE,
];
