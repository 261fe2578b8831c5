//! Why a plugin is not run, in one sentence, and what to do about it.

use std::{io, time::Duration};

use semver::Version;

use super::version;
use crate::{bindings::proctor::ci::types::Problem, failure::Failure};

/// The longest text of wasmtime's in a message, in bytes.
const LONGEST: usize = 500;

/// What a plugin is built for.
const BUILD: &str = "build it as a component, in Rust with `cargo build --target wasm32-wasip2`";

/// A plugin that is not run.
#[derive(Debug, thiserror::Error)]
#[error("the plugin `{shown}` {refusal}")]
pub struct PluginError {
    /// The path as the user named it.
    pub shown: String,
    pub refusal: Refusal,
}

/// Why a plugin is not run.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("is larger than {} MiB", most >> 20)]
    TooLarge {
        /// In bytes.
        most: u64,
    },
    #[error("is not WebAssembly")]
    NotWasm,
    #[error("is a core module, not a component")]
    CoreModule,
    #[error("cannot be compiled: {0}")]
    NotCompiled(String),
    #[error("was not read and compiled within {} s", .0.as_secs())]
    TooLong(Duration),
    /// This program was built without the feature `plugins`.
    #[error("cannot be run, as this Proctor was built without a compiler")]
    NoCompiler,
    #[error("is a component, but exports no `proctor:ci/service`")]
    NoService,
    /// Built against another track of versions than this program's.
    #[error(
        "was built against proctor:ci {wanted}, and this Proctor speaks {}",
        version::range()
    )]
    Version { wanted: String },
    /// Uses what a newer version of the same track has brought.
    #[error(
        "was built against proctor:ci {wanted} and uses {item}, which {} does not have",
        version::spoken()
    )]
    Newer { wanted: Version, item: String },
    #[error("imports {0}, which a plugin does not get")]
    Import(String),
    #[error("does not match proctor:ci {ours}: {0}", ours = version::spoken())]
    Mismatch(String),
    /// Failed before it was asked for anything.
    #[error("cannot be started: {}", .0.message)]
    Broken(Box<Problem>),
}

impl PluginError {
    pub(super) fn new(shown: &str, refusal: Refusal) -> Self {
        let shown = shown.to_owned();
        Self { shown, refusal }
    }
}

impl Refusal {
    /// What to do about it.
    #[must_use]
    pub fn next(&self) -> String {
        match self {
            Self::Unreadable(_) => "correct the path".to_owned(),
            Self::TooLarge { .. } => "build it for release and strip it".to_owned(),
            Self::NotWasm | Self::CoreModule => BUILD.to_owned(),
            Self::NotCompiled(_) => format!("{BUILD} and without optional features"),
            Self::TooLong(_) => {
                "make it smaller, or run it on a machine with less to do".to_owned()
            }
            Self::NoCompiler => {
                "install a Proctor that was built with the feature `plugins`".to_owned()
            }
            Self::NoService => "export the world `proctor:ci/plugin`".to_owned(),
            Self::Version { .. } => {
                format!("build it anew against proctor:ci {}", version::spoken())
            }
            Self::Newer { .. } => format!(
                "install a newer Proctor, or build it against proctor:ci {}",
                version::spoken()
            ),
            Self::Import(_) => {
                "build it without: a plugin gets `proctor:ci/host` and WASI 0.2 with outgoing HTTP"
                    .to_owned()
            }
            Self::Mismatch(_) => format!(
                "build it anew against an unchanged copy of proctor:ci {}",
                version::spoken()
            ),
            Self::Broken(_) => "report it to the author of the plugin".to_owned(),
        }
    }

    pub(super) fn version(wanted: &str) -> Self {
        let wanted = match wanted {
            "" => "without a version",
            wanted => wanted,
        };
        Self::Version {
            wanted: cut(wanted),
        }
    }

    #[cfg(feature = "plugins")]
    pub(super) fn not_compiled(error: &wasmtime::Error) -> Self {
        Self::NotCompiled(told(error))
    }

    pub(super) fn mismatch(error: &wasmtime::Error) -> Self {
        Self::Mismatch(told(error))
    }

    /// From wasmtime's error about an import, the only one that joining a component with the host can meet: the name of
    /// the interface in the first text, the name of its item in the second, the cause in the last.
    pub(super) fn import(error: &wasmtime::Error) -> Self {
        let texts: Vec<_> = error.chain().map(ToString::to_string).collect();
        let cause = texts.last().map_or("", String::as_str);
        let Some(interface) = quoted(&texts[0]) else {
            return Self::mismatch(error);
        };
        let item = match texts.get(1).and_then(|text| quoted(text)) {
            Some(item) => cut(&format!("`{item}` of `{interface}`")),
            None => cut(&format!("`{interface}`")),
        };
        let missing = cause.ends_with("implementation is missing");
        match version::named(interface).map(Version::parse) {
            Some(Ok(wanted)) if missing && wanted > version::spoken() => {
                Self::Newer { wanted, item }
            }
            Some(_) => Self::Mismatch(format!("{item}: {}", cut(cause))),
            None if missing => Self::Import(item),
            None => Self::Import(format!("{item} with other types ({})", cut(cause))),
        }
    }
}

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        let next = error.refusal.next();
        match error.refusal {
            Refusal::Broken(problem) => (*problem).into(),
            _ => Self::usage(error.to_string(), next),
        }
    }
}

/// An error with its causes, in one line.
fn told(error: &wasmtime::Error) -> String {
    cut(&format!("{error:#}")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" "))
}

/// What stands between the first two backticks.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}
