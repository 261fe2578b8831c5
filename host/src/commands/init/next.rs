//! What is left to do by hand.

use std::fmt::Write as _;

use crate::{cli::PipelineSystem, config::DEFAULT_FILE};

use super::{
    file::File,
    needs::Needs,
    pipeline::{self, Key},
};

/// What was written, and what to do now.
pub fn told(
    system: PipelineSystem,
    files: &[File],
    needs: &Needs,
    config: &str,
    is_pinned: bool,
) -> String {
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut text = format!("wrote {}\n\nnext:\n", names.join(" and "));
    let mut steps: Vec<String> = needs.keys.iter().map(|key| place(system, key)).collect();
    let variables = needs.variables.iter();
    steps.extend(variables.map(|variable| defined(system, variable)));
    steps.extend(token(system, config).filter(|_| needs.comments));
    let option = match config {
        DEFAULT_FILE => String::new(),
        other => format!(" --config {other}"),
    };
    let keys = needs.keys.iter().map(|key| &key.variable);
    let variables: Vec<&str> = keys.chain(&needs.variables).map(String::as_str).collect();
    let with = match variables.as_slice() {
        [] => String::new(),
        variables => format!(", with {} in the environment", variables.join(" and ")),
    };
    steps.push(format!(
        "`proctor check{option}` looks whether keys, ids and names are right, and `proctor run{option}` runs the tests{with}"
    ));
    if system == PipelineSystem::Jenkins {
        let page = pipeline::page("jenkins.md");
        steps.push(format!("set up the shared library `proctor`, once: {page}"));
    }
    if !is_pinned {
        let command = pipeline::how_to_find_commit();
        steps.push(format!(
            "to pin Proctor by its commit, write what this prints in place of the tag: {command}"
        ));
    }
    steps.push("commit the files".to_owned());
    for (at, step) in steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {step}", at + 1);
    }
    text
}

/// Where a key is put.
fn place(system: PipelineSystem, key: &Key) -> String {
    let (variable, services) = (&key.variable, key.titles.join(" and "));
    match system {
        PipelineSystem::Github => format!(
            "put the key of {services} into the secret {variable} of the repository: `gh secret set {variable}`, or \
             Settings, Secrets and variables, Actions"
        ),
        PipelineSystem::Gitlab => format!(
            "put the key of {services} into the CI/CD variable {variable} of the project, masked: Settings, CI/CD, Variables"
        ),
        PipelineSystem::Jenkins => format!(
            "store the key of {services} as a \"Secret text\" credential with the id {}",
            pipeline::credential(key)
        ),
    }
}

/// Where a variable is defined that is no secret.
fn defined(system: PipelineSystem, variable: &str) -> String {
    match system {
        PipelineSystem::Github => format!(
            "define the variable {variable} of the repository: `gh variable set {variable}`, or Settings, Secrets and \
             variables, Actions, Variables"
        ),
        PipelineSystem::Gitlab => {
            format!(
                "define the CI/CD variable {variable} of the project: Settings, CI/CD, Variables"
            )
        }
        PipelineSystem::Jenkins => format!(
            "give the build the variable {variable}: `environment` in the pipeline, or Manage Jenkins, System, Global properties"
        ),
    }
}

/// What a comment needs that does not stand in the pipeline.
fn token(system: PipelineSystem, config: &str) -> Option<String> {
    let page = pipeline::page("comments.md");
    match system {
        // The job has one.
        PipelineSystem::Github => None,
        PipelineSystem::Gitlab => Some(format!(
            "put a project access token with the scope `api` and the role Reporter into the masked CI/CD variable {}, to \
             comment on merge requests: {page}",
            pipeline::COMMENT_TOKEN
        )),
        PipelineSystem::Jenkins => Some(format!(
            "`comment` in {config} needs a token, and variables that say which request it is: {page}"
        )),
    }
}
