//! What tells one job of one run of a pipeline from all others, and is the same when that job is run again.

use std::path::Path;

use super::Ci;
use crate::{config::options::CiChoice, environment::Environment, failure::Failure};

/// The variables that name a job. Those of the second list may be missing.
type Names = (&'static [&'static str], &'static [&'static str]);

/// Attempts are left out on purpose. Source: docs.github.com, "Variables reference": `GITHUB_RUN_ID` "does not change if you
/// re-run the workflow run", `GITHUB_JOB` is the job's id, which all jobs of a matrix share.
const GITHUB: Names = (
    &[
        "GITHUB_SERVER_URL",
        "GITHUB_REPOSITORY",
        "GITHUB_RUN_ID",
        "GITHUB_JOB",
    ],
    &[],
);

/// Source: docs.gitlab.com, "Predefined CI/CD variables". A job that is retried is in the same pipeline, under the same name
/// (with the number of a parallel one) and another id.
const GITLAB: Names = (
    &[
        "CI_SERVER_URL",
        "CI_PROJECT_ID",
        "CI_PIPELINE_ID",
        "CI_JOB_NAME",
    ],
    &[],
);

/// Source: Jenkins handbook, "Using environment variables"; `STAGE_NAME` is there in a pipeline's stages alone.
const JENKINS: Names = (
    &["JENKINS_URL", "JOB_NAME", "BUILD_NUMBER"],
    &["STAGE_NAME"],
);

/// What names the job that this process is: `key` where the user names it, else what the CI system says. Outside of any it is
/// the working directory.
///
/// # Errors
/// A usage failure where the CI system does not say which run of which job this is: what an earlier run has left must not be
/// taken for this one's.
pub fn identity(
    key: Option<&str>,
    environment: &Environment,
    directory: &Path,
) -> Result<Vec<String>, Failure> {
    if let Some(key) = key {
        return Ok(vec!["key".to_owned(), key.to_owned()]);
    }
    let (system, (needed, more)) = match Ci::find(CiChoice::Auto, environment) {
        Some(Ci::Github) => ("github", GITHUB),
        Some(Ci::Gitlab) => ("gitlab", GITLAB),
        Some(Ci::Jenkins) => ("jenkins", JENKINS),
        None if is_on_ci(environment) => {
            return Err(unnamed(
                "the variable CI is set, but not by a system that Proctor knows",
            ));
        }
        None => {
            let directory = directory.to_string_lossy().into_owned();
            return Ok(vec!["directory".to_owned(), directory]);
        }
    };
    let mut parts = vec![system.to_owned()];
    for name in needed {
        match environment.get(name) {
            Some(value) => parts.push(value.to_owned()),
            None => return Err(unnamed(&format!("the variable {name} is not set"))),
        }
    }
    for name in more {
        parts.push(environment.get(name).unwrap_or_default().to_owned());
    }
    Ok(parts)
}

/// Source: the variable `CI` is what CI systems have in common; some set it to `false` outside of them.
fn is_on_ci(environment: &Environment) -> bool {
    environment
        .get("CI")
        .is_some_and(|value| !matches!(value, "false" | "0"))
}

fn unnamed(why: &str) -> Failure {
    Failure::usage(
        format!("it cannot be told which job of which run of the pipeline this is: {why}"),
        "name both with --state-key TEXT, the same text when the job is run again; nothing was triggered",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_GITHUB: [(&str, &str); 6] = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_RUN_ID", "7"),
        ("GITHUB_JOB", "api"),
        ("GITHUB_RUN_ATTEMPT", "1"),
    ];
    const ON_GITLAB: [(&str, &str); 6] = [
        ("GITLAB_CI", "true"),
        ("CI_SERVER_URL", "https://gitlab.com"),
        ("CI_PROJECT_ID", "3"),
        ("CI_PIPELINE_ID", "7"),
        ("CI_JOB_NAME", "api 1/2"),
        ("CI_JOB_ID", "100"),
    ];
    const ON_JENKINS: [(&str, &str); 5] = [
        ("JENKINS_URL", "http://j/"),
        ("JOB_NAME", "folder/it"),
        ("BUILD_NUMBER", "7"),
        ("STAGE_NAME", "test"),
        ("EXECUTOR_NUMBER", "1"),
    ];

    fn of(environment: Environment) -> Vec<String> {
        identity(None, &environment, Path::new("/w")).expect("a name")
    }

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    #[test]
    fn a_job_is_the_same_when_it_is_run_again() {
        for (variables, attempt) in [
            (ON_GITHUB.as_slice(), "GITHUB_RUN_ATTEMPT"),
            (&ON_GITLAB, "CI_JOB_ID"),
            (&ON_JENKINS, "EXECUTOR_NUMBER"),
        ] {
            let first = environment(variables);
            let again = first.clone().with(attempt, "another");
            assert_eq!(of(first), of(again), "{attempt}");
        }
    }

    #[test]
    fn every_other_name_makes_it_another_job() {
        let systems = [ON_GITHUB.as_slice(), &ON_GITLAB, &ON_JENKINS];
        for variables in systems {
            let (names, _attempt) = variables.split_at(variables.len() - 1);
            for (name, _) in names
                .iter()
                .filter(|(name, _)| !name.ends_with("_CI") && *name != "GITHUB_ACTIONS")
            {
                let first = environment(variables);
                let other = first.clone().with(*name, "another");
                assert_ne!(of(first), of(other), "{name}");
            }
        }
    }

    #[test]
    fn what_is_not_told_is_not_guessed() {
        for (variables, optional) in [
            (ON_GITHUB.as_slice(), ""),
            (&ON_GITLAB, ""),
            (&ON_JENKINS, "STAGE_NAME"),
        ] {
            for (name, _) in &variables[1..variables.len() - 1] {
                let environment = environment(variables).without(name);
                let told = identity(None, &environment, Path::new("/w"));
                match *name == optional {
                    true => assert!(told.is_ok(), "{name}"),
                    false => {
                        let failure = told.expect_err("nothing names the job");
                        assert_eq!(failure.exit_code(), 2);
                        assert!(failure.problem.message.contains(name), "{failure}");
                        assert!(failure.problem.next.contains("--state-key"));
                    }
                }
            }
        }
        let unknown = environment(&[("CI", "true")]);
        assert!(identity(None, &unknown, Path::new("/w")).is_err());
        assert!(identity(Some("a"), &unknown, Path::new("/w")).is_ok());
    }

    #[test]
    fn outside_of_any_system_it_is_the_directory() {
        let nowhere = || environment(&[("CI", "false")]);
        assert_eq!(of(nowhere()), of(nowhere()));
        let elsewhere = identity(None, &nowhere(), Path::new("/v")).expect("a name");
        assert_ne!(of(nowhere()), elsewhere);
    }

    #[test]
    fn a_name_that_is_given_takes_the_place_of_all() {
        let name = |key| identity(Some(key), &environment(&ON_GITHUB), Path::new("/w"));
        assert_eq!(name("a"), Ok(vec!["key".to_owned(), "a".to_owned()]));
        assert_ne!(name("a"), name("b"));
    }
}
