//! Which run belongs to a job. No source says how one finds the other, so evidence is looked for in a fixed order and
//! nothing is guessed. ASSUMED throughout.

use std::time::Duration;

use serde_json::Value;

use super::app_path;
use super::lost::began;
use super::trigger::{LIST_LIMIT, runs_path};
use crate::api::{Client, Failure, Phase, encode, json};
use crate::error::{Code, Problem};
use crate::model::{Run, Trigger};
use crate::services::{Description, Followed, by_offset};

/// How far the service's two clocks may differ: that of the trigger's answer and that of a run's beginning.
const SKEW_MS: u64 = 60_000;

/// When the run is looked for: at once, and later as the lists may lag behind the job.
const LOOKS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// Why it cannot be told which run it is.
pub enum Untold {
    /// There is no evidence, in words.
    Evidence(String),
    /// The service did not let the evidence be read, which somebody else must act on.
    Unread(Problem),
}

/// The run of the trigger's job, or why it cannot be told.
pub fn attribute(
    client: &mut Client,
    trigger: &Trigger,
    followed: &Followed,
) -> Result<Run, Untold> {
    if let Some(id) = named(client.service(), trigger, followed) {
        return Ok(Run { id, url: None });
    }
    let mut untold = Untold::Evidence(String::new());
    for wait in LOOKS {
        if let Err(problem) = wait_for(client, "the job's run", wait) {
            return Err(untold.then(Untold::Unread(problem)));
        }
        match in_lists(client, trigger) {
            Ok(run) => return Ok(run),
            Err(reason) => untold = untold.then(reason),
        }
        match by_job_id(client, trigger) {
            Ok(Some(run)) => return Ok(run),
            Ok(None) => {}
            Err(problem) => untold = untold.then(Untold::Unread(problem)),
        }
    }
    Err(untold)
}

/// Waits for what may be there later. If it cannot, for want of time or as the host was told to stop, that says nothing
/// of what the service has.
pub fn wait_for(client: &mut Client, what: &str, time: Duration) -> Result<(), Problem> {
    client.wait(time).map_err(|fault| {
        let call = format!("waiting for {what}");
        Failure { call, fault }.problem(Phase::AfterTrigger)
    })
}

/// 1: the job's final answer, an event or the trigger's answer names the run.
fn named(service: &Description, trigger: &Trigger, followed: &Followed) -> Option<String> {
    let told = json::text(&followed.body, service.assumed("run_id"))
        .or_else(|| followed.run_hint.clone())
        .or_else(|| trigger.runs.first().cloned());
    told.filter(|run| !was_there(trigger, run))
}

/// 2: a run names the job. 3: exactly one run is new since the baseline. With and then without the filter by kind.
fn in_lists(client: &mut Client, trigger: &Trigger) -> Result<Run, Untold> {
    let suites = list(client, trigger, true);
    if let Some(run) = of_job(client, &suites, trigger) {
        return Ok(run);
    }
    let all = list(client, trigger, false);
    if let Some(run) = of_job(client, &all, trigger) {
        return Ok(run);
    }
    let mut why = Untold::Evidence("no run is new since the trigger".to_owned());
    for runs in [suites, all] {
        match runs.and_then(|runs| only_new(client.service(), &runs, trigger)) {
            Ok(New::One(run)) => return Ok(run),
            Ok(New::Several(several)) => return Err(Untold::Evidence(several)),
            Ok(New::None) => {}
            Err(reason) => why = why.then(reason),
        }
    }
    Err(why)
}

fn list(client: &mut Client, trigger: &Trigger, suites_only: bool) -> Result<Vec<Value>, Untold> {
    let path = runs_path(&trigger.subject, suites_only);
    by_offset(client, &path, "list", LIST_LIMIT, LIST_LIMIT).map_err(|failure| unread(&failure))
}

