//! The place of one target: what is kept of it, written whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Hold, is_same};
use crate::{
    bindings::proctor::ci::types::Handle,
    handles::{self, Again, Entry},
};

/// The ending of the file that says that a newer build has stopped the run.
pub(super) const SUPERSEDED: &str = "superseded";

/// The place of a target, as long as this lives.
pub struct Slot {
    path: PathBuf,
    hold: Arc<Hold>,
    /// The target, for which only the handle changes.
    entry: Entry,
    /// Whether anything was kept here by this process.
    is_begun: AtomicBool,
    /// What is forgotten once something is kept here, and that nobody else is at it.
    superseded: Vec<(PathBuf, Arc<Hold>)>,
}

impl Slot {
    pub(super) fn new(path: PathBuf, hold: Arc<Hold>, entry: Entry) -> Self {
        Self {
            path,
            hold,
            entry,
            is_begun: AtomicBool::new(false),
            superseded: Vec::new(),
        }
    }

    /// Takes the place of other files.
    pub(super) fn supersede(&mut self, others: impl Iterator<Item = (PathBuf, Arc<Hold>)>) {
        self.superseded.extend(others);
    }

    /// Why nobody can be kept away from it, where the directory knows no locks.
    #[must_use]
    pub fn unlocked(&self) -> Option<&io::Error> {
        self.hold.unlocked()
    }

    /// The target that it is for.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Whether anything was kept here by this process.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.is_begun.load(Ordering::Relaxed)
    }

    /// Where it is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is there, or why it cannot be read; none if there is nothing.
    pub(super) fn read(&self) -> Option<Result<Entry, String>> {
        if let Err(error) = fs::symlink_metadata(&self.path)
            && error.kind() == io::ErrorKind::NotFound
        {
            return None;
        }
        let only = |runs: Vec<Entry>| match <[Entry; 1]>::try_from(runs) {
            Ok([entry]) if is_same(&entry, &self.entry) => Ok(entry),
            Ok(_) => Err("it is about another target".to_owned()),
            Err(runs) => Err(format!("it names {} runs", runs.len())),
        };
        Some(handles::entries(&self.path).and_then(only))
    }

    /// Keeps what was, or is about to be, triggered. Once this returns it is on the disk. `again` says that it is a part of
    /// the target.
    ///
    /// # Errors
    /// If it cannot be written; what was there before is there still.
    pub fn keep(&self, handle: &Handle, again: Option<&Again>) -> io::Result<()> {
        let entry = Entry {
            handle: handle.clone(),
            again: again.cloned(),
            ..self.entry.clone()
        };
        write(&self.path, &handles::text(&[entry])?)?;
        self.is_begun.store(true, Ordering::Relaxed);
        for (other, _) in &self.superseded {
            absent(fs::remove_file(other))?;
        }
        Ok(())
    }

    /// Whether a newer build has stopped what was kept: nothing more is to be begun.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        mark_of(&self.path).exists()
    }

    /// Forgets what was kept.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn forget(&self) -> io::Result<()> {
        absent(fs::remove_file(self.path.with_extension("tmp")))?;
        remove(&self.path)
    }
}

/// The file beside a slot's by which a newer build tells the process that is at it that its run was stopped.
fn mark_of(path: &Path) -> PathBuf {
    path.with_extension(SUPERSEDED)
}

/// Tells whoever is at a slot that a newer build has stopped its run.
///
/// # Errors
/// If it cannot be written.
pub(super) fn mark(path: &Path) -> io::Result<()> {
    match private(&mark_of(path)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Removes a slot's file, with what a newer build has told.
///
/// # Errors
/// If one of them cannot be removed.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    absent(fs::remove_file(mark_of(path)))?;
    absent(fs::remove_file(path))
}

/// Writes a file of a slot whole, for its owner alone. Once this returns it is on the disk.
///
/// # Errors
/// If it cannot be written; what was there before is there still.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    // A process that was killed here may have left one; and what leads elsewhere is not followed.
    absent(fs::remove_file(&temporary))?;
    let mut file = private(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_directory(path);
    Ok(())
}

/// A new file for its owner alone: whoever may read it may follow the runs in it.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Nothing was there: that is what was wanted.
fn absent(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new name lasts once its directory is on the disk. Not every system lets a directory be synchronised, and then it
/// lasts by itself or cannot be made to.
fn sync_directory(path: &Path) {
    if let Some(Ok(directory)) = path.parent().map(File::open) {
        let _ = directory.sync_all();
    }
}
