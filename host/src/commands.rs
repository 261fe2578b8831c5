//! The commands, from arguments to an exit code.

mod aside;
mod at_once;
mod check;
mod comment;
mod conclude;
mod configured;
mod credentials;
mod demo;
mod destinations;
mod excused;
mod fail_fast;
mod follow;
mod gating;
mod generate;
mod handle_commands;
mod handle_file;
mod in_turn;
mod init;
mod last;
mod list;
mod matrix;
mod named_files;
mod parted;
mod plugins;
mod publish;
mod ready;
mod render;
mod rerun;
mod results_files;
mod resume;
mod run;
mod sandbox;
mod session;
mod settled;
mod supersede;
#[cfg(test)]
mod tests;
mod trace;
mod way;

use std::{
    ffi::OsString,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use crate::{
    bindings::proctor::ci::types::Code,
    ci::{Ci, Workspace, github},
    cli::{self, Cli, Command, SchemaKind},
    component::Component,
    config::{
        self, Catalogue,
        options::{CiChoice, Output},
    },
    console::{Console, Level, Streams},
    diagnostics::{self, Filter},
    environment::Environment,
    failure::Failure,
    network::Trace,
    signals::Signals,
};
use session::Session;

/// The JSON Schema of the results file.
const RESULTS_SCHEMA: &str = include_str!("../../docs/results.schema.json");

/// Which diagnostics are told, where no flag says it.
const LOG: &str = "PROCTOR_LOG";

/// Everything that a process gets from outside.
pub struct Invocation {
    /// The program's name first.
    pub arguments: Vec<OsString>,
    pub environment: Environment,
    /// What relative paths start from.
    pub directory: PathBuf,
    pub streams: Streams,
    /// Signals, if they do not come from the process.
    pub signals: Option<Signals>,
}

/// Runs one command to its end and returns the exit code. Never panics because of its input.
pub fn main_with<C>(invocation: Invocation, component: C) -> u8
where
    C: FnOnce() -> Result<Arc<dyn Component>, Failure>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(command(invocation, component));
            // What a task has not given up by now is not waited for.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            let mut streams = invocation.streams;
            let _ = writeln!(streams.err, "error: no runtime can be started: {error}");
            crate::failure::exit_code(Code::Internal)
        }
    }
}

async fn command<C>(invocation: Invocation, component: C) -> u8
where
    C: FnOnce() -> Result<Arc<dyn Component>, Failure>,
{
    let Invocation {
        arguments,
        environment,
        directory,
        streams,
        signals,
    } = invocation;
    let loaded = match component() {
        Ok(component) => catalogue(component.as_ref())
            .await
            .map(|catalogue| (component, catalogue)),
        Err(failure) => Err(failure),
    };
    let sniffed = sniff_output(&arguments, &environment);
    let step = Step::find(&arguments, &environment, &directory);
    let (component, catalogue) = match loaded {
        Ok(loaded) => loaded,
        Err(failure) => {
            let console = Console::new(streams, &environment, false, Level::Normal, sniffed);
            return fail(&console, &step, &failure, None);
        }
    };
    let cli = match cli::parse(arguments, &catalogue, may_colour(&streams, &environment)) {
        Ok(cli) => cli,
        Err(notice) => {
            let console = Console::new(streams, &environment, false, Level::Normal, sniffed);
            return show(&console, &step, &notice);
        }
    };
    let level = level(&cli, &environment);
    let console = Console::new(streams, &environment, cli.global.no_color, level, sniffed);
    let console = match filter(&cli, &environment, &catalogue) {
        Ok(None) => Arc::new(console),
        Ok(Some(filter)) => Arc::new(console.telling(filter)),
        Err(failure) => return fail(&console, &step, &failure, None),
    };
    let trace = Arc::new(OnceLock::new());
    let signals = match signals {
        Some(signals) => Ok(signals),
        None => {
            diagnostics::listen(&console);
            Signals::of_process(farewell(&trace, &directory))
        }
    };
    let signals = match signals {
        Ok(signals) => signals,
        Err(error) => {
            let failure =
                Failure::internal(format!("signals cannot be handled: {error}"), "report it");
            return fail(&console, &step, &failure, None);
        }
    };
    let session = Session {
        console,
        environment,
        directory,
        component,
        catalogue,
        plugins: plugins::Plugins::default(),
        way: way::Way::default(),
        signals,
        trace,
    };
    let ended = dispatch(&session, cli.command).await;
    session.end_trace();
    match ended {
        Ok(code) => told(&session.console, &step, code),
        Err(failure) => {
            session.console.finish();
            fail(&session.console, &step, &failure, Some(&session.signals))
        }
    }
}

