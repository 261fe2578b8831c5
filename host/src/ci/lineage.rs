//! Where a build stands among others: what it is a build of, and which number it has.

use super::{Ci, Facts};
use crate::{config::options::CiChoice, environment::Environment, state::Build};

/// What a build is of, and its number among the builds of its pipeline, as far as its CI system tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineage {
    /// Where branches and requests have their names: a repository.
    pub project: String,
    /// The branch, the tag or the request: `branch main`, `request 7`.
    pub line: Option<String>,
    /// The line that a request is to become part of.
    pub base: Option<String>,
    /// What numbers the builds, and the number of this one. A build that is run again keeps it.
    pub number: Option<(String, u64)>,
    /// What people call the build.
    pub name: Option<String>,
    pub commit: Option<String>,
}

impl Lineage {
    /// The build that begins now; none if it is not known of which branch it is.
    #[must_use]
    pub fn build(self, now_ms: u64) -> Option<Build> {
        let Self {
            project,
            line,
            base: _,
            number,
            name,
            commit: _,
        } = self;
        Some(Build {
            project,
            line: line?,
            name,
            number,
            begun_at_ms: now_ms,
        })
    }

    /// Reads the variables of the CI system that the environment shows. `branch` and `commit` are what the user names: each
    /// stands for what the system says of it, and what a request is to become part of is another matter.
    ///
    /// Forks may have a branch of the same name, so a request goes by its number.
    ///
    /// Sources: docs.github.com, "Variables reference"; docs.gitlab.com, "Predefined CI/CD variables"; Jenkins handbook,
    /// "Branches and Pull Requests", and the Git plugin's variables.
    #[must_use]
    pub fn of(environment: &Environment, branch: Option<&str>, commit: Option<&str>) -> Self {
        let found = match Ci::find(CiChoice::Auto, environment) {
            Some(Ci::Github) => github(environment),
            Some(Ci::Gitlab) => gitlab(environment),
            Some(Ci::Jenkins) => jenkins(environment),
            None => Self::default(),
        };
        let facts = Facts::of(environment);
        Self {
            line: branch.map(of_branch).or(found.line),
            name: facts.build,
            commit: commit.map(str::to_owned).or(facts.commit),
            ..found
        }
    }
}

/// The line of a branch of this name.
fn of_branch(name: &str) -> String {
    format!("branch {name}")
}

/// `GITHUB_REF` is `refs/pull/7/merge` for what a pull request starts. An event such as `pull_request_target` runs on the
/// branch that the request is to become part of, and no variable has its number: then the line is not known. A merge queue
/// makes a branch for each of its entries, of which it is a part only until it is merged.
fn github(environment: &Environment) -> Lineage {
    let get = |name: &str| environment.get(name);
    let line = match get("GITHUB_REF").map(|name| name.strip_prefix("refs/").unwrap_or(name)) {
        Some(name) => match name.split_once('/') {
            Some(("pull", rest)) => rest.split('/').next().map(request),
            Some(("heads", _)) if get("GITHUB_HEAD_REF").is_some() => None,
            Some(("heads", branch)) => Some(of_branch(branch)),
            Some(("tags", tag)) => Some(format!("tag {tag}")),
            _ => None,
        },
        None => None,
    };
    let parts = [get("GITHUB_SERVER_URL"), get("GITHUB_REPOSITORY")];
    Lineage {
        project: joined(&parts),
        line,
        base: get("GITHUB_BASE_REF")
            .or_else(|| queued_for(get("GITHUB_REF")?))
            .map(of_branch),
        number: numbered(get("GITHUB_WORKFLOW"), get("GITHUB_RUN_NUMBER")),
        ..Lineage::default()
    }
}

/// The branch that an entry of a merge queue is to become part of: `refs/heads/gh-readonly-queue/main/pr-7-c0ffee`.
///
/// Source: docs.github.com, "Managing a merge queue": the branches of a queue begin with `gh-readonly-queue/{base_branch}`.
fn queued_for(reference: &str) -> Option<&str> {
    let entry = reference.strip_prefix("refs/heads/gh-readonly-queue/")?;
    entry.rsplit_once("/pr-").map(|(base, _)| base)
}

/// The pipelines of a project are numbered together, whatever has started them. That of a request from a fork may run in the
/// fork's project.
fn gitlab(environment: &Environment) -> Lineage {
    let get = |name: &str| environment.get(name);
    let own = get("CI_PROJECT_ID");
    let (project, line) = match (get("CI_MERGE_REQUEST_IID"), get("CI_COMMIT_TAG")) {
        (Some(number), _) => (
            get("CI_MERGE_REQUEST_PROJECT_ID").or(own),
            Some(request(number)),
        ),
        (None, Some(tag)) => (own, Some(format!("tag {tag}"))),
        (None, None) => (
            own,
            get("CI_COMMIT_BRANCH")
                .or_else(|| get("CI_COMMIT_REF_NAME"))
                .map(of_branch),
        ),
    };
    Lineage {
        project: joined(&[get("CI_SERVER_URL"), project]),
        line,
        base: get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").map(of_branch),
        number: numbered(Some(&pipeline(environment)), get("CI_PIPELINE_ID")),
        ..Lineage::default()
    }
}

