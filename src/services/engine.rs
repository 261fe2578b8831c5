//! Runs any service: trigger at most once, follow, collect, report.

use std::time::Duration;

use super::follow::{Followed, ask_to_stop, follow};
use super::record::{Record, Remote, interrupted, timed_out};
use super::{Description, Judged, Lost, Plan, Service, named};
use crate::api::{Client, Failure, Fault, Phase};
use crate::error::{Code, Problem};
use crate::model::{Handle, Item, Report, Target};
use crate::ports::{Event, Instant, Ports};
use crate::watch::{Ending, Leave, Limits};

/// When to look for the run of a trigger that was not answered: at once, and as the lists may lag behind, later.
const LOST_LOOKS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// The same when the time is over or the host was told to stop.
const LOST_LOOKS_HURRIED: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(400),
    Duration::from_millis(700),
];

/// How long collecting may take once the run's time is over.
const COLLECT_LATE: Duration = Duration::from_secs(10);
/// The same after an interrupt.
const COLLECT_INTERRUPTED: Duration = Duration::from_millis(1500);

/// Triggers the target's run, follows it and collects its results.
pub fn run(target: &Target, ports: &mut dyn Ports) -> Report {
    report(target, ports, |service, client, record| {
        let handle = trigger(service, client, target, &mut record.handle)?;
        finish(service, client, target, handle, record)
    })
}

/// Follows a run that was triggered earlier and collects its results.
pub fn watch(target: &Target, handle: &Handle, ports: &mut dyn Ports) -> Report {
    report(target, ports, |service, client, record| {
        record.handle = Some(handle.clone());
        let handle = located(service, client, handle)?;
        finish(service, client, target, handle, record)
    })
}

/// Triggers the target's run.
///
/// # Errors
/// Why it was not triggered, or why it cannot be told whether it was.
pub fn start(target: &Target, ports: &mut dyn Ports) -> Result<Handle, Problem> {
    with(target, ports, |service, client| {
        trigger(service, client, target, &mut None)
    })
}

/// Stops a run; one that has ended already is no error.
///
/// # Errors
/// Why it could not be stopped.
pub fn cancel(target: &Target, handle: &Handle, ports: &mut dyn Ports) -> Result<(), Problem> {
    with(target, ports, |service, client| {
        let handle = &located(service, client, handle)?;
        let path = service.stop_path(handle).ok_or_else(|| {
            Problem::new(
                Code::Usage,
                format!("{} cannot stop a run", target.provider),
            )
            .next("wait for its end, or stop it at the service")
        })?;
        ask_to_stop(client, &path).map_err(|failure| failure.problem(Phase::AfterTrigger))
    })
}

/// Lists what can be run.
///
/// # Errors
/// Why the lists could not be read.
pub fn discover(target: &Target, ports: &mut dyn Ports) -> Result<Vec<Item>, Problem> {
    with(target, ports, |service, client| {
        service.discover(client, target)
    })
}

/// Looks whether the target could be run.
///
/// # Errors
/// What would keep it from being run.
pub fn check(target: &Target, ports: &mut dyn Ports) -> Result<Vec<String>, Problem> {
    with(target, ports, |service, client| {
        service.check(client, target)
    })
}

fn with<T>(
    target: &Target,
    ports: &mut dyn Ports,
    act: impl FnOnce(&dyn Service, &mut Client) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let (service, description) = known(target)?;
    let deadline = deadline(target, ports);
    let mut client = Client::new(ports, &description, &target.api_url, deadline);
    act(service.as_ref(), &mut client)
}

/// The target's service and its description with the target's corrections.
fn known(target: &Target) -> Result<(Box<dyn Service>, Description), Problem> {
    match named(&target.provider) {
        Some(service) => {
            let description = service.description().corrected(&target.overrides);
            Ok((service, description))
        }
        None => Err(Problem::new(
            Code::Usage,
            format!(
                "there is no provider named {:?} in this component",
                target.provider
            ),
        )),
    }
}

fn report(
    target: &Target,
    ports: &mut dyn Ports,
    act: impl FnOnce(&dyn Service, &mut Client, &mut Record) -> Result<Judged, Problem>,
) -> Report {
    let mut record = Record::begin(ports);
    let outcome = with(target, ports, |service, client| {
        let outcome = act(service, client, &mut record);
        record.warnings = std::mem::take(&mut client.warnings);
        outcome
    });
    record.finish(target, ports, outcome)
}

