//! Results files, as `run --report json` writes them.

use crate::{
    bindings::exports::proctor::ci::reports::{Expected, Results},
    failure::Failure,
};

use super::{named_files, session::Session};

/// What is asked for.
const WANTED: &str = "give files that `proctor run --report json` has written, or a pattern in quotes such as 'results-*.json'";

/// Reads the files that are named, patterns among them, each once: in the order of the names, and of the files' own names
/// for a pattern. What they hold is merged, and expected targets that are in none of them are added.
///
/// # Errors
/// A usage failure that names the file that cannot be read or holds something else, or the pattern that finds nothing.
pub async fn read(
    session: &Session,
    names: &[String],
    expected: Vec<Expected>,
) -> Result<Results, Failure> {
    let (mut files, mut texts, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        for shown in named_files::matching(session, name, WANTED)? {
            let path = session.path(&shown);
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Failure::usage(format!("{shown} cannot be read: {error}"), WANTED)
            })?;
            let place = path.canonicalize().unwrap_or(path);
            if !seen.contains(&place) {
                seen.push(place);
                files.push(shown);
                texts.push(text);
            }
        }
    }
    let read = session.component.read(texts, expected).await?;
    read.map_err(|wrong| {
        let file = usize::try_from(wrong.file).ok();
        let shown = file.and_then(|file| files.get(file));
        let shown = shown.map_or("one of them", String::as_str);
        let message = format!("{shown} is no results file: {}", wrong.message);
        Failure::usage(message, WANTED)
    })
}
