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
    if is_special(path) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no ordinary file",
        ));
    }
    temporary(&real(path)).map(drop)
}

/// Whether it is a device or a pipe, which would be replaced by a file; and so would what standard output is redirected to.
#[must_use]
pub fn is_special(path: &Path) -> bool {
    let is_other = |there: fs::Metadata| !there.is_file() && !there.is_dir();
    path.metadata().is_ok_and(is_other) || path.starts_with("/dev")
}

/// Writes a file whole: into a temporary file beside it, which then takes its place. Where the path is a link to a file,
/// that file is replaced, and the link stays.
///
/// # Errors
/// If the temporary file cannot be written or cannot take the place of the other.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = &real(path);
    filled(path, text)?
        .persist(path)
        .map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file whole, in the place of no other: where there is one already, it takes the name with a number. Returns where
/// it is.
///
/// # Errors
/// As for [`write`].
pub fn write_new(path: &Path, text: &str) -> io::Result<PathBuf> {
    persist_vacant(filled(path, text)?, path)
}

/// A temporary file beside `path` with this text, which everybody can read.
fn filled(path: &Path, text: &str) -> io::Result<tempfile::NamedTempFile> {
    let mut file = temporary(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    readable(file.as_file())?;
    Ok(file)
}

/// Writes a file that is its owner's alone, whole, by a function that writes it in pieces. Nothing is replaced but an empty
/// file: where there is something already, it takes the name with a number. Returns where it is.
///
/// # Errors
/// As for [`write`], and those of the function.
pub fn write_private(
    path: &Path,
    fill: impl FnOnce(&mut io::BufWriter<&mut fs::File>) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let may_replace = is_empty(path);
    // Beside the file itself, which may be elsewhere than the link to it.
    let beside = if may_replace {
        real(path)
    } else {
        path.to_owned()
    };
    let mut file = temporary(&beside)?;
    let mut buffered = io::BufWriter::new(file.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    if may_replace && is_empty(path) {
        file.persist(beside).map_err(|error| error.error)?;
        return Ok(path.to_owned());
    }
    persist_vacant(file, path)
}

/// Gives a file this name, or the first one with a number that no other has. Returns which.
fn persist_vacant(mut file: tempfile::NamedTempFile, path: &Path) -> io::Result<PathBuf> {
    let mut numbers = 2_u32..;
    let mut to = path.to_owned();
    loop {
        file = match persist_new(file, &to) {
            Ok(()) => return Ok(to),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => error.file,
            Err(error) => return Err(error.error),
        };
        let number = numbers.next().expect("there are fewer files than numbers");
        to = numbered(path, number);
    }
}

/// Gives a file a name that no other has.
fn persist_new(file: tempfile::NamedTempFile, to: &Path) -> Result<(), tempfile::PersistError> {
    match file.persist_noclobber(to) {
        // Not every file system can do it in one step.
        Err(error)
            if error.error.kind() != io::ErrorKind::AlreadyExists
                && to.symlink_metadata().is_err() =>
        {
            error.file.persist(to).map(drop)
        }
        other => other.map(drop),
    }
}

/// Whether there is a file with nothing in it.
#[must_use]
pub fn is_empty(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|there| there.is_file() && there.len() == 0)
}

/// The name with a number before its ending: `a/b-2.json`.
#[must_use]
pub fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| ending.to_string_lossy());
    let ending = ending.map_or_else(String::new, |ending| format!(".{ending}"));
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

/// A temporary file beside `path`, which its owner alone can read.
fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let directory = parent(path);
    fs::create_dir_all(&directory)?;
    let file = tempfile::Builder::new()
        .prefix(".proctor-")
        .tempfile_in(&directory);
    file.map_err(without_path)
}

/// The error in the system's own words: the name of a temporary file tells nobody anything.
fn without_path(error: io::Error) -> io::Error {
    let told = error.to_string();
    match told.split_once(" at path ") {
        Some((words, _)) => io::Error::new(error.kind(), words),
        None => error,
    }
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
        assert!(probe(&socket).is_err() && is_special(&socket) && !is_special(&link));
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("trace.har");
        fs::write(&path, "").unwrap();
        let written = |text: &str| write_private(&path, |file| file.write_all(text.as_bytes()));
        assert_eq!(written("one").unwrap(), path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let failed = write_private(&path, |_| Err(io::Error::other("no")));
        assert!(failed.is_err() && fs::read_to_string(&path).unwrap() == "one");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        for number in 2..4 {
            let other = directory.path().join(format!("trace-{number}.har"));
            assert_eq!(written("another").unwrap(), other);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn a_file_that_is_there_already_is_not_replaced_by_a_new_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/handle.json");
        for name in ["handle.json", "handle-2.json", "handle-3.json"] {
            let written = write_new(&path, name).unwrap();
            assert_eq!(written, path.with_file_name(name));
        }
        for name in ["handle.json", "handle-2.json", "handle-3.json"] {
            let text = fs::read_to_string(path.with_file_name(name)).unwrap();
            assert_eq!(text, name);
        }
    }

    /// Nobody makes files there, not even root.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_error_does_not_tell_the_name_of_a_temporary_file() {
        for told in [probe, |path: &Path| write(path, "")] {
            let told = told(Path::new("/proc/report.xml")).unwrap_err().to_string();
            assert!(
                told.contains("os error") && !told.contains("/proc"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_number_stands_before_the_ending_of_the_name_alone() {
        for (name, expected) in [
            ("trace.har", "trace-2.har"),
            ("a.b/trace", "a.b/trace-2"),
            ("a/trace.old.har", "a/trace.old-2.har"),
            (".trace", ".trace-2"),
        ] {
            assert_eq!(numbered(Path::new(name), 2), Path::new(expected));
        }
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
