//! Runs any service: trigger at most once, follow, collect, report.

mod generation;
mod outcome;
mod resume;
mod trigger;

use std::time::Duration;

use super::follow::{Followed, Followers, ask_to_stop};
use super::record::{Record, Remote, interrupted, not_begun, timed_out, unproven};
use super::{Description, Found, Judged, Service, State, named};
use crate::api::{Client, Fault, Phase};
use crate::error::{Code, Problem};
use crate::model::{
    Handle, Item, Mistake, Publication, Report, Stage, Started, Target, Trigger, Verdict,
};
use crate::ports::{Event, Input, Instant, Ports};
use crate::watch::{Ending, Leave, Limits};
pub use generation::generate;
use outcome::{Part, together};
use resume::go_on;
use trigger::{located, told as handle_told, trigger_all};

/// How long collecting may take once the run's time is over. Together with [`Limits::leave`], and the five seconds that
/// the host gives the last request of each, that is half a minute; the host drops the run five seconds later.
const COLLECT_LATE: Duration = Duration::from_secs(10);
/// The same after an interrupt.
const COLLECT_INTERRUPTED: Duration = Duration::from_millis(1500);

/// What to do about a run whose service is out of reach.
const FOLLOW: &str = "follow the run with `proctor wait` once the service answers again, rather than starting another";

/// Triggers what the target names, follows it and collects its results.
pub fn run(target: &Target, ports: &mut dyn Ports) -> Report {
    report(target, ports, |service, client, record| {
        let mut triggers = Vec::new();
        let halted = trigger_all(service, client, target, &mut triggers).err();
        finish(service, client, target, triggers, halted, record)
    })
}

/// Follows what was triggered earlier and collects its results.
pub fn watch(target: &Target, handle: &Handle, ports: &mut dyn Ports) -> Report {
    report(target, ports, |service, client, record| {
        let mut triggers = Vec::with_capacity(handle.triggers.len());
        let mut halted = None;
        for trigger in &handle.triggers {
            match located(service, client, target, trigger) {
                Ok(found) => triggers.push(found),
                Err(problem) => {
                    triggers.push(trigger.clone());
                    halted.get_or_insert(problem);
                }
            }
        }
        finish(service, client, target, triggers, halted, record)
    })
}

/// Follows what [`start`] has begun and collects its results, as [`run`] would have done. `halted` is why not everything was
/// triggered: that is not triggered any more.
pub fn follow_started(
    target: &Target,
    handle: &Handle,
    halted: Option<Problem>,
    ports: &mut dyn Ports,
) -> Report {
    report(target, ports, |service, client, record| {
        let triggers = handle.triggers.clone();
        finish(service, client, target, triggers, halted, record)
    })
}

/// Goes on with what an earlier process has begun: sends what is left, follows all of it and collects its results.
pub fn resume(target: &Target, handle: &Handle, ports: &mut dyn Ports) -> Report {
    report(target, ports, |service, client, record| {
        let mut triggers = handle.triggers.clone();
        let halted = go_on(service, client, target, &mut triggers).err();
        let begun = handle.triggers.iter().enumerate();
        let begun = begun.filter(|(_, trigger)| trigger.stage == Stage::Accepted);
        record.begun = begun.map(|(at, _)| at).collect();
        finish(service, client, target, triggers, halted, record)
    })
}

/// Goes on with what an earlier process has begun, without following it.
pub fn resume_start(target: &Target, handle: &Handle, ports: &mut dyn Ports) -> Started {
    let mut triggers = handle.triggers.clone();
    let outcome = with(target, ports, |service, client| {
        go_on(service, client, target, &mut triggers)
    });
    Started {
        handle: handle_of(target, &triggers),
        problem: outcome.err(),
    }
}

/// Triggers what the target names.
pub fn start(target: &Target, ports: &mut dyn Ports) -> Started {
    let mut triggers = Vec::new();
    let outcome = with(target, ports, |service, client| {
        trigger_all(service, client, target, &mut triggers)
    });
    Started {
        handle: handle_of(target, &triggers),
        problem: outcome.err(),
    }
}

/// The handle of what may have been started; none if nothing was.
fn handle_of(target: &Target, triggers: &[Trigger]) -> Option<Handle> {
    let sent = triggers
        .iter()
        .any(|trigger| trigger.stage != Stage::Planned);
    sent.then(|| handle_told(target, triggers))
}

/// Stops what a handle names; what has ended already is no error.
///
/// # Errors
/// Why something could not be stopped; the rest is stopped all the same.
pub fn cancel(target: &Target, handle: &Handle, ports: &mut dyn Ports) -> Result<(), Problem> {
    with(target, ports, |service, client| {
        let mut outcome = Ok(());
        for trigger in &handle.triggers {
            if trigger.stage != Stage::Planned {
                outcome = outcome.and(stop(service, client, target, trigger));
            }
        }
        outcome
    })
}

