//! Runs a command and measures it.
//!
//! A command is started by a small process of its own (this program again, as `compare measure`), which waits for it and is
//! told by the system what it took. So the memory that is counted is the command's alone: Linux counts what a process held
//! before it became another program as if it were the new one's, and this program holds a whole sandbox.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use wait4::Wait4;

use crate::Result;

/// The word by which this program is asked to measure.
pub const MEASURE: &str = "measure";

/// What a command took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Since the Unix epoch.
    pub began: Duration,
    pub ended: Duration,
    /// Of the processor, by the command and all that it has started and waited for.
    pub cpu: Duration,
    /// The most that the largest of these processes held at once, in bytes.
    pub memory: u64,
    /// None if a signal ended it.
    pub code: Option<i32>,
}

impl Measured {
    /// From start to end.
    #[must_use]
    pub fn wall(&self) -> Duration {
        self.ended.saturating_sub(self.began)
    }
}

/// A command that is to be measured, with nothing in its environment but what is set.
#[derive(Debug, Clone)]
pub struct Timed {
    words: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    folder: PathBuf,
}

/// A command that is being measured.
pub struct Running {
    child: Child,
    told: tempfile::NamedTempFile,
    output: tempfile::NamedTempFile,
}

/// What a command took, and what it said.
#[derive(Debug, Clone)]
pub struct Ended {
    pub took: Measured,
    pub said: String,
}

impl Timed {
    /// A program, in a folder.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>, folder: &Path) -> Self {
        Self {
            words: vec![program.as_ref().to_owned()],
            variables: vec![("PATH".into(), std::env::var_os("PATH").unwrap_or_default())],
            folder: folder.to_owned(),
        }
    }

    #[must_use]
    pub fn arguments<T: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        let arguments = arguments.into_iter();
        self.words
            .extend(arguments.map(|argument| argument.as_ref().to_owned()));
        self
    }

    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables
            .push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// If this program cannot be started, or no temporary file be made.
    pub fn start(&self) -> Result<Running> {
        let (told, output) = (
            tempfile::NamedTempFile::new()?,
            tempfile::NamedTempFile::new()?,
        );
        // One file for both, so that what was said last stands last.
        let said = output.reopen()?;
        let child = Command::new(std::env::current_exe()?)
            .arg(MEASURE)
            .arg(told.path())
            .args(&self.words)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()?;
        Ok(Running {
            child,
            told,
            output,
        })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(&self) -> Result<Ended> {
        self.start()?.end()
    }

    /// Runs it to its end, which must be one of these.
    ///
    /// # Errors
    /// If it cannot be started or ends in another way: a figure of something that failed would mean nothing.
    pub fn expect(&self, codes: &[i32]) -> Result<Ended> {
        self.start()?.expect(codes)
    }
}

impl Running {
    /// Waits for its end.
    ///
    /// # Errors
    /// If it could not be started.
    pub fn end(mut self) -> Result<Ended> {
        let status = self.child.wait()?;
        let said = String::from_utf8_lossy(&std::fs::read(self.output.path())?).into_owned();
        if !status.success() {
            return Err(format!("a command could not be measured: {said}").into());
        }
        let took = serde_json::from_slice(&std::fs::read(self.told.path())?)?;
        Ok(Ended { took, said })
    }

    /// As [`Timed::expect`].
    ///
    /// # Errors
    /// As there.
    pub fn expect(self, codes: &[i32]) -> Result<Ended> {
        let ended = self.end()?;
        match ended.took.code {
            Some(code) if codes.contains(&code) => Ok(ended),
            code => {
                let said = ended.said;
                Err(format!("a command ended with {code:?}, not {codes:?}:\n{said}").into())
            }
        }
    }
}

/// Carries out `compare measure FILE PROGRAM ARGUMENT…`, the first two words of which are taken away: runs the program and
/// writes to the file what it took.
///
/// # Errors
/// If the program cannot be started or the file not be written.
pub fn measure(words: &[OsString]) -> Result<()> {
    let [file, program, arguments @ ..] = words else {
        return Err("measure: FILE PROGRAM ARGUMENT…".into());
    };
    let began = now();
    let child = Command::new(program)
        .args(arguments)
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let used = child.wait4()?;
    let measured = Measured {
        began,
        ended: now(),
        cpu: used.rusage.utime + used.rusage.stime,
        memory: used.rusage.maxrss,
        code: used.status.code(),
    };
    std::fs::write(file, serde_json::to_vec(&measured)?)?;
    Ok(())
}

/// Since the Unix epoch, by the clock that all processes here share.
#[must_use]
pub fn now() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

/// Where a program is that is called by its name; none if it is not there.
#[must_use]
pub fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
