//! Triggering at most once, and finding the run of a trigger that was not answered.

use std::time::Duration;

use crate::api::{Attempt, Client, Failure, Fault, Phase, headers};
use crate::error::{Code, Problem};
use crate::model::{Baseline, Handle, Stage, Target, Trigger};
use crate::ports::{Event, Head, Ports};
use crate::services::record::{Remote, interrupted};
use crate::services::{Call, Lost, Plan, Seeker, Service};

/// How far the service's clock may be behind ours before it is not believed, in milliseconds. Ours.
const EARLIEST_MS: u64 = 60_000;

/// When to look for the run of a trigger that was not answered: at once, and as the lists may lag behind, later.
pub const LOST_LOOKS: [Duration; 3] = [
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

/// Who has to act where only a look at the service can tell whether there is a run.
const BEHOLDER: &str = "whoever sees the runs at the service";

/// Sends everything that the target is to trigger, one after the other, and stops at the first that fails. `triggers`
/// gets all of them, each with how far it has come.
pub fn trigger_all(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    triggers: &mut Vec<Trigger>,
) -> Result<(), Problem> {
    let plans = match service.prepare(client, target) {
        Ok(plans) => plans,
        Err(problem) => return Err(before_trigger(client, problem)),
    };
    let mut calls = Vec::with_capacity(plans.len());
    for Plan { call, intent } in plans {
        calls.push(call);
        triggers.push(intent);
    }
    for (at, call) in calls.iter().enumerate() {
        trigger_one(service, client, target, call.as_ref(), triggers, at)?;
    }
    Ok(())
}

/// Sends one trigger, unless there is a run already.
pub fn trigger_one(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    call: Option<&Call>,
    triggers: &mut [Trigger],
    at: usize,
) -> Result<(), Problem> {
    let told = |triggers: &[Trigger]| told(target, triggers);
    let Some(call) = call else {
        // There is a run already.
        triggers[at].stage = Stage::Accepted;
        client.ports.emit(Event::Triggered(told(triggers)));
        return Ok(());
    };
    may_trigger(client, &triggers[at])?;
    let mut leaving = Leaving {
        target,
        planned: triggers[at].clone(),
        key: call.idempotency_key.as_ref(),
        triggers,
        at,
    };
    let outcome = send(service, client, call, &mut leaving);
    match outcome {
        Ok(accepted) => {
            triggers[at] = Trigger {
                stage: Stage::Accepted,
                ..accepted
            };
            client.ports.emit(Event::Triggered(told(triggers)));
            Ok(())
        }
        Err(NotTriggered::Surely(problem)) => Err(
            match triggers.iter().all(|each| each.stage == Stage::Planned) {
                true => before_trigger(client, problem),
                false => before_later(client, problem, &triggers[at].title),
            },
        ),
        Err(NotTriggered::Perhaps(problem)) => Err(problem),
    }
}

/// The handle as the host is told of it, which it is at every trigger with all of them. What was there before one that
/// is not sent yet is left out: it is read anew before that is sent, whoever does so.
pub fn told(target: &Target, triggers: &[Trigger]) -> Handle {
    let each = |trigger: &Trigger| match trigger.stage {
        Stage::Sent | Stage::Accepted => trigger.clone(),
        Stage::Planned => Trigger {
            subject: trigger.subject.clone(),
            title: trigger.title.clone(),
            job: trigger.job.clone(),
            ..Trigger::default()
        },
    };
    Handle {
        provider: target.provider.clone(),
        triggers: triggers.iter().map(each).collect(),
    }
}

/// Nothing is triggered once the host was told to stop, or the time is over.
pub fn may_trigger(client: &Client, trigger: &Trigger) -> Result<(), Problem> {
    let title = &trigger.title;
    if let Some(by) = client.interrupted() {
        return Err(Problem::new(
            Code::Interrupted,
            format!("interrupted by {by} before {title} was triggered"),
        ));
    }
    if client.is_finishing() || client.left().is_zero() {
        return Err(Problem::new(
            Code::TimedOut,
            format!("the time was over before {title} was triggered"),
        )
        .next("allow more time with --timeout"));
    }
    Ok(())
}

/// A trigger on its way, and all of its target as the host is told of them.
struct Leaving<'a> {
    target: &'a Target,
    triggers: &'a mut [Trigger],
    at: usize,
    /// As it was before.
    planned: Trigger,
    key: Option<&'a String>,
}

