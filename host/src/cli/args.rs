use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::bindings::exports::proctor::ci::reports::ReportKind;
use crate::config::options::{Key, Options, Resume, find};

/// Runs test suites at hosted services from a CI job: triggers them, follows them, reports them.
#[derive(Debug, Parser)]
#[command(
    name = "proctor",
    version,
    arg_required_else_help = false,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Default, Args)]
pub struct GlobalArgs {
    /// Say more: calls, retries, waits. Also with RUNNER_DEBUG=1.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say nothing but results, warnings and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say what goes on inside, on standard error: levels, or names with levels, such as `network=trace,keploy=debug`
    /// [env: PROCTOR_LOG].
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// No colours, also not on a terminal. Also with NO_COLOR.
    #[arg(long, global = true)]
    pub no_color: bool,
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
    /// Send results to a service that keeps them.
    Publish(PublishArgs),
    /// Make reports from results files, which are merged, and end with their exit code.
    Render(RenderArgs),
    /// Share targets out to the jobs of a pipeline.
    Matrix(MatrixArgs),
    /// Write a configuration file and a pipeline to start from; triggers nothing.
    Init(InitArgs),
    /// Have a service write tests by itself, and list those that are new; runs none of them.
    Generate(GenerateArgs),
    /// Show the services and their parameters.
    Providers,
    /// Print a JSON Schema.
    Schema(SchemaArgs),
    /// Print a script that completes commands in a shell.
    Completions(CompletionsArgs),
    /// Serve the services offline, for trying things out.
    Sandbox(SandboxArgs),
    /// Show a whole run on the sandbox: no account, no network.
    Demo(DemoArgs),
}

/// Where the configuration is.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// Configuration file [env: PROCTOR_CONFIG] [default: proctor.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
}

/// How the network is reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Trust the authorities in this PEM file beside the system's [env: PROCTOR_CA_FILE].
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<String>,
    /// Show services the client certificate in this PEM file, if they ask for one [env: PROCTOR_CLIENT_CERT].
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<String>,
    /// The certificate's private key, if it is in a file of its own [env: PROCTOR_CLIENT_KEY].
    #[arg(long, value_name = "FILE")]
    pub client_key: Option<String>,
}

/// What to run.
#[derive(Debug, Clone, Default, Args)]
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

