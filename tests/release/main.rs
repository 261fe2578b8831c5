//! How a release is made: the scripts in `release/`, run on small trees of their own, and the workflow that calls them.
#![cfg(unix)]

mod artifact;
mod checksums;
mod notes;
mod project;
mod publish;
mod supply_chain;
mod tags;
mod tree;
mod workflow;
