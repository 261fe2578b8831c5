//! `proctor-cli.wasm` under hosts of WASI that others have made, against the sandbox over real HTTP.

mod component;
mod embedded;
mod handles;
mod host;
mod input;
mod network;
mod runs;
