//! Random input for everything that reads what others have written.
//!
//! Each target is a function on bytes, with something that must hold whatever the bytes are: libFuzzer calls it with
//! input of its own making, and `cargo test` with the inputs in `corpus/`. `README.md` says how to run them.

#![deny(unsafe_code)]

mod evidence;
mod headers;
#[macro_use]
mod target;
mod junit_reader;
mod junit_writer;
mod markup;
mod ports;
mod publish;
mod replay;
mod reports;
mod results;
mod runner;
mod sample;
mod script;
mod service;
mod stream;
#[cfg(test)]
mod tests;

#[cfg(feature = "host")]
mod catalogue;
#[cfg(feature = "host")]
mod commands;
#[cfg(feature = "host")]
mod config;
#[cfg(feature = "host")]
mod handles;
#[cfg(feature = "host")]
mod redactor;

pub use replay::replay;

/// A function that takes any bytes, and panics if something does not hold.
pub type Target = fn(&[u8]);

/// The targets of the component, by name.
const COMPONENT: [(&str, Target); 13] = [
    ("service_keploy", |data| service::run("keploy", data)),
    ("service_checkview", |data| service::run("checkview", data)),
    ("service_izli", |data| service::run("izli", data)),
    ("service_testclix", |data| service::run("testclix", data)),
    ("service_testmo", |data| service::run("testmo", data)),
    ("service_http", |data| service::run("http", data)),
    ("stream", stream::run),
    ("headers", headers::run),
    ("junit_reader", junit_reader::run),
    ("junit_writer", junit_writer::run),
    ("results", results::run),
    ("reports", reports::run),
    ("publish", publish::run),
];

/// The targets of the host, by name.
#[cfg(feature = "host")]
const HOST: [(&str, Target); 4] = [
    ("commands", commands::run),
    ("config", config::run),
    ("handles", handles::run),
    ("redactor", redactor::run),
];
#[cfg(not(feature = "host"))]
const HOST: [(&str, Target); 0] = [];

/// All targets, by name.
pub fn targets() -> impl Iterator<Item = (&'static str, Target)> {
    COMPONENT.into_iter().chain(HOST)
}

/// The target of this name.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn named(name: &str) -> Target {
    let mut all = targets();
    all.find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("there is no target `{name}`"))
        .1
}
