//! The names of files: one for each target in each slot of each job, and one for the lock of the slot.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io,
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::{
    bindings::proctor::ci::types::{Setting, Target},
    handles::{Entry, is_of_host},
};

/// What all names begin with, so that nothing else is ever taken for ours.
pub const PREFIX: &str = "proctor-state-";

/// How much of a target's name is part of the file's.
const SHOWN: usize = 40;

/// How many hexadecimal digits name a job.
const JOB_DIGITS: usize = 32;

/// How many name a target of it, beside its own name.
const TARGET_DIGITS: usize = 16;

/// What the files of a job have in common.
pub struct JobName(String);

impl JobName {
    /// The name of a job that these parts tell from all others.
    pub fn of(job: &[String]) -> Self {
        Self(digest(job, JOB_DIGITS))
    }

    /// Whether a slot is one of this job's.
    pub fn has(&self, life: &str) -> bool {
        let rest = life.strip_prefix(self.0.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// What the files in the slot of this number have in common.
    pub fn life(&self, number: u32) -> String {
        match number {
            1 => self.0.clone(),
            number => format!("{}-{number}", self.0),
        }
    }

    /// The file of a target in the slot of this number.
    pub fn file(&self, number: u32, entry: &Entry) -> String {
        format!("{PREFIX}{}-{}.json", file_of(entry), self.life(number))
    }

    /// What is in each slot in which something is: the names that [`file_of`] gives.
    pub fn kept(&self, directory: &Path) -> io::Result<BTreeMap<u32, BTreeSet<String>>> {
        let mut kept: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for entry in std::fs::read_dir(directory)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let number = life_of(&name).and_then(|life| {
                let rest = life.strip_prefix(&self.0)?;
                match rest.strip_prefix('-') {
                    Some(number) => number.parse().ok(),
                    None => rest.is_empty().then_some(1),
                }
            });
            let Some(number) = number else { continue };
            let tail = format!("-{}.json", self.life(number));
            let file = name
                .strip_prefix(PREFIX)
                .and_then(|rest| rest.strip_suffix(&tail));
            if let Some(file) = file {
                kept.entry(number).or_default().insert(file.to_owned());
            }
        }
        Ok(kept)
    }
}

/// The name of a target's file, whatever the job and the slot: what people know it by, and what tells it from all others.
pub fn file_of(entry: &Entry) -> String {
    named(&entry.target.name, &described(entry))
}

/// What people know a target by, and what tells it from all others.
pub fn named(name: &str, parts: &[String]) -> String {
    format!("{}-{}", slug(name), digest(parts, TARGET_DIGITS))
}

/// The file of the lock of a slot.
pub fn lock(life: &str) -> String {
    format!("{PREFIX}{life}.lock")
}

/// What the files of a slot have in common, by the name of one of them that keeps a target; none if it is no such name.
pub fn life_of(name: &str) -> Option<String> {
    let stem = name.strip_prefix(PREFIX)?.strip_suffix(".json")?;
    let is_job = |part: &str| {
        part.len() == JOB_DIGITS && part.bytes().all(|digit| digit.is_ascii_hexdigit())
    };
    let (rest, last) = stem.rsplit_once('-')?;
    if is_job(last) {
        return Some(last.to_owned());
    }
    let (_, job) = rest.rsplit_once('-')?;
    let number: u32 = last.parse().ok()?;
    (is_job(job) && number > 1).then(|| format!("{job}-{number}"))
}

/// Whether nothing is kept in a slot. One that cannot be looked at is not known to be empty.
pub fn is_empty(directory: &Path, life: &str) -> bool {
    let Ok(mut entries) = std::fs::read_dir(directory) else {
        return false;
    };
    entries.all(|entry| {
        entry.is_ok_and(|entry| {
            life_of(&entry.file_name().to_string_lossy()).as_deref() != Some(life)
        })
    })
}

/// What makes a target the one that it is, in a fixed order.
pub fn described(entry: &Entry) -> Vec<String> {
    let Entry {
        target,
        key_env,
        plugin,
        ..
    } = entry;
    let Target {
        name,
        provider,
        api_url,
        settings,
        overrides,
        timeout_ms: _,
        location: _,
    } = target;
    let mut parts = vec![name.clone(), provider.clone(), api_url.clone()];
    for list in [settings, overrides] {
        parts.push(list_of(list));
    }
    for optional in [key_env, plugin] {
        parts.push(optional.clone().unwrap_or_default());
    }
    parts
}

/// The settings by name, but for those that the host makes.
pub fn list_of(settings: &[Setting]) -> String {
    let mut settings: Vec<&Setting> = settings
        .iter()
        .filter(|setting| !is_of_host(&setting.name))
        .collect();
    settings.sort_by(|one, other| one.name.cmp(&other.name));
    settings.iter().fold(String::new(), |mut text, setting| {
        // Names are names, and the form for debugging has every text in quotes.
        let _ = writeln!(text, "{}={:?}", setting.name, setting.value);
        text
    })
}

/// A target's name as part of a file's.
fn slug(name: &str) -> String {
    name.chars()
        .take(SHOWN)
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => c,
            _ => '-',
        })
        .collect()
}

/// The beginning of the SHA-256 of the parts, each with its length before it. What is found under a name is compared with
/// what was looked for, so that a part of it is enough.
pub fn digest(parts: &[String], digits: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    hash[..digits / 2]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
