//! `proctor matrix`: targets shared out to the jobs of a pipeline.

mod durations;
mod github;
mod gitlab;
mod json;
mod shards;

use crate::{
    ci::{self, Ci},
    cli::{MatrixArgs, MatrixSystem},
    config::{options::CiChoice, plan::Planned},
    failure::Failure,
    output,
    subjects::share_subjects,
};

use super::{conclude::nonce, configured, session::Session};
use durations::durations;

/// The targets of one job, by name.
type Shard = Vec<String>;

/// `proctor matrix`.
pub async fn matrix(session: &Session, arguments: &MatrixArgs) -> Result<u8, Failure> {
    let system = system(session, arguments)?;
    refuse_settings(system, arguments)?;
    let config = arguments.config.config.as_deref();
    let planned = configured::targets(session, config, &arguments.targets).await?;
    let known = durations(session, &arguments.from).await?;
    let units = shards::units(planned.len(), |one, other| {
        share(&planned[one], &planned[other])
    });
    let shared_out = match arguments.shards {
        None => units,
        Some(most) => {
            let known: Vec<Option<u64>> = planned
                .iter()
                .map(|planned| known.get(&planned.target.name).copied())
                .collect();
            shards::balanced(units, &known, most.into())
        }
    };
    let shards: Vec<Shard> = shared_out
        .into_iter()
        .map(|shard| {
            let names = shard.into_iter().map(|at| planned[at].target.name.clone());
            names.collect()
        })
        .collect();
    match system {
        MatrixSystem::Github => {
            let text = github::matrix(&shards)?;
            write(session, arguments, &text)?;
            tell_step(session, &text)?;
        }
        MatrixSystem::Gitlab => {
            let text = gitlab::pipeline(&shards, &gitlab_settings(session, arguments));
            write(session, arguments, &text)?;
        }
    }
    Ok(0)
}

/// Whether two targets belong into one job, as separate jobs could not know of each other's runs.
///
/// Which account each belongs to is for the keys to tell, and this has none: they may be the same.
fn share(one: &Planned, other: &Planned) -> bool {
    share_subjects(
        (&one.provider, &one.target),
        (&other.provider, &other.target),
    )
}

fn system(session: &Session, arguments: &MatrixArgs) -> Result<MatrixSystem, Failure> {
    let found = Ci::find(CiChoice::Auto, &session.environment);
    match (arguments.system, found) {
        (Some(system), _) => Ok(system),
        (None, Some(Ci::Github)) => Ok(MatrixSystem::Github),
        (None, Some(Ci::Gitlab)) => Ok(MatrixSystem::Gitlab),
        (None, Some(Ci::Jenkins) | None) => Err(Failure::usage(
            "nothing says whose pipeline the matrix is for",
            "add --for github, or --for gitlab",
        )),
    }
}

/// Refuses what would be passed over.
fn refuse_settings(system: MatrixSystem, arguments: &MatrixArgs) -> Result<(), Failure> {
    if system == MatrixSystem::Github {
        for (flag, value) in [
            ("--image", &arguments.image),
            ("--template", &arguments.template),
        ] {
            if value.is_some() {
                return Err(Failure::usage(
                    format!("{flag} is for GitLab's pipelines alone"),
                    format!("leave {flag} out, or add --for gitlab"),
                ));
            }
        }
    }
    let is_yaml = |file: &str| file.ends_with(".yml") || file.ends_with(".yaml");
    match &arguments.template {
        Some(file) if !is_yaml(file) => Err(Failure::usage(
            format!("--template: GitLab includes no file like {file}"),
            "give a file of the repository that ends in .yml or .yaml",
        )),
        _ => Ok(()),
    }
}

fn gitlab_settings<'a>(session: &'a Session, arguments: &'a MatrixArgs) -> gitlab::Settings<'a> {
    let of_environment = session.environment.get("PROCTOR_CONFIG");
    gitlab::Settings {
        config: arguments.config.config.as_deref().or(of_environment),
        named: &arguments.targets,
        image: arguments.image.as_deref(),
        template: arguments.template.as_deref(),
        kinds: &session.catalogue.kinds,
    }
}

fn write(session: &Session, arguments: &MatrixArgs, text: &str) -> Result<(), Failure> {
    match arguments.output.as_deref() {
        None | Some("-") => {
            session.console.raw_out(text);
            Ok(())
        }
        Some(shown) => {
            let path = session.path(shown);
            let refuse = |error| {
                let message = format!("the matrix cannot be written to {shown}: {error}");
                Failure::usage(message, "choose another path with --output")
            };
            output::probe(&path).map_err(refuse)?;
            output::write(&path, text).map_err(refuse)
        }
    }
}

/// Hands the matrix to later jobs, in a step of GitHub's, as its output `matrix`.
fn tell_step(session: &Session, text: &str) -> Result<(), Failure> {
    let is_step = Ci::find(CiChoice::Auto, &session.environment) == Some(Ci::Github);
    let Some(path) = session.environment.get("GITHUB_OUTPUT").filter(|_| is_step) else {
        return Ok(());
    };
    let outputs = [("matrix", text.trim_end())];
    ci::github::append_outputs(&session.path(path), "", &outputs, &nonce()?).map_err(|error| {
        Failure::internal(
            format!("the step's outputs cannot be written: {error}"),
            "see that the file that GITHUB_OUTPUT names can be written",
        )
    })
}