fn deadline(target: &Target, ports: &dyn Ports) -> Instant {
    ports.now().after(target.timeout)
}

/// The handle with its run. One of a trigger that was not answered has none yet: the run is looked for.
fn located(service: &dyn Service, client: &mut Client, handle: &Handle) -> Result<Handle, Problem> {
    if handle.job.is_some() || !handle.runs.is_empty() {
        return Ok(handle.clone());
    }
    let unclear = match service.find_lost(client, handle) {
        Ok(Lost::Found(found)) => return Ok(found),
        Ok(Lost::Nothing) => "no new run is to be seen".to_owned(),
        Ok(Lost::Unclear(why)) => why,
        Err(failure) => return Err(failure.problem(Phase::AfterTrigger)),
    };
    Err(Problem::new(
        Code::Unavailable,
        format!(
            "the trigger was not answered, and it cannot be told which run it started: {unclear}"
        ),
    )
    .next("look at the service whether a run was started"))
}

/// Triggers the run. `kept` gets the intent where a run may have been started that cannot be told from others.
fn trigger(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    kept: &mut Option<Handle>,
) -> Result<Handle, Problem> {
    let plan = match service.prepare(client, target) {
        Ok(plan) => plan,
        Err(problem) => return Err(before_trigger(client, problem)),
    };
    client.ports.emit(Event::Triggering(plan.intent.clone()));
    let handle = match client.post_at_most_once(&plan.path, &plan.body) {
        Ok(answer) => match service.accepted(&answer, &plan.intent, client.service()) {
            Some(handle) => handle,
            None => {
                let failure = Failure {
                    call: format!("POST {}", plan.path),
                    fault: Fault::Malformed {
                        why: "it names no run".to_owned(),
                        request_id: answer.request_id,
                    },
                };
                find_lost(service, client, &plan, &failure, kept)?
            }
        },
        Err(failure) if failure.fault.is_ambiguous() => {
            find_lost(service, client, &plan, &failure, kept)?
        }
        Err(failure) => {
            return Err(before_trigger(
                client,
                failure.problem(Phase::BeforeTrigger),
            ));
        }
    };
    client.ports.emit(Event::Triggered(handle.clone()));
    Ok(handle)
}

/// Says that nothing was triggered, where that is not plain from the code.
fn before_trigger(client: &Client, problem: Problem) -> Problem {
    match problem.code {
        Code::Interrupted => interrupted(
            client.interrupted().unwrap_or("the host"),
            Remote::NotStarted,
        ),
        Code::TimedOut => Problem::new(
            Code::TimedOut,
            format!("{}; nothing had been triggered", problem.message),
        )
        .next("allow more time with --timeout"),
        _ => problem,
    }
}

/// Looks whether the trigger without an answer has started a run, and adopts it. Never triggers again.
fn find_lost(
    service: &dyn Service,
    client: &mut Client,
    plan: &Plan,
    failure: &Failure,
    kept: &mut Option<Handle>,
) -> Result<Handle, Problem> {
    client.warn(format!(
        "{}: {}; looking whether a run was started",
        failure.call,
        failure.fault.told()
    ));
    let unclear = match search(service, client, &plan.intent) {
        Ok(handle) => {
            client.warn(
                "the run that the unanswered trigger started was found and is followed".to_owned(),
            );
            return Ok(handle);
        }
        Err(unclear) => unclear,
    };
    *kept = Some(plan.intent.clone());
    if let Some(by) = client.interrupted() {
        return Err(interrupted(by, Remote::Unclear));
    }
    let request = match &failure.fault {
        Fault::Refused(refusal) => refusal.request_id.clone(),
        Fault::Malformed { request_id, .. } => request_id.clone(),
        _ => None,
    };
    let code = match failure.fault {
        Fault::Malformed { .. } | Fault::TooLarge(_) => Code::Protocol,
        _ => Code::Unavailable,
    };
    Err(Problem::new(
        code,
        format!(
            "{}: {}; a run may have been started, but it cannot be told which: {unclear}",
            failure.call,
            failure.fault.told()
        ),
    )
    .next("look at the service whether a run was started before running again; it was not triggered a second time")
    .request(request))
}