/// The exit code of a command that has ended with this one. Where what it printed is lost nobody knows what came of it, which
/// must not look as if all were well; only a signal is still what the exit code has to tell.
fn told(console: &Console, step: &Step, code: u8) -> u8 {
    let Some(error) = console.lost() else {
        return code;
    };
    let message = format!(
        "the command ended with exit code {code}, but not all of it could be written to standard output: {error}"
    );
    match code {
        129.. => {
            console.warn(&message);
            code
        }
        _ => {
            let next = "see that there is room where standard output goes";
            fail(console, step, &Failure::internal(message, next), None)
        }
    }
}

async fn dispatch(session: &Session, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Run(arguments) => run::run(session, &arguments).await,
        Command::Wait(arguments) => handle_commands::wait(session, &arguments).await,
        Command::Cancel(arguments) => handle_commands::cancel(session, &arguments).await,
        Command::List(arguments) => list::list(session, &arguments).await,
        Command::Check(arguments) => check::check(session, &arguments).await,
        Command::Publish(arguments) => publish::publish(session, &arguments).await,
        Command::Render(arguments) => render::render(session, &arguments).await,
        Command::Matrix(arguments) => matrix::matrix(session, &arguments).await,
        Command::Init(arguments) => init::init(session, &arguments).await,
        Command::Generate(arguments) => generate::generate(session, &arguments).await,
        Command::Sandbox(arguments) => sandbox::sandbox(session, &arguments).await,
        Command::Demo(arguments) => demo::demo(session, &arguments).await,
        Command::Providers => {
            let text = cli::describe_providers(&session.catalogue);
            session.console.raw_out(&format!("{text}\n"));
            Ok(0)
        }
        Command::Schema(arguments) => {
            session
                .console
                .raw_out(&schema(arguments.kind, &session.catalogue));
            Ok(0)
        }
        Command::Completions(arguments) => {
            let mut script = Vec::new();
            let mut grammar = cli::grammar(&session.catalogue);
            clap_complete::generate(arguments.shell, &mut grammar, "proctor", &mut script);
            session.console.raw_out(&String::from_utf8_lossy(&script));
            Ok(0)
        }
    }
}

fn schema(kind: SchemaKind, catalogue: &Catalogue) -> String {
    match kind {
        SchemaKind::Config => format!("{:#}\n", config::schema::of_config(catalogue)),
        SchemaKind::Results => RESULTS_SCHEMA.to_owned(),
    }
}

async fn catalogue(component: &dyn Component) -> Result<Catalogue, Failure> {
    Ok(Catalogue {
        plugins: Vec::new(),
        providers: component.providers().await?,
        kinds: component.report_kinds().await?,
    })
}

/// The step of a CI system that is told of a failure, as known before the arguments are understood.
struct Step {
    is_github: bool,
    /// The file for the step's outputs.
    outputs: Option<PathBuf>,
    workspace: Option<Workspace>,
}

impl Step {
    fn find(arguments: &[OsString], environment: &Environment, directory: &Path) -> Self {
        let choice = match sniff(arguments, "--ci")
            .as_deref()
            .or_else(|| environment.get("PROCTOR_CI"))
        {
            None | Some("auto") => CiChoice::Auto,
            Some("github") => CiChoice::Github,
            Some(_) => CiChoice::None,
        };
        let outputs = environment.get("GITHUB_OUTPUT");
        Self {
            is_github: Ci::find(choice, environment) == Some(Ci::Github),
            outputs: outputs.map(|path| directory.join(path)),
            workspace: Workspace::find(environment, directory),
        }
    }

