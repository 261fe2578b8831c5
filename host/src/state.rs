//! What is kept of a job while its targets are under way, so that it can go on where it was if it is lost and run again.
//!
//! A file for each target, in the form of a handle file, is written before the first request that starts a run leaves, and
//! removed when the run has been reported. A lock beside it, which the system releases when a process dies, says that
//! somebody is at it. Jobs that cannot be told apart, as those of a matrix, have a slot each.

mod lock;
mod name;
mod old;
mod slot;

use std::{io, path::Path};

use crate::{bindings::proctor::ci::types::Target, handles::Entry};

pub use slot::Slot;

use lock::Lock;
use name::Stem;

/// The most jobs that cannot be told apart. Ours: the largest matrix has 256 jobs (docs.github.com, "Actions limits").
const MOST_SLOTS: u32 = 1024;

/// What is kept in one directory, of one job.
pub struct State<'a> {
    pub directory: &'a Path,
    /// What tells the job from others.
    pub job: &'a [String],
}

/// A place for a target that nobody else is at, and what was there.
pub struct Taken {
    pub slot: Slot,
    /// None if nothing was there.
    pub content: Option<Result<Entry, String>>,
    /// Why nobody can be kept away from it, where the directory knows no locks.
    pub unlocked: Option<io::Error>,
}

impl State<'_> {
    /// Takes a slot for the target that `entry` describes: one in which something was left, or else an empty one.
    ///
    /// # Errors
    /// If nothing can be written in the directory.
    pub fn take(&self, entry: &Entry) -> io::Result<Taken> {
        std::fs::create_dir_all(self.directory)?;
        let stem = Stem::of(self.job, entry);
        for number in stem.kept(self.directory)? {
            match self.try_slot(&stem, number, entry)? {
                Some(taken) if taken.content.is_some() => return Ok(taken),
                _ => {}
            }
        }
        for number in 1..=MOST_SLOTS {
            if let Some(taken) = self.try_slot(&stem, number, entry)? {
                return Ok(taken);
            }
        }
        Err(io::Error::other(format!(
            "more than {MOST_SLOTS} jobs that cannot be told apart are at it"
        )))
    }

    /// The slot of this number; none if somebody is at it.
    fn try_slot(&self, stem: &Stem, number: u32, entry: &Entry) -> io::Result<Option<Taken>> {
        let path = self.directory.join(stem.file(number));
        let (lock, unlocked) = match Lock::take(&path.with_extension("lock"))? {
            Lock::Taken => return Ok(None),
            Lock::Held(file) => (Some(file), None),
            Lock::Unsupported(error) => (None, Some(error)),
        };
        let slot = Slot::new(path, lock, entry.clone());
        let content = slot.read();
        Ok(Some(Taken {
            slot,
            content,
            unlocked,
        }))
    }

    /// Clears away what nobody has come back for.
    pub fn clear_old(&self) {
        old::clear(self.directory);
    }
}

/// Whether both are the same thing to run: a target that has changed is another one. Where it is defined and how long it
/// may take makes no difference.
fn is_same(one: &Entry, other: &Entry) -> bool {
    name::described(one) == name::described(other)
}

/// A target as it is kept, without a run.
#[must_use]
pub fn blank(target: &Target, key_env: Option<String>, plugin: Option<String>) -> Entry {
    let nothing = crate::bindings::proctor::ci::types::Handle {
        provider: target.provider.clone(),
        triggers: Vec::new(),
    };
    Entry::new(target, nothing, key_env, plugin)
}

#[cfg(test)]
mod tests;
