//! Tries what a component must not be able to do, and says in the warnings of its report what came of it.
//!
//! The setting `mode` chooses what it tries; `url` and `path` say where.

#[cfg(target_family = "wasm")]
mod attempts;
#[cfg(target_family = "wasm")]
mod excess;
#[cfg(target_family = "wasm")]
mod forgery;
#[cfg(target_family = "wasm")]
mod plugin;