/// The pipelines of a project that are comparable: those for pushes, say, or those of one schedule. What other pipelines have
/// started is comparable with nothing, as several of one commit may do different parts of the work.
///
/// Source: docs.gitlab.com, "Predefined CI/CD variables".
fn pipeline(environment: &Environment) -> String {
    let get = |name: &str| environment.get(name);
    let source = get("CI_PIPELINE_SOURCE");
    let more = match source {
        Some("parent_pipeline" | "pipeline") => get("CI_PIPELINE_ID"),
        Some("schedule") => get("CI_PIPELINE_SCHEDULE_DESCRIPTION"),
        _ => None,
    };
    joined(&[get("CI_PROJECT_ID"), source, more])
}

/// The last part of a multibranch job's name is its branch or request.
fn jenkins(environment: &Environment) -> Lineage {
    let get = |name: &str| environment.get(name);
    let job = get("JOB_NAME");
    let line = match (get("CHANGE_ID"), get("TAG_NAME")) {
        (Some(number), _) => Some(request(number)),
        (None, Some(tag)) => Some(format!("tag {tag}")),
        (None, None) => get("BRANCH_NAME")
            .or_else(|| get("GIT_BRANCH"))
            .map(of_branch),
    };
    let project = match (job.and_then(|job| job.rsplit_once('/')), get("BRANCH_NAME")) {
        (Some((above, _)), Some(_)) => Some(above),
        _ => job,
    };
    Lineage {
        project: joined(&[get("JENKINS_URL"), project]),
        line,
        base: get("CHANGE_TARGET").map(of_branch),
        number: numbered(job, get("BUILD_NUMBER")),
        ..Lineage::default()
    }
}

fn request(number: &str) -> String {
    format!("request {number}")
}

fn numbered(pipeline: Option<&str>, number: Option<&str>) -> Option<(String, u64)> {
    Some((pipeline?.to_owned(), number?.parse().ok()?))
}

