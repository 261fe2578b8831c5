//! The commands, from arguments to an exit code.

mod cancel;
mod check;
mod list;
mod run;
mod wait;

use crate::{
    accounts::Accounts,
    args::{self, Command, TargetArgs},
    bindings::exports::proctor::ci::reports::Policy,
    catalogue::catalogue,
    conclude::name_of,
    config::{
        file::Config,
        options::DEFAULT_FAIL_ON,
        plan::{self, Planned, Wish},
        url,
    },
    edge::convert,
    environment::Environment,
    failure::Failure,
    handles::{self, Entry},
    host::cli::help,
    model::Report,
    session::Session,
    settled::Settled,
    terminal::{Level, Terminal},
};

/// Runs one command to its end and returns the exit code.
///
/// A host of WASI tells its own caller no more than whether that is 0, so any other is the last line on standard error.
#[must_use]
pub fn main() -> u8 {
    let catalogue = catalogue();
    let cli = match args::parse(std::env::args_os(), &catalogue) {
        Ok(cli) => cli,
        Err((text, true)) => {
            print!("{text}");
            return 0;
        }
        Err((text, false)) => {
            eprint!("{text}");
            return told(2);
        }
    };
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => Level::Quiet,
        (_, true) => Level::Verbose,
        _ => Level::Normal,
    };
    let session = Session {
        terminal: Terminal::new(level),
        environment: Environment::of_process(),
        catalogue,
        accounts: Accounts::default(),
    };
    told(match carry_out(&session, &cli.command) {
        Ok(code) => code,
        Err(failure) => {
            session.terminal.failure(&failure);
            failure.exit_code()
        }
    })
}

fn told(code: u8) -> u8 {
    if code != 0 {
        eprintln!("exit code {code} ({})", name_of(code));
    }
    code
}

fn carry_out(session: &Session, command: &Command) -> Result<u8, Failure> {
    match command {
        Command::Run(arguments) => run::run(session, arguments),
        Command::Wait(arguments) => wait::wait(session, arguments),
        Command::Cancel(arguments) => cancel::cancel(session, arguments),
        Command::List(arguments) => list::list(session, arguments),
        Command::Check(arguments) => check::check(session, arguments),
        Command::Providers => {
            let text = help::providers(&session.catalogue, None);
            session.terminal.raw(&format!("{text}\n"));
            Ok(0)
        }
    }
}

/// Settles the targets that the arguments name.
fn targets(
    session: &Session,
    arguments: &TargetArgs,
    settled: &Settled,
    config: Option<Config>,
) -> Result<Vec<Planned>, Failure> {
    let wish = Wish {
        names: arguments.targets.clone(),
        provider: arguments.provider.clone(),
        sets: arguments.set.clone(),
        api_url: session.api_url(arguments.api_url.as_deref()),
        timeout: settled.above_file.timeout,
        default_timeout: settled.of_file.timeout,
        queue_timeout: settled.above_file.queue_timeout,
        default_queue_timeout: settled.of_file.queue_timeout,
        partial: false,
    };
    plan::plan(&wish, config, &session.catalogue, false)
}

/// The runs in a handle file.
fn runs_in(shown: &str) -> Result<Vec<Entry>, Failure> {
    let runs = handles::read(std::path::Path::new(shown), shown)?.runs;
    match runs.is_empty() {
        true => Err(Failure::usage(
            format!("{shown} says that nothing was started, as there was no key for any target"),
            "wait for it with the native program, which reports that; here there is nothing to wait for or to stop",
        )),
        false => Ok(runs),
    }
}

/// The targets of a handle file. It may have been written by somebody else: what it says is checked as strictly as a
/// configuration.
fn of_handles(session: &Session, entries: &[Entry], shown: &str) -> Result<Vec<Planned>, Failure> {
    let refuse = |reason: String| {
        Failure::usage(
            format!("{shown} is not a usable handle file: {reason}"),
            "give the file that `run --no-wait` has written",
        )
    };
    let one = |entry: &Entry| {
        let name = &entry.target.provider;
        if let Some(plugin) = &entry.plugin {
            return Err(refuse(format!(
                "it names the plugin {plugin}, which this program cannot load"
            )));
        }
        if entry.again.is_some() {
            return Err(refuse(
                "it was left while failed tests were run again, which only the native program follows"
                    .to_owned(),
            ));
        }
        let provider = session.catalogue.provider(name);
        let provider = provider.ok_or_else(|| refuse(format!("there is no provider `{name}`")))?;
        url::api(&entry.target.api_url).map_err(refuse)?;
        Ok(Planned {
            target: entry.target.clone(),
            provider: provider.clone(),
            key_env: entry.key_env.clone(),
            plugin: None,
            place: None,
            retries: None,
        })
    };
    entries.iter().map(one).collect()
}

/// Leaves what remains in a handle file.
fn keep(session: &Session, shown: &str, remaining: &[Entry]) -> Result<(), Failure> {
    handles::keep(std::path::Path::new(shown), remaining, false).map_err(|error| {
        let message = format!("{shown} cannot be brought up to date: {error}");
        Failure::internal(message, "remove the file if its runs have ended")
    })?;
    crate::kept::offer(session, remaining.len(), shown);
    Ok(())
}

/// The exit code of a command whose only results are problems; 0 if there is none.
fn judge(reports: &[Report]) -> u8 {
    let policy = Policy {
        fail_on: DEFAULT_FAIL_ON.to_vec(),
        allow_empty: true,
        flaky: false,
        new_only: false,
        exit_zero: false,
        signal: None,
    };
    proctor::verdict::conclude(reports, &convert::policy_in(policy)).exit_code
}
