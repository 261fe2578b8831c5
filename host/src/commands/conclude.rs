use crate::{
    bindings::{
        exports::proctor::ci::reports::Results,
        proctor::ci::types::{Ability, Location, Report, Stage},
    },
    ci::{self, Ci, Workspace, github},
    config::options::Output,
    failure::Failure,
    handles::Entry,
    signals::Signal,
};

use super::{
    destinations::{self, Destination},
    follow::{Assignment, Followed, Looks, follow},
    publish::Place,
    session::{Session, now_ms},
    settled::Settled,
};
use crate::stop::Stop;

/// Carries out the assignments within a part of the log that can be folded.
pub async fn supervise(
    session: &Session,
    assignments: Vec<Assignment>,
    settled: &Settled,
    stop: &Stop,
) -> Followed {
    let title = match assignments.len() {
        1 => "Proctor: progress of 1 target".to_owned(),
        many => format!("Proctor: progress of {many} targets"),
    };
    let is_shown = session.console.shows_progress() && !assignments.is_empty();
    let fold = ci::fold(settled.ci, &title, now_ms() / 1000).filter(|_| is_shown);
    if let Some((begin, _)) = &fold {
        session.console.raw_err(begin);
    }
    let followed = follow(
        session,
        assignments,
        settled.jobs,
        (settled.on_interrupt, Looks::of(settled)),
        stop,
    )
    .await;
    if let Some((_, end)) = &fold {
        session.console.raw_err(end);
    }
    followed
}

/// Judges what came of the targets, writes every report, and returns the exit code. `reported` is called as soon as the
/// results must not be reported another time: once they are published, or else once all of them are written.
///
/// # Errors
/// An internal failure if the component cannot judge, or a report cannot be written.
pub async fn conclude(
    session: &Session,
    followed: Followed,
    settled: &Settled,
    destinations: &[Destination],
    place: Option<&Place>,
    reported: impl FnOnce(),
) -> Result<u8, Failure> {
    let mut policy = settled.policy.clone();
    policy.signal = followed.signal.map(Signal::number);
    let gating = &settled.gating;
    let remarks = gating
        .assess(session, settled, &followed.reports, followed.remarks)
        .await?;
    let conclusion = session
        .component
        .conclude(&followed.reports, &remarks, &policy)
        .await?;
    let workspace = Workspace::find(&session.environment, &session.directory);
    let mut targets = followed.reports;
    for location in targets.iter_mut().filter_map(|it| it.location.as_mut()) {
        located(location, workspace.as_ref());
    }
    let results = Results {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at_ms: followed.started_at_ms,
        duration_ms: followed.duration_ms,
        conclusion,
        targets,
        remarks,
    };
    // Files first: whatever reads the log may be gone by now.
    let mut errors = destinations::write(session, destinations, &results).await;
    if let (Some(last), None) = (&settled.last, followed.signal) {
        last.keep(session, &results).await;
    }
    print(session, settled, &results).await?;
    if settled.ci == Some(Ci::Github) {
        let out_is_data = settled.out_is_data(session);
        errors.extend(tell_github(session, out_is_data, destinations, &results).await?);
    }
    let (exit_code, is_published) = published(session, followed.signal, place, &results).await;
    if is_published || errors.is_empty() || followed.signal.is_some() {
        reported();
    }
    if let Some(comment) = &settled.commenter {
        comment.write(session, &results).await;
    }
    if session.console.output() == Output::Ndjson {
        session.console.ndjson_result(&results, &followed.started);
    }
    match (errors.is_empty(), followed.signal) {
        (true, _) => Ok(exit_code),
        // The signal is what the exit code has to tell; what could not be written is said all the same.
        (false, Some(_)) => {
            for error in errors {
                session.console.warn(&error);
            }
            Ok(exit_code)
        }
        (false, None) => {
            let message = format!(
                "the runs ended with exit code {exit_code}, but not all of it could be written"
            );
            let next = "see that the paths stay writable while Proctor runs, or choose others";
            Err(Failure::internal(message, next).details(errors.join("\n")))
        }
    }
}

/// Publishes the results, if they are to be, and returns the exit code of the whole: that of the runs, or if they give
/// none, that of what could not be published. And whether they were published.
async fn published(
    session: &Session,
    signal: Option<Signal>,
    place: Option<&Place>,
    results: &Results,
) -> (u8, bool) {
    let of_runs = results.conclusion.exit_code;
    let Some(place) = place else {
        return (of_runs, false);
    };
    if signal.is_some() {
        // There are seconds left, and what matters more has to be done in them.
        session
            .console
            .warn("the results were not published, as Proctor was told to stop");
        return (of_runs, false);
    }
    match (of_runs, place.publish(session, results).await) {
        (0, of_publishing) => (of_publishing, of_publishing == 0),
        (of_runs, of_publishing) => (of_runs, of_publishing == 0),
    }
}

async fn print(session: &Session, settled: &Settled, results: &Results) -> Result<(), Failure> {
    if session.console.output() == Output::Human {
        let text = session.component.render("text", results).await?;
        session.console.result(&text, settled.out_is_data(session));
    }
    Ok(())
}