impl Leaving<'_> {
    /// Tells the host that it is sent, or is planned again. What may have had an effect was sent when it was first sent,
    /// however often that is repeated.
    fn tell(&mut self, ports: &mut dyn Ports, attempt: Attempt) {
        let trigger = &mut self.triggers[self.at];
        let event = match (attempt, trigger.stage) {
            (Attempt::Due, Stage::Planned) => {
                trigger.stage = Stage::Sent;
                trigger.at_ms = Some(ports.unix_ms());
                trigger.idempotency_key = self.key.cloned();
                Event::Triggering
            }
            (Attempt::InVain, Stage::Sent) => {
                trigger.clone_from(&self.planned);
                Event::Triggered
            }
            _ => return,
        };
        ports.emit(event(told(self.target, self.triggers)));
    }

    /// As it was sent.
    fn intent(&self) -> Trigger {
        self.triggers[self.at].clone()
    }
}

/// Why a trigger brought no run that could be followed.
enum NotTriggered {
    /// It had no effect.
    Surely(Problem),
    /// A run may have been started.
    Perhaps(Problem),
}

fn send(
    service: &dyn Service,
    client: &mut Client,
    call: &Call,
    leaving: &mut Leaving,
) -> Result<Trigger, NotTriggered> {
    let target = leaving.target;
    let failure =
        match client.send_telling(call, &mut |ports, attempt| leaving.tell(ports, attempt)) {
            Ok(answer) => {
                let intent = leaving.intent();
                let answered = Trigger {
                    at_ms: asked_at(&answer.head, &intent),
                    ..intent
                };
                match service.accepted(target, &answer, &answered, client.service()) {
                    Some(accepted) => return Ok(accepted),
                    None => Failure {
                        call: call.shown(),
                        fault: Fault::Malformed {
                            why: "it names no run".to_owned(),
                            request_id: answer.request_id,
                        },
                    },
                }
            }
            Err(failure) if failure.fault.is_ambiguous() => failure,
            Err(failure) => {
                // Nobody has to look for it, neither now nor later.
                leaving.tell(client.ports, Attempt::InVain);
                return Err(NotTriggered::Surely(service.refused(target, &failure)));
            }
        };
    find_lost(service, client, target, &leaving.intent(), &failure).map_err(NotTriggered::Perhaps)
}

/// When the trigger was taken: by the service's clock, as what it tells of runs goes by that.
///
/// Where nothing is known of what was there before, time alone tells an old run from ours. A date that is clearly earlier
/// than the sending of the trigger would make old ones new, and is not believed.
fn asked_at(head: &Head, intent: &Trigger) -> Option<u64> {
    let (told, own) = (headers::date_ms(head), intent.at_ms);
    let Baseline { jobs, runs, .. } = &intent.baseline;
    match (told, own) {
        (Some(told), Some(own))
            if jobs.is_none() && runs.is_none() && told.saturating_add(EARLIEST_MS) < own =>
        {
            Some(own)
        }
        (Some(told), _) => Some(told),
        (None, own) => own,
    }
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

/// Says the same of one trigger among several, of which earlier ones have started runs.
fn before_later(client: &Client, problem: Problem, title: &str) -> Problem {
    let then =
        format!("before {title} was triggered; what was triggered before it may be going on");
    match problem.code {
        Code::Interrupted => Problem::new(
            Code::Interrupted,
            format!(
                "interrupted by {} {then}",
                client.interrupted().unwrap_or("the host")
            ),
        )
        .next("pick it up with `proctor wait`"),
        Code::TimedOut => Problem::new(
            Code::TimedOut,
            format!("{}; the time was over {then}", problem.message),
        )
        .next("allow more time with --timeout"),
        _ => {
            let next = problem.next.trim_end_matches("; nothing was triggered");
            let next = format!("{next}; what was triggered before it was followed");
            not_sent(title, problem).next(next)
        }
    }
}

/// Why something was not sent after other things were. Wrong usage would mean that nothing was triggered.
pub(super) fn not_sent(title: &str, problem: Problem) -> Problem {
    Problem {
        code: match problem.code {
            Code::Usage => Code::ServiceErrored,
            other => other,
        },
        message: format!("{title} was not triggered: {}", problem.message),
        ..problem
    }
}

/// The trigger with its run. The run of one that was not answered is looked for, by another process than the one that has
/// sent it.
pub fn located(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
) -> Result<Trigger, Problem> {
    match trigger.stage {
        Stage::Accepted => return Ok(trigger.clone()),
        Stage::Planned => {
            return Err(Problem::new(
                Code::ServiceErrored,
                format!("{} was never triggered", trigger.title),
            )
            .next("run again: what this handle names is only part of what was wanted"));
        }
        Stage::Sent => {}
    }
    let unclear = match service.find_lost(client, target, trigger, Seeker::Successor) {
        Ok(Lost::Found(found)) => {
            return Ok(Trigger {
                stage: Stage::Accepted,
                ..found
            });
        }
        Ok(Lost::Nothing) => "no new run is to be seen".to_owned(),
        Ok(Lost::Unclear(why)) => why,
        Err(failure) => {
            return Err(super::rather_followed(failure.problem(Phase::AfterTrigger)));
        }
    };
    Err(Problem::new(
        Code::Unavailable,
        format!(
            "the trigger of {} was not answered, and it cannot be told whether it has started a run, or which: {unclear}",
            trigger.title
        ),
    )
    .lasting()
    .who(BEHOLDER)
    .next("look at the service whether a run was started"))
}

/// Looks whether the trigger without an answer has started a run, and adopts it. Never triggers again.
fn find_lost(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    intent: &Trigger,
    failure: &Failure,
) -> Result<Trigger, Problem> {
    client.warn(format!(
        "{}: {}; looking whether a run was started",
        failure.call,
        failure.fault.told()
    ));
    let unclear = match search(service, client, target, intent) {
        Ok(found) => {
            client.warn(
                "the run that the unanswered trigger started was found and is followed".to_owned(),
            );
            return Ok(found);
        }
        Err(unclear) => unclear,
    };
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
    .lasting()
    .who(BEHOLDER)
    .next("look at the service whether a run was started before running again; it was not triggered a second time")
    .request(request))
}

