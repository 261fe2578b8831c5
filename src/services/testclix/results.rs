//! From the state of a test to a result: the API tells nothing else.

use crate::api::{Client, json};
use crate::error::{Code, Problem};
use crate::model::{TestCase, Trigger, Verdict};
use crate::services::{Followed, Found, Judged, State, case};
use crate::watch::{Ending, Leave};

/// DOC: the state is an alarm over several runs, and the API does not tell by how many.
const NOTE: &str = "TestCLIX tells an alarm's state, not a run's result: a test that is used as a gate needs \
                    Evaluation period 1 and Failures to alarm 1, which its API cannot check";

/// Makes the one test of the run.
///
/// # Errors
/// That nothing shows the end of the run.
pub fn collect(
    client: &mut Client,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    if !client.warnings.iter().any(|warning| warning == NOTE) {
        client.warn(NOTE.to_owned());
    }
    let (verdict, why) = judge(followed);
    let mut test = TestCase::new(&trigger.title, case::RUN_AS_A_WHOLE, verdict);
    test.message.clone_from(&why);
    found.tests.push(test);
    // Nothing shows that the run has ended, or begun: a clock that was put forward looks like this too. So it is no
    // judgement, and what the trigger started can be looked at again.
    if let (Some(why), Some(true)) = (&why, followed.body["unproven"].as_bool()) {
        return Err(Problem::new(Code::ServiceErrored, why).next(
            "look at the service whether the test was run; `proctor wait` looks at it again without running it",
        ));
    }
    Ok(Judged {
        verdict,
        reason: why,
    })
}

fn judge(followed: &Followed) -> (Verdict, Option<String>) {
    let told = json::text(&followed.body, &["why".to_owned()]);
    match (&followed.ending, &followed.state) {
        (
            Ending::Left {
                why: Leave::Interrupted(by),
                ..
            },
            _,
        ) => (Verdict::Cancelled, Some(format!("interrupted by {by}"))),
        (Ending::Left { .. }, State::Unproven(word)) => (
            Verdict::Errored,
            Some(format!(
                "the state {word} may be that of an earlier run, and the time is over"
            )),
        ),
        (Ending::Left { .. }, _) => (
            Verdict::TimedOut,
            Some(match &followed.going {
                Some(word) => format!("the time is over; the last state was {word}"),
                None => "the time is over".to_owned(),
            }),
        ),
        (_, State::Failed(word)) => (
            Verdict::Failed,
            told.or_else(|| Some(format!("the test is in alarm (state {word})"))),
        ),
        (_, state) => (state.verdict().unwrap_or(Verdict::Errored), told),
    }
}
