//! Components for the tests of the host, and one of them compiled ahead of time under the host's own settings.

/// A component of the world `plugin` that tries what it must not, compiled.
pub static HOSTILE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hostile.cwasm"));

/// The same as a file.
pub const HOSTILE_PATH: &str = concat!(env!("OUT_DIR"), "/hostile.wasm");

/// The example of a plugin, as a file.
pub const ECHO_PATH: &str = concat!(env!("OUT_DIR"), "/echo.wasm");

/// A plugin built against the first version of the contract, as a file.
pub const FIRST_PATH: &str = concat!(env!("OUT_DIR"), "/first.wasm");
