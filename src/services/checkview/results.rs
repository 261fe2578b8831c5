//! From a run to its tests and its verdict. The last look has brought all there is, so nothing more is asked.

use serde_json::Value;

use super::state;
use crate::api::json;
use crate::error::{Code, Problem};
use crate::model::{Run, TestCase, Trigger, Verdict};
use crate::services::{Description, Followed, Found, Judged, State, case};
use crate::verdict::worst;

/// Collects the steps and judges them together with the run's state.
pub fn collect(
    service: &Description,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    if let Some(why) = followed.body.get("untraced").and_then(Value::as_str) {
        return Err(untraced(why));
    }
    let run = followed.body.get("run").unwrap_or(&Value::Null);
    let id = followed.body.get("run_id").and_then(json::scalar);
    found.run = id.or_else(|| trigger.runs.first().cloned()).map(|id| Run {
        id,
        url: json::text(run, service.assumed("run_url")),
    });
    let reading = state::read(service, run);
    let title = trigger.title.as_str();
    if !followed.state.has_ended() {
        found.tests = steps(service, title, run, Verdict::Errored);
        found
            .tests
            .retain(|test| matches!(test.verdict, Verdict::Passed | Verdict::Failed));
        return Ok(Judged::because(Verdict::Errored, "the run had not ended"));
    }
    // DOC of the three words: nothing says what an end without a verdict is, so it is none.
    let verdict = reading.state.verdict().unwrap_or(Verdict::Errored);
    found.tests = steps(service, title, run, verdict);
    let judged = judge(verdict, reading, &found.tests);
    as_a_whole(service, title, run, &judged, &mut found.tests);
    Ok(judged)
}

fn untraced(why: &str) -> Problem {
    Problem::new(
        Code::ServiceErrored,
        format!("the trigger was accepted without the id of a run, and the run cannot be told: {why}"),
    )
    .next("look at the service; its run may be going on. If the answer to the trigger names the run at another place, set trigger_run_id in the target's api table")
}

/// The steps as tests. `verdict` is that of the run.
fn steps(service: &Description, title: &str, run: &Value, verdict: Verdict) -> Vec<TestCase> {
    let steps = json::list(run, service.assumed("steps")).unwrap_or_default();
    let mut tests = Vec::with_capacity(steps.len());
    for (index, step) in steps.into_iter().enumerate() {
        let mut test = case::test(service, title, index, step);
        let word = json::text(step, service.assumed("step_verdict"));
        let unfinished = word
            .as_ref()
            .is_some_and(|word| service.knows("words_unfinished", word));
        match (verdict, &word) {
            // DOC: a run passes when all of its steps were done. How a step tells of itself is not documented.
            (Verdict::Passed, None) => {
                test.verdict = Verdict::Passed;
                test.message = None;
            }
            // DOC: a run stops at the step that fails; those after it are not run.
            (Verdict::Passed, Some(_)) => {}
            (_, word) if word.is_none() || unfinished => {
                test.verdict = Verdict::Skipped;
                test.message =
                    Some("the service tells of no verdict; it may not have been run".to_owned());
            }
            _ => {}
        }
        tests.push(test);
    }
    tests
}

/// The worse of what the run says and what its steps say.
fn judge(verdict: Verdict, reading: state::Reading, steps: &[TestCase]) -> Judged {
    let of_steps = worst(steps.iter().map(|step| step.verdict));
    let word = reading.state.word().unwrap_or_default().to_owned();
    if let Some(why) = reading.why {
        return Judged::because(verdict, why);
    }
    match (verdict, of_steps) {
        (Verdict::Passed, Verdict::Skipped) if !steps.is_empty() => Judged::because(
            Verdict::Skipped,
            format!("the run ended {word}, but none of its steps was run"),
        ),
        (Verdict::Passed, Verdict::Passed | Verdict::Skipped) => Judged::plain(Verdict::Passed),
        (Verdict::Passed, worse) => Judged::because(
            worse,
            format!("the run ended {word}, but not all of its steps passed"),
        ),
        (Verdict::Failed, _) => Judged::plain(Verdict::Failed),
        (verdict, _) if matches!(reading.state, State::Completed(_)) => Judged::because(
            verdict,
            format!("the run ended {word} and tells of no verdict"),
        ),
        (verdict, _) => Judged::because(verdict, format!("the run ended {word}")),
    }
}

/// Adds the run itself where its steps do not account for its verdict, and puts its links where they are looked for.
fn as_a_whole(
    service: &Description,
    title: &str,
    run: &Value,
    judged: &Judged,
    tests: &mut Vec<TestCase>,
) {
    if tests.is_empty() || worst(tests.iter().map(|test| test.verdict)) != judged.verdict {
        let mut whole = TestCase::new(title, case::RUN_AS_A_WHOLE, judged.verdict);
        whole.duration_ms = case::duration_ms(service, run);
        if judged.verdict != Verdict::Passed {
            whole.message =
                json::text(run, service.assumed("error_text")).or_else(|| judged.reason.clone());
        }
        tests.push(whole);
    }
    let last = tests.len() - 1;
    let at = tests
        .iter()
        .position(|test| !matches!(test.verdict, Verdict::Passed | Verdict::Skipped))
        .unwrap_or(last);
    tests[at]
        .attachments
        .extend(case::attachments(service, run));
}
