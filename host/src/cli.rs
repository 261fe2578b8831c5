//! The command line.

mod args;
mod help;

pub use args::{
    CancelArgs, CheckArgs, Cli, Command, CompletionsArgs, ConfigArgs, DemoArgs, FollowArgs,
    GenerateArgs, GlobalArgs, InitArgs, ListArgs, MatrixArgs, MatrixSystem, NetworkArgs,
    PipelineSystem, PublishArgs, RenderArgs, RunArgs, SandboxArgs, SchemaArgs, SchemaKind,
    TargetArgs, WaitArgs,
};

use clap::{CommandFactory, FromArgMatches, error::ErrorKind};

use crate::config::Catalogue;

/// Widest line of the help.
const WIDTH: usize = 100;

/// The command line's grammar; the help of `run` ends with what the providers say of themselves.
#[must_use]
pub fn grammar(catalogue: &Catalogue) -> clap::Command {
    let providers = help::providers(catalogue);
    Cli::command()
        .max_term_width(WIDTH)
        .mut_subcommand("run", |run| run.after_help(providers.clone()))
        .mut_subcommand("list", |list| list.after_help(providers.clone()))
        .mut_subcommand("init", |init| init.after_help(providers.clone()))
}

/// What is said when the arguments do not make a command, or ask for help.
#[derive(Debug)]
pub struct Notice {
    pub text: String,
    /// Whether it was asked for, and so is no mistake.
    pub wanted: bool,
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// A notice to print instead: what is wrong, or the help that was asked for.
pub fn parse<A>(arguments: A, catalogue: &Catalogue, colour: bool) -> Result<Cli, Notice>
where
    A: IntoIterator<Item = std::ffi::OsString>,
{
    let notice = |error: clap::Error| {
        let styled = error.render();
        Notice {
            text: if colour {
                styled.ansi().to_string()
            } else {
                styled.to_string()
            },
            wanted: matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ),
        }
    };
    let matches = grammar(catalogue)
        .try_get_matches_from(arguments)
        .map_err(notice)?;
    Cli::from_arg_matches(&matches).map_err(notice)
}

/// What `proctor providers` prints.
#[must_use]
pub fn describe_providers(catalogue: &Catalogue) -> String {
    help::providers(catalogue)
}
