//! What several runs of one target amount to together.

use std::time::Duration;

use crate::error::{Code, Problem};
use crate::model::{Stage, TestCase, Trigger, Verdict};
use crate::services::case::RUN_AS_A_WHOLE;
use crate::services::{Found, Judged};
use crate::verdict::{rank, seriousness, verdict_of};

/// One trigger of a target, and what came of it.
pub struct Part {
    pub trigger: Trigger,
    /// None while the run was not followed, as it was never triggered or cannot be told.
    pub outcome: Option<Result<Judged, Problem>>,
    pub found: Found,
    pub queued: Option<Duration>,
    /// Whether a look has seen that the run was stopped.
    pub stopped: bool,
    /// Whether the results were read.
    pub read: bool,
}

impl Part {
    pub fn new(trigger: Trigger) -> Self {
        Self {
            trigger,
            outcome: None,
            found: Found::default(),
            queued: None,
            stopped: false,
            read: false,
        }
    }

    /// Whether somebody may still pick it up: it was sent, and neither stopped nor read.
    pub fn goes_on(&self) -> bool {
        self.trigger.stage != Stage::Planned && !self.stopped && !self.read
    }
}

/// Puts the parts together. `halted` is why not all of them could be followed.
///
/// Fails closed: a pass needs a pass of every part. One part alone speaks for itself.
pub fn together(
    parts: Vec<Part>,
    halted: Option<Problem>,
    found: &mut Found,
) -> Result<Judged, Problem> {
    if parts.len() < 2 {
        return alone(parts, halted, found);
    }
    let mut problems: Vec<Problem> = halted.into_iter().collect();
    let halted = problems
        .first()
        .map(|problem| (verdict_of(problem.code), problem.message.clone()));
    let mut judged: Vec<Judged> = Vec::new();
    for part in parts {
        let Part {
            trigger,
            outcome,
            found: own,
            ..
        } = part;
        let had_tests = !own.tests.is_empty();
        found.tests.extend(own.tests);
        match outcome {
            Some(Ok(one)) => judged.push(about(&trigger.title, one)),
            Some(Err(problem)) => {
                if !had_tests {
                    found.tests.push(stand_in(
                        &trigger,
                        verdict_of(problem.code),
                        &problem.message,
                    ));
                }
                problems.push(Problem {
                    message: format!("{}: {}", trigger.title, problem.message),
                    ..problem
                });
            }
            None => {
                let before = (Verdict::Errored, "what was before it failed".to_owned());
                let (verdict, why) = halted.as_ref().unwrap_or(&before);
                let told = match trigger.stage {
                    Stage::Planned => format!("not triggered: {why}"),
                    Stage::Sent | Stage::Accepted => format!("not followed: {why}"),
                };
                found.tests.push(stand_in(&trigger, *verdict, &told));
            }
        }
    }
    let judged = worst_judged(judged);
    match worst_problem(problems) {
        Some(problem) if is_graver(&judged, &problem) => Ok(judged.beside(&problem.message)),
        Some(problem) => Err(problem),
        None => Ok(judged),
    }
}

/// Whether what was judged is graver than what kept the rest from being judged, by the order that holds among targets:
/// that one run was late is no better for another that is in error.
fn is_graver(judged: &Judged, problem: &Problem) -> bool {
    let is_error = matches!(
        judged.verdict,
        Verdict::Errored | Verdict::Unknown | Verdict::Cancelled
    );
    is_error && rank(Code::ServiceErrored.exit_code()) < rank(problem.code.exit_code())
}

fn alone(parts: Vec<Part>, halted: Option<Problem>, found: &mut Found) -> Result<Judged, Problem> {
    let part = parts.into_iter().next();
    let (outcome, own) = part.map_or((None, Found::default()), |part| (part.outcome, part.found));
    *found = own;
    match (halted, outcome) {
        (Some(problem), _) => Err(problem),
        (None, Some(outcome)) => outcome,
        (None, None) => Err(Problem::new(Code::Internal, "nothing was planned")),
    }
}

/// A test for a run of which there is none.
fn stand_in(trigger: &Trigger, verdict: Verdict, why: &str) -> TestCase {
    TestCase::new(&trigger.title, RUN_AS_A_WHOLE, verdict).because(why)
}

fn about(title: &str, judged: Judged) -> Judged {
    Judged {
        reason: judged.reason.map(|reason| format!("{title}: {reason}")),
        ..judged
    }
}

/// The most serious problem, with a word about the others.
fn worst_problem(mut problems: Vec<Problem>) -> Option<Problem> {
    let mut worst = 0;
    for (at, problem) in problems.iter().enumerate() {
        if rank(problem.code.exit_code()) < rank(problems[worst].code.exit_code()) {
            worst = at;
        }
    }
    let others = problems.len().checked_sub(1)?;
    let mut problem = problems.swap_remove(worst);
    match others {
        0 => {}
        1 => problem.message.push_str("; and one more problem"),
        more => problem
            .message
            .push_str(&format!("; and {more} more problems")),
    }
    Some(problem)
}

/// The most serious judgement. That nothing was run in one part spoils the passes of the others.
fn worst_judged(all: Vec<Judged>) -> Judged {
    let serious = |verdict| match verdict {
        Verdict::Passed => usize::MAX,
        other => seriousness(other),
    };
    let mut verdict = Verdict::Passed;
    let mut reasons: Vec<String> = Vec::new();
    for judged in all {
        if serious(judged.verdict) < serious(verdict) {
            verdict = judged.verdict;
        }
        reasons.extend(judged.reason);
    }
    Judged {
        verdict,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}
