//! Files that are named on the command line, patterns among them.

use std::path::Path;

use crate::failure::Failure;

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
    let base = session.directory.to_string_lossy();
    let pattern = match Path::new(name).is_absolute() {
        true => name.to_owned(),
        false => format!("{}/{name}", glob::Pattern::escape(&base)),
    };
    let paths = glob::glob(&pattern).map_err(|error| wrong(error.to_string()))?;
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
