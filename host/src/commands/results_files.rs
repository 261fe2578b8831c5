//! Results files, as `run --report json` writes them.

use std::path::Path;

use crate::{
    bindings::exports::proctor::ci::reports::{Expected, Results},
    failure::Failure,
};

use super::{named_files, session::Session};

/// What is asked for.
const WANTED: &str = "give files that `proctor run --report json` has written, or a pattern in quotes such as 'results-*.json'";

/// How large all files together may be, in bytes: what the component can hold several times over, as text, as results, and as
/// the text of a report, which may be twice as long and is copied once while it grows. 100,000 tests take about a quarter of
/// it.
const LARGEST: u64 = 128 * 1024 * 1024;

/// The text of a file, whose size is taken off the room.
fn text(path: &Path, room: &mut u64) -> Result<String, String> {
    let told = |error: std::io::Error| format!("cannot be read: {error}");
    let size = std::fs::metadata(path).map_err(told)?.len();
    *room = room.checked_sub(size).ok_or_else(|| {
        format!(
            "is too large: results files may have {} MiB together",
            LARGEST >> 20
        )
    })?;
    let bytes = std::fs::read(path).map_err(told)?;
    // Some programs put a mark before what they redirect into a file.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err("is not in UTF-8: write it with `json=FILE`, as shells may redirect output in another encoding".to_owned()),
    }
}

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
    let mut room = LARGEST;
    for name in names {
        for shown in named_files::matching(session, name, WANTED)? {
            let path = session.path(&shown);
            let place = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !seen.contains(&place) {
                let text = text(&path, &mut room)
                    .map_err(|error| Failure::usage(format!("{shown} {error}"), WANTED))?;
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
