//! Clears away what nobody has come back for.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    lock::{self, Lock},
    name::PREFIX,
};

/// How long something is kept. Source: docs.github.com, "Re-running workflows and jobs": up to 30 days after the first run.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The files of a slot.
const ENDINGS: [&str; 3] = ["tmp", "json", "lock"];

/// Removes slots of which no file was changed for a long time and that nobody is at. What cannot be removed stays.
pub fn clear(directory: &Path) {
    for slot in slots(directory) {
        if is_old(&slot)
            && let Ok(Lock::Held(_held)) = Lock::take(&slot.with_extension("lock"))
        {
            for ending in ["tmp", "json"] {
                let _ = fs::remove_file(slot.with_extension(ending));
            }
            lock::remove(&slot.with_extension("lock"));
        }
    }
}

fn slots(directory: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            name.starts_with(PREFIX) && ENDINGS.contains(&ending.as_ref())
        })
        .map(|path| path.with_extension(""))
        .collect()
}

/// Whether the newest file of a slot is old.
fn is_old(slot: &Path) -> bool {
    let newest = ENDINGS
        .iter()
        .filter_map(|ending| fs::metadata(slot.with_extension(ending)).ok())
        .filter_map(|metadata| metadata.modified().ok())
        .max();
    let now = SystemTime::now();
    newest.is_some_and(|newest| now.duration_since(newest).is_ok_and(|age| age > KEPT))
}
