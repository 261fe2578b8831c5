//! Tests whose trouble does not count for a while.

use wildmatch::WildMatch;

use crate::error::Code;
use crate::model::{Quarantine, Report, TestCase, Verdict};

/// Tests of which it is known that they do not go well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Each `suite/test`, or the name alone of a test without a suite. `*` stands for any characters, `/` among them, and
    /// `?` for one.
    pub tests: Vec<String>,
    /// The targets whose tests are meant; all of them if there are none.
    pub targets: Vec<String>,
    pub quarantine: Quarantine,
}

impl Rule {
    fn is_about(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|each| each == target)
    }

    /// Whether it has lasted too long. A day that is none never comes, so that nothing is excused by it.
    fn has_expired(&self, today: &str) -> bool {
        has_passed(&self.quarantine.until, today)
    }

    /// How it is called in a sentence.
    fn shown(&self) -> String {
        let tests: Vec<String> = self.tests.iter().map(|test| format!("`{test}`")).collect();
        tests.join(", ")
    }
}

/// Whether a day, as `2026-12-31`, lies before today.
fn has_passed(day: &str, today: &str) -> bool {
    let is_day = |text: &str| {
        text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    };
    // Written like this, days have the order of texts.
    !is_day(day) || !is_day(today) || day < today
}

/// Rules on a day.
pub(super) struct Rules<'a> {
    all: Vec<(&'a Rule, Vec<WildMatch>)>,
    today: &'a str,
}

impl<'a> Rules<'a> {
    pub(super) fn new(rules: &'a [Rule], today: &'a str) -> Self {
        let compiled = |rule: &'a Rule| {
            let patterns = rule.tests.iter().map(|test| WildMatch::new(test));
            (rule, patterns.collect())
        };
        Self {
            all: rules.iter().map(compiled).collect(),
            today,
        }
    }

    /// Why a test's trouble would not count.
    pub(super) fn quarantine(&self, target: &str, test: &TestCase) -> Option<Quarantine> {
        if self.all.is_empty() {
            let before = test.quarantine.clone();
            return before.filter(|quarantine| !has_passed(&quarantine.until, self.today));
        }
        let name = full_name(test);
        let mut rules = self.all.iter();
        let (rule, _) = rules.find(|(rule, patterns)| {
            !rule.has_expired(self.today)
                && rule.is_about(target)
                && patterns.iter().any(|pattern| pattern.matches(&name))
        })?;
        Some(rule.quarantine.clone())
    }

    /// A sentence for each rule that holds no longer.
    pub(super) fn expired(&self) -> Vec<String> {
        let expired = self.all.iter().map(|(rule, _)| rule);
        expired
            .filter(|rule| rule.has_expired(self.today))
            .map(|rule| {
                let Quarantine { reason, until } = &rule.quarantine;
                format!(
                    "the quarantine of {} ({reason}) expired on {until}, and what fails there counts again: \
                     correct the test or extend it",
                    rule.shown()
                )
            })
            .collect()
    }

    /// A sentence for each pattern that no test has, as far as that can be told: the targets that it is about have all run to
    /// their ends.
    pub(super) fn unmet(&self, reports: &[Report], targets: &[String]) -> Vec<String> {
        let mut told = Vec::new();
        for (rule, patterns) in &self.all {
            let about = match rule.targets.is_empty() {
                true => targets,
                false => &rule.targets,
            };
            let is_complete = |name: &String| {
                let mut of_target = reports.iter().filter(|report| report.target == *name);
                of_target.next().is_some_and(has_ended) && of_target.all(has_ended)
            };
            if rule.has_expired(self.today) || about.is_empty() || !about.iter().all(is_complete) {
                continue;
            }
            for (test, pattern) in rule.tests.iter().zip(patterns) {
                let mut of_rule = reports
                    .iter()
                    .filter(|report| rule.is_about(&report.target));
                let fits = |test: &TestCase| pattern.matches(&full_name(test));
                if !of_rule.any(|report| report.tests.iter().any(fits)) {
                    told.push(format!(
                        "no test is called `{test}`, which is in quarantine: take it out, or correct its name"
                    ));
                }
            }
        }
        told
    }
}

/// Whether all tests of a target that there are can be expected to be in its report.
fn has_ended(report: &Report) -> bool {
    let problem = report.problem.as_ref();
    problem.is_none_or(|problem| problem.code == Code::Failed)
        && report.set_aside.is_none()
        && report.handle.is_none()
        && !report.tests.is_empty()
        && matches!(report.verdict, Verdict::Passed | Verdict::Failed)
}

/// By what rules know a test.
fn full_name(test: &TestCase) -> String {
    match test.suite.is_empty() {
        true => test.name.clone(),
        false => format!("{}/{}", test.suite, test.name),
    }
}
