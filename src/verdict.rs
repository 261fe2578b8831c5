//! From verdicts to exit codes. Fails closed: 0 needs evidence that tests ran and passed.

mod excuse;
#[cfg(test)]
mod tests;

use self::excuse::{counted, counts_as_flaky, has_excused, is_accounted_for};
use crate::error::Code;
use crate::model::{Conclusion, Policy, Report, SetAside, TestCase, Verdict};

/// Exit codes from the most to the least serious. With several targets the first of theirs wins.
pub(crate) const PRECEDENCE: [u8; 14] = [143, 130, 129, 70, 2, 5, 6, 8, 7, 3, 4, 9, 1, 0];

/// Verdicts of tests from the most to the least serious.
const SERIOUS_FIRST: [Verdict; 7] = [
    Verdict::Errored,
    Verdict::Unknown,
    Verdict::TimedOut,
    Verdict::Cancelled,
    Verdict::Failed,
    Verdict::Passed,
    Verdict::Skipped,
];

/// What several verdicts amount to: the most serious one. A skipped test does not spoil a pass; nothing at all counts
/// as skipped.
#[must_use]
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts
        .into_iter()
        .min_by_key(|verdict| seriousness(*verdict))
        .unwrap_or(Verdict::Skipped)
}

/// The place of a verdict in the order of seriousness, 0 being the most serious.
#[must_use]
pub fn seriousness(verdict: Verdict) -> usize {
    SERIOUS_FIRST
        .iter()
        .position(|each| *each == verdict)
        .expect("every verdict has a place")
}

/// Whether a verdict means that something went wrong.
#[must_use]
pub const fn is_trouble(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Passed | Verdict::Skipped)
}

/// Judges the reports.
///
/// The exit code and the verdict are those of the most serious target. The verdict is `passed` only if every target
/// passed: what is excused, or was set aside, makes no pass.
#[must_use]
pub fn conclude(reports: &[Report], policy: &Policy) -> Conclusion {
    let codes = codes(reports, policy);
    let (exit_code, verdict) = reports
        .iter()
        .zip(&codes)
        .map(|(report, code)| (*code, verdict_with(report, *code)))
        .min_by_key(|(code, verdict)| (rank(*code), target_seriousness(*verdict)))
        .unwrap_or_else(|| without_reports(policy));
    Conclusion {
        verdict,
        exit_code: soften(exit_code, policy),
        exit_codes: codes.into_iter().map(|code| soften(code, policy)).collect(),
    }
}

/// What an exit code means, as part of a sentence.
#[must_use]
pub fn meaning(conclusion: &Conclusion) -> &'static str {
    match conclusion.exit_code {
        0 if conclusion.verdict == Verdict::Passed => "every target passed",
        0 => "nothing happened that is set to count as a failure",
        1 => "a test failed",
        2 => "wrong usage, configuration or id; nothing was triggered there",
        3 => "the run errored or was cancelled, or its evidence is incomplete",
        4 => "the time limit passed",
        5 => "the service refused the key or a permission",
        6 => "a limit of the plan or account is reached",
        7 => "the service cannot be reached",
        8 => "the service answered in a way that cannot be understood",
        9 => "no tests ran",
        129 | 130 | 143 => "told to stop by a signal",
        _ => "a defect in Proctor or a plugin",
    }
}

/// The exit code of each target, before `exit_zero`.
///
/// A target that was stopped because another had failed does not count beside that one, but for a signal or a defect. If
/// nothing else counts as a failure it does: nobody knows what would have come of it.
fn codes(reports: &[Report], policy: &Policy) -> Vec<u8> {
    let is_stopped = |report: &Report| report.set_aside == Some(SetAside::FailFast);
    let mut codes: Vec<u8> = reports.iter().map(|report| judge(report, policy)).collect();
    let mut judged = reports.iter().zip(&codes);
    if judged.any(|(report, code)| *code != 0 && !is_stopped(report)) {
        for (report, code) in reports.iter().zip(&mut codes) {
            if is_stopped(report) && matches!(*code, 1..=9) {
                *code = 0;
            }
        }
    }
    codes
}

/// Whether there was no key for a target, and nothing was done about it. A report that tells of more counts as any other.
fn was_left_out(report: &Report) -> bool {
    report.set_aside == Some(SetAside::MissingKey)
        && report.verdict == Verdict::Skipped
        && report.problem.is_none()
        && report.tests.is_empty()
}

/// The exit code that a target alone gives, before `exit_zero`.
fn judge(report: &Report, policy: &Policy) -> u8 {
    if was_left_out(report) {
        return 0;
    }
    match report.problem.as_ref().map(|problem| problem.code) {
        Some(Code::Interrupted) => signal_code(policy.signal),
        Some(
            code @ (Code::Usage
            | Code::Authentication
            | Code::Quota
            | Code::Unavailable
            | Code::Protocol
            | Code::Internal),
        ) => code.exit_code(),
        Some(Code::NoTests) if !policy.allow_empty => Code::NoTests.exit_code(),
        Some(Code::NoTests) => gate(report, None, policy).unwrap_or(0),
        Some(Code::Failed | Code::ServiceErrored | Code::TimedOut) | None => {
            judge_verdicts(report, policy)
        }
    }
}

