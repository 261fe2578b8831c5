//! Clears away what nobody has come back for.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{
    lock::{self, Lock},
    name,
    slot::SUPERSEDED,
};

/// How long something is kept. Source: docs.github.com, "Re-running workflows and jobs": up to 30 days after the first run.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Removes slots of which no file was changed for a long time and that nobody is at. What cannot be removed stays.
pub fn clear(directory: &Path) {
    for (life, files) in slots(directory) {
        if !files.iter().all(|file| is_old(file)) {
            continue;
        }
        // Where there are no locks nobody can be told of it, after all that time.
        let lock = directory.join(name::lock(&life));
        let held = match Lock::take(&lock) {
            Ok(Lock::Held(held)) => Some(held),
            Ok(Lock::Unsupported(_)) => None,
            Ok(Lock::Taken) | Err(_) => continue,
        };
        for file in files.iter().filter(|file| **file != lock) {
            let _ = fs::remove_file(file);
        }
        lock::remove(&lock);
        drop(held);
        // A file that is open cannot be removed everywhere.
        if cfg!(not(unix)) {
            let _ = fs::remove_file(&lock);
        }
    }
}

/// The files of each slot.
fn slots(directory: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut slots: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(life) = life(&name) {
            slots.entry(life).or_default().push(path);
        }
    }
    slots
}

/// The slot to which a file belongs, whatever it is for.
fn life(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    match ending {
        "json" => name::life_of(name),
        "tmp" | SUPERSEDED => name::life_of(&format!("{stem}.json")),
        // As the name of a target's file would end.
        "lock" => {
            let rest = stem.strip_prefix(name::PREFIX)?;
            name::life_of(&format!("{}-{rest}.json", name::PREFIX))
        }
        _ => None,
    }
}

fn is_old(file: &Path) -> bool {
    let changed = fs::metadata(file).and_then(|metadata| metadata.modified());
    let age = changed.map(|changed| SystemTime::now().duration_since(changed));
    matches!(age, Ok(Ok(age)) if age > KEPT)
}
