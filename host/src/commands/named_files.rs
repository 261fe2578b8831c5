//! Files that are named on the command line, patterns among them.

use std::path::{Path, PathBuf};

use crate::{failure::Failure, output};

use super::session::Session;

/// The files that a name or pattern stands for, in the order of their names, as the user would name them.
///
/// # Errors
/// A usage failure with the advice `next` if a pattern is none, or finds nothing.
pub fn matching(session: &Session, name: &str, next: &str) -> Result<Vec<String>, Failure> {
    let is_pattern = name.contains(['*', '?', '[']);
    if !is_pattern || session.path(name).exists() {
        return Ok(vec![name.to_owned()]);
    }
    let wrong = |why: String| Failure::usage(format!("{name}: {why}"), next);
    let paths = glob::glob(&absolute(session, name)).map_err(|error| wrong(error.to_string()))?;
    let mut found: Vec<String> = paths
        .filter_map(Result::ok)
        .filter(|path| path.is_file())
        .map(|path| {
            let below = path.strip_prefix(&session.directory).unwrap_or(&path);
            below.to_string_lossy().into_owned()
        })
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(wrong("no file matches".to_owned()));
    }
    Ok(found)
}

/// Whether a name or pattern stands for this file, which need not be there yet.
pub fn is_named(session: &Session, name: &str, path: &Path) -> bool {
    let place = output::place(path);
    let pattern = glob::Pattern::new(&absolute(session, name));
    let fits = |path: &Path| {
        let plain: PathBuf = path.components().collect();
        pattern
            .as_ref()
            .is_ok_and(|pattern| pattern.matches_path(&plain))
    };
    output::place(&session.path(name)) == place || fits(path) || fits(&place)
}

/// A pattern from the root on.
fn absolute(session: &Session, name: &str) -> String {
    let base = session.directory.to_string_lossy();
    match Path::new(name).is_absolute() {
        true => name.to_owned(),
        false => format!("{}/{name}", glob::Pattern::escape(&base)),
    }
}
