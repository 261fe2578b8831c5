//! The build that has begun what is kept, so that a later one of the same branch can tell that it is the later one.

use serde::{Deserialize, Serialize};

/// A build, as far as it matters to later ones. What a newer version adds is passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Where branches and requests have their names.
    pub project: String,
    /// The branch, tag or request.
    pub line: String,
    /// What people call the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What numbers the builds, and the number of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<(String, u64)>,
    /// When it has begun what is kept, in milliseconds since the Unix epoch.
    pub begun_at_ms: u64,
}

impl Build {
    /// Whether this build is an older one of the same branch. Builds that are numbered go by their numbers, too: one that is
    /// run again begins late, and is no newer for that. Those of other pipelines, as of another workflow, are no matter.
    #[must_use]
    pub fn is_older_than(&self, other: &Self, is_same_job: bool) -> bool {
        let same_line = (&self.project, &self.line) == (&other.project, &other.line);
        let by_number = match (&self.number, &other.number) {
            (Some((pipeline, number)), Some((of_other, others))) => {
                pipeline == of_other && number < others
            }
            // Without numbers jobs that cannot be told apart, as those of a matrix, may be of one build.
            (None, None) => !is_same_job,
            _ => false,
        };
        same_line && by_number && self.begun_at_ms < other.begun_at_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(number: Option<u64>, begun_at_ms: u64) -> Build {
        Build {
            project: "o/r".to_owned(),
            line: "branch main".to_owned(),
            name: None,
            number: number.map(|number| ("tests".to_owned(), number)),
            begun_at_ms,
        }
    }

    #[test]
    fn the_older_of_two_has_begun_earlier_and_has_the_smaller_number() {
        let ours = build(Some(8), 100);
        assert!(build(Some(7), 50).is_older_than(&ours, false));
        assert!(build(Some(7), 50).is_older_than(&ours, true));
        // Another job of the same build; a newer build that an old one which is run again finds; one begun later.
        assert!(!build(Some(8), 50).is_older_than(&ours, false));
        assert!(!build(Some(9), 50).is_older_than(&ours, false));
        assert!(!build(Some(7), 150).is_older_than(&ours, false));
        assert!(!ours.is_older_than(&ours, false));
    }

    #[test]
    fn without_numbers_the_time_tells_builds_apart_but_not_jobs_of_one() {
        let ours = build(None, 100);
        assert!(build(None, 50).is_older_than(&ours, false));
        assert!(!build(None, 50).is_older_than(&ours, true));
        assert!(!build(None, 150).is_older_than(&ours, false));
        assert!(!build(Some(7), 50).is_older_than(&ours, false));
        assert!(!build(None, 50).is_older_than(&build(Some(7), 100), false));
    }

    #[test]
    fn what_is_of_another_branch_repository_or_pipeline_is_not_older() {
        let ours = build(Some(8), 100);
        let older = build(Some(7), 50);
        let others = [
            Build {
                project: "o/fork".to_owned(),
                ..older.clone()
            },
            Build {
                line: "branch other".to_owned(),
                ..older.clone()
            },
            Build {
                number: Some(("nightly".to_owned(), 7)),
                ..older
            },
        ];
        for other in others {
            assert!(!other.is_older_than(&ours, false), "{other:?}");
        }
    }
}
