//! The engine against a component that tries what it must not, plugins, and the imports of the component that ships.

mod component;
mod confinement;
mod limits;
mod linear;
mod memory;
mod network;
mod plugins;
mod server;
mod stopping;
mod support;
