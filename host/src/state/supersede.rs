//! What older builds of the same branch have begun, and have not reported.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Build, Hold, State, Tried, is_same, name, name::JobName, slot};
use crate::handles::{self, Entry};

/// What an older build has begun of a target.
pub struct Older {
    /// The place of the target among those that were asked for.
    pub at: usize,
    pub entry: Entry,
    pub build: Build,
    path: PathBuf,
    /// Held where the process is dead that has begun it. None if it is still at it.
    hold: Option<Arc<Hold>>,
}

impl State<'_> {
    /// What older builds have begun of these targets, but for the files that this one goes on with. A file that cannot be
    /// read, or says of no build, is left to others.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn older(
        &self,
        entries: &[Entry],
        ours: &Build,
        going_on: &[PathBuf],
    ) -> io::Result<Vec<Older>> {
        let job = JobName::of(self.job);
        let files: Vec<String> = entries.iter().map(name::file_of).collect();
        let mut holds: BTreeMap<String, Option<Arc<Hold>>> = BTreeMap::new();
        let mut found = Vec::new();
        for file in std::fs::read_dir(self.directory)? {
            let path = file?.path();
            if going_on.contains(&path) {
                continue;
            }
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let Some(life) = name::life_of(&file) else {
                continue;
            };
            let of_target = |wanted: &String| {
                let rest = file.strip_prefix(name::PREFIX);
                let rest = rest.and_then(|rest| rest.strip_prefix(wanted.as_str()));
                rest.is_some_and(|rest| rest == format!("-{life}.json"))
            };
            let Some(at) = files.iter().position(of_target) else {
                continue;
            };
            let look = || read(&path, &entries[at], ours, job.has(&life));
            if look().is_none() {
                continue;
            }
            let hold = holds
                .entry(life.clone())
                .or_insert_with(|| held(self.directory, &life))
                .clone();
            // It may have been reported while nobody but its process was at it.
            if let Some((entry, build)) = look() {
                found.push(Older {
                    at,
                    entry,
                    build,
                    path: path.clone(),
                    hold,
                });
            }
        }
        found.sort_by(|one, other| (one.at, &one.path).cmp(&(other.at, &other.path)));
        Ok(found)
    }
}

/// The lock of a slot whose process is dead. What cannot be locked is left to whoever may be at it.
fn held(directory: &Path, life: &str) -> Option<Arc<Hold>> {
    match Hold::take(directory, life) {
        Ok(Tried::Held(hold)) if hold.unlocked().is_none() => Some(Arc::new(hold)),
        Ok(Tried::Held(_) | Tried::Taken) | Err(_) => None,
    }
}

/// What is kept in a file, if it is this target's and an older build's.
fn read(path: &Path, wanted: &Entry, ours: &Build, is_same_job: bool) -> Option<(Entry, Build)> {
    let [entry] = <[Entry; 1]>::try_from(handles::entries(path).ok()?).ok()?;
    let build = entry.build.clone()?;
    let is_wanted = is_same(&entry, wanted) && build.is_older_than(ours, is_same_job);
    is_wanted.then_some((entry, build))
}

impl Older {
    /// Whether the process is still at it that has begun it, as far as can be told.
    #[must_use]
    pub const fn is_living(&self) -> bool {
        self.hold.is_none()
    }

    /// Forgets what was stopped. A process that is still at it does so itself, and is told: it may be about to run again what
    /// had failed.
    ///
    /// # Errors
    /// If the file cannot be removed, or the process not be told.
    pub fn forget(&self) -> io::Result<()> {
        match self.is_living() {
            true => slot::mark(&self.path),
            false => slot::remove(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::proctor::ci::types::Stage,
        state::{
            Slot,
            tests::{entry, handle},
        },
    };

    fn build(line: &str, number: u64) -> Build {
        Build {
            project: "o/r".to_owned(),
            line: line.to_owned(),
            name: Some(number.to_string()),
            number: Some(("tests".to_owned(), number)),
            begun_at_ms: number,
        }
    }

    /// What a job of this build has begun; it lives as long as the slot does.
    fn begun(directory: &Path, build: Option<Build>, job: &str) -> Slot {
        let entry = Entry { build, ..entry() };
        let job = [job.to_owned()];
        let state = State {
            directory,
            job: &job,
        };
        let taken = state.take(std::slice::from_ref(&entry)).unwrap().remove(0);
        taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
        taken.slot
    }

    fn older(directory: &Path, going_on: &[PathBuf]) -> Vec<Older> {
        let job = ["ours".to_owned()];
        let state = State {
            directory,
            job: &job,
        };
        let ours = build("branch main", 8);
        state.older(&[entry()], &ours, going_on).unwrap()
    }

    #[test]
    fn only_what_an_older_build_of_the_branch_has_begun_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let dead = begun(folder.path(), Some(build("branch main", 7)), "older");
        let file = dead.path().to_owned();
        drop(dead);
        drop(begun(
            folder.path(),
            Some(build("branch other", 6)),
            "other",
        ));
        drop(begun(folder.path(), Some(build("branch main", 9)), "newer"));
        drop(begun(
            folder.path(),
            None,
            "of a version that knew no branch",
        ));
        let found = older(folder.path(), &[]);
        let [found] = found.as_slice() else {
            panic!("{} were found", found.len());
        };
        assert!(!found.is_living());
        assert_eq!((found.at, found.build.name.as_deref()), (0, Some("7")));
        assert!(older(folder.path(), std::slice::from_ref(&file)).is_empty());
        found.forget().unwrap();
        assert!(!file.exists());
    }

    #[test]
    fn what_somebody_is_still_at_stays_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let living = begun(folder.path(), Some(build("branch main", 7)), "older");
        let found = older(folder.path(), &[]);
        assert!(found[0].is_living() && !living.is_superseded());
        found[0].forget().unwrap();
        assert!(living.path().exists(), "its own process sees to it");
        assert!(living.is_superseded(), "and is told");
        found[0].forget().unwrap();
        living.forget().unwrap();
        assert!(!living.is_superseded() && !living.path().exists());
    }

    #[test]
    fn nobody_can_go_on_with_what_is_being_stopped() {
        let folder = tempfile::tempdir().unwrap();
        drop(begun(folder.path(), Some(build("branch main", 7)), "older"));
        let found = older(folder.path(), &[]);
        let again = begun(folder.path(), Some(build("branch main", 7)), "older");
        assert_ne!(again.path(), found[0].path);
    }

    #[test]
    fn another_target_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let job = ["older".to_owned()];
        let state = State {
            directory: folder.path(),
            job: &job,
        };
        let other = Entry {
            key_env: Some("OTHER_KEY".to_owned()),
            build: Some(build("branch main", 7)),
            ..entry()
        };
        let taken = state.take(std::slice::from_ref(&other)).unwrap().remove(0);
        taken.slot.keep(&handle(Stage::Accepted), None).unwrap();
        drop(taken);
        assert!(older(folder.path(), &[]).is_empty());
    }
}
