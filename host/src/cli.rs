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

/// Commands whose options may also be given by variables.
const OF_ENVIRONMENT: [&str; 6] = ["run", "wait", "generate", "check", "publish", "list"];

/// The command line's grammar; the help of `run` ends with what the providers say of themselves.
#[must_use]
pub fn grammar(catalogue: &Catalogue) -> clap::Command {
    grammar_within(catalogue, width())
}

fn grammar_within(catalogue: &Catalogue, width: usize) -> clap::Command {
    let providers = help::providers(catalogue, Some(width));
    let whole = Cli::command()
        .term_width(width)
        .mut_subcommand("run", |run| run.after_help(providers.clone()))
        .mut_subcommand("list", |list| list.after_help(providers.clone()))
        .mut_subcommand("init", |init| init.after_help(providers.clone()));
    OF_ENVIRONMENT.into_iter().fold(whole, |whole, name| {
        whole.mut_subcommand(name, help::with_variables)
    })
}

/// How wide the help may be: as the terminal is, or as COLUMNS says, up to [`WIDTH`].
fn width() -> usize {
    let of_terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    of_terminal.or_else(told).unwrap_or(WIDTH).min(WIDTH)
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
    help::providers(catalogue, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::options::{KEYS, variable},
        fixtures::catalogue,
    };

    fn flag<'a>(command: &'a clap::Command, name: &str) -> Option<&'a clap::Arg> {
        let long = match name {
            "reports" => "report".to_owned(),
            name => name.replace('_', "-"),
        };
        command
            .get_arguments()
            .find(|flag| flag.get_long() == Some(long.as_str()))
    }

    #[test]
    fn the_help_names_the_variable_of_every_option() {
        let grammar = grammar_within(&catalogue(), WIDTH);
        let run = grammar.find_subcommand("run").expect("a command");
        for key in &KEYS {
            assert!(flag(run, key.name).is_some(), "{}", key.name);
        }
        for name in OF_ENVIRONMENT {
            let command = grammar.find_subcommand(name).expect("a command");
            for key in &KEYS {
                let Some(flag) = flag(command, key.name) else {
                    continue;
                };
                let named = format!("[env: {}]", variable(key.name));
                for help in [flag.get_help(), flag.get_long_help()]
                    .into_iter()
                    .flatten()
                {
                    let help = help.to_string();
                    assert_eq!(help.matches(&named).count(), 1, "{name}: {help}");
                }
            }
        }
    }

    #[test]
    fn a_description_goes_on_below_itself() {
        let mut catalogue = catalogue();
        let parameter = &mut catalogue.providers[0].parameters[1];
        parameter.help = "word ".repeat(60).trim_end().to_owned();
        let name = parameter.name.clone();
        let whole = help::providers(&catalogue, None);
        for width in [60, 80, WIDTH] {
            let help = grammar_within(&catalogue, width)
                .try_get_matches_from(["proctor", "run", "--help"])
                .expect_err("it is asked for");
            let help = help.render().to_string();
            let at = help.find("Providers and").expect("they are shown");
            let shown = &help[at..];
            let mut lines = shown
                .lines()
                .skip_while(|line| !line.trim_start().starts_with(&name));
            let first = lines.next().expect("the parameter is shown");
            let column = first.find("URL").expect("its kind");
            let second = lines.next().expect("it is long");
            assert_eq!(second.find("word"), Some(column), "{shown}");
            assert!(
                shown.lines().all(|line| line.chars().count() <= width),
                "{shown}"
            );
            let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(flat(shown), flat(&whole));
        }
    }
}