/// How to follow runs and what to do with their results.
#[derive(Debug, Clone, Default, Args)]
pub struct FollowArgs {
    /// How long a run may take, for example 15m or `1h 30m` [default: 30m].
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// How many targets are followed at once [default: as many as the rates of their services allow].
    #[arg(long, value_name = "N")]
    pub jobs: Option<String>,
    /// CI system to write for: auto, github, gitlab, jenkins or none [default: auto].
    ///
    /// On a CI system the reports junit and json are written even if no report is asked for, to junit.xml and
    /// results.json.
    #[arg(long, value_name = "SYSTEM")]
    pub ci: Option<String>,
    /// Write a report; without a path to the usual one, with `-` to standard output. May be repeated.
    #[arg(long, value_name = "KIND[=PATH]", action = ArgAction::Append)]
    pub report: Vec<String>,
    /// Verdicts that make the exit code other than 0 [default: failed,errored,cancelled,timed-out,unknown].
    ///
    /// `flaky` adds tests that passed only when they were run again. `new` lets a test's trouble count only if it was not there
    /// at the baseline.
    #[arg(long, value_name = "LIST")]
    pub fail_on: Option<String>,
    /// Compare failures with earlier results: a results file, or `last` for what --state keeps.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// What becomes of a target for which there is no key: fail, or skip for leaving it out [default: fail].
    #[arg(long, value_name = "WHAT")]
    pub on_missing_key: Option<String>,
    /// It is all right that no test ran.
    #[arg(long)]
    pub allow_empty: bool,
    /// Report, but end with exit code 0 whatever the verdict.
    #[arg(long)]
    pub exit_zero: bool,
    /// Stop the other targets when one has failed; those that have not begun are not triggered [env: PROCTOR_FAIL_FAST].
    #[arg(long)]
    pub fail_fast: bool,
    /// Publish the results at the end, at a `[publish.NAME]` of the configuration file.
    #[arg(long, value_name = "NAME")]
    pub publish: Option<String>,
    /// Write the results as a comment on the pull or merge request: auto, github, gitlab or never [default: never].
    #[arg(long, value_name = "WHERE")]
    pub comment: Option<String>,
    /// What names the comment, for several on one request [env: PROCTOR_COMMENT_KEY] [default: the job, the configuration
    /// file and the targets].
    #[arg(long, value_name = "NAME")]
    pub comment_key: Option<String>,
    /// What to write to standard output: human, or ndjson for every event as a line of JSON [default: human].
    #[arg(long, value_name = "FORM")]
    pub output: Option<String>,
    /// What becomes of the run at the service when Proctor is stopped: cancel or detach [default: cancel].
    #[arg(long, value_name = "WHAT")]
    pub on_interrupt: Option<String>,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub follow: FollowArgs,
    /// Trigger the runs and end at once; `proctor wait` follows them.
    #[arg(long, conflicts_with_all = ["report", "publish", "on_interrupt", "comment", "comment_key", "fail_fast", "queue_timeout", "baseline"])]
    pub no_wait: bool,
    /// Where handles of runs that go on are kept [default: proctor-handle.json].
    #[arg(long, value_name = "FILE")]
    pub handle: Option<String>,
    /// Run again what failed, and only that, up to so many times [env: PROCTOR_RETRY_FAILED] [default: 0].
    ///
    /// Each time is another run, which counts against the plan's quota. A test that passes then is flaky.
    #[arg(long, value_name = "N", conflicts_with = "no_wait")]
    pub retry_failed: Option<String>,
    /// Start runs without looking whether the system under test answers.
    #[arg(long)]
    pub skip_preflight: bool,
    /// Keep in this directory what was begun, so that the job can be run again if it is lost [env: PROCTOR_STATE].
    #[arg(long, value_name = "DIR")]
    pub state: Option<String>,
    /// Whether to go on with what an earlier life of this job has begun [env: PROCTOR_RESUME] [default: auto with --state].
    #[arg(long, value_name = "WHEN", value_enum)]
    pub resume: Option<Resume>,
    /// What names this job in this run of the pipeline [env: PROCTOR_STATE_KEY] [default: what the CI system says].
    #[arg(long, value_name = "TEXT")]
    pub state_key: Option<String>,
    /// How long a run may wait at its service to begin, for example 5m [env: PROCTOR_QUEUE_TIMEOUT] [default: any time].
    #[arg(long, value_name = "DURATION")]
    pub queue_timeout: Option<String>,
    /// First stop runs that older builds of the same branch have begun, by what --state keeps [env: PROCTOR_SUPERSEDE].
    #[arg(long)]
    pub supersede: bool,
    /// The branch, or the request, that this build is of [env: PROCTOR_BRANCH] [default: what the CI system says].
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// The commit that this build is of [env: PROCTOR_COMMIT] [default: what the CI system says].
    #[arg(long, value_name = "ID")]
    pub commit: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
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
    /// The directory that keeps the last results, for `--baseline last` [env: PROCTOR_STATE].
    #[arg(long, value_name = "DIR")]
    pub state: Option<String>,
    /// How long a run may still wait at its service to begin, for example 5m [env: PROCTOR_QUEUE_TIMEOUT] [default: any time].
    #[arg(long, value_name = "DURATION")]
    pub queue_timeout: Option<String>,
    /// The branch, or the request, that this build is of [env: PROCTOR_BRANCH] [default: what the CI system says].
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// The commit that this build is of [env: PROCTOR_COMMIT] [default: what the CI system says].
    #[arg(long, value_name = "ID")]
    pub commit: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

#[derive(Debug, Args)]
pub struct CancelArgs {
    /// The file that `run` has left.
    #[arg(value_name = "HANDLE-FILE")]
    pub file: String,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
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
    /// What to write to standard output: human, or ndjson for every item as a line of JSON [default: human].
    #[arg(long, value_name = "FORM")]
    pub output: Option<String>,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Do not look whether the system under test answers.
    #[arg(long)]
    pub skip_preflight: bool,
    /// What becomes of a target for which there is no key: fail, or skip for leaving it out [default: fail].
    #[arg(long, value_name = "WHAT")]
    pub on_missing_key: Option<String>,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
    /// Explain the way to each service and system: proxy, name, connection, TLS, an answer, and the clock.
    #[arg(long = "network")]
    pub explain: bool,
    #[command(flatten)]
    pub network: NetworkArgs,
}

#[derive(Debug, Args)]
pub struct PublishArgs {
    /// JUnit XML, the results of `run --report json`, or what `publish` has kept; patterns in quotes are resolved.
    #[arg(value_name = "RESULTS")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Which `[publish.NAME]` of the configuration file; not needed if there is one.
    #[arg(long, value_name = "NAME", conflicts_with = "provider")]
    pub to: Option<String>,
    /// A service to publish at, without a `[publish.NAME]` of the configuration file.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Set a parameter; wins over the configuration file. Lists are separated by commas.
    #[arg(long, value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub set: Vec<String>,
    /// Another base URL of the service's API, with its path [env: PROCTOR_API_URL].
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// How long publishing may take [default: 30m].
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Verdicts of the tests that make the exit code other than 0 [default: none: to have published is success].
    #[arg(long, value_name = "LIST")]
    pub fail_on: Option<String>,
    /// Where results that cannot be sent are kept [default: proctor-unsent.jsonl].
    #[arg(long, value_name = "FILE")]
    pub keep: Option<String>,
    /// CI system to write for: auto, github, gitlab, jenkins or none [default: auto].
    #[arg(long, value_name = "SYSTEM")]
    pub ci: Option<String>,
    /// What to write to standard output: human, or ndjson [default: human].
    #[arg(long, value_name = "FORM")]
    pub output: Option<String>,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// A command to run first, whose results are then published, and whose exit code is passed on.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Reports to make, as for `run --report`; without a path to standard output [default: text].
    #[arg(value_name = "KIND[=PATH]")]
    pub reports: Vec<String>,
    /// A results file, as written by `run --report json`. May be repeated: several are merged; patterns in quotes are
    /// resolved.
    #[arg(long, value_name = "FILE", required = true, action = ArgAction::Append)]
    pub from: Vec<String>,
    /// Fail for every target of the configuration file whose results are missing.
    #[arg(long, conflicts_with = "expect")]
    pub all_targets: bool,
    /// Fail if the results of this target of the configuration file are missing. May be repeated.
    #[arg(long, value_name = "TARGET", action = ArgAction::Append)]
    pub expect: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Judge anew, in place of what each file says: verdicts that make the exit code other than 0, as for `run`.
    #[arg(long, value_name = "LIST")]
    pub fail_on: Option<String>,
    /// Judge anew, and compare failures with earlier results.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// Judge anew, and let it be all right that no test ran.
    #[arg(long)]
    pub allow_empty: bool,
    /// End with exit code 0 whatever the tests and services did, as `run --exit-zero` does.
    #[arg(long)]
    pub exit_zero: bool,
    /// Tell the CI system of the results, as `run` does: auto, github, gitlab, jenkins or none [default: none].
    #[arg(long, value_name = "SYSTEM")]
    pub ci: Option<String>,
    /// Write the results as a comment on the pull or merge request: auto, github, gitlab or never [default: never].
    #[arg(long, value_name = "WHERE")]
    pub comment: Option<String>,
    /// What names the comment, for several on one request [default: the job and the configuration file].
    #[arg(long, value_name = "NAME")]
    pub comment_key: Option<String>,
    /// Trust the authorities in this PEM file beside the system's, for the comment [env: PROCTOR_CA_FILE].
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<String>,
}

/// Whose pipeline a matrix is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MatrixSystem {
    /// JSON for `strategy: matrix`.
    Github,
    /// A child pipeline.
    Gitlab,
}

