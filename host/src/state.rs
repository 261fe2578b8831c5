//! What is kept of a job while its targets are under way, so that it can go on where it was if it is lost and run again.
//!
//! A file for each target, in the form of a handle file, is written before the first request that starts a run leaves, and
//! removed when the run has been reported. The files of one life of a job are its slot. A lock beside them, which the system
//! releases when a process dies, says that somebody is at it. Jobs that cannot be told apart, as those of a matrix, have a
//! slot each.

mod build;
mod hold;
pub mod last;
mod lock;
mod name;
mod old;
mod slot;
mod supersede;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    sync::Arc,
};

use crate::{bindings::proctor::ci::types::Target, handles::Entry};

pub use build::Build;
pub use hold::{Hold, Tried, clear, hold, is_same_run};
pub use name::list_of;
pub use slot::{Slot, write};
pub use supersede::Older;

use name::JobName;

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
}

/// The slots that this process is at, by their numbers.
struct Held<'a> {
    state: &'a State<'a>,
    job: JobName,
    holds: BTreeMap<u32, Arc<Hold>>,
}

impl State<'_> {
    /// Takes a place for each target that the entries describe, in their order: in the slot that one earlier life has left.
    ///
    /// What other lives have left is left to those who come for it, unless nobody but this one wants any of it.
    ///
    /// # Errors
    /// If nothing can be written in the directory.
    pub fn take(&self, entries: &[Entry]) -> io::Result<Vec<Taken>> {
        let mut held = self.nothing_held()?;
        let mut kept = held.job.kept(self.directory)?;
        let files: Vec<String> = entries.iter().map(name::file_of).collect();
        let mut numbers: Vec<Option<u32>> = vec![None; entries.len()];
        loop {
            let wanted: BTreeSet<&String> = files
                .iter()
                .zip(&numbers)
                .filter_map(|(file, number)| number.is_none().then_some(file))
                .collect();
            let matching = |there: &BTreeSet<String>| {
                there.iter().filter(|file| wanted.contains(file)).count()
            };
            // The most of what is wanted, and of equals the first.
            let best = kept
                .iter()
                .map(|(number, there)| (matching(there), there.len(), *number))
                .filter(|(matching, all, _)| {
                    *matching > 0 && (held.holds.is_empty() || matching == all)
                })
                .min_by_key(|(matching, _, number)| (usize::MAX - matching, *number));
            let Some((_, _, number)) = best else { break };
            let there = kept.remove(&number).unwrap_or_default();
            if held.take(number)? {
                for (file, number_of) in files.iter().zip(&mut numbers) {
                    if number_of.is_none() && there.contains(file) {
                        *number_of = Some(number);
                    }
                }
            }
        }
        let home = held.home()?;
        let place =
            |(entry, number): (&Entry, Option<u32>)| held.place(number.unwrap_or(home), entry);
        Ok(entries.iter().zip(numbers).map(place).collect())
    }

    /// Takes a place for each target, and with it all that any earlier life has left of it and nobody is at: it is forgotten
    /// once something else is kept.
    ///
    /// # Errors
    /// If nothing can be written in the directory.
    pub fn take_all(&self, entries: &[Entry]) -> io::Result<Vec<Taken>> {
        let mut held = self.nothing_held()?;
        let kept = held.job.kept(self.directory)?;
        let files: BTreeSet<String> = entries.iter().map(name::file_of).collect();
        for (number, there) in &kept {
            if !there.is_disjoint(&files) {
                held.take(*number)?;
            }
        }
        let home = held.home()?;
        let place = |entry: &Entry| {
            let mut taken = held.place(home, entry);
            let others = held.holds.iter().filter(|(number, _)| **number != home);
            taken.slot.supersede(others.map(|(number, hold)| {
                let path = self.directory.join(held.job.file(*number, entry));
                (path, Arc::clone(hold))
            }));
            taken
        };
        Ok(entries.iter().map(place).collect())
    }

    fn nothing_held(&self) -> io::Result<Held<'_>> {
        std::fs::create_dir_all(self.directory)?;
        Ok(Held {
            state: self,
            job: JobName::of(self.job),
            holds: BTreeMap::new(),
        })
    }

    /// Clears away what nobody has come back for.
    pub fn clear_old(&self) {
        old::clear(self.directory);
        last::clear_old(self.directory);
    }
}

impl Held<'_> {
    /// Whether the slot of this number is ours now.
    fn take(&mut self, number: u32) -> io::Result<bool> {
        match Hold::take(self.state.directory, &self.job.life(number))? {
            Tried::Taken => Ok(false),
            Tried::Held(hold) => {
                self.holds.insert(number, Arc::new(hold));
                Ok(true)
            }
        }
    }

    /// The slot for what no earlier life has begun: the first that is ours, or else an empty one. What lies in others is
    /// somebody else's.
    fn home(&mut self) -> io::Result<u32> {
        if let Some(number) = self.holds.keys().next() {
            return Ok(*number);
        }
        for number in 1..=MOST_SLOTS {
            if !self.take(number)? {
                continue;
            }
            // Looked at once nobody else can write there.
            if !self.job.kept(self.state.directory)?.contains_key(&number) {
                return Ok(number);
            }
            self.holds.remove(&number);
        }
        Err(io::Error::other(format!(
            "more than {MOST_SLOTS} jobs that cannot be told apart are at it"
        )))
    }

    fn place(&self, number: u32, entry: &Entry) -> Taken {
        let path = self.state.directory.join(self.job.file(number, entry));
        let slot = Slot::new(path, Arc::clone(&self.holds[&number]), entry.clone());
        let content = slot.read();
        Taken { slot, content }
    }
}

/// Whether both are the same thing to run: a target that has changed is another one. Where it is defined and how long it
/// may take makes no difference.
#[must_use]
pub fn is_same(one: &Entry, other: &Entry) -> bool {
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