/// A list that cannot be had is a lack of evidence if the service answers so, and nothing but a delay if it does not
/// answer, or if this side did not wait for the answer: what cannot be read now may be read later.
pub fn unread(failure: &Failure) -> Untold {
    let problem = failure.problem(Phase::AfterTrigger);
    match problem.code {
        Code::Unavailable
        | Code::Authentication
        | Code::Quota
        | Code::TimedOut
        | Code::Interrupted => Untold::Unread(problem),
        _ => Untold::Evidence(problem.message),
    }
}

impl Untold {
    /// What counts of this and of what came later: that no time was left for another look says less than what the look
    /// before it failed of.
    fn then(self, later: Self) -> Self {
        match (&self, &later) {
            (Self::Unread(_), Self::Unread(problem)) if problem.code == Code::TimedOut => self,
            _ => later,
        }
    }
}

fn of_job(client: &Client, runs: &Result<Vec<Value>, Untold>, trigger: &Trigger) -> Option<Run> {
    let service = client.service();
    let mut own = runs.as_ref().ok()?.iter().filter(|run| {
        json::text(run, service.assumed("run_job")).is_some_and(|job| Some(job) == trigger.job)
    });
    own.find_map(|run| read_run(service, run).filter(|run| !was_there(trigger, &run.id)))
}

/// Whether a run was there before the trigger. Such a one is not ours, whatever names it.
fn was_there(trigger: &Trigger, run: &str) -> bool {
    let before = trigger.baseline.runs.as_deref().unwrap_or_default();
    before.iter().any(|known| known == run)
}

/// What is new in a list since the baseline.
enum New {
    None,
    One(Run),
    /// Which they are.
    Several(String),
}

fn only_new(service: &Description, runs: &[Value], trigger: &Trigger) -> Result<New, Untold> {
    let Some(before) = &trigger.baseline.runs else {
        let why = "the runs before the trigger are not known".to_owned();
        return Err(Untold::Evidence(why));
    };
    let new: Vec<Run> = runs
        .iter()
        // A run that names another job is not ours.
        .filter(|run| json::text(run, service.assumed("run_job")).is_none())
        .filter(|run| !began_before(service, run, trigger))
        .filter_map(|run| read_run(service, run))
        .filter(|run| !before.contains(&run.id))
        .collect();
    Ok(match new.as_slice() {
        [] => New::None,
        [run] => New::One(run.clone()),
        several => New::Several(format!(
            "{} runs of the app are new since the trigger ({})",
            several.len(),
            several
                .iter()
                .map(|run| run.id.clone())
                .collect::<Vec<_>>()
                .join(", ")
        )),
    })
}

fn began_before(service: &Description, run: &Value, trigger: &Trigger) -> bool {
    match (began(service, run), trigger.at_ms) {
        (Some(began), Some(triggered)) => began + SKEW_MS < triggered,
        _ => false,
    }
}

/// 4: perhaps the run has the job's id. A harmless read, tried once a look; only what cut it off is a problem.
fn by_job_id(client: &mut Client, trigger: &Trigger) -> Result<Option<Run>, Problem> {
    let Some(job) = trigger.job.as_deref() else {
        return Ok(None);
    };
    let path = app_path(&trigger.subject, &format!("/test-runs/{}", encode(job)));
    let answer = match client.get_once(&path) {
        Ok(answer) => answer,
        Err(failure) => match client.cut_off(failure) {
            failure if failure.fault.is_ours() => return Err(failure.problem(Phase::AfterTrigger)),
            _ => return Ok(None),
        },
    };
    let data = answer.json.get("data").filter(|data| data.is_object());
    Ok(data.map(|data| {
        read_run(client.service(), data).unwrap_or_else(|| Run {
            id: job.to_owned(),
            url: None,
        })
    }))
}

fn read_run(service: &Description, run: &Value) -> Option<Run> {
    Some(Run {
        id: json::text(run, service.assumed("id"))?,
        url: json::text(run, service.assumed("run_url")).filter(|url| url.starts_with("https://")),
    })
}
