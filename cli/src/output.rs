//! Files that are written whole or not at all, in the directories that the host gives.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Looks whether a file can be written at `path`, making the directories above it.
///
/// # Errors
/// If a directory cannot be made, nothing can be written into it, or `path` is something else than a file.
pub fn probe(path: &Path) -> io::Result<()> {
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return Err(io::Error::other("it is no ordinary file"));
    }
    make_folder(path)?;
    let beside = beside(path);
    fs::write(&beside, "")?;
    fs::remove_file(&beside)
}

/// Writes a file whole: into another one beside it, which then takes its place.
///
/// # Errors
/// If the other cannot be written or cannot take the place.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    make_folder(path)?;
    let beside = beside(path);
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

/// The name with a number before its ending: `a/b-2.json`.
pub fn numbered(shown: &str, number: u32) -> String {
    let path = Path::new(shown);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| {
        format!(".{}", ending.to_string_lossy())
    });
    let path = path.with_file_name(format!("{stem}-{number}{ending}"));
    path.to_string_lossy().into_owned()
}

/// Where a path leads, as far as can be told without asking the system: `./a` and `a` are one.
pub fn place(path: &str) -> PathBuf {
    Path::new(path)
        .components()
        .filter(|part| *part != std::path::Component::CurDir)
        .collect()
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

/// A name that nobody else uses: two programs may write into one folder.
fn beside(path: &Path) -> PathBuf {
    let random = wasi::random::random::get_random_u64();
    path.with_file_name(format!(".proctor-{random:016x}"))
}
