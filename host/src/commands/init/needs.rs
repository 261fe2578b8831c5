//! What the job needs beside the configuration file: keys, variables, and a token to comment with.

use crate::{
    cli::PipelineSystem,
    config::{options::CommentChoice, plan::Planned},
    failure::Failure,
};

use super::{
    super::ready::named_variables,
    Targets,
    pipeline::{self, Key},
};

/// Variables that every job has of its own.
const EVERYWHERE: [&str; 9] = [
    "CI", "HOME", "HOSTNAME", "LANG", "PATH", "PWD", "SHELL", "TMPDIR", "USER",
];

/// What the job needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Those of the targets, and of the place where results are published.
    pub keys: Vec<Key>,
    /// Variables that requests are made with, which the system does not set by itself.
    pub variables: Vec<String>,
    /// Whether it comments on a request of this system; on Jenkins, on one of another.
    pub comments: bool,
}

impl Needs {
    /// What the targets need on a system.
    ///
    /// # Errors
    /// A usage failure if a target names a variable that cannot be one: the name would stand in the pipeline.
    pub fn of(targets: &Targets, system: PipelineSystem) -> Result<Self, Failure> {
        let mut all = targets.planned();
        let (place, choice) = match targets {
            Targets::Kept(kept) => (kept.place.as_ref(), kept.comment),
            Targets::New(_) => (None, CommentChoice::Never),
        };
        let variables = variables(all.iter().copied().chain(place), system)?;
        all.extend(place);
        let keys = pipeline::keys(&all);
        let is_key = |name: &String| keys.iter().any(|key| key.variable == *name);
        Ok(Self {
            variables: variables.into_iter().filter(|it| !is_key(it)).collect(),
            comments: comments(choice, system),
            keys,
        })
    }
}

/// The variables that targets name, each once, but those that the system sets.
fn variables<'a>(
    targets: impl Iterator<Item = &'a Planned>,
    system: PipelineSystem,
) -> Result<Vec<String>, Failure> {
    let mut all: Vec<String> = Vec::new();
    for planned in targets {
        for (parameter, name) in named_variables(planned) {
            if !is_name(&name) {
                let target = &planned.target.name;
                return Err(Failure::usage(
                    format!(
                        "`{parameter}` of `{target}` has {name:?}, which is not the name of an environment variable"
                    ),
                    "correct it; nothing was written",
                ));
            }
            if !is_set_by(system, &name) && !all.contains(&name) {
                all.push(name);
            }
        }
    }
    Ok(all)
}

fn is_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether jobs have the variable without anybody setting it. Sources: docs.github.com, "Variables reference"; docs.gitlab.com,
/// "Predefined CI/CD variables"; the page `env-vars.html` of a Jenkins controller.
fn is_set_by(system: PipelineSystem, name: &str) -> bool {
    let own: &[&str] = match system {
        PipelineSystem::Github => &["GITHUB_", "RUNNER_"],
        PipelineSystem::Gitlab => &["CI_", "GITLAB_"],
        PipelineSystem::Jenkins => &[
            "BRANCH_",
            "BUILD_",
            "CHANGE_",
            "EXECUTOR_",
            "GIT_",
            "JENKINS_",
            "JOB_",
            "NODE_",
            "RUN_",
            "STAGE_",
            "TAG_",
            "WORKSPACE",
        ],
    };
    EVERYWHERE.contains(&name) || own.iter().any(|start| name.starts_with(start))
}

fn comments(choice: CommentChoice, system: PipelineSystem) -> bool {
    match system {
        PipelineSystem::Github => matches!(choice, CommentChoice::Auto | CommentChoice::Github),
        PipelineSystem::Gitlab => matches!(choice, CommentChoice::Auto | CommentChoice::Gitlab),
        // By itself it has no request that could be commented on.
        PipelineSystem::Jenkins => matches!(choice, CommentChoice::Github | CommentChoice::Gitlab),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_system_sets_need_not_be_given() {
        use PipelineSystem::{Github, Gitlab, Jenkins};
        for (system, own, other) in [
            (Github, "GITHUB_SHA", "CI_COMMIT_SHA"),
            (Gitlab, "CI_COMMIT_SHA", "GITHUB_SHA"),
            (Jenkins, "GIT_COMMIT", "PROJECT"),
        ] {
            assert!(is_set_by(system, own) && !is_set_by(system, other), "{own}");
            assert!(is_set_by(system, "PATH") && !is_set_by(system, "PATHS"));
        }
    }

    #[test]
    fn a_name_is_nothing_else() {
        assert!(is_name("PROJECT") && is_name("_x1"));
        for text in ["", "1ST", "A-B", "A: ${{ x }}", "A\nB", "É"] {
            assert!(!is_name(text), "{text}");
        }
    }
}
