//! Load tests: started, followed by their reports, and judged by limits that the user sets, as no document says when one
//! has passed. ASSUMED: all fields of the answers; that a load test tells its state in the words of a job.

pub mod limit;
mod lost;

use std::time::Duration;

use serde_json::{Value, json};

use super::app_path;
use super::attribution::{Untold, unread, wait_for};
use crate::api::{Answer, Client, Phase, encode, json as read};
use crate::error::Problem;
use crate::model::{Baseline, Run, Target, TestCase, Trigger, Verdict};
use crate::services::{Call, Description, Followed, Found, Judged, Plan, State, if_understood};
use crate::verdict::worst;
use limit::{Fields, Limit};
pub use lost::find_lost;

/// When a report that lacks a number is read again. ASSUMED: it may be filled in after the load test's end.
const LATE_REPORTS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// Reads which load tests are there already.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let app = target.text("app").unwrap_or_default();
    let before = list(client, app);
    let before = if_understood(client, "what load tests there were before", before)?;
    let service = client.service();
    let runs = before.and_then(|tests| tests.iter().map(|test| id(service, test)).collect());
    let intent = Trigger {
        subject: app.to_owned(),
        title: format!("load test of {app}"),
        baseline: Baseline {
            runs,
            ..Baseline::default()
        },
        ..Trigger::default()
    };
    let call = Call::post(app_path(app, "/load-tests"), &body(target));
    Ok(vec![Plan {
        call: Some(call),
        intent,
    }])
}

/// DOC: these four members.
fn body(target: &Target) -> Value {
    json!({
        "base_url": target.text("base_url").unwrap_or_default(),
        "virtual_users": target.integer("load_test.virtual_users"),
        "duration_secs": target.integer("load_test.duration_secs"),
        "profile": target.text("load_test.profile").unwrap_or("constant"),
    })
}

/// All load tests of an app. DOC: they come without pages.
pub fn list(client: &mut Client, app: &str) -> Result<Vec<Value>, crate::api::Failure> {
    super::catalog::whole_list(client, &app_path(app, "/load-tests"))
}

/// The id of a load test in the list.
pub fn id(service: &Description, test: &Value) -> Option<String> {
    read::text(test, service.assumed("listed_load_test"))
}

/// Reads the new load test's id. One that was there before is not the new one.
pub fn accepted(answer: &Answer, intent: &Trigger, service: &Description) -> Option<Trigger> {
    let id = read::text(&answer.json, service.assumed("load_test_id"))?;
    let before = intent.baseline.runs.as_deref().unwrap_or_default();
    (!before.contains(&id)).then(|| begun(intent, id))
}

/// The trigger with its load test.
fn begun(intent: &Trigger, id: String) -> Trigger {
    Trigger {
        runs: vec![id.clone()],
        job: Some(id),
        ..intent.clone()
    }
}

/// The address of a load test that was started.
pub fn path(trigger: &Trigger, below: &str) -> String {
    let id = encode(trigger.job.as_deref().unwrap_or_default());
    app_path(&trigger.subject, &format!("/load-tests/{id}{below}"))
}

/// Judges the report by the limits: each is a test.
pub fn collect(
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    found.run = trigger.job.clone().map(|id| Run { id, url: None });
    let limits = limits(target);
    if !followed.state.has_ended() {
        let late = |limit: &Limit| limit.unjudged("the load test had not ended");
        found.tests = limits.iter().map(late).collect();
        return Ok(Judged::plain(Verdict::Errored));
    }
    let mut late = LATE_REPORTS.into_iter();
    let mut answer = followed.body.clone();
    loop {
        found.tests = judged(client.service(), &limits, &answer);
        let is_whole = worst(found.tests.iter().map(|test| test.verdict)) != Verdict::Errored;
        match late.next() {
            Some(wait) if !is_whole => wait_for(client, "the load test's report", wait)?,
            _ => break,
        }
        match client.get(&path(trigger, "")) {
            Ok(again) => answer = again.json,
            Err(failure) => match unread(&failure) {
                Untold::Unread(problem) => return Err(problem),
                Untold::Evidence(_) => break,
            },
        }
    }
    if let Some(by) = client.interrupted() {
        return Err(Problem::new(
            crate::error::Code::Interrupted,
            format!("interrupted by {by}"),
        ));
    }
    Ok(judge(&followed.state, &found.tests))
}

/// The limits that can be understood; all of them can, or nothing was started.
fn limits(target: &Target) -> Vec<Limit> {
    let texts = target.texts("load_test.limits").iter();
    texts.filter_map(|text| text.parse().ok()).collect()
}

fn judged(service: &Description, limits: &[Limit], answer: &Value) -> Vec<TestCase> {
    let report = service
        .assumed("load_report")
        .iter()
        .find_map(|place| {
            let found = read::select(answer, place).into_iter().next();
            found.filter(|found| found.is_object())
        })
        .unwrap_or(&Value::Null);
    let fields = Fields::of(report);
    limits.iter().map(|limit| limit.judge(&fields)).collect()
}

/// The worst of the limits, unless the load test itself says that it went wrong.
fn judge(state: &State, tests: &[TestCase]) -> Judged {
    let worst = worst(tests.iter().map(|test| test.verdict));
    match state {
        State::Cancelled(word) => Judged::because(
            Verdict::Cancelled,
            format!("the service told of the state {word}"),
        ),
        State::Failed(word) if worst == Verdict::Passed => Judged::because(
            Verdict::Errored,
            format!("the load test ended {word}, though every limit holds"),
        ),
        _ => Judged::plain(worst),
    }
}

/// What is told of a load test before one is started.
pub fn check(client: &mut Client, target: &Target) -> Result<String, Problem> {
    let app = target.text("app").unwrap_or_default();
    let tests = list(client, app).map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    Ok(format!(
        "a load test would be started; the app has {} so far",
        tests.len()
    ))
}