fn joined(parts: &[Option<&str>]) -> String {
    let parts: Vec<&str> = parts.iter().flatten().copied().collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Lineage {
        Lineage::of(&variables.iter().copied().collect(), None, None)
    }

    const GITHUB: [(&str, &str); 6] = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_WORKFLOW", "tests"),
        ("GITHUB_RUN_NUMBER", "812"),
        ("GITHUB_RUN_ATTEMPT", "2"),
    ];

    fn on_github(more: &[(&str, &str)]) -> Lineage {
        of(&[&GITHUB, more].concat())
    }

    #[test]
    fn github_tells_a_branch_a_tag_and_a_request_apart() {
        let branch = on_github(&[("GITHUB_REF", "refs/heads/feature/a"), ("GITHUB_SHA", "c")]);
        assert_eq!(branch.project, "https://github.com o/r");
        assert_eq!(branch.line.as_deref(), Some("branch feature/a"));
        assert_eq!(branch.number, Some(("tests".to_owned(), 812)));
        assert_eq!(branch.name.as_deref(), Some("812.2"));
        assert_eq!(branch.commit.as_deref(), Some("c"));
        let tag = on_github(&[("GITHUB_REF", "refs/tags/v1")]);
        assert_eq!(tag.line.as_deref(), Some("tag v1"));
        let request = on_github(&[
            ("GITHUB_REF", "refs/pull/7/merge"),
            ("GITHUB_HEAD_REF", "main"),
            ("GITHUB_BASE_REF", "main"),
        ]);
        assert_eq!(request.line.as_deref(), Some("request 7"));
        assert_eq!(request.base.as_deref(), Some("branch main"));
    }

    #[test]
    fn a_request_without_a_number_is_not_taken_for_a_branch() {
        let unknown = on_github(&[
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_HEAD_REF", "patch-1"),
            ("GITHUB_BASE_REF", "main"),
        ]);
        assert_eq!(unknown.line, None);
        assert_eq!(of(&GITHUB).line, None);
    }

    #[test]
    fn an_entry_of_a_merge_queue_is_to_become_part_of_its_branch() {
        for (reference, base) in [
            (
                "refs/heads/gh-readonly-queue/main/pr-7-c0ffee",
                Some("branch main"),
            ),
            (
                "refs/heads/gh-readonly-queue/release/pr-1/pr-7-c0ffee",
                Some("branch release/pr-1"),
            ),
            ("refs/heads/gh-readonly-queue/main", None),
            ("refs/heads/queue/main/pr-7-c0ffee", None),
            ("refs/tags/gh-readonly-queue/main/pr-7-c0ffee", None),
        ] {
            let entry = on_github(&[("GITHUB_REF", reference), ("GITHUB_BASE_REF", "")]);
            assert_eq!(entry.base.as_deref(), base, "{reference}");
        }
    }

    #[test]
    fn gitlab_compares_pipelines_that_were_started_alike() {
        let number = |more: &[(&str, &str)]| {
            let gitlab = [
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_ID", "3"),
                ("CI_PIPELINE_ID", "90"),
            ];
            of(&[gitlab.as_slice(), more].concat()).number
        };
        let source = |source| number(&[("CI_PIPELINE_SOURCE", source)]);
        assert_eq!(source("push"), Some(("3 push".to_owned(), 90)));
        assert_ne!(source("push"), source("schedule"));
        let schedule = |name| {
            number(&[
                ("CI_PIPELINE_SOURCE", "schedule"),
                ("CI_PIPELINE_SCHEDULE_DESCRIPTION", name),
            ])
        };
        assert_ne!(schedule("nightly"), schedule("hourly"));
        // Two children of one pipeline are of one build.
        for started in ["parent_pipeline", "pipeline"] {
            let child = |id| {
                let (pipeline, _) =
                    number(&[("CI_PIPELINE_SOURCE", started), ("CI_PIPELINE_ID", id)])
                        .expect("it has a number");
                pipeline
            };
            assert_ne!(child("90"), child("91"));
        }
    }

    #[test]
    fn gitlab_knows_a_request_in_the_project_that_it_is_made_to() {
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_SERVER_URL", "https://gitlab.com"),
            ("CI_PROJECT_ID", "3"),
            ("CI_PIPELINE_ID", "90"),
            ("CI_COMMIT_REF_NAME", "main"),
        ];
        let branch = of(&gitlab);
        assert_eq!(branch.project, "https://gitlab.com 3");
        assert_eq!(branch.line.as_deref(), Some("branch main"));
        assert_eq!(branch.number, Some(("3".to_owned(), 90)));
        let request = [
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "trunk"),
        ];
        let request = of(&[gitlab.as_slice(), &request].concat());
        assert_eq!(request.project, "https://gitlab.com 1");
        assert_eq!(request.line.as_deref(), Some("request 7"));
        assert_eq!(request.base.as_deref(), Some("branch trunk"));
        let tag = of(&[gitlab.as_slice(), &[("CI_COMMIT_TAG", "main")]].concat());
        assert_eq!(tag.line.as_deref(), Some("tag main"));
    }

    #[test]
    fn jenkins_has_one_project_for_all_branches_of_a_multibranch_job() {
        let jenkins = [("JENKINS_URL", "http://j/"), ("BUILD_NUMBER", "4")];
        let branch = [("JOB_NAME", "team/it/main"), ("BRANCH_NAME", "main")];
        let branch = of(&[jenkins.as_slice(), &branch].concat());
        let request = [
            ("JOB_NAME", "team/it/PR-7"),
            ("BRANCH_NAME", "PR-7"),
            ("CHANGE_ID", "7"),
            ("CHANGE_TARGET", "main"),
        ];
        let request = of(&[jenkins.as_slice(), &request].concat());
        assert_eq!(branch.project, "http://j/ team/it");
        assert_eq!(branch.project, request.project);
        assert_eq!(request.line.as_deref(), Some("request 7"));
        assert_eq!(request.base, branch.line);
        assert_eq!(branch.number, Some(("team/it/main".to_owned(), 4)));
        let single = [("JOB_NAME", "team/it"), ("GIT_BRANCH", "origin/main")];
        let single = of(&[jenkins.as_slice(), &single].concat());
        assert_eq!(single.project, "http://j/ team/it");
        assert_eq!(single.line.as_deref(), Some("branch origin/main"));
    }

    #[test]
    fn what_the_user_names_stands_for_what_the_system_says_of_it() {
        let nowhere = Environment::default();
        assert_eq!(Lineage::of(&nowhere, None, None), Lineage::default());
        let named = Lineage::of(&nowhere, Some("main"), Some("c0ffee"));
        assert_eq!(named.line.as_deref(), Some("branch main"));
        assert_eq!(named.commit.as_deref(), Some("c0ffee"));
        assert_eq!(named.base, None);
        let request = [
            &GITHUB,
            [
                ("GITHUB_REF", "refs/pull/7/merge"),
                ("GITHUB_BASE_REF", "b"),
                ("GITHUB_SHA", "c"),
            ]
            .as_slice(),
        ];
        let environment: Environment = request.concat().into_iter().collect();
        let named = Lineage::of(&environment, Some("request 7"), None);
        assert_eq!(named.line.as_deref(), Some("branch request 7"));
        // A request is compared with its branch, whatever it is called.
        assert_eq!(named.base.as_deref(), Some("branch b"));
        assert_eq!(named.commit.as_deref(), Some("c"));
        assert_eq!(named.number, Some(("tests".to_owned(), 812)));
    }
}
