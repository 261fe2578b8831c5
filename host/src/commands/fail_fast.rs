//! `--fail-fast`: when one target has failed, the others are not to go on.

use crate::{
    bindings::{
        exports::proctor::ci::reports::{SetAside, TargetRemark},
        proctor::ci::types::{Code, Problem, Report, Verdict},
    },
    signals::Signal,
    stop::{Stop, Told},
};

use super::{
    session::{Session, interrupted},
    settled::Settled,
};

/// Looks at the end of each target, if one that fails is to stop the others.
pub struct FailFast(Option<Settled>);

impl FailFast {
    /// By what counts as a failure in the command with these options.
    pub fn new(settled: &Settled) -> Self {
        let mut own = settled.fail_fast.then(|| settled.clone());
        if let Some(settled) = &mut own {
            // To report without failing the build is about its end, not about what is worth going on with.
            settled.policy.exit_zero = false;
        }
        Self(own)
    }

    /// Gives the word to stop if what came of a target counts as a failure.
    pub async fn look(&self, session: &Session, report: &Report, stop: &Stop) {
        let Some(settled) = &self.0 else { return };
        if stop.told().is_some() || has_plainly_passed(report) {
            return;
        }
        // What cannot be judged here is told of at the end, where everything is.
        if counts(session, settled, report).await == Ok(true) {
            session.console.failing_fast(&report.target);
            stop.tell_failed(&report.target);
        }
    }
}

/// Whether nothing of it can count, whatever counts: there are tests, and each has passed at its first try.
fn has_plainly_passed(report: &Report) -> bool {
    let mut tests = report.tests.iter();
    report.verdict == Verdict::Passed
        && report.problem.is_none()
        && !report.tests.is_empty()
        && tests.all(|test| test.verdict == Verdict::Passed && test.attempts <= 1)
}

/// Whether a target alone would fail the command.
async fn counts(session: &Session, settled: &Settled, report: &Report) -> Result<bool, ()> {
    let reports = std::slice::from_ref(report);
    let remarks = settled.gating.quietly(session, settled, reports).await;
    let remarks = remarks.map_err(|_| ())?;
    let policy = &settled.policy;
    let judged = session.component.conclude(reports, &remarks, policy).await;
    judged.map(|judged| judged.exit_code != 0).map_err(|_| ())
}

/// The report of a target that was not to go on, in place of one that tells of an interrupt. Any other stays as it is: whoever
/// has ended before the word came keeps what came of it.
pub fn set_aside(report: Report, stop: &Stop, has_begun: bool) -> Report {
    let told = stop.told().and_then(|told| told.failed);
    let (Some(failed), true) = (told, is_interrupted(&report)) else {
        return report;
    };
    let mut warnings = report.warnings;
    if report.handle.is_some() {
        warnings.extend(report.problem.map(|problem| problem.message));
    }
    Report {
        verdict: verdict(has_begun),
        reason: Some(reason(&failed, has_begun)),
        problem: None,
        warnings,
        ..report
    }
}

/// What is to be remarked of the targets that were not to go on. If a signal has come it is what ended them: then their
/// reports say so.
pub fn remarks(reports: &mut [Report], stop: &Stop, signal: Option<Signal>) -> Vec<TargetRemark> {
    let Some(told) = stop.told().filter(|told| told.failed.is_some()) else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    for (target, report) in (0..).zip(reports) {
        let Some(reason) = is_set_aside(report, &told) else {
            continue;
        };
        match signal {
            None => remarks.push(TargetRemark {
                target,
                set_aside: SetAside::FailFast,
            }),
            Some(signal) => {
                report.verdict = Verdict::Cancelled;
                report.problem = Some(after_signal(signal, &reason));
            }
        }
    }
    remarks
}

fn after_signal(signal: Signal, reason: &str) -> Problem {
    let message = format!("{reason}; then {} came", signal.name());
    interrupted(message, "run again when ready")
}

/// The reason of a report that [`set_aside`] has made.
fn is_set_aside(report: &Report, told: &Told) -> Option<String> {
    let failed = told.failed.as_deref()?;
    let given = report
        .reason
        .as_deref()
        .filter(|_| report.problem.is_none())?;
    [true, false]
        .into_iter()
        .filter(|has_begun| report.verdict == verdict(*has_begun))
        .map(|has_begun| reason(failed, has_begun))
        .find(|reason| reason == given)
}

