use std::path::Path;

use crate::{
    bindings::proctor::ci::types::{Code, Problem, Report, Value},
    cli::{CancelArgs, FollowArgs, WaitArgs},
    config::{
        file::Config,
        options::{Options, Output},
        plan::{self, Planned, milliseconds},
    },
    failure::Failure,
    handles::{self, Content, Entry, QUEUE_TIMEOUT},
    state::{self, Hold, Tried},
    stop::Stop,
};

use super::{
    aside::Aside,
    comment::Subject,
    conclude::{conclude, offered, supervise, with_handles},
    credentials, destinations,
    follow::{Assignment, Task},
    gating,
    last::Last,
    publish::Place,
    ready::{named_variables, with_variables},
    rerun::Reruns,
    run::{self, Equipped},
    session::Session,
    settled::Settled,
};

/// `proctor wait`.
pub async fn wait(session: &Session, arguments: &WaitArgs) -> Result<u8, Failure> {
    let config = session.config(arguments.config.config.as_deref()).await?;
    if let Some(config) = &config {
        plan::refuse_general(config, session.console.colours_diagnostics())?;
    }
    let more = Options {
        state: run::not_blank("--state", arguments.state.as_deref())?,
        queue_timeout: run::queue_timeout(arguments.queue_timeout.as_deref())?,
        branch: run::not_blank("--branch", arguments.branch.as_deref())?,
        commit: run::not_blank("--commit", arguments.commit.as_deref())?,
        ..arguments.network.options()
    };
    let mut settled = Settled::settle(session, &arguments.follow, more, config.as_ref())?;
    settled.gating = gating::prepare(session, &settled, config.as_ref()).await?;
    let path = session.path(&arguments.file);
    let hold = hold(&path, &arguments.file)?;
    let Content {
        runs: mut entries,
        left_out,
    } = handles::read(&path, &arguments.file)?;
    if let Some(timeout) = settled.above_file.timeout {
        for entry in &mut entries {
            entry.target.timeout_ms = milliseconds(timeout);
        }
    }
    let mut planned = planned(session, &entries, &arguments.file).await?;
    session.doubt_filter(&planned);
    run::doubt_queue_timeout(session, &settled, &planned);
    begin_within(&mut planned, &settled, config.as_ref());
    let planned = with_variables(session, known_variables(planned, config.as_ref())?)?;
    let place = Place::of_run(session, &settled, config).await?;
    let Equipped {
        planned,
        keys,
        place,
        aside,
    } = run::equip(session, &settled, planned, place)?;
    let aside = match entries.is_empty() {
        true => Aside::of_earlier(left_out),
        false => aside,
    };
    aside.tell(session);
    let (left_out, entries) = apart(entries, &aside);
    settled.prepare_comment(session, &Subject::default());
    settled.last = Last::of(session, &settled, &planned);
    let destinations = destinations::prepare(session, &settled)?;
    destinations::apart(&destinations, &path)?;
    let stop = Stop::new();
    let assignments: Vec<Assignment> = planned
        .iter()
        .zip(keys)
        .zip(&entries)
        .map(|((planned, key), entry)| Assignment {
            work: session.work(planned, key, &stop),
            task: Task::Watch(entry.handle.clone()),
            key_env: entry.key_env.clone(),
            plugin: entry.plugin.clone(),
            state: None,
            reruns: Reruns {
                again: entry.again.clone(),
                ..Reruns::default()
            },
        })
        .collect();
    let followed = supervise(session, assignments, &settled, &stop).await;
    let signal = followed.signal;
    // What is left out now can be followed another time.
    let (mut remaining, mut done) = (left_out, Vec::new());
    for (entry, report) in entries.into_iter().zip(&followed.reports) {
        match remains(&entry, report) {
            Some(entry) => remaining.push(entry),
            None => done.push(entry),
        }
    }
    // What could not be reported is kept, to be reported another time.
    let mut kept = Ok(());
    let reported = || kept = keep(session, &arguments.file, hold.is_some(), &remaining, &done);
    let place = place.as_ref();
    let followed = aside.join(followed);
    let code = conclude(session, followed, &settled, &destinations, place, reported).await;
    with_handles(session, signal, code, kept)
}