#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// Targets of the configuration file; all of them when none is named.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Whose pipeline it is for [default: the CI system that this runs in].
    #[arg(long = "for", value_name = "SYSTEM", value_enum)]
    pub system: Option<MatrixSystem>,
    /// Share the targets out to so many jobs, at most [default: a job for each target].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub shards: Option<u16>,
    /// Earlier results, which tell how long targets take. May be repeated; patterns in quotes are resolved.
    #[arg(long, value_name = "FILE", requires = "shards", action = ArgAction::Append)]
    pub from: Vec<String>,
    /// Where it is written; `-` is standard output [default: -].
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// GitLab: the image of the jobs, which has to hold `proctor` and a shell.
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// GitLab: a file of the repository whose job `.proctor` all jobs extend.
    #[arg(long, value_name = "FILE")]
    pub template: Option<String>,
}

/// Whose pipeline is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PipelineSystem {
    /// A workflow of GitHub Actions.
    Github,
    /// A job of GitLab CI.
    Gitlab,
    /// A pipeline of Jenkins.
    Jenkins,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Whose pipeline to write [default: what the repository tells].
    #[arg(value_name = "SYSTEM", value_enum)]
    pub system: Option<PipelineSystem>,
    /// Where the configuration is written [env: PROCTOR_CONFIG] [default: proctor.toml].
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
    /// The service that runs the tests.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Set a parameter of the target. Lists are separated by commas.
    #[arg(long, value_name = "KEY=VALUE", requires = "provider", action = ArgAction::Append)]
    pub set: Vec<String>,
    /// Another base URL of the service's API, with its path [env: PROCTOR_API_URL].
    #[arg(long, value_name = "URL", requires = "provider")]
    pub api_url: Option<String>,
    /// What the target is called [default: after what it runs].
    #[arg(long, value_name = "TARGET", requires = "provider")]
    pub name: Option<String>,
    /// Make a target of each line of this file, which `list --output ndjson` has written; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "provider")]
    pub from_list: Option<String>,
    /// Pin Proctor by this commit, which is that of its version's tag, in place of the tag.
    #[arg(long, value_name = "COMMIT")]
    pub pin: Option<String>,
    /// Print what would be written, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Ask nothing, also on a terminal: what is missing is an error.
    #[arg(long, short, conflicts_with = "interactive")]
    pub yes: bool,
    /// Ask for what is missing, also without a terminal: answers are lines of standard input.
    #[arg(long)]
    pub interactive: bool,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// The OpenAPI file of the API under test.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<String>,
    /// A text file with whatever else there is to read about it.
    #[arg(long, value_name = "FILE")]
    pub docs: Option<String>,
    /// What the tests should pay attention to, in your own words.
    #[arg(long, value_name = "TEXT")]
    pub prompt: Option<String>,
    /// How many suites to make at most [default: as the service sees fit].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_suites: Option<u32>,
    /// Do not look whether the system under test answers.
    #[arg(long)]
    pub skip_preflight: bool,
    /// How long it may take, for example 15m or `1h 30m` [default: 30m].
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// What to write to standard output: human, or ndjson for everything that is new as a line of JSON [default: human].
    #[arg(long, value_name = "FORM")]
    pub output: Option<String>,
    /// Write every request and answer to a file, without keys, as an HTTP Archive [env: PROCTOR_TRACE].
    #[arg(long, value_name = "FILE")]
    pub trace: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// The configuration file, proctor.toml.
    Config,
    /// The results file, results.json.
    Results,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// What the schema is to describe.
    #[arg(value_enum, default_value = "config")]
    pub kind: SchemaKind,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Address to serve at; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4010")]
    pub listen: std::net::SocketAddr,
    /// Serve https, and write the certificate of the authority that clients must trust to this file.
    #[arg(long, value_name = "FILE")]
    pub tls: Option<String>,
    /// Serve only clients that show a certificate of the authorities in this PEM file.
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub client_ca: Option<String>,
    /// A scenario file, which says how the services behave.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<String>,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// End with the exit code that the run gives.
    #[arg(long)]
    pub exit_code: bool,
    /// Directory for the reports.
    #[arg(long, value_name = "DIR", default_value = "proctor-demo")]
    pub out: String,
}

