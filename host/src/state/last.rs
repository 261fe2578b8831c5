//! The last results of each target on each branch, so that what fails can be compared with what failed before.
//!
//! They lie in a folder of their own below that of `--state`: one file for each target and branch, for its owner alone.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::{name, write};
use crate::handles::LARGEST;

/// The version of the files' form. One of another version cannot be compared with, and is replaced.
const VERSION: u32 = 1;

/// The folder below the directory of `--state`.
const FOLDER: &str = "last";

/// What the names of the files begin with.
const PREFIX: &str = "proctor-last-";

/// How many hexadecimal digits name a branch.
const LINE_DIGITS: usize = 32;

/// How long results are kept that no run has replaced. Ours: a branch that nobody has built for so long is over.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The results of one target on one branch.
pub struct LastOf<'a> {
    /// The directory of `--state`.
    pub directory: &'a Path,
    pub project: &'a str,
    /// The branch, tag or request; empty outside of any.
    pub line: &'a str,
    /// The target's name, and what else tells it from the others of the project.
    pub target: &'a [String],
}

/// What results are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub commit: String,
    /// What numbers the builds, and the number of the build.
    pub number: Option<(String, u64)>,
}

#[derive(Serialize, Deserialize)]
struct File {
    proctor_last: u32,
    /// What is kept here, as a name can only tell a part of it.
    of: Vec<String>,
    commit: String,
    number: Option<(String, u64)>,
    results: String,
    /// The results before those of this commit.
    before: Option<String>,
}

impl LastOf<'_> {
    /// The results that a run of this commit is compared with: those of another commit, so that a commit that is tested once
    /// more is not compared with itself.
    ///
    /// # Errors
    /// Why what is there cannot be read.
    pub fn before(&self, commit: &str) -> Result<Option<String>, String> {
        Ok(self.read()?.and_then(|file| file.other_than(commit)))
    }

    /// The last results, whichever commit they are of.
    ///
    /// # Errors
    /// Why what is there cannot be read.
    pub fn newest(&self) -> Result<Option<String>, String> {
        Ok(self.read()?.map(|file| file.results))
    }

    /// Keeps results in place of the last ones, unless these are of a newer build.
    ///
    /// # Errors
    /// If they cannot be written; what was there before is there still.
    pub fn keep(&self, origin: &Origin, results: &str) -> io::Result<()> {
        // What cannot be read serves nobody.
        let last = self.read().unwrap_or_default();
        if last.as_ref().is_some_and(|last| last.is_newer_than(origin)) {
            return Ok(());
        }
        let before = last.and_then(|last| last.other_than(&origin.commit));
        let file = File {
            proctor_last: VERSION,
            of: self.of(),
            commit: origin.commit.clone(),
            number: origin.number.clone(),
            results: results.to_owned(),
            before,
        };
        let text = serde_json::to_string(&file)?;
        if text.len() > LARGEST {
            let long = text.len();
            return Err(io::Error::other(format!(
                "it would have {long} bytes, and may have {LARGEST}"
            )));
        }
        let path = self.path();
        fs::create_dir_all(self.directory.join(FOLDER))?;
        write(&path, &text)
    }

    fn of(&self) -> Vec<String> {
        let mut of = vec![self.project.to_owned(), self.line.to_owned()];
        of.extend_from_slice(self.target);
        of
    }

    fn path(&self) -> PathBuf {
        let line = [self.project.to_owned(), self.line.to_owned()];
        let target = name::named(self.target.first().map_or("", String::as_str), self.target);
        let name = format!("{PREFIX}{target}-{}.json", name::digest(&line, LINE_DIGITS));
        self.directory.join(FOLDER).join(name)
    }

    fn read(&self) -> Result<Option<File>, String> {
        let path = self.path();
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(&error)),
        };
        if !metadata.is_file() || metadata.len() > LARGEST as u64 {
            return Err(told(&"it is not one that was written by Proctor"));
        }
        let text = fs::read_to_string(&path).map_err(|error| told(&error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| told(&error))?;
        if file.proctor_last != VERSION {
            let version = file.proctor_last;
            let error = format!("it has version {version}, this Proctor reads {VERSION}");
            return Err(told(&error));
        }
        // Another target's, or another branch's, that happens to have the same name.
        Ok(Some(file).filter(|file| file.of == self.of()))
    }
}

impl File {
    /// The last results that are not of this commit.
    fn other_than(self, commit: &str) -> Option<String> {
        match self.commit == commit {
            true => self.before,
            false => Some(self.results),
        }
    }