/// Looks for the run several times, as lists may lag behind; in a hurry once the time is over or the host was told to
/// stop, as even then a run that was started should be found, so that it can be stopped or named.
fn search(
    service: &dyn Service,
    client: &mut Client,
    target: &Target,
    intent: &Trigger,
) -> Result<Trigger, String> {
    let mut unclear = "no new run is to be seen".to_owned();
    let mut looks = LOST_LOOKS.as_slice();
    let mut hurried = false;
    while let Some((wait, later)) = looks.split_first() {
        let outcome = match client.wait(*wait) {
            Ok(()) => service
                .find_lost(client, target, intent, Seeker::Sender)
                .map_err(|failure| failure.fault),
            Err(fault) => Err(fault),
        };
        looks = later;
        match outcome {
            Ok(Lost::Found(found)) => return Ok(found),
            Ok(Lost::Nothing) => {}
            Ok(Lost::Unclear(why)) => unclear = why,
            Err(Fault::Interrupted(_) | Fault::OutOfTime) if !hurried => {
                hurried = true;
                client.finish_within(super::COLLECT_INTERRUPTED);
                looks = LOST_LOOKS_HURRIED.as_slice();
            }
            Err(fault) => unclear = fault.told(),
        }
    }
    Err(unclear)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-10-09T08:53:20Z.
    const SENT: u64 = 1_760_000_000_000;

    #[test]
    fn an_early_date_is_not_believed_where_time_alone_tells_old_from_new() {
        let minute = "Thu, 09 Oct 2025 08:52:50 GMT";
        let day = "Wed, 08 Oct 2025 08:53:20 GMT";
        let late = "Fri, 10 Oct 2025 08:53:20 GMT";
        let (unread, read) = (None, Some(Vec::new()));
        for (runs, date, expected) in [
            (unread.clone(), Some(minute), SENT - 30_000),
            (unread.clone(), Some(day), SENT),
            (unread.clone(), Some(late), SENT + 86_400_000),
            (unread, None, SENT),
            (read, Some(day), SENT - 86_400_000),
        ] {
            let headers = date.map(|date| ("date".to_owned(), date.to_owned()));
            let head = Head {
                status: 200,
                headers: headers.into_iter().collect(),
            };
            let intent = Trigger {
                at_ms: Some(SENT),
                baseline: Baseline {
                    runs,
                    ..Baseline::default()
                },
                ..Trigger::default()
            };
            assert_eq!(asked_at(&head, &intent), Some(expected), "{date:?}");
        }
    }
}
