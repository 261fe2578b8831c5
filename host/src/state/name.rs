//! The names of files: one for each target of each job.

use std::{fmt::Write as _, io, path::Path};

use sha2::{Digest as _, Sha256};

use crate::{
    bindings::proctor::ci::types::{Setting, Target},
    handles::{Entry, VARIABLE},
};

/// What all names begin with, so that nothing else is ever taken for ours.
pub const PREFIX: &str = "proctor-state-";

/// How much of a target's name is part of the file's.
const SHOWN: usize = 40;

/// The name of a target's files, without the number of its slot and without an ending.
pub struct Stem(String);

impl Stem {
    /// The name for a target of a job: what people know it by, and what tells it from all others.
    pub fn of(job: &[String], entry: &Entry) -> Self {
        let mut parts = job.to_vec();
        parts.extend(described(entry));
        let target = &entry.target.name;
        Self(format!("{PREFIX}{}-{}", slug(target), digest(&parts)))
    }

    /// The file in the slot of this number.
    pub fn file(&self, number: u32) -> String {
        match number {
            1 => format!("{}.json", self.0),
            number => format!("{}-{number}.json", self.0),
        }
    }

    /// The numbers of the slots in which something is.
    pub fn kept(&self, directory: &Path) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let rest = name
                .strip_prefix(&self.0)
                .and_then(|rest| rest.strip_suffix(".json"));
            match rest {
                Some("") => numbers.push(1),
                Some(rest) => numbers.extend(
                    rest.strip_prefix('-')
                        .and_then(|number| number.parse::<u32>().ok()),
                ),
                None => {}
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
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

/// The settings by name, but for values of the environment.
fn list_of(settings: &[Setting]) -> String {
    let mut settings: Vec<&Setting> = settings
        .iter()
        .filter(|setting| !setting.name.starts_with(VARIABLE))
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

/// The first half of the SHA-256 of the parts, each with its length before it. What is found under a name is compared with
/// what was looked for, so that half of it is enough.
fn digest(parts: &[String]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
