//! The documentation: every example is executed, or held against the schema or the grammar of what reads it.
//!
//! An example is a fenced block, and what is behind its three backticks says what it is ([`block::Kind`]). The list of
//! kinds is closed, so that no example is there that nothing checks.

mod block;
mod command;
mod config;
mod console;
mod exit_codes;
mod github;
mod gitlab;
mod interface;
mod jenkins;
mod links;
mod messages;
mod page;
mod versions;
mod words;
mod yaml;
