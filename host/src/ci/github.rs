//! GitHub Actions: masks, groups, the step's summary and its outputs.

use std::{
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{bindings::proctor::ci::types::Location, console::safe, output, secret::Secret};

/// The largest step summary; a larger one is dropped whole.
///
/// Source: actions/runner, `FileCommandManager.cs`.
const SUMMARY_LIMIT: u64 = 1_048_576;

/// The commands that make the runner mask a key, as it is and in the forms it is likely to be sent in.
#[must_use]
pub fn mask(key: &Secret) -> String {
    let mut forms: Vec<String> = key.expose().lines().map(str::to_owned).collect();
    forms.push(utf8_percent_encode(key.expose(), NON_ALPHANUMERIC).to_string());
    forms.push(STANDARD.encode(key.expose()));
    forms.sort();
    forms.dedup();
    forms
        .iter()
        .filter(|form| !form.trim().is_empty())
        .map(|form| format!("::add-mask::{}\n", escape(form)))
        .collect()
}

/// The beginning and end of a group of lines.
#[must_use]
pub fn group(title: &str) -> (String, String) {
    (
        format!("::group::{}\n", escape(title)),
        "::endgroup::\n".to_owned(),
    )
}

/// Escapes the data of a workflow command. Source: actions/toolkit, `command.ts`.
fn escape(data: &str) -> String {
    data.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The annotation for a failure that ended the step before there was any result.
#[must_use]
pub fn failure(message: &str, next: &str, location: Option<&Location>) -> String {
    let place = location.map_or_else(String::new, |location| {
        format!("file={},line={},", property(&location.file), location.line)
    });
    let data = escape(&format!(
        "{}\nnext: {}",
        safe::line(message),
        safe::line(next)
    ));
    format!("::error {place}title=Proctor::{data}\n")
}

/// The annotation for something that changes nothing, and should be known.
#[must_use]
pub fn warning(message: &str) -> String {
    format!(
        "::warning title=Proctor::{}\n",
        escape(&safe::line(message))
    )
}

/// Escapes a property of a workflow command. Source: actions/toolkit, `command.ts`.
fn property(value: &str) -> String {
    escape(value).replace(':', "%3A").replace(',', "%2C")
}

/// Appends the outputs of a step that ended before there was any result.
///
/// # Errors
/// If the file cannot be written.
pub fn append_failure(path: &Path, exit_code: u8) -> std::io::Result<()> {
    output::append(path, &format!("verdict=errored\nexit-code={exit_code}\n"))
}

/// How many bytes the step's summary can still take, beside what other commands of the step have written to it.
#[must_use]
pub fn summary_room(path: &Path) -> u64 {
    let there = std::fs::metadata(path).map_or(0, |file| file.len());
    // The line breaks before and behind it are ours.
    SUMMARY_LIMIT.saturating_sub(there + 2)
}

/// Appends to the step's summary, on a line of its own: Markdown that follows text on the same line is another.
///
/// # Errors
/// If the file cannot be read or written, or the text is longer than [`summary_room`], which would make the runner drop
/// the whole file.
pub fn append_summary(path: &Path, markdown: &str) -> std::io::Result<()> {
    let text = format!("{}\n", markdown.trim_end());
    if text.len() as u64 > summary_room(path) + 1 {
        return Err(std::io::Error::new(
            std::io::ErrorKind::StorageFull,
            format!("it would be longer than the {SUMMARY_LIMIT} bytes that GitHub takes"),
        ));
    }
    let begun = ends_within_a_line(path)?;
    output::append(path, &if begun { format!("\n{text}") } else { text })
}

/// Whether the file has text behind its last line break.
fn ends_within_a_line(path: &Path) -> std::io::Result<bool> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Appends outputs to the step's output file: those that the component has rendered, then the paths of reports.
///
/// # Errors
/// If the file cannot be written.
pub fn append_outputs(
    path: &Path,
    rendered: &str,
    paths: &[(&str, &str)],
    nonce: &str,
) -> std::io::Result<()> {
    let mut text = rendered.trim_end().to_owned();
    text.push('\n');
    for (name, value) in paths {
        text.push_str(&output_entry(name, value, nonce));
    }
    output::append(path, text.trim_start())
}

/// One output, with a delimiter that its value does not contain.
fn output_entry(name: &str, value: &str, nonce: &str) -> String {
    let mut delimiter = format!("proctor_{nonce}");
    while value.contains(&delimiter) {
        delimiter.push('_');
    }
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_masked_in_its_forms() {
        let commands = mask(&Secret::new("kep_a/b%c"));
        assert!(
            commands
                .lines()
                .all(|line| line.starts_with("::add-mask::"))
        );
        assert!(commands.contains("::add-mask::kep_a/b%25c\n"), "{commands}");
        assert!(
            commands.contains("::add-mask::a2VwX2EvYiVj\n"),
            "{commands}"
        );
    }

    #[test]
    fn a_group_cannot_be_broken_out_of() {
        assert_eq!(group("a\n::error::b%").0, "::group::a%0A::error::b%25\n");
    }

    #[test]
    fn an_annotation_stays_one_line_with_its_place() {
        let location = Location {
            file: "a,b:c\n.toml".to_owned(),
            line: 3,
        };
        assert_eq!(
            failure("50%\n::error::x", "do\u{1b}[2J it", Some(&location)),
            "::error file=a%2Cb%3Ac%0A.toml,line=3,title=Proctor::50%25 ::error::x%0Anext: do it\n"
        );
        assert!(failure("a", "b", None).starts_with("::error title=Proctor::a%0A"));
        assert_eq!(
            warning("50%\n::error::x"),
            "::warning title=Proctor::50%25 ::error::x\n"
        );
    }

    #[test]
    fn an_output_cannot_forge_another() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("output");
        std::fs::write(&path, "before=1\n").unwrap();
        let hostile = "x\nproctor_n\nverdict=passed";
        append_outputs(&path, "verdict<<d\nfailed\nd\n", &[("junit", hostile)], "n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "before=1\nverdict<<d\nfailed\nd\njunit<<proctor_n_\nx\nproctor_n\nverdict=passed\nproctor_n_\n"
        );
    }

    #[test]
    fn a_summary_is_appended_whole_or_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("summary");
        assert_eq!(summary_room(&path), SUMMARY_LIMIT - 2);
        std::fs::write(&path, "before").unwrap();
        let room = usize::try_from(summary_room(&path)).unwrap();
        assert!(append_summary(&path, &"x".repeat(room + 1)).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        append_summary(&path, &"x".repeat(room)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.len() as u64, SUMMARY_LIMIT);
        assert!(text.starts_with("before\nx") && text.ends_with("x\n"));
        assert_eq!(summary_room(&path), 0);
    }

    #[test]
    fn a_summary_stands_on_a_line_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        for (before, after) in [("", "## x\n"), ("a\n", "a\n## x\n"), ("a", "a\n## x\n")] {
            let path = directory.path().join("summary");
            std::fs::write(&path, before).unwrap();
            append_summary(&path, "## x\n\n").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
        }
    }
}