    /// Tells the step, if it is one of GitHub's, with an annotation and outputs.
    fn tell(&self, console: &Console, failure: &Failure, code: u8) {
        if !self.is_github {
            return;
        }
        // Before it is escaped, as afterwards a secret may read differently.
        let message = console.redact(&failure.problem.message);
        let next = console.redact(&failure.problem.next);
        let mut location = failure.location.clone();
        if let (Some(location), Some(workspace)) = (&mut location, &self.workspace) {
            location.file = workspace.path(&location.file);
        }
        // To standard error, which the runner reads too: standard output may hold data.
        console.raw_err(&github::failure(&message, &next, location.as_ref()));
        if let Some(Err(error)) = self
            .outputs
            .as_deref()
            .map(|path| github::append_failure(path, code))
        {
            console.warn(&format!("the step's outputs cannot be written: {error}"));
        }
    }
}

/// Prints a failure and returns the exit code for it.
fn fail(console: &Console, step: &Step, failure: &Failure, signals: Option<&Signals>) -> u8 {
    let code = match (failure.problem.code, signals.and_then(Signals::seen)) {
        (Code::Interrupted, Some(signal)) => signal.exit_code(),
        _ => failure.exit_code(),
    };
    console.failure(failure, code);
    step.tell(console, failure, code);
    code
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn show(console: &Console, step: &Step, notice: &cli::Notice) -> u8 {
    if notice.wanted {
        console.raw_out(&notice.text);
        return told(console, step, 0);
    }
    let plain = anstream::adapter::strip_str(&notice.text).to_string();
    let first = plain
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let failure = Failure::usage(first, "see `proctor --help`").details(plain.trim_end());
    if console.output() == Output::Ndjson {
        return fail(console, step, &failure, None);
    }
    console.raw_err(&notice.text);
    let code = failure.exit_code();
    step.tell(console, &failure, code);
    code
}

fn level(cli: &Cli, environment: &Environment) -> Level {
    match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Level::Quiet,
        (_, true) => Level::Verbose,
        _ if environment.get("RUNNER_DEBUG") == Some("1") => Level::Verbose,
        _ => Level::Normal,
    }
}

/// The diagnostics that are asked for by name; none if nobody does.
fn filter(
    cli: &Cli,
    environment: &Environment,
    catalogue: &Catalogue,
) -> Result<Option<Filter>, Failure> {
    let flag = cli.global.log.as_deref().map(|text| ("--log", text));
    let variable = || environment.get(LOG).map(|text| (LOG, text));
    let Some((origin, text)) = flag.or_else(variable) else {
        return Ok(None);
    };
    let services: Vec<&str> = catalogue
        .providers
        .iter()
        .map(|provider| provider.name.as_str())
        .collect();
    Filter::parse(text, &services).map(Some).map_err(|error| {
        let next =
            "correct the filter, for example `debug` or `network=trace`; nothing was triggered";
        Failure::usage(format!("{origin}: {error}"), next)
    })
}

/// What is done when the process ends before its command does.
fn farewell(
    trace: &Arc<OnceLock<Trace>>,
    directory: &Path,
) -> impl Fn() + Clone + Send + use<> + 'static {
    let (trace, directory) = (Arc::clone(trace), directory.to_owned());
    move || {
        let ended = trace.get().map(Trace::end);
        if let Some(told) = ended.and_then(|ended| trace::told(ended, &directory)) {
            anstream::eprint!("{told}");
        }
    }
}

fn may_colour(streams: &Streams, environment: &Environment) -> bool {
    streams.out_is_terminal
        && streams.err_is_terminal
        && environment.get("NO_COLOR").is_none()
        && environment.get("TERM") != Some("dumb")
}

/// The form of output, found before the arguments are understood, so that even a mistake in them is told in it.
fn sniff_output(arguments: &[OsString], environment: &Environment) -> Output {
    match sniff(arguments, "--output")
        .as_deref()
        .or_else(|| environment.get("PROCTOR_OUTPUT"))
    {
        Some("ndjson") => Output::Ndjson,
        _ => Output::Human,
    }
}

/// The value of a flag, in arguments that are not understood yet.
fn sniff(arguments: &[OsString], flag: &str) -> Option<String> {
    let text: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let pair = text
        .windows(2)
        .rev()
        .find(|pair| pair[0] == flag)
        .map(|pair| pair[1].clone());
    let joined = || {
        text.iter()
            .rev()
            .find_map(|argument| argument.strip_prefix(flag)?.strip_prefix('='))
            .map(str::to_owned)
    };
    pair.or_else(joined)
}
