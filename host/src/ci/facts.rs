//! What CI systems say of the build that the process is part of.

use super::Ci;
use crate::{config::options::CiChoice, environment::Environment};

/// A build, as far as its CI system tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// A number that no other build of the same pipeline has, attempts included.
    pub build: Option<String>,
    /// Where a person can look at it.
    pub url: Option<String>,
    pub branch: Option<String>,
    pub commit: Option<String>,
}

impl Facts {
    /// Reads the variables of the CI system that the environment shows.
    ///
    /// Sources: docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD variables"; Jenkins handbook,
    /// "Using environment variables", and the Git plugin's.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let get = |name: &str| environment.get(name).map(str::to_owned);
        match Ci::find(CiChoice::Auto, environment) {
            Some(Ci::Github) => Self {
                build: get("GITHUB_RUN_NUMBER").map(|number| match get("GITHUB_RUN_ATTEMPT") {
                    Some(attempt) if attempt != "1" => format!("{number}.{attempt}"),
                    _ => number,
                }),
                url: github_url(environment),
                branch: get("GITHUB_HEAD_REF").or_else(|| get("GITHUB_REF_NAME")),
                commit: get("GITHUB_SHA"),
            },
            Some(Ci::Gitlab) => Self {
                build: get("CI_JOB_ID"),
                url: get("CI_JOB_URL"),
                branch: get("CI_COMMIT_REF_NAME"),
                commit: get("CI_COMMIT_SHA"),
            },
            Some(Ci::Jenkins) => Self {
                build: get("BUILD_NUMBER"),
                url: get("BUILD_URL"),
                branch: get("BRANCH_NAME").or_else(|| get("GIT_BRANCH")),
                commit: get("GIT_COMMIT"),
            },
            None => Self::default(),
        }
    }
}

fn github_url(environment: &Environment) -> Option<String> {
    let server = environment.get("GITHUB_SERVER_URL")?;
    let repository = environment.get("GITHUB_REPOSITORY")?;
    let run = environment.get("GITHUB_RUN_ID")?;
    Some(format!("{server}/{repository}/actions/runs/{run}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_tells_of_its_build() {
        let github: Environment = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_RUN_NUMBER", "812"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_HEAD_REF", ""),
            ("GITHUB_REF_NAME", "main"),
        ]
        .into_iter()
        .collect();
        let facts = Facts::of(&github);
        assert_eq!(facts.build.as_deref(), Some("812.2"));
        assert_eq!(
            facts.url.as_deref(),
            Some("https://github.com/o/r/actions/runs/7")
        );
        assert_eq!(
            (facts.branch.as_deref(), facts.commit),
            (Some("main"), None)
        );
        let gitlab: Environment = [("GITLAB_CI", "true"), ("CI_JOB_ID", "9")]
            .into_iter()
            .collect();
        assert_eq!(Facts::of(&gitlab).build.as_deref(), Some("9"));
        let jenkins: Environment = [("JENKINS_URL", "http://j"), ("BUILD_NUMBER", "3")]
            .into_iter()
            .collect();
        assert_eq!(Facts::of(&jenkins).build.as_deref(), Some("3"));
        assert_eq!(Facts::of(&Environment::default()), Facts::default());
    }
}