/// Looks for the run several times, as lists may lag behind; in a hurry once the time is over or the host was told to
/// stop, as even then a run that was started should be found, so that it can be stopped or named.
fn search(service: &dyn Service, client: &mut Client, intent: &Handle) -> Result<Handle, String> {
    let mut unclear = "no new run is to be seen".to_owned();
    let mut looks = LOST_LOOKS.as_slice();
    let mut hurried = false;
    while let Some((wait, later)) = looks.split_first() {
        let outcome = match client.wait(*wait) {
            Ok(()) => service
                .find_lost(client, intent)
                .map_err(|failure| failure.fault),
            Err(fault) => Err(fault),
        };
        looks = later;
        match outcome {
            Ok(Lost::Found(handle)) => return Ok(handle),
            Ok(Lost::Nothing) => {}
            Ok(Lost::Unclear(why)) => unclear = why,
            Err(Fault::Interrupted(_) | Fault::OutOfTime) if !hurried => {
                hurried = true;
                client.finish_within(COLLECT_INTERRUPTED);
                looks = LOST_LOOKS_HURRIED.as_slice();
            }
            Err(fault) => unclear = fault.told(),
        }
    }
    Err(unclear)
}

fn finish(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    handle: Handle,
    record: &mut Record,
) -> Result<Judged, Problem> {
    record.handle = Some(handle.clone());
    let limits = Limits::until(client.ports.now().after(client.left()));
    let followed = follow(client, service, &handle, limits);
    record.queued = followed.queued;
    let outcome = match &followed.ending {
        Ending::Ended => service.collect(client, target, &handle, &followed, &mut record.found),
        Ending::Left { why, stopped } => {
            return Err(leave(
                service,
                client,
                target,
                handle,
                &followed,
                (why, *stopped),
                record,
            ));
        }
        Ending::Absent => Err(Problem::new(
            Code::ServiceErrored,
            format!(
                "GET {}: three answers in a row held no state of the run",
                service.state_path(&handle)
            ),
        )),
        Ending::Refused => Err(refused(&followed)),
    };
    // Results that could not be read may be readable later.
    if outcome.is_ok() {
        record.handle = None;
    }
    told(client, record);
    match outcome {
        Err(problem) if problem.code == Code::Interrupted => {
            let by = client.interrupted().unwrap_or("the host").to_owned();
            Err(Problem::new(
                Code::Interrupted,
                format!(
                    "interrupted by {by}; the run had ended, its results were not read to the end"
                ),
            ))
        }
        other => other,
    }
}

/// Ends a run that outlived its time, its service or its host; what is known is collected all the same.
fn leave(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    handle: Handle,
    followed: &Followed,
    (why, stopped): (&Leave, bool),
    record: &mut Record,
) -> Problem {
    if stopped {
        record.handle = None;
    }
    client.finish_within(match why {
        Leave::Interrupted(_) => COLLECT_INTERRUPTED,
        Leave::TimedOut | Leave::Unreachable => COLLECT_LATE,
    });
    if !matches!(why, Leave::Unreachable)
        && let Err(problem) = service.collect(client, target, &handle, followed, &mut record.found)
    {
        client
            .ports
            .emit(Event::Debug(format!("results not read: {problem}")));
    }
    told(client, record);
    match why {
        Leave::Interrupted(by) => interrupted(
            by,
            if stopped {
                Remote::Stopped
            } else {
                Remote::GoesOn
            },
        ),
        Leave::TimedOut => timed_out(target.timeout, followed.going.as_deref(), stopped),
        Leave::Unreachable => {
            let last = followed
                .failure
                .as_ref()
                .map_or_else(String::new, |failure| {
                    format!("{}: {}", failure.call, failure.fault.told())
                });
            Problem::new(
                Code::Unavailable,
                format!("the service kept failing while the run went on; last: {last}"),
            )
            .next("follow the run with `proctor wait` once the service answers again")
        }
    }
}

fn refused(followed: &Followed) -> Problem {
    match &followed.failure {
        Some(failure) => failure.problem(Phase::AfterTrigger),
        None => Problem::new(Code::Internal, "following the run ended without a reason"),
    }
}

/// Tells the host of every test, so that it has them whatever happens next.
fn told(client: &mut Client, record: &Record) {
    for test in &record.found.tests {
        client.ports.emit(Event::TestFinished(test.clone()));
    }
}
