//! Settings that cannot be right, alone or beside each other.

use super::kind::{Kind, LOAD_TEST};
use super::load::limit::Limit;
use crate::model::{Mistake, Target};

/// The prefix of what belongs to a branch that is found or created.
const CI_BRANCH: &str = "ci_branch.";

/// What only a run of suites has.
const OF_SUITES: [&str; 7] = [
    "suites",
    "buggy",
    "trust_job_status",
    "rate_limit",
    "request_timeout",
    "min_schema_coverage",
    "branch",
];

/// Everything that is wrong with the settings.
pub fn mistakes(target: &Target) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    match Kind::of(target) {
        Kind::Suites => {
            base_url(target, &mut mistakes);
            coverage(target, &mut mistakes);
            branches(target, &mut mistakes);
        }
        Kind::LoadTest => {
            base_url(target, &mut mistakes);
            load_test(target, &mut mistakes);
            apart(target, "a load test, which runs no suites", &mut mistakes);
        }
        Kind::TestReport => {
            let what = "a test report, which is only read";
            apart(target, what, &mut mistakes);
            for setting in &target.settings {
                if setting.name.starts_with(LOAD_TEST) || setting.name == "base_url" {
                    mistakes.push(beside(&setting.name, what));
                }
            }
        }
    }
    mistakes
}

fn mistake(parameter: &str, message: impl Into<String>) -> Mistake {
    Mistake {
        parameter: Some(parameter.to_owned()),
        message: message.into(),
    }
}

fn beside(parameter: &str, what: &str) -> Mistake {
    mistake(
        parameter,
        format!("it has no meaning for {what}; make another target of it, or leave it out"),
    )
}

/// Settings of a run of suites in a target that is none.
fn apart(target: &Target, what: &str, mistakes: &mut Vec<Mistake>) {
    for setting in &target.settings {
        let name = setting.name.as_str();
        if OF_SUITES.contains(&name) || name.starts_with(CI_BRANCH) {
            mistakes.push(beside(name, what));
        }
    }
}

fn base_url(target: &Target, mistakes: &mut Vec<Mistake>) {
    if target.text("base_url").is_none() {
        mistakes.push(mistake(
            "base_url",
            "it is missing; name the API under test, as Keploy's servers reach it",
        ));
    }
}

fn coverage(target: &Target, mistakes: &mut Vec<Mistake>) {
    const NAME: &str = "min_schema_coverage";
    if let Some(percent) = target.integer(NAME)
        && !(1..=100).contains(&percent)
    {
        let message =
            format!("{percent} is no percentage that could be missed; choose one from 1 to 100");
        mistakes.push(mistake(NAME, message));
    }
}

fn branches(target: &Target, mistakes: &mut Vec<Mistake>) {
    const NAME: &str = "ci_branch.name";
    let is_created = target.text(NAME).is_some();
    if is_created && target.text("branch").is_some() {
        let message =
            "`ci_branch` names a branch already; use `branch` for one that has to be there";
        mistakes.push(mistake("branch", message));
    }
    let more = target.settings.iter().find(|setting| {
        let name = setting.name.as_str();
        name.starts_with(CI_BRANCH) && name != NAME
    });
    if let (Some(more), false) = (more, is_created) {
        let message = "the branch has no name; add `ci_branch.name`";
        mistakes.push(mistake(&more.name, message));
    }
    for number in ["ci_branch.pr_number", "ci_branch.installation_id"] {
        at_least_one(target, number, mistakes);
    }
}

fn at_least_one(target: &Target, name: &str, mistakes: &mut Vec<Mistake>) {
    if let Some(number) = target.integer(name)
        && number < 1
    {
        mistakes.push(mistake(name, format!("it must be 1 or more, not {number}")));
    }
}

fn load_test(target: &Target, mistakes: &mut Vec<Mistake>) {
    for name in ["load_test.virtual_users", "load_test.duration_secs"] {
        at_least_one(target, name, mistakes);
        if target.integer(name).is_none() {
            mistakes.push(mistake(name, "it is missing; a load test needs it"));
        }
    }
    const LIMITS: &str = "load_test.limits";
    let limits = target.texts(LIMITS);
    if limits.is_empty() {
        let message = "there is none, and without one nothing would be tested; write what must hold of the report, such as `p95_ms <= 500`";
        mistakes.push(mistake(LIMITS, message));
    }
    for text in limits {
        if let Err(why) = text.parse::<Limit>() {
            mistakes.push(mistake(LIMITS, why));
        }
    }
}