fn is_interrupted(report: &Report) -> bool {
    let problem = report.problem.as_ref();
    problem.is_some_and(|problem| problem.code == Code::Interrupted)
}

const fn verdict(has_begun: bool) -> Verdict {
    match has_begun {
        true => Verdict::Cancelled,
        false => Verdict::Skipped,
    }
}

fn reason(failed: &str, has_begun: bool) -> String {
    let what = match has_begun {
        true => "stopped",
        false => "not started",
    };
    format!("{what}, as `{failed}` failed (--fail-fast)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::proctor::ci::types::TestCase,
        component::without_run,
        fixtures::{target, test_case},
    };

    fn report(problem: Problem) -> Report {
        Report {
            verdict: Verdict::Cancelled,
            ..without_run(target("shop"), problem)
        }
    }

    fn stopped() -> Report {
        report(interrupted("interrupted by something".to_owned(), "wait"))
    }

    fn failed_stop() -> Stop {
        let stop = Stop::new();
        stop.tell_failed("api");
        stop
    }

    #[test]
    fn what_was_stopped_does_not_count_and_says_why() {
        let stop = failed_stop();
        let begun = set_aside(stopped(), &stop, true);
        assert_eq!(begun.verdict, Verdict::Cancelled);
        assert_eq!(
            begun.reason.as_deref(),
            Some("stopped, as `api` failed (--fail-fast)")
        );
        let waiting = set_aside(stopped(), &stop, false);
        assert_eq!(waiting.verdict, Verdict::Skipped);
        assert!(begun.problem.is_none() && waiting.problem.is_none());
        let mut reports = [begun, waiting];
        let remarks = remarks(&mut reports, &stop, None);
        let places: Vec<u32> = remarks.iter().map(|remark| remark.target).collect();
        assert_eq!(places, [0, 1]);
    }

    #[test]
    fn what_may_count_is_looked_at() {
        let test = |verdict, attempts| TestCase {
            attempts,
            ..test_case("one", verdict)
        };
        let passed = |tests| Report {
            verdict: Verdict::Passed,
            problem: None,
            tests,
            ..stopped()
        };
        assert!(has_plainly_passed(&passed(vec![test(Verdict::Passed, 1)])));
        assert!(!has_plainly_passed(&passed(Vec::new())));
        assert!(!has_plainly_passed(&passed(vec![test(Verdict::Passed, 2)])));
        assert!(!has_plainly_passed(&passed(vec![
            test(Verdict::Passed, 1),
            test(Verdict::Skipped, 1),
        ])));
        let failed = Report {
            verdict: Verdict::Failed,
            ..passed(vec![test(Verdict::Passed, 1)])
        };
        assert!(!has_plainly_passed(&failed));
    }

    #[test]
    fn what_ended_before_keeps_its_end() {
        let stop = failed_stop();
        let failed = report(Problem {
            code: Code::Failed,
            ..interrupted("1 of 2 tests failed".to_owned(), "correct it")
        });
        let passed = Report {
            verdict: Verdict::Passed,
            problem: None,
            ..failed.clone()
        };
        let mut reports = [failed, passed].map(|report| set_aside(report, &stop, true));
        assert!(remarks(&mut reports, &stop, None).is_empty());
        assert_eq!(
            reports[0].problem.as_ref().map(|it| it.code),
            Some(Code::Failed)
        );
        assert_eq!(reports[1].verdict, Verdict::Passed);
    }

    #[test]
    fn a_signal_is_what_ended_them_if_it_comes_too() {
        let stop = failed_stop();
        let mut reports = [set_aside(stopped(), &stop, false)];
        assert!(remarks(&mut reports, &stop, Some(Signal::Terminate)).is_empty());
        let problem = reports[0].problem.as_ref().expect("a problem");
        assert_eq!(problem.code, Code::Interrupted);
        assert!(problem.message.contains("SIGTERM"), "{}", problem.message);
    }

    #[test]
    fn a_signal_alone_sets_nothing_aside() {
        let stop = Stop::new();
        stop.tell("SIGTERM");
        let mut reports = [set_aside(stopped(), &stop, true)];
        assert!(reports[0].problem.is_some());
        assert!(remarks(&mut reports, &stop, Some(Signal::Terminate)).is_empty());
    }
}
