use std::{collections::BTreeSet, time::Duration};

use crate::{
    bindings::proctor::ci::types::Report,
    cli::{RunArgs, TargetArgs},
    config::{
        file::Config,
        options::{self, Options, Output},
        plan::{self, Planned, Wish},
    },
    failure::Failure,
    handles, output,
    preflight::{self, Finding},
    secret::Secret,
    stop::Stop,
};

use super::{
    aside::Aside,
    comment::Subject,
    conclude::{conclude, supervise, with_handles},
    credentials::{self, Key},
    destinations,
    follow::{Assignment, Followed, Task},
    gating,
    handle_file::HandleFile,
    last::Last,
    parted::parted,
    publish::Place,
    ready::ready,
    rerun::{self, Reruns},
    resume::{Kept, Left},
    session::Session,
    settled::Settled,
    supersede, trace,
};

/// `proctor run`.
pub async fn run(session: &Session, arguments: &RunArgs) -> Result<u8, Failure> {
    refuse_judging(arguments)?;
    let config = session
        .config(arguments.target.config.config.as_deref())
        .await?;
    let more = Options {
        handle: arguments.handle.clone(),
        skip_preflight: arguments.skip_preflight.then_some(true),
        state: not_blank("--state", arguments.state.as_deref())?,
        resume: arguments.resume,
        state_key: not_blank("--state-key", arguments.state_key.as_deref())?,
        retry_failed: retries(arguments.retry_failed.as_deref())?,
        queue_timeout: queue_timeout(arguments.queue_timeout.as_deref())?,
        supersede: arguments.supersede.then_some(true),
        branch: not_blank("--branch", arguments.branch.as_deref())?,
        commit: not_blank("--commit", arguments.commit.as_deref())?,
        ..arguments.network.options()
    };
    let mut settled = Settled::settle(session, &arguments.follow, more, config.as_ref())?;
    // What is not followed cannot fail here.
    settled.fail_fast &= !arguments.no_wait;
    supersede::refuse(session, &settled)?;
    if !arguments.no_wait {
        settled.gating = gating::prepare(session, &settled, config.as_ref()).await?;
    }
    let place = Place::of_run(session, &settled, config.clone()).await?;
    let planned = targets(session, &arguments.target, &settled, config)?;
    session.doubt_filter(&planned);
    doubt_queue_timeout(session, &settled, &planned);
    let planned = ready(session, planned).await?;
    let Equipped {
        planned,
        keys,
        place,
        aside,
    } = equip(session, &settled, planned, place)?;
    aside.tell(session);
    let retries = match arguments.no_wait {
        true => vec![0; planned.len()],
        false => rerun::settle(session, &settled, &planned).await?,
    };
    if let Some(place) = &place {
        place.probe(session, &settled)?;
    }
    let destinations = match arguments.no_wait {
        true => Vec::new(),
        false => {
            let target = &arguments.target;
            let api_url = session.api_url(target.api_url.as_deref());
            let of = Subject {
                targets: &target.targets,
                provider: target.provider.as_deref(),
                sets: &target.set,
                api_url: api_url.as_deref(),
            };
            settled.prepare_comment(session, &of);
            destinations::prepare(session, &settled)?
        }
    };
    let handle = session.path(&settled.handle);
    destinations::apart(&destinations, &handle)?;
    output::probe(&handle).map_err(|error| unwritable(&settled.handle, &error))?;
    let kept = Kept::find(session, &settled, &planned)?;
    let kept = kept.as_ref();
    let is_named = arguments.no_wait || arguments.handle.is_some();
    let mut file = HandleFile::choose(session, &settled.handle, is_named, kept)?;
    trace::apart(session, &settled, file.shown(), trace::HANDLE)?;
    let stop = Stop::new();
    if !settled.skip_preflight {
        look(session, &fresh(&planned, kept), &stop).await?;
    }
    supersede::supersede(session, &settled, (&planned, &keys), kept, &stop).await?;
    settled.last = Last::of(session, &settled, &planned).filter(|_| !arguments.no_wait);
    let mut assignments = assign(
        session,
        planned.into_iter().zip(keys).zip(retries),
        arguments.no_wait,
        kept,
        &stop,
    );
    let followed = supervise(session, assignments.clone(), &settled, &stop).await;
    rerun::bring_up(&mut assignments, &followed.again);
    let reports = followed.reports.clone();
    let written = match arguments.no_wait && assignments.is_empty() {
        true => file.write_left_out(session, &aside),
        false => file.write(session, &assignments, &reports),
    };
    let left = left(&assignments, &reports, arguments.no_wait && written.is_ok());
    let signal = followed.signal;
    // What was not reported is gone on with, should this job be run again.
    let reported = || {
        if let Some(kept) = kept {
            kept.settle(session, &left);
        }
        file.settle(session, &assignments, &reports);
    };
    let code = if arguments.no_wait {
        let code = started(session, &settled, followed).await;
        if code.is_ok() {
            reported();
        }
        code
    } else {
        let place = place.as_ref();
        let followed = aside.join(followed);
        conclude(session, followed, &settled, &destinations, place, reported).await
    };
    with_handles(session, signal, code, written)
}