fn stop(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
) -> Result<(), Problem> {
    let cannot = || {
        Problem::new(
            Code::Usage,
            format!("{} cannot stop a run", target.provider),
        )
        .next("wait for its end, or stop it at the service")
    };
    let found = located(service, client, target, trigger)?;
    let call = service.stop(target, &found).ok_or_else(cannot)?;
    ask_to_stop(client, &call).map_err(|failure| failure.problem(Phase::AfterTrigger))
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

/// Looks for settings that cannot be right. Asks nobody.
#[must_use]
pub fn validate(target: &Target) -> Vec<Mistake> {
    match known(target) {
        Ok((service, _)) => service.validate(target),
        Err(problem) => vec![Mistake {
            parameter: Some("provider".to_owned()),
            message: problem.message,
        }],
    }
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

/// Publishes the results that `input` holds; `observed` is how long the tests took, where somebody has measured it.
pub fn publish(
    target: &Target,
    ports: &mut dyn Ports,
    input: &mut dyn Input,
    observed: Option<Duration>,
) -> Publication {
    let outcome = with(target, ports, |service, client| {
        let cannot = || Problem::new(Code::Usage, format!("{} keeps no results", target.provider));
        let publication = service.publish(client, target, input, observed);
        let mut publication = publication.ok_or_else(cannot)?;
        publication.warnings.append(&mut client.warnings);
        Ok(publication)
    });
    outcome.unwrap_or_else(|problem| Publication {
        problem: Some(problem),
        ..Publication::default()
    })
}

fn with<T>(
    target: &Target,
    ports: &mut dyn Ports,
    act: impl FnOnce(&dyn Service, &mut Client) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let (service, description) = known(target)?;
    let deadline = deadline(target, ports);
    let base = service.base_url(&target.api_url);
    let mut client = Client::new(ports, &description, &base, deadline);
    act(service.as_ref(), &mut client)
}

/// The target's service and its description with the target's corrections.
fn known(target: &Target) -> Result<(Box<dyn Service>, Description), Problem> {
    match named(&target.provider) {
        Some(service) => {
            let description = service.described(target);
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

/// Follows what was triggered and puts together what came of it. `halted` is why not everything was triggered, or not
/// everything could be found again.
fn finish(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    triggers: Vec<Trigger>,
    halted: Option<Problem>,
    record: &mut Record,
) -> Result<Judged, Problem> {
    let mut parts: Vec<Part> = triggers.into_iter().map(Part::new).collect();
    let mut gone = follow(service, client, target, &mut parts);
    // One that has just been started may not be there yet, and who only looks at a run may do so with another key.
    gone.retain(|at| record.begun.contains(at));
    for part in &parts {
        record.queued = record.queued.into_iter().chain(part.queued).min();
    }
    // What could not be read may be readable later; what has not ended may end.
    let mut places = parts.iter().enumerate();
    let goes_on = places.any(|(at, part)| part.goes_on() && !gone.contains(&at));
    for at in gone {
        if let Some(Err(problem)) = &mut parts[at].outcome {
            problem.next = without(goes_on).to_owned();
        }
    }
    record.handle = match goes_on {
        true => {
            let triggers: Vec<Trigger> = parts.iter().map(|part| part.trigger.clone()).collect();
            handle_of(target, &triggers)
        }
        false => None,
    };
    together(parts, halted, &mut record.found)
}

/// What to do about a run that a job has come back for, and that the service no longer has: looking again would come to
/// the same for ever. What else the target has started keeps the whole of it.
const fn without(others_go_on: bool) -> &'static str {
    match others_go_on {
        true => {
            "look at the other runs of the target, then start all of it anew with --resume never"
        }
        false => {
            "run again, which starts another run: this one is no longer kept. --resume never does so without looking for one"
        }
    }
}

/// Whether the service has answered that there is no such run.
fn is_gone(followed: &Followed) -> bool {
    let fault = followed.failure.as_ref().map(|failure| &failure.fault);
    let is_answer = matches!(fault, Some(Fault::Refused(refusal))
        if matches!(refusal.status, 404 | 410) && !refusal.foreign);
    followed.ending == Ending::Refused && is_answer
}

/// Follows every run that is known to each one's end, and collects its results. Returns the places of those that the
/// service does not have.
fn follow(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    parts: &mut [Part],
) -> Vec<usize> {
    let usual = client.mode();
    let now = client.ports.now();
    let limits = Limits {
        begin_by: target.queue_timeout().map(|time| now.after(time)),
        ..Limits::until(now.after(client.left()))
    };
    let all: Vec<Trigger> = parts.iter().map(|part| part.trigger.clone()).collect();
    let mut followers = Followers::new(client, service, target, &all, limits);
    let mut late = None;
    let mut gone = Vec::new();
    while let Some((place, followed)) = followers.next(client) {
        let part = &mut parts[place];
        part.queued = followed.queued;
        part.trigger.last_state = match &followed.state {
            // That it was seen at work is what can still prove it to be the new run's.
            State::Unproven(_) if followers.way(place).is_some() => followers.way(place),
            state => state.word(),
        }
        .map(str::to_owned);
        let outcome = one(service, client, target, part, &followed, &mut late);
        part.outcome = Some(outcome);
        told(client, part);
        client.set_mode(usual);
        if is_gone(&followed) {
            gone.push(place);
        }
    }
    gone
}

/// Collects the results of one run that has ended or was left. `late` is when collecting has to be over, once the time
/// of one of the runs was.
fn one(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    part: &mut Part,
    followed: &Followed,
    late: &mut Option<Instant>,
) -> Result<Judged, Problem> {
    let outcome = match &followed.ending {
        Ending::Ended => service.collect(client, target, &part.trigger, followed, &mut part.found),
        Ending::Left { why, stopped } => {
            part.stopped = *stopped;
            return Err(leave(service, client, target, part, followed, why, late));
        }
        Ending::Absent => Err(Problem::new(
            Code::ServiceErrored,
            format!(
                "three answers in a row held no state of the run of {}",
                part.trigger.title
            ),
        )),
        Ending::Refused => Err(refused(followed)),
    };
    part.read = outcome.is_ok();
    outcome.map_err(|problem| unread(client, problem))
}

/// Why the results of a run that had ended were not read, with what to do about that run: to run again would start
/// another.
fn unread(client: &Client, problem: Problem) -> Problem {
    const UNREAD: &str = "the run had ended, its results were not read to the end";
    match problem.code {
        Code::Interrupted => {
            let by = client.interrupted().unwrap_or("the host");
            let message = format!("interrupted by {by}; {UNREAD}");
            Problem::new(Code::Interrupted, message).next("pick it up with `proctor wait`")
        }
        Code::TimedOut => Problem::new(Code::TimedOut, format!("{}; {UNREAD}", problem.message)),
        _ => rather_followed(problem),
    }
}

/// A problem of a run that may be there. What is out of reach for now is followed later.
fn rather_followed(problem: Problem) -> Problem {
    match problem.code {
        Code::Unavailable if problem.retriable => problem.lasting().next(FOLLOW),
        _ => problem,
    }
}

/// Ends a run that outlived its time, its service or its host; what is known is collected all the same.
fn leave(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    part: &mut Part,
    followed: &Followed,
    why: &Leave,
    late: &mut Option<Instant>,
) -> Problem {
    let within = match why {
        Leave::Interrupted(_) => COLLECT_INTERRUPTED,
        Leave::TimedOut | Leave::NotBegun | Leave::Unreachable => COLLECT_LATE,
    };
    let until = client.ports.now().after(within);
    client.leave_until(until.min(*late.get_or_insert(until)));
    if followed.failure.is_some() {
        client.ask_no_more();
    }
    if !matches!(why, Leave::Unreachable)
        && let Err(problem) =
            service.collect(client, target, &part.trigger, followed, &mut part.found)
    {
        client
            .ports
            .emit(Event::Debug(format!("results not read: {problem}")));
    }
    let is_unproven = matches!(followed.state, State::Unproven(_));
    if matches!(why, Leave::TimedOut | Leave::NotBegun) && !is_unproven {
        late_not_wrong(&mut part.found);
    }
    match (why, &followed.state) {
        (Leave::Interrupted(by), _) => {
            let remote = match service.stop(target, &part.trigger) {
                _ if part.stopped => Remote::Stopped,
                Some(_) => Remote::GoesOn,
                None => Remote::Unstoppable,
            };
            interrupted(by, remote)
        }
        (Leave::TimedOut | Leave::NotBegun, State::Unproven(word)) => unproven(word),
        (Leave::NotBegun, _) => not_begun(target, &part.trigger.title, part.stopped),
        (Leave::TimedOut, _) => timed_out(target.timeout, followed.going.as_deref(), part.stopped),
        (Leave::Unreachable, _) => {
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
            .lasting()
            .next(FOLLOW)
        }
    }
}

/// A run that was left had not ended: a test of which it has no verdict yet is late, which is nothing that went wrong at
/// the service.
fn late_not_wrong(found: &mut Found) {
    for test in &mut found.tests {
        if matches!(test.verdict, Verdict::Errored | Verdict::Unknown) {
            test.verdict = Verdict::TimedOut;
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
fn told(client: &mut Client, part: &Part) {
    for test in &part.found.tests {
        client.ports.emit(Event::TestFinished(test.clone()));
    }
}