/// The exit code by the verdicts of a target and of its tests.
fn judge_verdicts(report: &Report, policy: &Policy) -> u8 {
    let own = own_verdict(report);
    let counts = !is_accounted_for(report, policy);
    if let Some(code) = gate(report, Some(own).filter(|_| counts), policy) {
        return code;
    }
    // A verdict that says something went wrong is let through by `fail_on`, or excused; one that does not has to be proven.
    if is_trouble(own) || policy.allow_empty || has_passed(report) {
        0
    } else if has_excused(report, policy) {
        // Tests ran, and all that is known of them is their trouble, which the target's own verdict denies.
        Code::Failed.exit_code()
    } else {
        Code::NoTests.exit_code()
    }
}

/// The most serious exit code among the verdicts that are set to count: those of the tests, and the target's own.
fn gate(report: &Report, own: Option<Verdict>, policy: &Policy) -> Option<u8> {
    let verdicts = counted(report, policy).chain(own);
    let codes = verdicts
        .filter(|verdict| policy.fail_on.contains(verdict))
        .filter_map(code_of);
    let mut tests = report.tests.iter();
    let is_flaky = tests.any(|test| counts_as_flaky(test, policy));
    codes
        .chain(is_flaky.then_some(Code::Failed.exit_code()))
        .min_by_key(|code| rank(*code))
}

/// The exit code of a verdict that counts; none for `passed`, which cannot fail.
const fn code_of(verdict: Verdict) -> Option<u8> {
    match verdict {
        Verdict::Passed => None,
        Verdict::Failed | Verdict::Skipped => Some(Code::Failed.exit_code()),
        Verdict::Errored | Verdict::Unknown | Verdict::Cancelled => {
            Some(Code::ServiceErrored.exit_code())
        }
        Verdict::TimedOut => Some(Code::TimedOut.exit_code()),
    }
}

/// A target's verdict, unless it claims beside a problem that nothing went wrong: then the problem's.
fn own_verdict(report: &Report) -> Verdict {
    match &report.problem {
        Some(problem) if !is_trouble(report.verdict) => verdict_of(problem.code),
        _ => report.verdict,
    }
}

/// The verdict that a problem alone amounts to.
pub(crate) const fn verdict_of(code: Code) -> Verdict {
    match code {
        Code::Failed => Verdict::Failed,
        Code::TimedOut => Verdict::TimedOut,
        Code::Interrupted => Verdict::Cancelled,
        Code::NoTests => Verdict::Skipped,
        Code::Usage
        | Code::ServiceErrored
        | Code::Authentication
        | Code::Quota
        | Code::Unavailable
        | Code::Protocol
        | Code::Internal => Verdict::Errored,
    }
}

/// A target's verdict after its evidence was looked at: a test that went wrong, or the lack of one that passed, spoils
/// a pass.
pub(crate) fn effective(report: &Report) -> Verdict {
    let troubles = tests_of(report).filter(|verdict| is_trouble(*verdict));
    let verdict = troubles
        .chain([own_verdict(report)])
        .min_by_key(|verdict| target_seriousness(*verdict))
        .expect("a target's own verdict is among them");
    let is_proven = has_passed(report) && report.set_aside.is_none();
    if verdict == Verdict::Passed && !is_proven {
        Verdict::Skipped
    } else {
        verdict
    }
}

/// The verdict of a target whose exit code is known: what counts as a failure is none that passed.
pub(crate) fn verdict_with(report: &Report, exit_code: u8) -> Verdict {
    match effective(report) {
        Verdict::Passed if exit_code != 0 => Verdict::Failed,
        verdict => verdict,
    }
}

/// As [`seriousness`], but among targets a skipped one spoils a pass.
pub(crate) fn target_seriousness(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Passed => SERIOUS_FIRST.len(),
        other => seriousness(other),
    }
}

fn without_reports(policy: &Policy) -> (u8, Verdict) {
    match policy.signal {
        Some(_) => (signal_code(policy.signal), Verdict::Cancelled),
        None if policy.allow_empty => (0, Verdict::Skipped),
        None => (Code::NoTests.exit_code(), Verdict::Skipped),
    }
}

/// 128 plus the number of SIGHUP or SIGTERM; any other, and none, counts as SIGINT.
const fn signal_code(signal: Option<u8>) -> u8 {
    match signal {
        Some(1) => 129,
        Some(15) => 143,
        _ => 130,
    }
}

/// Applies `exit_zero`, which hides what the service and the tests did, but not wrong usage, defects or signals.
const fn soften(code: u8, policy: &Policy) -> u8 {
    match code {
        1 | 3..=9 if policy.exit_zero => 0,
        code => code,
    }
}

/// The place of an exit code in the order of seriousness. One that is not known, as only an edited file of results has it,
/// comes before all others.
pub(crate) fn rank(code: u8) -> usize {
    let known = PRECEDENCE.iter().position(|each| *each == code);
    known.map_or(0, |place| place + 1)
}

fn tests_of(report: &Report) -> impl Iterator<Item = Verdict> + '_ {
    report.tests.iter().map(|test: &TestCase| test.verdict)
}

fn has_passed(report: &Report) -> bool {
    tests_of(report).any(|verdict| verdict == Verdict::Passed)
}
