//! What the repository tells of itself, from its files alone: no other program is run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{cli::PipelineSystem, failure::Failure};

/// The branch where nothing tells another.
const USUAL_BRANCH: &str = "main";

/// The repository that the pipeline is for.
#[derive(Debug)]
pub struct Repository {
    /// The systems that its files speak of.
    systems: Vec<PipelineSystem>,
    /// The branch that others come from.
    branch: String,
}

impl Repository {
    /// Looks at the repository in this directory, if there is one.
    ///
    /// # Errors
    /// A usage failure below the top of a repository: no CI system looks for its pipeline there.
    pub fn at(directory: &Path) -> Result<Self, Failure> {
        let is_top = |folder: &Path| folder.join(".git").exists();
        if !is_top(directory)
            && let Some(top) = directory.ancestors().find(|folder| is_top(folder))
        {
            return Err(Failure::usage(
                format!(
                    "this is not the top of the repository, which is {}",
                    top.display()
                ),
                "run it there, where CI systems look for pipelines; nothing was written",
            ));
        }
        let git = common_folder(directory);
        let mut systems: Vec<PipelineSystem> = [
            (".github", PipelineSystem::Github),
            (".gitlab-ci.yml", PipelineSystem::Gitlab),
            ("Jenkinsfile", PipelineSystem::Jenkins),
        ]
        .into_iter()
        .filter(|(name, _)| directory.join(name).exists())
        .map(|(_, system)| system)
        .collect();
        if systems.is_empty() {
            let config = git.as_ref().map(|git| git.join("config"));
            let text = config.and_then(|path| fs::read_to_string(path).ok());
            systems.extend(
                text.as_deref()
                    .and_then(origin)
                    .as_deref()
                    .and_then(system_of),
            );
        }
        let branch = git.as_deref().and_then(default_branch);
        Ok(Self {
            systems,
            branch: branch.unwrap_or_else(|| USUAL_BRANCH.to_owned()),
        })
    }

    /// The systems that it speaks of: by their files, or else by where `origin` is.
    pub fn systems(&self) -> &[PipelineSystem] {
        &self.systems
    }

    /// The branch that others come from.
    pub fn branch(&self) -> &str {
        &self.branch
    }
}

/// The folder with what all working trees have in common. A working tree beside the first has a file `.git`.
///
/// Source: gitrepository-layout(5) for `gitdir: PATH` and `commondir`.
fn common_folder(directory: &Path) -> Option<PathBuf> {
    let git = directory.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    let folder = directory.join(text.trim().strip_prefix("gitdir:")?.trim());
    match fs::read_to_string(folder.join("commondir")) {
        Ok(common) => Some(folder.join(common.trim())),
        Err(_) => Some(folder),
    }
}

/// The branch that `origin` shows first, if its name can stand in a pipeline as it is.
fn default_branch(git: &Path) -> Option<String> {
    let head = fs::read_to_string(git.join("refs/remotes/origin/HEAD")).ok()?;
    let branch = head.trim().strip_prefix("ref: refs/remotes/origin/")?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    (!branch.is_empty() && branch.chars().all(is_plain)).then(|| branch.to_owned())
}

/// The address of `origin` in a configuration of git.
fn origin(config: &str) -> Option<String> {
    let mut is_origin = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            is_origin = line == "[remote \"origin\"]";
        } else if let Some((key, value)) = line.split_once('=')
            && is_origin
            && key.trim().eq_ignore_ascii_case("url")
        {
            return Some(value.trim().trim_matches('"').to_owned());
        }
    }
    None
}

/// The system that a remote repository belongs to, by the name of its host.
fn system_of(address: &str) -> Option<PipelineSystem> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    // `git@host:path` has no scheme, and its path comes behind the colon of a port.
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    let has = |word: &str| host.split(['.', '-']).any(|part| part == word);
    match (has("github") || host.ends_with(".ghe.com"), has("gitlab")) {
        (true, false) => Some(PipelineSystem::Github),
        (false, true) => Some(PipelineSystem::Gitlab),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PipelineSystem::{Github, Gitlab, Jenkins};

    #[test]
    fn a_host_tells_its_system() {
        for (address, expected) in [
            ("https://github.com/shop/shop.git", Some(Github)),
            ("git@github.com:shop/gitlab.git", Some(Github)),
            ("ssh://git@ssh.github.com:443/shop/shop.git", Some(Github)),
            (
                "https://user:pass@gitlab.example.com/github/x",
                Some(Gitlab),
            ),
            ("https://my-gitlab.example.com:8443/x", Some(Gitlab)),
            ("https://shop.ghe.com/x/y", Some(Github)),
            ("https://bitbucket.org/github/x", None),
            ("https://notgithub.com/x", None),
            ("../github.com/x", None),
            ("", None),
        ] {
            assert_eq!(system_of(address), expected, "{address}");
        }
    }

    #[test]
    fn files_count_before_the_remote_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let found = || Repository::at(folder.path()).unwrap();
        assert_eq!(found().systems(), []);
        fs::create_dir_all(path(".git/refs/remotes/origin")).unwrap();
        let config = "[core]\n\turl = x\n[remote \"up\"]\n\turl = https://gitlab.com/x\n\
                      [remote \"origin\"]\n\tfetch = y\n\turl = git@github.com:a/b\n";
        fs::write(path(".git/config"), config).unwrap();
        assert_eq!(found().systems(), [Github]);
        assert_eq!(found().branch(), "main");
        fs::write(
            path(".git/refs/remotes/origin/HEAD"),
            "ref: refs/remotes/origin/release/7\n",
        )
        .unwrap();
        assert_eq!(found().branch(), "release/7");
        fs::write(
            path(".git/refs/remotes/origin/HEAD"),
            "ref: refs/remotes/origin/${{x}}\n",
        )
        .unwrap();
        assert_eq!(found().branch(), "main");
        fs::write(path("Jenkinsfile"), "").unwrap();
        assert_eq!(found().systems(), [Jenkins]);
        fs::write(path(".gitlab-ci.yml"), "").unwrap();
        assert_eq!(found().systems(), [Gitlab, Jenkins]);
        fs::create_dir(path("below")).unwrap();
        let refused = Repository::at(&path("below")).unwrap_err();
        assert!(refused.problem.message.contains("not the top"), "{refused}");
    }

    #[test]
    fn a_working_tree_of_its_own_is_understood() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("first/.git/worktrees/second")).unwrap();
        fs::create_dir_all(path("second")).unwrap();
        fs::write(
            path("first/.git/config"),
            "[remote \"origin\"]\nurl = https://gitlab.com/x\n",
        )
        .unwrap();
        fs::write(path("first/.git/worktrees/second/commondir"), "../..\n").unwrap();
        fs::write(
            path("second/.git"),
            "gitdir: ../first/.git/worktrees/second\n",
        )
        .unwrap();
        let found = Repository::at(&path("second")).unwrap();
        assert_eq!(found.systems(), [Gitlab]);
    }
}
