//! Files that are written whole or not at all.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Looks whether a file can be written at `path`, making the directories above it.
///
/// # Errors
/// If a directory cannot be made, nothing can be written into it, or `path` is a directory itself.
pub fn probe(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory",
        ));
    }
    let directory = parent(path);
    fs::create_dir_all(&directory)?;
    tempfile::NamedTempFile::new_in(&directory).map(drop)
}

/// Writes a file whole: into a temporary file beside it, which then takes its place.
///
/// # Errors
/// If the temporary file cannot be written or cannot take the place of the other.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = parent(path);
    fs::create_dir_all(&directory)?;
    let mut file = tempfile::Builder::new()
        .prefix(".proctor-")
        .tempfile_in(&directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    readable(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Appends to a file that somebody else has begun, in one write.
///
/// # Errors
/// If the file cannot be opened or written.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    file.write_all(text.as_bytes())
}

/// Temporary files are for their owner alone; reports are for later steps of a job too, which may be other users'.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/report.xml");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_found_before() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(probe(&file.join("below")).is_err());
        assert!(probe(directory.path()).is_err());
        assert!(probe(&directory.path().join("new/report")).is_ok());
    }
}
