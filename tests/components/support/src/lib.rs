//! Components for the tests of the host, compiled ahead of time under the host's own settings.

/// A component of the world `plugin` that tries what it must not.
pub static HOSTILE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hostile.cwasm"));
