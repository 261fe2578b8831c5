//! Proctor's host: reads what is wanted, embeds the component, enforces what it may reach, and writes what it returns.
//!
//! The component decides, the host touches: files, environment, network, terminal and signals are here alone.

#![deny(unsafe_code)]

pub mod bindings;
pub mod ci;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod comment;
pub mod component;
pub mod config;
pub mod console;
pub mod diagnostics;
pub mod engine;
pub mod environment;
pub mod failure;
#[cfg(test)]
mod fixtures;
pub mod handles;
pub mod network;
mod nonce;
pub mod output;
pub mod preflight;
pub mod process;
pub mod secret;
pub mod signals;
pub mod state;
pub mod stop;
pub mod subjects;