/// How long each run may still wait to begin, which is counted anew: as for `run`, the nearest counts of what was said.
fn begin_within(planned: &mut [Planned], settled: &Settled, config: Option<&Config>) {
    // A plugin does not tell when a run has begun.
    for planned in planned.iter_mut().filter(|each| each.plugin.is_none()) {
        let target = &mut planned.target;
        let entry = config.and_then(|config| {
            let mut entries = config.targets.iter();
            entries.find(|entry| entry.name == target.name && entry.provider == target.provider)
        });
        let own = entry.and_then(|entry| entry.queue_timeout);
        let of_file = own.or(settled.of_file.queue_timeout);
        let time = settled.above_file.queue_timeout.or(of_file);
        target
            .settings
            .retain(|setting| setting.name != QUEUE_TIMEOUT);
        target.settings.extend(time.map(plan::begin_within));
    }
}

/// The entries of targets that are left out, and the others.
fn apart(entries: Vec<Entry>, aside: &Aside) -> (Vec<Entry>, Vec<Entry>) {
    let (mut left_out, mut others) = (Vec::new(), Vec::new());
    for (at, entry) in entries.into_iter().enumerate() {
        match aside.has(at) {
            true => left_out.push(entry),
            false => others.push(entry),
        }
    }
    (left_out, others)
}

/// Keeps others away from a file of `--state`; none if it is another file.
///
/// # Errors
/// A usage failure if the job is at work to which it belongs.
fn hold(path: &Path, shown: &str) -> Result<Option<Hold>, Failure> {
    let cannot = |reason: String, next: &str| {
        Failure::usage(format!("{shown} cannot be used: {reason}"), next.to_owned())
    };
    if !path.exists() {
        return Ok(None);
    }
    match state::hold(path) {
        Ok(None) => Ok(None),
        Ok(Some(Tried::Held(hold))) => Ok(Some(hold)),
        Ok(Some(Tried::Taken)) => Err(cannot(
            "the job whose run it keeps is at work".to_owned(),
            "let that job end, or stop it; nothing was done",
        )),
        Err(error) => Err(cannot(
            format!("it cannot be locked: {error}"),
            "see that its directory can be written to; nothing was done",
        )),
    }
}

/// The entry of a run of which more can be learnt later; none if its end is known, or it was stopped.
///
/// Our own component says so by the handle in its report. A plugin may have left it out where it could not look.
fn remains(entry: &Entry, report: &Report) -> Option<Entry> {
    let may_be_read_later = report.problem.as_ref().is_some_and(|problem| {
        matches!(
            problem.code,
            Code::TimedOut
                | Code::Authentication
                | Code::Unavailable
                | Code::Internal
                | Code::Interrupted
        )
    });
    match &report.handle {
        Some(handle) => Some(Entry {
            handle: handle.clone(),
            ..entry.clone()
        }),
        None if may_be_read_later && entry.plugin.is_some() => Some(entry.clone()),
        None => None,
    }
}

/// Leaves what remains in the file. What is done with is forgotten where `--state` keeps it, too: a job that is run again
/// would report it once more.
fn keep(
    session: &Session,
    shown: &str,
    is_state: bool,
    remaining: &[Entry],
    done: &[Entry],
) -> Result<(), Failure> {
    for entry in done {
        if let Some(state) = &entry.state
            && let Err(error) = state::clear(Path::new(state), entry)
        {
            session.console.warn(&format!(
                "{state} cannot be removed: {error}; remove it, as a job that is run again goes by what it says"
            ));
        }
    }
    handles::keep(&session.path(shown), remaining, is_state).map_err(|error| {
        let message = format!("{shown} cannot be brought up to date: {error}");
        Failure::internal(message, "remove the file if its runs have ended")
    })?;
    if !remaining.is_empty() {
        session.console.note(&offered(session, remaining, shown));
    }
    Ok(())
}

