//! Files that are all written, or none of them, and never over another.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// A file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// From the working directory, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn new(path: &str, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
        }
    }
}

/// Refuses to begin if one of the files is there.
///
/// # Errors
/// A usage failure that names each that is, and shows what to add to the configuration file if that is one of them.
pub fn refuse_existing(
    directory: &Path,
    files: &[File],
    config: &str,
    addition: &str,
) -> Result<(), Failure> {
    let there: Vec<&str> = files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| directory.join(path).symlink_metadata().is_ok())
        .collect();
    let are = match there.len() {
        0 => return Ok(()),
        1 => "is",
        _ => "are",
    };
    let message = format!(
        "{} {are} there already, and nothing is written over a file",
        there.join(" and ")
    );
    if !there.contains(&config) {
        let next = "move it away, or change it by hand; nothing was written";
        return Err(Failure::usage(message, next));
    }
    let next = format!(
        "add the lines above to {config} by hand, or name another file with --config; without --provider only the \
         pipeline is written; nothing was written"
    );
    Err(Failure::usage(message, next).details(format!("To be added to {config}:\n\n{addition}")))
}

/// Writes all files. What cannot be written whole leaves nothing behind.
///
/// # Errors
/// A usage failure that says which file cannot be written, and why.
pub fn write(directory: &Path, files: &[File]) -> Result<(), Failure> {
    let mut undo = Undo::default();
    for file in files {
        undo.written(directory, file).map_err(|error| {
            Failure::usage(
                format!("{} cannot be written: {error}", file.path),
                "see that the folder can be written to; nothing was written",
            )
        })?;
    }
    undo.keep();
    Ok(())
}

/// Takes back what was made, unless all of it was.
#[derive(Default)]
struct Undo {
    /// In the order in which they were made.
    made: Vec<Made>,
}

enum Made {
    Folder(PathBuf),
    File(PathBuf),
}

impl Undo {
    fn written(&mut self, directory: &Path, file: &File) -> io::Result<()> {
        let path = directory.join(&file.path);
        let folder = path.parent().unwrap_or(directory);
        self.folder(folder)?;
        let mut temporary = temporary(folder)?;
        temporary.write_all(file.text.as_bytes())?;
        temporary.as_file().sync_all()?;
        temporary
            .persist_noclobber(&path)
            .map_err(|error| error.error)?;
        self.made.push(Made::File(path));
        Ok(())
    }

    /// Makes a folder and those above it, as far as they are missing.
    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.folder(above)?;
        }
        fs::create_dir(folder)?;
        self.made.push(Made::Folder(folder.to_owned()));
        Ok(())
    }

    fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        for made in self.made.drain(..).rev() {
            // The failure that led here is told; a second one adds nothing. A folder that others use by now stays.
            let _ = match made {
                Made::Folder(path) => fs::remove_dir(path),
                Made::File(path) => fs::remove_file(path),
            };
        }
    }
}

/// A temporary file that gets the permissions of any new file: it is for everyone who works on the repository.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".proctor-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> [File; 2] {
        [
            File::new("proctor.toml", "a".to_owned()),
            File::new(".github/workflows/proctor.yml", "b".to_owned()),
        ]
    }

    #[test]
    fn all_are_written_with_the_folders_that_they_need() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &files()).unwrap();
        for file in files() {
            assert_eq!(
                fs::read_to_string(folder.path().join(&file.path)).unwrap(),
                file.text
            );
        }
        let refused = refuse_existing(folder.path(), &files(), "proctor.toml", "[targets.x]\n");
        let refused = refused.unwrap_err();
        let message = &refused.problem.message;
        assert!(
            message.contains("proctor.toml and .github/workflows/proctor.yml are"),
            "{message}"
        );
        assert!(refused.details.unwrap().plain().contains("[targets.x]"));
    }

    #[test]
    fn one_that_cannot_be_written_leaves_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".github"), "in the way").unwrap();
        let refused = write(folder.path(), &files()).unwrap_err();
        assert!(
            refused
                .problem
                .message
                .starts_with(".github/workflows/proctor.yml cannot")
        );
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
        fs::remove_file(folder.path().join(".github")).unwrap();
        // The last one is there, which is seen only when it is to be written.
        let [config, pipeline] = files();
        let other = File::new("proctor.toml", "c".to_owned());
        assert!(write(folder.path(), &[pipeline, config, other]).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
