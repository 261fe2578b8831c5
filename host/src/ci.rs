//! The CI system that the host runs in, and what it reads beside the exit code.

mod facts;
pub mod github;
pub mod gitlab;
pub mod job;
mod lineage;
mod workspace;

pub use facts::Facts;
pub use lineage::Lineage;
pub use workspace::Workspace;

use crate::{config::options::CiChoice, environment::Environment};

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    Github,
    Gitlab,
    Jenkins,
}

impl Ci {
    /// The system that was chosen, or the one that the environment shows.
    #[must_use]
    pub fn find(choice: CiChoice, environment: &Environment) -> Option<Self> {
        match choice {
            CiChoice::Github => Some(Self::Github),
            CiChoice::Gitlab => Some(Self::Gitlab),
            CiChoice::Jenkins => Some(Self::Jenkins),
            CiChoice::None => None,
            CiChoice::Auto => Self::detect(environment),
        }
    }

    fn detect(environment: &Environment) -> Option<Self> {
        if environment.get("GITHUB_ACTIONS") == Some("true") {
            Some(Self::Github)
        } else if environment.get("GITLAB_CI").is_some() {
            Some(Self::Gitlab)
        } else if environment.get("JENKINS_URL").is_some() {
            Some(Self::Jenkins)
        } else {
            None
        }
    }
}

/// The lines that begin and end a part of the log that can be folded.
#[must_use]
pub fn fold(ci: Option<Ci>, title: &str, unix_time: u64) -> Option<(String, String)> {
    match ci {
        Some(Ci::Github) => Some(github::group(title)),
        Some(Ci::Gitlab) => Some(gitlab::section(title, unix_time)),
        Some(Ci::Jenkins) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_shows_the_system_and_a_choice_wins() {
        let find = |variable: &str, value: &str, choice| {
            let environment: Environment = [(variable, value)].into_iter().collect();
            Ci::find(choice, &environment)
        };
        assert_eq!(
            find("GITHUB_ACTIONS", "true", CiChoice::Auto),
            Some(Ci::Github)
        );
        assert_eq!(find("GITHUB_ACTIONS", "", CiChoice::Auto), None);
        assert_eq!(find("GITLAB_CI", "true", CiChoice::Auto), Some(Ci::Gitlab));
        assert_eq!(
            find("JENKINS_URL", "http://j", CiChoice::Auto),
            Some(Ci::Jenkins)
        );
        assert_eq!(find("GITHUB_ACTIONS", "true", CiChoice::None), None);
        assert_eq!(find("X", "", CiChoice::Gitlab), Some(Ci::Gitlab));
    }
}