/// `proctor cancel`.
pub async fn cancel(session: &Session, arguments: &CancelArgs) -> Result<u8, Failure> {
    let flags = FollowArgs {
        trace: arguments.trace.clone(),
        ..FollowArgs::default()
    };
    let settled = Settled::settle(session, &flags, arguments.network.options(), None)?;
    let path = session.path(&arguments.file);
    let hold = hold(&path, &arguments.file)?;
    let entries = handles::read(&path, &arguments.file)?.runs;
    if entries.is_empty() {
        session
            .console
            .note("nothing was started, so there is nothing to stop");
    }
    let config = session.config(None).await?;
    let planned = planned(session, &entries, &arguments.file).await?;
    session.doubt_filter(&planned);
    let planned = with_variables(session, known_variables(planned, config.as_ref())?)?;
    let keys = credentials::equip(session, &planned, settled.ci, settled.out_is_data(session))?;
    let stop = Stop::new();
    let mut problems: Vec<(Planned, Problem)> = Vec::new();
    let (mut remaining, mut done) = (Vec::new(), Vec::new());
    let mut interrupt = None;
    let mut each = planned.into_iter().zip(keys).zip(entries);
    for ((planned, key), entry) in each.by_ref() {
        let name = planned.target.name.clone();
        let mut work = session.work(&planned, key, &stop);
        if let Some(again) = &entry.again {
            work.target = again.narrowed(&planned.target);
        }
        let component = session.component_of(entry.plugin.as_deref());
        let call = component.cancel(work, entry.handle.clone());
        let answer = match session.unless_stopped(&stop, call).await {
            Ok(answer) => answer,
            Err(failure) => {
                remaining.push(entry);
                interrupt = Some(failure);
                break;
            }
        };
        if session.console.output() == Output::Ndjson {
            session
                .console
                .ndjson_stopped(&planned.target, answer.as_ref().err());
        }
        match answer {
            Ok(()) => {
                if session.console.output() == Output::Human {
                    session.console.result(&format!("{name}: stopped\n"), false);
                }
                done.push(entry);
            }
            Err(problem) => {
                let told = format!("{name} was not stopped: {}", problem.message);
                session.console.trouble(&told, &problem);
                problems.push((planned, problem));
                remaining.push(entry);
            }
        }
    }
    remaining.extend(each.map(|(_, entry)| entry));
    let kept = keep(session, &arguments.file, hold.is_some(), &remaining, &done);
    if let Some(mut failure) = interrupt {
        failure.problem.next =
            "run `proctor cancel` again for what was not stopped; nothing was triggered".to_owned();
        return Err(failure);
    }
    let code = session.judge(problems).await;
    with_handles(session, session.signals.seen(), code, kept)
}

/// Refuses variables that a handle file names on its own: it may have been written by somebody else, and their values
/// would go where it says. The configuration has to name them for the same target.
fn known_variables(
    planned: Vec<Planned>,
    config: Option<&Config>,
) -> Result<Vec<Planned>, Failure> {
    for planned in &planned {
        let target = &planned.target;
        let entry = config.and_then(|config| {
            let mut entries = config.targets.iter();
            entries.find(|entry| entry.name == target.name)
        });
        let is_known = |parameter: &str, variable: &str| {
            entry.is_some_and(|entry| {
                let same_address = entry.api_url.as_deref() == Some(target.api_url.as_str());
                let names = entry.settings.iter().find(|setting| setting.name == parameter);
                same_address
                    && names.is_some_and(
                        |names| matches!(&names.value, Value::Texts(all) if all.iter().any(|each| each == variable)),
                    )
            })
        };
        for (parameter, name) in named_variables(planned) {
            if !is_known(&parameter, &name) {
                return Err(Failure::usage(
                    format!(
                        "the handle of target `{}` names the environment variable {name}, which no configuration does",
                        target.name
                    ),
                    format!(
                        "have a proctor.toml with `[targets.{}]`, its `api_url` and `{parameter}` beside the handle file",
                        target.name
                    ),
                ));
            }
        }
    }
    Ok(planned)
}

/// The targets of a handle file, with their providers. The file may have been written by somebody else: what it says
/// is checked as strictly as a configuration.
async fn planned(
    session: &Session,
    entries: &[Entry],
    shown: &str,
) -> Result<Vec<Planned>, Failure> {
    let refuse = |reason: String| {
        Failure::usage(
            format!("{shown} is not a usable handle file: {reason}"),
            "give the file that `proctor run --no-wait` has written",
        )
    };
    let plugins: Vec<String> = entries
        .iter()
        .filter_map(|entry| entry.plugin.clone())
        .collect();
    let catalogue = session.with_plugins(&plugins).await?;
    entries
        .iter()
        .map(|entry| {
            let name = &entry.target.provider;
            let provider = match &entry.plugin {
                Some(shown) => {
                    let mut providers = catalogue.of_plugin(shown).iter();
                    providers.find(|provider| provider.name == *name)
                }
                None => catalogue.provider(name),
            };
            let provider =
                provider.ok_or_else(|| refuse(format!("there is no provider `{name}`")))?;
            crate::config::url::api(&entry.target.api_url).map_err(refuse)?;
            Ok(Planned {
                target: entry.target.clone(),
                provider: provider.clone(),
                key_env: entry.key_env.clone(),
                plugin: entry.plugin.clone(),
                retries: None,
                place: None,
            })
        })
        .collect()
}
