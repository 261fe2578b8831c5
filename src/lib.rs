//! Proctor's component: triggers a test run at a hosted service, follows it, and turns it into a verdict and reports.
//!
//! Everything but `guest` is pure: effects come in through [`ports`], so that natively a test drives hours of polling
//! in a millisecond. `guest` is compiled for wasm alone and is the only module that knows WIT bindings, waki and wasi.
//!
//! Without the feature `component` nothing is exported: so it is part of the program in `cli/`, which has an edge of its own.

#![deny(unsafe_code)]

pub mod api;
pub mod assess;
pub mod error;
pub mod model;
pub mod ports;
pub mod publish;
pub mod report;
pub mod rerun;
pub mod services;
pub mod verdict;
pub mod watch;

#[cfg(all(target_family = "wasm", feature = "component"))]
mod guest;