/// Annotations, the step's summary and its outputs. Returns what could not be written.
pub async fn tell_github(
    session: &Session,
    out_is_data: bool,
    destinations: &[Destination],
    results: &Results,
) -> Result<Vec<String>, Failure> {
    let component = &session.component;
    let workspace = Workspace::find(&session.environment, &session.directory);
    let annotations = component.render("github-annotations", results).await?;
    if out_is_data {
        session.console.raw_err(&annotations);
    } else {
        session.console.raw_out(&annotations);
    }
    let mut errors = Vec::new();
    if let Some(path) = session.environment.get("GITHUB_STEP_SUMMARY") {
        let path = session.path(path);
        let summary = component
            .summary(results, github::summary_room(&path))
            .await?;
        if summary.is_empty() {
            // Others have filled it. That is no reason to end in another way than the runs did.
            session
                .console
                .warn("there is no summary, as the step's summary file is full already");
        } else if let Err(error) = github::append_summary(&path, &session.console.redact(&summary))
        {
            errors.push(format!("the step summary cannot be written: {error}"));
        }
    }
    if let Some(path) = session.environment.get("GITHUB_OUTPUT") {
        let outputs = session
            .console
            .redact(&component.render("github-outputs", results).await?);
        let paths = report_paths(destinations, workspace.as_ref());
        let paths = paths.each_ref().map(|(name, path)| (*name, path.as_str()));
        if let Err(error) = github::append_outputs(&session.path(path), &outputs, &paths, &nonce()?)
        {
            errors.push(format!("the step's outputs cannot be written: {error}"));
        }
    }
    Ok(errors)
}

/// Tells a place from the top of the workspace, as whoever reads the reports looks for it there.
pub fn located(location: &mut Location, workspace: Option<&Workspace>) {
    if let Some(workspace) = workspace {
        location.file = workspace.path(&location.file);
    }
}

/// The outputs that tell later steps where the reports are; empty for those that are not written.
fn report_paths(
    destinations: &[Destination],
    workspace: Option<&Workspace>,
) -> [(&'static str, String); 3] {
    let find = |kind: &str| {
        let shown = destinations
            .iter()
            .find(|destination| destination.kind == kind && destination.path.is_some())
            .map_or("", |destination| destination.shown.as_str());
        match workspace {
            Some(workspace) if !shown.is_empty() => workspace.path(shown),
            _ => shown.to_owned(),
        }
    };
    [
        ("junit", find("junit")),
        ("results", find("json")),
        ("html", find("html")),
    ]
}

/// Text that nobody can foresee, for delimiters.
///
/// # Errors
/// An internal failure if the system has no random numbers.
pub fn nonce() -> Result<String, Failure> {
    crate::nonce::nonce().map_err(|error| {
        Failure::internal(
            format!("the system gives no random numbers: {error}"),
            "report it",
        )
    })
}

/// The end of a command after which a handle file was written, or was not. What became of the runs counts more than
/// the file; but an exit code that says that all is well must not hide that a run can no longer be picked up.
///
/// # Errors
/// That of the command, or else that of the file unless a signal came.
pub fn with_handles(
    session: &Session,
    signal: Option<Signal>,
    code: Result<u8, Failure>,
    kept: Result<(), Failure>,
) -> Result<u8, Failure> {
    match (kept, code) {
        (Ok(()), code) => code,
        (Err(failure), Ok(_)) if signal.is_none() => Err(failure),
        (Err(failure), code) => {
            session.console.warn(&failure.problem.message);
            for line in failure
                .details
                .iter()
                .flat_map(|details| details.text().lines())
            {
                session.console.warn(line);
            }
            code
        }
    }
}

/// The entries of a handle file for the runs that go on.
pub fn going_on(assignments: &[Assignment], reports: &[Report]) -> Vec<Entry> {
    assignments
        .iter()
        .zip(reports)
        .filter_map(|(assignment, report)| {
            let entry = Entry::new(
                &assignment.work.target,
                report.handle.clone()?,
                assignment.key_env.clone(),
                assignment.plugin.clone(),
            );
            Some(Entry {
                state: assignment.state.clone(),
                again: assignment.reruns.again.clone(),
                ..entry
            })
        })
        .collect()
}

/// What can be done about the runs that a handle file names. To stop them is offered if one of them can be stopped.
pub fn offered(session: &Session, entries: &[Entry], shown: &str) -> String {
    let can_be_stopped = entries
        .iter()
        .filter_map(|entry| session.catalogue.provider(&entry.target.provider))
        .any(|provider| provider.abilities.contains(&Ability::Cancel));
    let stop = match can_be_stopped {
        true => format!(", stop with `proctor cancel {shown}`"),
        false => String::new(),
    };
    format!(
        "{}; follow with `proctor wait {shown}`{stop}",
        going(entries)
    )
}

/// What goes on, in words. Of a request without an answer it is not known.
pub fn going(entries: &[Entry]) -> String {
    let is_known = |entry: &&Entry| {
        let mut triggers = entry.handle.triggers.iter();
        triggers.any(|trigger| trigger.stage == Stage::Accepted)
    };
    let known = entries.iter().filter(is_known).count();
    let may = |count| match count {
        1 => "1 run may have been started".to_owned(),
        many => format!("{many} runs may have been started"),
    };
    match (known, entries.len() - known) {
        (known, 0) => runs(known),
        (0, unknown) => may(unknown),
        (known, unknown) => format!("{}, and {}", runs(known), may(unknown)),
    }
}

/// How many runs, in words.
fn runs(count: usize) -> String {
    match count {
        1 => "1 run goes on at its service".to_owned(),
        many => format!("{many} runs go on at their services"),
    }
}
