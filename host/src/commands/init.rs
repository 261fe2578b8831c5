//! `proctor init`: a configuration file and a pipeline to start from.
//!
//! What is to be run comes from flags, from a list, from questions, or from a configuration file that is there already.
//! All of it is looked at as `run` would before anything is written, and what is written is read back first.

mod ask;
mod chosen;
mod file;
mod from_list;
mod given;
mod needs;
mod next;
mod offer;
mod pipeline;
mod questions;
mod repository;
mod secrets;
mod system;
mod text;
mod wanted;

use std::time::Duration;

use crate::{
    cli::{FollowArgs, InitArgs},
    config::{self, options::CommentChoice, plan::Planned},
    failure::Failure,
};

use super::{configured, publish, session::Session, settled::Settled};
use ask::Ask;
use file::File;
use needs::Needs;
use pipeline::{Pipeline, Setting};
use repository::Repository;
use wanted::Wanted;

/// What the pipeline runs.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Targets {
    /// Those of a file that is there.
    Kept(Kept),
    /// Those that are written.
    New(Vec<Wanted>),
}

/// The targets of a file that is there, and what its `[defaults]` make a job do.
struct Kept {
    planned: Vec<Planned>,
    /// How long a run may take.
    usual_limit: Option<Duration>,
    /// Where results are published.
    place: Option<Planned>,
    comment: CommentChoice,
}

impl Targets {
    fn planned(&self) -> Vec<&Planned> {
        match self {
            Self::Kept(kept) => kept.planned.iter().collect(),
            Self::New(new) => new.iter().map(|wanted| &wanted.planned).collect(),
        }
    }

    /// How long a run may take where its target does not say it.
    fn usual_limit(&self) -> Option<Duration> {
        match self {
            Self::Kept(kept) => kept.usual_limit,
            Self::New(_) => None,
        }
    }
}

/// `proctor init`.
pub async fn init(session: &Session, arguments: &InitArgs) -> Result<u8, Failure> {
    let config = config_file(session, arguments)?;
    let pin = arguments.pin.as_deref().map(pipeline::commit).transpose()?;
    let repository = Repository::at(&session.directory)?;
    let flags = FollowArgs {
        trace: arguments.trace.clone(),
        ..FollowArgs::default()
    };
    Settled::settle(session, &flags, arguments.network.options(), None)?;
    let ask = Ask::of(session, arguments);
    let system = system::choose(session, arguments.system, &repository, ask.as_ref()).await?;
    if ask.is_some() {
        // Before anybody has answered everything else for nothing.
        let file = File::new(pipeline::path(system, &session.directory), String::new());
        file::refuse_existing(&session.directory, &[file], config, "")?;
    }
    let targets = targets(session, arguments, config, ask.as_ref()).await?;
    let needs = Needs::of(&targets, system)?;
    let pipeline = Pipeline::of(
        system,
        &session.directory,
        &Setting {
            config,
            needs: &needs,
            pin: pin.as_deref(),
            branch: repository.branch(),
            minutes: pipeline::minutes(&targets.planned(), targets.usual_limit()),
        },
    );
    let files = files(session, config, &targets, &pipeline)?;
    if arguments.dry_run {
        for File { path, text } in &files {
            let shown = format!("==> {path} <==\n{text}\n");
            session.console.raw_out(&shown);
        }
        return Ok(0);
    }
    if let Some(ask) = &ask
        && !ask.confirmed(&files).await?
    {
        session.console.note("nothing was written");
        return Ok(0);
    }
    file::write(&session.directory, &files)?;
    let told = next::told(system, &files, &needs, config, pin.is_some());
    session.console.raw_out(&told);
    session.console.raw_out(&pipeline.told());
    Ok(0)
}

/// The files that are to be written, once it is known that they may be.
fn files(
    session: &Session,
    config: &str,
    targets: &Targets,
    pipeline: &Pipeline,
) -> Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    let mut addition = String::new();
    if let Targets::New(new) = targets {
        let text = text::file(new, &pipeline.file.path);
        text::look(session, config, &text, new)?;
        files.push(File::new(config, text));
        addition = text::tables(new);
    }
    files.push(pipeline.file.clone());
    file::refuse_existing(&session.directory, &files, config, &addition)?;
    Ok(files)
}

/// Where the configuration is, or is to be. Its name stands in the pipeline too, where nothing may take it for more.
fn config_file<'a>(session: &'a Session, arguments: &'a InitArgs) -> Result<&'a str, Failure> {
    let of_environment = session.environment.get("PROCTOR_CONFIG");
    let flag = arguments.config.as_deref().or(of_environment);
    let path = flag.unwrap_or(config::DEFAULT_FILE);
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    if path.split('/').all(is_plain) {
        Ok(path)
    } else {
        Err(Failure::usage(
            "--config: the pipeline names the file, so it has to be in the repository, in letters, digits, `.`, `_` and `-`",
            "give a path such as ci/proctor.toml; nothing was written",
        ))
    }
}

/// What a configuration file that is there makes a job do, looked at as `run` would.
async fn kept(session: &Session, config: &str) -> Result<Kept, Failure> {
    let planned = configured::targets(session, Some(config), &[]).await?;
    let read = session.config(Some(config)).await?;
    let defaults = read.as_ref().map(|read| read.defaults.clone());
    let defaults = defaults.unwrap_or_default();
    Ok(Kept {
        planned,
        usual_limit: defaults.timeout,
        place: publish::configured(session, read).await?,
        comment: defaults.comment.unwrap_or_default(),
    })
}

/// What is to be run. A configuration file that is there stays as it is, if no provider is named.
async fn targets(
    session: &Session,
    arguments: &InitArgs,
    config: &str,
    ask: Option<&Ask<'_>>,
) -> Result<Targets, Failure> {
    let is_there = session.path(config).symlink_metadata().is_ok();
    if is_there && arguments.provider.is_none() {
        return kept(session, config).await.map(Targets::Kept);
    }
    secrets::refuse_arguments(session, arguments)?;
    let new = match (&arguments.from_list, ask) {
        (Some(shown), _) => from_list::targets(session, arguments, shown)?,
        (None, Some(ask)) => questions::targets(session, arguments, ask).await?,
        (None, None) => vec![given::target(session, arguments)?],
    };
    for wanted in &new {
        secrets::refuse_settings(session, wanted)?;
        wanted::complete(wanted)?;
        wanted::validated(session, wanted).await?;
    }
    Ok(Targets::New(new))
}
