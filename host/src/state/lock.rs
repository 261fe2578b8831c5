//! A lock that the system releases when the process that holds it dies.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

/// How often a lock is tried for whose file somebody has just removed.
const TRIES: usize = 100;

/// What came of trying for a lock.
pub enum Lock {
    /// It is ours as long as the file is open.
    Held(File),
    /// Somebody has it.
    Taken,
    /// There are no locks here.
    Unsupported(io::Error),
}

impl Lock {
    /// Tries for the lock of this file, which is made if it is not there.
    ///
    /// # Errors
    /// If the file can be neither made nor opened, or cannot be locked where there are locks.
    pub fn take(path: &Path) -> io::Result<Self> {
        for _ in 0..TRIES {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Self::Taken),
                Err(TryLockError::Error(error)) if is_unsupported(&error) => {
                    // It is of no use, and nobody would clear it away.
                    let _ = std::fs::remove_file(path);
                    return Ok(Self::Unsupported(error));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever had it may have removed the file in between: then it locks nothing that others can see.
            if is_at(&file, path) {
                return Ok(Self::Held(file));
            }
        }
        Ok(Self::Taken)
    }
}

/// Whether a file system that has no locks answers so. Source: flock(2) and fcntl(2): `ENOLCK` is also what an NFS client
/// says whose server has none.
#[cfg(unix)]
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::NOLCK, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
    error.kind() == io::ErrorKind::Unsupported
        || none
            .iter()
            .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Source: learn.microsoft.com, "System Error Codes": `ERROR_INVALID_FUNCTION` and `ERROR_NOT_SUPPORTED`.
#[cfg(not(unix))]
fn is_unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported || matches!(error.raw_os_error(), Some(1 | 50))
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the file is the one that others find at the path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(theirs)) => place(ours) == place(theirs),
        _ => false,
    }
}

/// Files have no identity here that could be compared: [`remove`] leaves them.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Removes the file of a lock that is held, where that is no danger to others. Elsewhere it stays until it is old: there is
/// one for each life of a job.
pub fn remove(path: &Path) {
    if cfg!(unix) {
        // One that stays is taken by the next who comes.
        let _ = std::fs::remove_file(path);
    }
}