impl NetworkArgs {
    /// The options that the flags give.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            ca_file: self.ca_file.clone(),
            client_cert: self.client_cert.clone(),
            client_key: self.client_key.clone(),
            ..Options::default()
        }
    }
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
            ("jobs", &self.jobs),
            ("ci", &self.ci),
            ("fail_on", &self.fail_on),
            ("baseline", &self.baseline),
            ("on_missing_key", &self.on_missing_key),
            ("publish", &self.publish),
            ("comment", &self.comment),
            ("comment_key", &self.comment_key),
            ("output", &self.output),
            ("on_interrupt", &self.on_interrupt),
            ("trace", &self.trace),
        ];
        for (name, text) in flags {
            if let Some(text) = text {
                set(&mut options, name, text, kinds, &mut errors);
            }
        }
        if !self.report.is_empty() {
            let read = self
                .report
                .iter()
                .map(|text| crate::config::options::report(text, kinds));
            match read.collect() {
                Ok(reports) => options.reports = Some(reports),
                Err(error) => errors.push(format!("--report: {error}")),
            }
        }
        options.allow_empty = self.allow_empty.then_some(true);
        options.exit_zero = self.exit_zero.then_some(true);
        options.fail_fast = self.fail_fast.then_some(true);
        if errors.is_empty() {
            Ok(options)
        } else {
            Err(errors)
        }
    }
}

fn set(
    options: &mut Options,
    name: &str,
    text: &str,
    kinds: &[ReportKind],
    errors: &mut Vec<String>,
) {
    let key: &Key = find(name).expect("every flag of FollowArgs has an option of its name");
    if let Err(error) = options.set(key, text, kinds) {
        errors.push(format!("--{}: {error}", name.replace('_', "-")));
    }
}
