//! The file that a CI system reads. What stands in it is Proctor's own text, and names that are made of letters, digits
//! and few marks: nothing that a service or a configuration file says gets there.

mod github;
mod gitlab;
mod jenkins;

pub use gitlab::COMMENT_TOKEN;
pub use jenkins::credential;

use std::{path::Path, time::Duration};

use crate::{
    cli::PipelineSystem,
    config::{
        DEFAULT_FILE,
        plan::{Planned, milliseconds},
        short_title,
    },
    failure::Failure,
    network::Scheme,
    subjects::share_subjects,
};

use super::{file::File, needs::Needs};

/// Where Proctor comes from.
pub const REPOSITORY: &str = "https://github.com/proctor-ci/proctor";

/// The version that is written: this one.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How much longer a job may take than a run, in minutes: to fetch the sources and Proctor, and to report.
const ROOM: u64 = 15;

/// A key that the job needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub variable: String,
    /// The services that it is for.
    pub titles: Vec<String>,
}

/// What a pipeline depends on.
pub struct Setting<'a> {
    /// The configuration file.
    pub config: &'a str,
    pub needs: &'a Needs,
    /// The commit of Proctor, if it is pinned by that.
    pub pin: Option<&'a str>,
    /// The branch that others come from.
    pub branch: &'a str,
    /// When the CI system ends the job.
    pub minutes: u64,
}

impl Setting<'_> {
    /// What Proctor is taken by: a commit, or the tag of this version.
    fn reference(&self) -> String {
        self.pin
            .map_or_else(|| format!("v{VERSION}"), str::to_owned)
    }

    /// The configuration file, if it has to be named.
    fn named_config(&self) -> Option<&str> {
        (self.config != DEFAULT_FILE).then_some(self.config)
    }

    /// How the tag is replaced by what never changes, as lines of a comment; none if it is.
    fn how_to_pin(&self, mark: &str, indent: &str) -> String {
        if self.pin.is_some() {
            return String::new();
        }
        format!(
            "{indent}{mark} A tag can be moved. To pin it, take the commit in its place that this prints:\n\
             {indent}{mark} {}\n",
            how_to_find_commit()
        )
    }
}

/// The command that prints the commit of this version's tag. The program itself cannot know it: the commit comes after the
/// program, as it holds the program's checksum.
pub fn how_to_find_commit() -> String {
    format!("git ls-remote {REPOSITORY} 'refs/tags/v{VERSION}^{{}}'")
}

/// A page of this version's documentation.
pub fn page(name: &str) -> String {
    format!("{REPOSITORY}/blob/v{VERSION}/docs/{name}")
}

/// A pipeline, and what somebody has to add by hand because there is one already.
pub struct Pipeline {
    pub file: File,
    addition: Option<String>,
}

impl Pipeline {
    /// The pipeline of a system, beside the one that the repository has already.
    pub fn of(system: PipelineSystem, directory: &Path, setting: &Setting<'_>) -> Self {
        let path = path(system, directory);
        let text = match system {
            PipelineSystem::Github => github::workflow(setting),
            PipelineSystem::Gitlab => gitlab::pipeline(setting),
            PipelineSystem::Jenkins => jenkins::pipeline(setting),
        };
        let addition = match path {
            gitlab::BESIDE => Some(gitlab::inclusion()),
            jenkins::BESIDE => Some(jenkins::stage_alone(setting)),
            _ => None,
        };
        Self {
            file: File::new(path, text),
            addition,
        }
    }

    /// What has to be added by hand; nothing if the file is all.
    pub fn told(&self) -> String {
        self.addition
            .as_ref()
            .map_or_else(String::new, |addition| format!("\n{addition}"))
    }
}

/// Where the pipeline of a system is to be: where the system looks for it, or beside what is there already.
pub fn path(system: PipelineSystem, directory: &Path) -> &'static str {
    let has = |path: &str| directory.join(path).symlink_metadata().is_ok();
    match system {
        PipelineSystem::Github => github::PATH,
        PipelineSystem::Gitlab if has(gitlab::PATH) => gitlab::BESIDE,
        PipelineSystem::Gitlab => gitlab::PATH,
        PipelineSystem::Jenkins if has(jenkins::PATH) => jenkins::BESIDE,
        PipelineSystem::Jenkins => jenkins::PATH,
    }
}

/// The variable that holds the key of a target; none if it has none.
pub fn key_variable(planned: &Planned) -> Option<&str> {
    if Scheme::of(&planned.provider, &planned.target) == Scheme::None {
        return None;
    }
    let usual = || match planned.plugin {
        // A plugin gets no key but the one that its target names.
        Some(_) => None,
        None => planned.provider.key_variables.first(),
    };
    planned.key_env.as_ref().or_else(usual).map(String::as_str)
}

/// The keys that targets need, each once.
pub fn keys(targets: &[&Planned]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for planned in targets {
        let Some(variable) = key_variable(planned) else {
            continue;
        };
        let title = short_title(&planned.provider).to_owned();
        match keys.iter_mut().find(|key| key.variable == variable) {
            None => keys.push(Key {
                variable: variable.to_owned(),
                titles: vec![title],
            }),
            Some(key) if !key.titles.contains(&title) => key.titles.push(title),
            Some(_) => {}
        }
    }
    keys
}

/// When the CI system is to end the job, in minutes: no run, which is ended by its own limit, may come to that.
///
/// The time of a target that takes turns begins with its turn, and so do the times of those that wait for it.
pub fn minutes(targets: &[&Planned], usual: Option<Duration>) -> u64 {
    let mut ends: Vec<u64> = Vec::new();
    for (at, planned) in targets.iter().enumerate() {
        let earlier = targets[..at].iter().zip(&ends);
        let awaited = earlier
            .filter(|(earlier, _)| share(earlier, planned))
            .map(|(_, end)| *end);
        let begin = awaited.max().unwrap_or_default();
        ends.push(begin.saturating_add(planned.target.timeout_ms));
    }
    let longest = ends.into_iter().chain(usual.map(milliseconds)).max();
    let minutes = longest.unwrap_or_default().div_ceil(60_000);
    minutes.saturating_add(ROOM)
}

/// Whether two targets take turns. Which account each belongs to is for the keys to tell: they may be the same.
fn share(one: &Planned, other: &Planned) -> bool {
    share_subjects(
        (&one.provider, &one.target),
        (&other.provider, &other.target),
    )
}

/// Reads what Proctor is to be pinned by.
///
/// # Errors
/// A usage failure if it is no whole commit: what is shorter can be a branch.
pub fn commit(text: &str) -> Result<String, Failure> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == 40 && text.bytes().all(is_hex) {
        return Ok(text.to_owned());
    }
    Err(Failure::usage(
        "--pin: a commit is 40 digits and letters from a to f",
        format!(
            "take the one that `{}` prints; nothing was written",
            how_to_find_commit()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_commit_pins() {
        let whole = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit(whole).unwrap(), whole);
        let upper = whole.to_uppercase();
        for text in [
            "",
            "main",
            "v0.1.0",
            &whole[1..],
            upper.as_str(),
            &format!("{whole}0"),
        ] {
            let refused = commit(text).unwrap_err();
            assert!(refused.problem.next.contains("git ls-remote"), "{refused}");
        }
    }
}
