//! `--supersede`: runs that older builds of the same branch have begun are stopped before this one begins its own.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::join_all;

use crate::{
    bindings::proctor::ci::types::{Ability, Code, Event, Problem},
    ci::job,
    config::{
        plan::{Planned, milliseconds},
        short_title,
    },
    failure::Failure,
    handles,
    secret::Secret,
    state::{self, Build, Older, State},
    stop::Stop,
};

use super::{
    resume::{Kept, no_state},
    session::{Session, now_ms},
    settled::Settled,
};

/// How long stopping a run may take. Ours: nobody waits long for what is only to save something.
const LIMIT: Duration = Duration::from_secs(10);

/// How much longer a component may take that has not answered by then.
const GRACE: Duration = Duration::from_secs(3);

/// Looks whether older runs can be told from others.
///
/// # Errors
/// A usage failure that says what is missing.
pub fn refuse(session: &Session, settled: &Settled) -> Result<(), Failure> {
    if !settled.supersede {
        return Ok(());
    }
    if settled.state.is_none() {
        return Err(Failure::usage(
            "--supersede finds older runs by what is kept with --state, and no directory is named",
            "name the directory that all builds share with --state DIR; nothing was triggered",
        ));
    }
    if of_now(session, settled).is_none() {
        return Err(Failure::usage(
            "nothing says which branch this is a build of, so it cannot be told which runs are older ones of it",
            "name the branch, or the request, with --branch NAME or PROCTOR_BRANCH; nothing was triggered",
        ));
    }
    Ok(())
}

/// This build, if it is known of which branch it is.
pub fn of_now(session: &Session, settled: &Settled) -> Option<Build> {
    settled.lineage(session).build(now_ms())
}

/// Stops what older builds have begun of these targets, if that was asked for. What cannot be stopped is warned of.
///
/// # Errors
/// A usage failure if it cannot be read what was begun; an interrupt if a signal comes.
pub async fn supersede(
    session: &Session,
    settled: &Settled,
    (planned, keys): (&[Planned], &[Option<Secret>]),
    kept: Option<&Kept>,
    stop: &Stop,
) -> Result<(), Failure> {
    let (true, Some(shown)) = (settled.supersede, &settled.state) else {
        return Ok(());
    };
    let Some(build) = of_now(session, settled) else {
        return Ok(());
    };
    let key = settled.state_key.as_deref();
    let job = job::identity(key, &session.environment, &session.directory)?;
    let directory = session.path(shown);
    let state = State {
        directory: &directory,
        job: &job,
    };
    let entries: Vec<_> = planned
        .iter()
        .map(|planned| {
            let (key_env, plugin) = (planned.key_env.clone(), planned.plugin.clone());
            state::blank(&planned.target, key_env, plugin)
        })
        .collect();
    let older = state
        .older(&entries, &build, &going_on(planned, kept))
        .map_err(|error| no_state(shown, &error))?;
    let mut without = BTreeSet::new();
    let mut under_way = Vec::new();
    for older in &older {
        let planned = &planned[older.at];
        if is_only_read(planned) {
            // Nothing is saved, and whoever reads it may go on.
        } else if !handles::is_begun(&older.entry.handle) {
            forget(session, older);
        } else if planned.provider.abilities.contains(&Ability::Cancel) {
            let key = keys.get(older.at).cloned().flatten();
            under_way.push(stop_one(session, planned, key, older));
        } else if without.insert(&planned.provider.title) {
            let title = short_title(&planned.provider);
            session.console.warn(&format!(
                "--supersede: {title} cannot stop a run, so {} goes on",
                named(older)
            ));
        }
    }
    session
        .unless_stopped(stop, join_all(under_way))
        .await
        .map(drop)
}

/// The files of the runs that this build goes on with.
fn going_on(planned: &[Planned], kept: Option<&Kept>) -> Vec<PathBuf> {
    let Some(kept) = kept else { return Vec::new() };
    let known = (0..planned.len()).filter(|at| kept.known(*at).is_some());
    known
        .filter_map(|at| kept.file(at))
        .map(PathBuf::from)
        .collect()
}

/// Whether the target starts nothing: a test report of Keploy is made by somebody else.
fn is_only_read(planned: &Planned) -> bool {
    let mut settings = planned.target.settings.iter();
    planned.provider.name == "keploy" && settings.any(|setting| setting.name == "test_report")
}

async fn stop_one(session: &Session, planned: &Planned, key: Option<Secret>, older: &Older) {
    // The word to stop is about this build's own runs.
    let mut work = session.work(planned, key, &Stop::new());
    if let Some(again) = &older.entry.again {
        work.target = again.narrowed(&planned.target);
    }
    work.target.timeout_ms = work.target.timeout_ms.min(milliseconds(LIMIT));
    let (console, target, provider) = (
        Arc::clone(&session.console),
        planned.target.name.clone(),
        planned.provider.name.clone(),
    );
    // What goes on with the older run is no news of this one's.
    work.events = Arc::new(move |event| {
        if matches!(event, Event::Debug(_)) {
            console.event(&target, &provider, &event);
        }
    });
    let component = session.component_of(planned.plugin.as_deref());
    let call = component.cancel(work, older.entry.handle.clone());
    let answer = match tokio::time::timeout(LIMIT + GRACE, call).await {
        Ok(answer) => answer,
        Err(_) => Err(no_answer()),
    };
    let runs = handles::ids(&older.entry.handle);
    session.console.superseded(
        &planned.target.name,
        (&named(older), older.build.name.as_deref()),
        &runs,
        answer.as_ref().err(),
    );
    if answer.is_ok() {
        forget(session, older);
    }
}

fn no_answer() -> Problem {
    Problem {
        code: Code::Unavailable,
        ..Failure::internal("the service did not answer in time", "look at the service")
            .into_problem()
    }
}

/// The run of an older build, for people.
fn named(older: &Older) -> String {
    let build = match &older.build.name {
        Some(name) => format!("build {name}'s"),
        None => "an older build's".to_owned(),
    };
    let ids = handles::ids(&older.entry.handle);
    let runs = if ids.len() == 1 { "run" } else { "runs" };
    let target = &older.entry.target.name;
    format!("{build} {runs} {} of {target}", ids.join(", "))
}

fn forget(session: &Session, older: &Older) {
    if let Err(error) = older.forget() {
        session.console.warn(&format!(
            "what was kept of {} cannot be removed: {error}; a job that is run again looks for it",
            named(older)
        ));
    }
}
