//! Proctor for those who run no native program: a command for any host of WASI 0.2.
//!
//! It is made of the same parts as the native program. What is *decided* is the component's crate, called directly rather than
//! through WIT. Options, configuration, handles and the search for secrets are the host's modules, included as they are: they
//! are about values, and both have the same ones, from `wit/types.wit`. What is *touched* is here: requests, files, the terminal.
//!
//! No component stands between the core and the key, as it does natively, so [`gate`] does here what the host does there: one
//! origin, the key attached on the way out and masked on the way back.

#![cfg(target_family = "wasm")]
#![deny(unsafe_code)]

mod accounts;
mod args;
mod catalogue;
mod commands;
mod conclude;
mod follow;
mod gate;
mod gating;
mod kept;
mod keys;
mod line;
mod output;
mod progress;
mod ready;
mod session;
mod settled;
mod terminal;
mod work;

/// What the included modules know each other by.
use edge::bindings;
use host::{
    clock, config, console, environment, failure, handles, network, secret, state, subjects,
};
use proctor::{assess, error, model, ports, report};

/// The component's outer edge, but for the exports.
#[path = "../../src/guest"]
mod edge {
    /// The same types as the host's, from the same source. Nothing is imported: what is not called is not linked.
    pub mod bindings {
        wit_bindgen::generate!({
            path: "../wit",
            inline: "
                package proctor:cli;
                world values {
                    import proctor:ci/generation@1.3.0;
                    import proctor:ci/host@1.3.0;
                    import proctor:ci/reports@1.3.0;
                    import proctor:ci/reruns@1.3.0;
                    import proctor:ci/sink@1.3.0;
                    import proctor:ci/types@1.3.0;
                }
            ",
            world: "proctor:cli/values",
            generate_all,
            additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        });

        /// Where the host's and the component's modules look for what only the component makes.
        pub mod exports {
            pub mod proctor {
                pub mod ci {
                    pub use super::super::super::proctor::ci::{generation, reports, reruns, sink};
                }
            }
        }
    }

    #[expect(dead_code, reason = "the component needs more conversions")]
    pub mod convert;
    pub mod http;
    #[expect(dead_code, reason = "nothing crosses a boundary here")]
    mod remarks;
    pub mod stream;
}

/// The host's modules that need no machine.
#[path = "../../host/src"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the native program needs more of them"
)]
mod host {
    pub mod clock;
    pub mod config;
    pub mod environment;
    pub mod failure;
    pub mod handles;
    pub mod secret;
    pub mod subjects;

    pub mod cli {
        pub mod help;
    }

    pub mod console {
        pub mod safe;
        pub mod table;
    }

    pub mod network {
        mod origin;
        mod scheme;

        pub use origin::Origin;
        pub use scheme::{Credential, Scheme};

        pub mod account {
            use std::time::Instant;

            pub mod bucket;
        }
    }

    /// Files of `--state`, which this program has not.
    pub mod state {
        mod build;

        pub use crate::output::write;
        pub use build::Build;
    }
}

pub use commands::main;