    fn is_newer_than(&self, origin: &Origin) -> bool {
        match (&self.number, &origin.number) {
            (Some((pipeline, number)), Some((of_other, other))) => {
                pipeline == of_other && number > other
            }
            _ => false,
        }
    }
}

/// Clears away what no run has replaced for a long time. What cannot be removed stays.
pub fn clear_old(directory: &Path) {
    for entry in fs::read_dir(directory.join(FOLDER))
        .into_iter()
        .flatten()
        .flatten()
    {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.map(|changed| SystemTime::now().duration_since(changed));
        if is_ours && matches!(age, Ok(Ok(age)) if age > KEPT) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Vec<String> {
        ["api v2/x", "keploy"].map(str::to_owned).to_vec()
    }

    fn of<'a>(directory: &'a Path, line: &'a str, target: &'a [String]) -> LastOf<'a> {
        LastOf {
            directory,
            project: "o/r",
            line,
            target,
        }
    }

    fn origin(commit: &str, number: u64) -> Origin {
        Origin {
            commit: commit.to_owned(),
            number: Some(("tests".to_owned(), number)),
        }
    }

    fn text(found: Result<Option<String>, String>) -> Option<String> {
        found.expect("it can be read")
    }

    #[test]
    fn a_commit_is_compared_with_the_one_before_however_often_it_is_tested() {
        let folder = tempfile::tempdir().unwrap();
        let target = target();
        let main = of(folder.path(), "branch main", &target);
        assert_eq!(text(main.before("a")), None);
        main.keep(&origin("a", 1), "of a").unwrap();
        assert_eq!(text(main.before("a")), None);
        assert_eq!(text(main.before("b")).as_deref(), Some("of a"));
        main.keep(&origin("b", 2), "of b").unwrap();
        main.keep(&origin("b", 2), "of b once more").unwrap();
        assert_eq!(text(main.before("b")).as_deref(), Some("of a"));
        assert_eq!(text(main.before("c")).as_deref(), Some("of b once more"));
        assert_eq!(text(main.newest()).as_deref(), Some("of b once more"));
    }

    #[test]
    fn an_old_build_that_is_run_again_replaces_nothing_newer() {
        let folder = tempfile::tempdir().unwrap();
        let target = target();
        let main = of(folder.path(), "branch main", &target);
        main.keep(&origin("b", 2), "of b").unwrap();
        main.keep(&origin("a", 1), "of a").unwrap();
        assert_eq!(text(main.newest()).as_deref(), Some("of b"));
    }

    #[test]
    fn each_target_and_branch_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let (target, other) = (target(), vec!["api v2/x".to_owned(), "izli".to_owned()]);
        of(folder.path(), "branch main", &target)
            .keep(&origin("a", 1), "of a")
            .unwrap();
        assert_eq!(text(of(folder.path(), "branch b", &target).newest()), None);
        assert_eq!(
            text(of(folder.path(), "branch main", &other).newest()),
            None
        );
        let fork = LastOf {
            project: "fork/r",
            ..of(folder.path(), "branch main", &target)
        };
        assert_eq!(text(fork.newest()), None);
    }

    #[test]
    fn what_cannot_be_read_is_told_of_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let target = target();
        let main = of(folder.path(), "branch main", &target);
        main.keep(&origin("a", 1), "of a").unwrap();
        let mut newer: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(main.path()).unwrap()).unwrap();
        newer["proctor_last"] = 2.into();
        for broken in ["", "{}", newer.to_string().as_str()] {
            fs::write(main.path(), broken).unwrap();
            assert!(main.newest().is_err(), "{broken}");
        }
        main.keep(&origin("b", 2), "of b").unwrap();
        assert_eq!(text(main.newest()).as_deref(), Some("of b"));
        assert_eq!(text(main.before("b")), None);
    }

    #[test]
    fn what_nobody_has_replaced_for_long_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let target = target();
        let (old, new) = (
            of(folder.path(), "branch old", &target),
            of(folder.path(), "branch new", &target),
        );
        old.keep(&origin("a", 1), "of a").unwrap();
        new.keep(&origin("a", 1), "of a").unwrap();
        let long_ago = SystemTime::now() - KEPT - Duration::from_secs(60);
        let file = fs::File::options().write(true).open(old.path()).unwrap();
        file.set_modified(long_ago).unwrap();
        clear_old(folder.path());
        assert!(!old.path().exists() && new.path().exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let target = target();
        let main = of(folder.path(), "branch main", &target);
        main.keep(&origin("a", 1), "of a").unwrap();
        let mode = fs::metadata(main.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
