//! Being the only one at a slot.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    is_same,
    lock::{self, Lock},
    name,
};
use crate::{
    bindings::proctor::ci::types::Handle,
    handles::{self, Entry},
};

/// A slot that nobody else is at as long as this lives.
pub struct Hold {
    directory: PathBuf,
    life: String,
    /// None where there are no locks.
    file: Option<File>,
    unlocked: Option<io::Error>,
}

/// What came of trying to be the only one at a slot.
pub enum Tried {
    Held(Hold),
    /// Somebody is at it.
    Taken,
}

impl Hold {
    /// Tries to be the only one at the slot of this life.
    ///
    /// # Errors
    /// If the file of the lock can be neither made nor locked, where there are locks.
    pub(super) fn take(directory: &Path, life: &str) -> io::Result<Tried> {
        let (file, unlocked) = match Lock::take(&directory.join(name::lock(life)))? {
            Lock::Taken => return Ok(Tried::Taken),
            Lock::Held(file) => (Some(file), None),
            Lock::Unsupported(error) => (None, Some(error)),
        };
        Ok(Tried::Held(Self {
            directory: directory.to_owned(),
            life: life.to_owned(),
            file,
            unlocked,
        }))
    }

    /// Why nobody can be kept away from it, where the directory knows no locks.
    #[must_use]
    pub const fn unlocked(&self) -> Option<&io::Error> {
        self.unlocked.as_ref()
    }
}

impl Drop for Hold {
    /// Leaves nothing behind where nothing is kept.
    fn drop(&mut self) {
        if self.file.is_some() && name::is_empty(&self.directory, &self.life) {
            lock::remove(&self.directory.join(name::lock(&self.life)));
        }
    }
}

/// Tries to be the only one at the slot of a file; none if it is no file of a slot.
///
/// # Errors
/// As for the lock of any slot.
pub fn hold(file: &Path) -> io::Result<Option<Tried>> {
    let directory = file.parent();
    let life = file
        .file_name()
        .and_then(|name| name::life_of(&name.to_string_lossy()));
    match (directory, life) {
        (Some(directory), Some(life)) => Hold::take(directory, &life).map(Some),
        _ => Ok(None),
    }
}

/// Forgets what is kept in a file of a slot, if that is the run of the entry. What is another one's stays, and so does what
/// somebody is at, who will see to it.
///
/// # Errors
/// If it cannot be locked or removed.
pub fn clear(file: &Path, entry: &Entry) -> io::Result<()> {
    // Looked at first: whoever has written the entry may have named anything.
    if !holds(file, entry) {
        return Ok(());
    }
    if let Some(Tried::Held(_hold)) = hold(file)?
        && holds(file, entry)
    {
        fs::remove_file(file)?;
    }
    Ok(())
}

fn holds(file: &Path, entry: &Entry) -> bool {
    let kept = handles::entries(file).unwrap_or_default();
    matches!(kept.as_slice(), [kept] if is_same(kept, entry) && is_same_run(&kept.handle, &entry.handle))
}

/// How far apart our clock and a service's may tell of one trigger, in milliseconds. Ours.
const APART_MS: u64 = 10 * 60_000;

/// Whether both are about the same runs, of which one may know more than the other.
#[must_use]
pub fn is_same_run(one: &Handle, other: &Handle) -> bool {
    let mut pairs = one.triggers.iter().zip(&other.triggers);
    one.triggers.len() == other.triggers.len()
        && pairs.all(|(one, other)| {
            let same_job = one.job.is_none() || other.job.is_none() || one.job == other.job;
            let same_runs = one.runs.is_empty() || other.runs.is_empty() || one.runs == other.runs;
            // The time is that of the answer once there is one.
            let same_time = match (one.at_ms, other.at_ms) {
                (one_at, other_at) if one.stage == other.stage => one_at == other_at,
                (Some(one), Some(other)) => one.abs_diff(other) <= APART_MS,
                _ => true,
            };
            // What is still planned may be told of without its key.
            let same_key = one.idempotency_key == other.idempotency_key
                || one.idempotency_key.is_none()
                || other.idempotency_key.is_none();
            one.subject == other.subject && same_key && same_job && same_runs && same_time
        })
}
