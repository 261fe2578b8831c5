//! What is measured, one file for each scene.

pub mod following;
pub mod outcomes;
pub mod polls;
pub mod publishing;
pub mod scale;
pub mod size;
pub mod startup;

use crate::{Result, page::Page, setting::Setting};

/// A scene: measures, and tells on the page what came of it.
pub type Scene = fn(&Setting, &mut Page) -> Result<()>;

/// All of them, by name, in the order of the page.
pub const ALL: [(&str, Scene); 7] = [
    ("following", following::play),
    ("outcomes", outcomes::play),
    ("publishing", publishing::play),
    ("startup", startup::play),
    ("polls", polls::play),
    ("scale", scale::play),
    ("size", size::play),
];

/// The key of the sandbox's Keploy.
const KEY: &str = "kep_sandbox";

/// The script that stands for a pipeline without Proctor.
const SCRIPT: &str = include_str!("../scripts/follow.sh");
