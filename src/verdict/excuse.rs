//! Which troubles do not count, as the policy excuses them: tests in quarantine, and what was known before.

use super::{is_trouble, verdict_of, worst};
use crate::model::{Policy, Report, Standing, TestCase, Verdict};

/// Whether a test's trouble is excused.
pub(super) fn is_excused(test: &TestCase, policy: &Policy) -> bool {
    let is_known = policy.new_only && test.standing == Some(Standing::Known);
    test.quarantine.is_some() || is_known
}

/// Whether the trouble of any test is excused.
pub(super) fn has_excused(report: &Report, policy: &Policy) -> bool {
    let mut tests = report.tests.iter();
    tests.any(|test| is_trouble(test.verdict) && is_excused(test, policy))
}

/// Whether a test that passed only when it was run again counts as one that failed.
pub(super) fn counts_as_flaky(test: &TestCase, policy: &Policy) -> bool {
    policy.flaky && test.is_flaky() && !is_excused(test, policy)
}

/// The verdicts of the tests that are not excused.
pub(super) fn counted<'a>(
    report: &'a Report,
    policy: &'a Policy,
) -> impl Iterator<Item = Verdict> + 'a {
    let tests = report.tests.iter();
    tests
        .filter(|test| !(is_trouble(test.verdict) && is_excused(test, policy)))
        .map(|test| test.verdict)
}

/// Whether excused tests account for all that is wrong with a target, so that its own verdict does not count either.
///
/// Fails closed. That a run was cancelled, or is in a state that nobody knows, no test can account for; and what the
/// service says beside the tests counts, unless it is what the excused tests say themselves.
pub(super) fn is_accounted_for(report: &Report, policy: &Policy) -> bool {
    let own = report.verdict;
    let agrees = |problem: &crate::error::Problem| verdict_of(problem.code) == own;
    let can_be_of_tests = match (own, &report.reason) {
        (Verdict::Failed | Verdict::Errored | Verdict::TimedOut, None) => true,
        (Verdict::Failed | Verdict::Errored, Some(reason)) => says_the_same(&report.tests, reason),
        _ => false,
    };
    let of_tests = worst(report.tests.iter().map(|test| test.verdict));
    let mut tests = report.tests.iter();
    can_be_of_tests
        && report.problem.as_ref().is_none_or(agrees)
        && report.handle.is_none()
        && of_tests == own
        && tests.all(|test| test.verdict != own || is_excused(test, policy))
}

/// Whether a reason only repeats what the troubled tests say: of one run as it is, of several each with its title.
fn says_the_same(tests: &[TestCase], reason: &str) -> bool {
    let told = tests.iter().filter(|test| is_trouble(test.verdict));
    let told = told.filter_map(|test| Some((test.suite.as_str(), test.message.as_deref()?)));
    let plain: Vec<&str> = told.clone().map(|(_, message)| message).collect();
    let titled: Vec<String> = told
        .map(|(title, message)| format!("{title}: {message}"))
        .collect();
    !plain.is_empty() && (plain.join("; ") == reason || titled.join("; ") == reason)
}