/// Refuses to say which tests count where none are looked at. What the file and the environment say is for `proctor wait`.
fn refuse_judging(arguments: &RunArgs) -> Result<(), Failure> {
    let words = arguments.follow.fail_on.as_deref().unwrap_or_default();
    let mut words = words.split(',').map(str::trim);
    match words.find(|word| options::FAIL_ON_WORDS.contains(word)) {
        Some(word) if arguments.no_wait => Err(Failure::usage(
            format!("--fail-on {word} is about tests, and with --no-wait none are looked at"),
            "give it to `proctor wait`; nothing was triggered",
        )),
        _ => Ok(()),
    }
}

/// As the environment is read. A name made of variables that are not set would be the same for every job.
pub fn not_blank(flag: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    match text.map(str::trim) {
        Some("") => Err(Failure::usage(
            format!("{flag} is empty"),
            "see that the variables are set that it is made of; nothing was triggered",
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

fn retries(text: Option<&str>) -> Result<Option<u32>, Failure> {
    let times = text.map(|text| options::times(text.trim())).transpose();
    times.map_err(|error| {
        Failure::usage(
            format!("--retry-failed: {error}"),
            "correct it; nothing was triggered",
        )
    })
}

/// How long a run may wait to begin, by the flag.
pub fn queue_timeout(text: Option<&str>) -> Result<Option<Duration>, Failure> {
    let read = text.map(options::duration);
    read.transpose().map_err(|error| {
        Failure::usage(
            format!("--queue-timeout: {error}"),
            "correct it; nothing was triggered",
        )
    })
}

/// Warns where nobody looks how long a run waits.
pub fn doubt_queue_timeout(session: &Session, settled: &Settled, planned: &[Planned]) {
    let is_set =
        settled.above_file.queue_timeout.is_some() || settled.of_file.queue_timeout.is_some();
    let plugins = planned.iter().filter(|planned| planned.plugin.is_some());
    let names: Vec<&str> = plugins
        .map(|planned| planned.target.name.as_str())
        .collect();
    if is_set && !names.is_empty() {
        session.console.warn(&format!(
            "--queue-timeout does not apply to {}: a plugin does not tell when a run has begun",
            names.join(", ")
        ));
    }
}

/// The targets of which no earlier life has begun anything: what is under way needs no look at the system under test.
fn fresh(planned: &[Planned], kept: Option<&Kept>) -> Vec<Planned> {
    let known = |at| kept.and_then(|kept| kept.known(at)).is_some();
    let fresh = planned.iter().enumerate().filter(|(at, _)| !known(*at));
    fresh.map(|(_, planned)| planned.clone()).collect()
}

/// Says for each target what to do about it.
fn assign(
    session: &Session,
    planned: impl Iterator<Item = ((Planned, Option<Secret>), u32)>,
    no_wait: bool,
    kept: Option<&Kept>,
    stop: &Stop,
) -> Vec<Assignment> {
    let one = |(at, ((planned, key), most)): (usize, ((Planned, Option<Secret>), u32))| {
        let known = kept.and_then(|kept| kept.known(at)).cloned();
        let mut work = session.work(&planned, key, stop);
        let keeper = kept.and_then(|kept| kept.keeper(at, session, &work.target.name));
        work.keep = keeper.as_ref().map(|keeper| keeper.keep(None));
        Assignment {
            reruns: Reruns {
                most,
                again: known.as_ref().and_then(|known| known.again.clone()),
                keeper,
            },
            work,
            task: match (known, no_wait) {
                (Some(known), false) => Task::Resume(known),
                (Some(known), true) => Task::ResumeStart(known),
                (None, false) => Task::Run,
                (None, true) => Task::Start,
            },
            key_env: planned.key_env,
            plugin: planned.plugin,
            state: kept.filter(|_| !no_wait).and_then(|kept| kept.file(at)),
        }
    };
    planned.enumerate().map(one).collect()
}

/// What is not done with of each target; nothing if a handle file has it.
fn left(assignments: &[Assignment], reports: &[Report], in_file: bool) -> Vec<Option<Left>> {
    let left = |(assignment, report): (&Assignment, &Report)| {
        let handle = report.handle.clone().filter(|_| !in_file)?;
        Some(Left {
            handle,
            again: assignment.reruns.again.clone(),
        })
    };
    assignments.iter().zip(reports).map(left).collect()
}

/// Targets with their keys, and the place where the results are published if there is one.
pub struct Equipped {
    pub planned: Vec<Planned>,
    /// In the order of the targets.
    pub keys: Vec<Option<Secret>>,
    pub place: Option<Place>,
    /// What is left out, as there is no key for it.
    pub aside: Aside,
}

/// Finds the keys of all targets, and of the place where the results are published if there is one.
pub fn equip(
    session: &Session,
    settled: &Settled,
    planned: Vec<Planned>,
    place: Option<Planned>,
) -> Result<Equipped, Failure> {
    let mut all = planned.clone();
    all.extend(place.clone());
    let found = credentials::seek(session, &all, settled.ci, settled.out_is_data(session));
    let mut found = found.equip_those(session, &all, settled.on_missing_key)?;
    let place = match (place, found.split_off(planned.len()).pop()) {
        (Some(place), Some(Key::There(key))) => Some(Place::equipped(place, key)),
        (Some(_), Some(Key::LeftOut(why))) => {
            let warning = format!("the results will not be published: {why}");
            session.console.warn(&warning);
            None
        }
        _ => None,
    };
    let mut equipped = Equipped {
        planned: Vec::new(),
        keys: Vec::new(),
        place,
        aside: Aside::default(),
    };
    for (at, (planned, key)) in planned.into_iter().zip(found).enumerate() {
        match key {
            Key::There(key) => {
                equipped.planned.push(planned);
                equipped.keys.push(key);
            }
            Key::LeftOut(why) => equipped.aside.add(at, &planned, why),
        }
    }
    Ok(equipped)
}

/// Settles the targets that the arguments name.
pub fn targets(
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
    let colour = session.console.colours_diagnostics();
    plan::plan(&wish, config, &session.catalogue, colour)
}

/// Looks whether the systems under test answer.
///
/// # Errors
/// A usage failure that names those that certainly do not.
pub async fn look(session: &Session, planned: &[Planned], stop: &Stop) -> Result<(), Failure> {
    let urls: BTreeSet<String> = planned
        .iter()
        .flat_map(|planned| preflight::urls(&planned.provider.parameters, &planned.target.settings))
        .collect();
    let findings = session
        .unless_stopped(stop, preflight::look(urls, session.reach()?))
        .await?;
    let mut dead = Vec::new();
    for finding in findings {
        match finding {
            Finding::Dead(text) => dead.push(text),
            Finding::Doubtful(text) => session.console.warn(&text),
        }
    }
    let next = "start the system or correct its URL; --skip-preflight starts the run all the same";
    match dead.len() {
        0 => Ok(()),
        1 => Err(Failure::usage(
            format!("the system under test is down: {}", dead.remove(0)),
            next,
        )),
        many => {
            let message = format!("{many} systems under test are down");
            Err(Failure::usage(message, next).details(dead.join("\n")))
        }
    }
}

fn unwritable(shown: &str, error: &std::io::Error) -> Failure {
    Failure::usage(
        format!("no handle can be written to {shown}: {error}"),
        "choose another path with --handle FILE; nothing was triggered",
    )
}

/// The end of `run --no-wait`: the runs that were started, and the exit code of those that were not.
async fn started(session: &Session, settled: &Settled, followed: Followed) -> Result<u8, Failure> {
    let (problems, remarks, started) = parted(followed.reports, followed.remarks, |report| {
        report.problem.is_some()
    });
    let human = session.console.output() == Output::Human;
    for report in &started {
        let ids = report.handle.as_ref().map(handles::ids);
        let line = format!(
            "{} ({}): started: {}\n",
            report.target,
            report.provider,
            ids.unwrap_or_default().join(", ")
        );
        if human {
            session.console.result(&line, false);
        } else {
            session.console.ndjson_started(report);
        }
    }
    if problems.is_empty() {
        if !human {
            let duration_ms = followed.duration_ms;
            session.console.ndjson_all_started(&started, duration_ms);
        }
        return Ok(0);
    }
    let followed = Followed {
        reports: problems,
        remarks,
        started,
        ..followed
    };
    conclude(session, followed, settled, &[], None, || ()).await
}
