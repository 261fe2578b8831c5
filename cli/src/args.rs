//! The command line: the part of the native program's that makes sense here, under the same names.

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};

use crate::{
    bindings::exports::proctor::ci::reports::ReportKind,
    config::{
        Catalogue,
        options::{Options, find, report},
    },
    host::cli::help,
};

/// Runs test suites at hosted services: triggers them, follows them, reports them. For hosts of WASI 0.2.
///
/// It has what its host gives it: `wasmtime run -S http --env KEPLOY_API_KEY --dir . proctor-cli.wasm run`. It ends with 0 or 1,
/// as WASI knows no other codes; the line `exit code N` on standard error and the results have the code itself.
#[derive(Debug, Parser)]
#[command(name = "proctor-cli", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Say more: every test, and that triggers are about to be sent.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say nothing but results, warnings and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Trigger runs, follow them to their end, and report.
    Run(RunArgs),
    /// Follow runs that were started with `run --no-wait`, or left behind, to their end.
    Wait(WaitArgs),
    /// Stop runs that were started with `run --no-wait`, or left behind.
    Cancel(CancelArgs),
    /// Show what can be run at a service.
    List(ListArgs),
    /// Check configuration, credentials and reach of every target; triggers nothing.
    Check(CheckArgs),
    /// Show the services and their parameters.
    Providers,
}

/// What to run.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Targets of the configuration file; all of them when none is named.
    #[arg(value_name = "TARGET", conflicts_with = "provider")]
    pub targets: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// A service to run tests at, without a target of the configuration file.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Set a parameter; wins over the configuration file. Lists are separated by commas.
    #[arg(long, value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub set: Vec<String>,
    /// Another base URL of the service's API, with its path [env: PROCTOR_API_URL].
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Configuration file [env: PROCTOR_CONFIG] [default: proctor.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
}

/// How to follow runs and what to do with their results.
#[derive(Debug, Default, Args)]
pub struct FollowArgs {
    /// How long a run may take, for example 15m or `1h 30m` [default: 30m].
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Write a report; without a path to the usual one, with `-` to standard output. May be repeated.
    #[arg(long, value_name = "KIND[=PATH]", action = ArgAction::Append)]
    pub report: Vec<String>,
    /// Verdicts that make the exit code other than 0, and `flaky` or `new` [default:
    /// failed,errored,cancelled,timed-out,unknown].
    #[arg(long, value_name = "LIST")]
    pub fail_on: Option<String>,
    /// Compare failures with an earlier results file.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// It is all right that no test ran.
    #[arg(long)]
    pub allow_empty: bool,
    /// Report, but end with exit code 0 whatever the verdict.
    #[arg(long)]
    pub exit_zero: bool,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub follow: FollowArgs,
    /// Trigger the runs and end at once; `wait` follows them.
    #[arg(long, conflicts_with = "report")]
    pub no_wait: bool,
    /// Where handles of runs that go on are kept [default: proctor-handle.json].
    #[arg(long, value_name = "FILE")]
    pub handle: Option<String>,
}

#[derive(Debug, Args)]
pub struct WaitArgs {
    /// The file that `run` has left.
    #[arg(value_name = "HANDLE-FILE")]
    pub file: String,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub follow: FollowArgs,
}

#[derive(Debug, Args)]
pub struct CancelArgs {
    /// The file that `run` has left.
    #[arg(value_name = "HANDLE-FILE")]
    pub file: String,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// The service to ask.
    #[arg(long, value_name = "NAME")]
    pub provider: String,
    /// Narrow it down: show what lies below. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub set: Vec<String>,
    /// Another base URL of the service's API, with its path [env: PROCTOR_API_URL].
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub target: TargetArgs,
}

impl FollowArgs {
    /// The options that the flags give.
    ///
    /// # Errors
    /// One sentence for each flag that cannot be understood.
    pub fn options(&self, kinds: &[ReportKind]) -> Result<Options, Vec<String>> {
        let mut options = Options::default();
        let mut errors = Vec::new();
        let flags = [
            ("timeout", &self.timeout),
            ("fail_on", &self.fail_on),
            ("baseline", &self.baseline),
        ];
        for (name, text) in flags {
            let key = find(name).expect("every flag has an option of its name");
            if let Some(Err(error)) = text.as_ref().map(|text| options.set(key, text, kinds)) {
                errors.push(format!("--{}: {error}", name.replace('_', "-")));
            }
        }
        if !self.report.is_empty() {
            match self.report.iter().map(|text| report(text, kinds)).collect() {
                Ok(reports) => options.reports = Some(reports),
                Err(error) => errors.push(format!("--report: {error}")),
            }
        }
        options.allow_empty = self.allow_empty.then_some(true);
        options.exit_zero = self.exit_zero.then_some(true);
        match errors.is_empty() {
            true => Ok(options),
            false => Err(errors),
        }
    }
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// What to print instead, and whether it was asked for.
pub fn parse(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    catalogue: &Catalogue,
) -> Result<Cli, (String, bool)> {
    let notice = |error: clap::Error| {
        let wanted = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        );
        (error.render().to_string(), wanted)
    };
    let providers = help::providers(catalogue, None);
    let grammar = Cli::command()
        .mut_subcommand("run", |run| run.after_help(providers.clone()))
        .mut_subcommand("list", |list| list.after_help(providers.clone()));
    let matches = grammar.try_get_matches_from(arguments).map_err(notice)?;
    Cli::from_arg_matches(&matches).map_err(notice)
}
