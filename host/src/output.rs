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
    let ordinary = path.metadata().map_or(true, |there| there.is_file());
    if !ordinary || path.starts_with("/dev") {
        // A device or a pipe would be replaced by a file; and so would what standard output is redirected to.
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no ordinary file; standard output is written as `-`",
        ));
    }
    let directory = parent(&real(path));
    fs::create_dir_all(&directory)?;
    tempfile::NamedTempFile::new_in(&directory).map(drop)
}

/// Writes a file whole: into a temporary file beside it, which then takes its place. Where the path is a link to a file,
/// that file is replaced, and the link stays.
///
/// # Errors
/// If the temporary file cannot be written or cannot take the place of the other.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = &real(path);
    let mut file = temporary(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    readable(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// As [`write`] for a file that is its owner's alone, made by a function that writes it in pieces.
///
/// # Errors
/// As for [`write`], and those of the function.
pub fn write_private(
    path: &Path,
    fill: impl FnOnce(&mut io::BufWriter<&mut fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    let path = &real(path);
    let mut file = temporary(path)?;
    let mut buffered = io::BufWriter::new(file.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file beside `path`, which its owner alone can read.
fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let directory = parent(path);
    fs::create_dir_all(&directory)?;
    tempfile::Builder::new()
        .prefix(".proctor-")
        .tempfile_in(&directory)
}

/// The folder in which [`write`] writes.
#[must_use]
pub fn folder(path: &Path) -> PathBuf {
    parent(&real(path))
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

/// Where a path leads, however it is written: links, `.` and `..` resolved as far as there is something.
#[must_use]
pub fn place(path: &Path) -> PathBuf {
    let file = path.file_name();
    match (fs::canonicalize(path), file) {
        (Ok(real), _) => real,
        (Err(_), Some(file)) => place_of_folder(&parent(path)).join(file),
        (Err(_), None) => path.to_owned(),
    }
}

/// As [`place`], for a folder that need not be there yet: `a/./b` and `a/b` are one.
fn place_of_folder(folder: &Path) -> PathBuf {
    fs::canonicalize(folder).unwrap_or_else(|_| folder.components().collect())
}

/// The file that a path leads to over links; the path itself if there is none yet.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
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

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_a_device_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        probe(&link).unwrap();
        write(&link, "after").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        let socket = directory.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(probe(&socket).unwrap_err().to_string().contains("`-`"));
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("trace.har");
        fs::write(&path, "before").unwrap();
        write_private(&path, |file| file.write_all(b"after")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let failed = write_private(&path, |_| Err(io::Error::other("no")));
        assert!(failed.is_err() && fs::read_to_string(&path).unwrap() == "after");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
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
