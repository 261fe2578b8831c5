//! How fast Proctor is, beside what it replaces: whole processes side by side on one sandbox.
//!
//! Each scene measures one thing in turn with every contender, several times, and tells it as ratios. Benchmarks of the
//! component alone are in `benches/`.

pub mod command;
pub mod figures;
pub mod instantly;
pub mod lengths;
pub mod loopback;
pub mod machine;
pub mod page;
pub mod scenes;
pub mod setting;

/// What went wrong, for whoever started it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
