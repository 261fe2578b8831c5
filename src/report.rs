//! Reports: from results to text. Nothing here writes a file, and nothing reads a clock.
//!
//! Text from a service is neutralised in [`clean`] for where it goes. Every kind but the annotations can be written
//! to a CI log as it is: no line of it is a command to the runner.

mod annotations;
mod class;
mod clean;
mod codequality;
mod ctrf;
mod dotenv;
mod github;
mod html;
mod issues;
mod json;
mod junit;
mod markdown;
mod merge;
mod object;
mod outputs;
#[cfg(test)]
mod sample;
mod sarif;
#[cfg(test)]
mod tests;
mod text;
mod view;
mod warnings;

pub use json::{ReadError, SCHEMA, read};
pub use merge::{Expected, merge};

use crate::model::Results;

/// A kind of report.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As written in `--report KIND=PATH`.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub help: &'static str,
    /// Where it is written when no path is given; `-` is standard output.
    pub default_path: &'static str,
    /// Makes it from the results and a nonce.
    make: fn(&Results, &str) -> String,
}

/// No kind of this name exists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no report of the kind `{name}`: choose one of {}", names())]
pub struct UnknownKind {
    name: String,
}

const KINDS: [Kind; 13] = [
    Kind {
        name: "junit",
        help: "JUnit XML, for GitLab, Jenkins and others",
        default_path: "junit.xml",
        make: |results, _| junit::render(results),
    },
    Kind {
        name: "json",
        help: "everything that is known, for programs and for `proctor render`",
        default_path: "results.json",
        make: |results, _| json::render(results),
    },
    Kind {
        name: "markdown",
        help: "a summary for people, as GitHub shows it for a step",
        default_path: "summary.md",
        make: |results, _| markdown::render(results),
    },
    Kind {
        name: "html",
        help: "a page for people, in one file, with search and a timeline",
        default_path: "report.html",
        make: |results, _| html::render(results),
    },
    Kind {
        name: "gitlab-codequality",
        help: "failures as findings in GitLab's merge requests (artifacts:reports:codequality)",
        default_path: "gl-code-quality-report.json",
        make: |results, _| codequality::render(results),
    },
    Kind {
        name: "gitlab-annotations",
        help: "links on the page of a GitLab job (artifacts:reports:annotations)",
        default_path: "gl-annotations.json",
        make: |results, _| annotations::render(results),
    },
    Kind {
        name: "dotenv",
        help: "variables for later jobs of a GitLab pipeline (artifacts:reports:dotenv)",
        default_path: "proctor.env",
        make: |results, _| dotenv::render(results),
    },
    Kind {
        name: "warnings-ng",
        help: "issues for the Warnings plugin of Jenkins, in its native format",
        default_path: "warnings-ng.json",
        make: |results, _| warnings::render(results),
    },
    Kind {
        name: "sarif",
        help: "failures as alerts of GitHub's code scanning and of others that read SARIF 2.1.0",
        default_path: "proctor.sarif",
        make: |results, _| sarif::render(results),
    },
    Kind {
        name: "ctrf",
        help: "tests in the Common Test Report Format, for the tools of ctrf.io",
        default_path: "ctrf-report.json",
        make: |results, _| ctrf::render(results),
    },
    Kind {
        name: "github-annotations",
        help: "workflow commands that make GitHub show errors and warnings",
        default_path: "-",
        make: |results, _| github::render(results),
    },
    Kind {
        name: "github-outputs",
        help: "the outputs of a step, to be appended to the file GITHUB_OUTPUT names",
        default_path: "-",
        make: outputs::render,
    },
    Kind {
        name: "text",
        help: "plain text for terminals and logs",
        default_path: "-",
        make: |results, _| text::render(results),
    },
];

/// The kinds that [`render`] knows.
#[must_use]
pub fn kinds() -> &'static [Kind] {
    &KINDS
}

/// Renders the results as a report of a kind.
///
/// `nonce` is random text of letters and digits, for delimiters that hostile text must not be able to forge.
///
/// # Errors
/// [`UnknownKind`] if there is no such kind.
pub fn render(kind: &str, results: &Results, nonce: &str) -> Result<String, UnknownKind> {
    KINDS
        .iter()
        .find(|each| each.name == kind)
        .map(|each| (each.make)(results, nonce))
        .ok_or_else(|| UnknownKind {
            name: clean::one_line(kind, 40),
        })
}

/// Renders the results as the kind `markdown`, in at most so many bytes; empty if they are too few for any summary.
#[must_use]
pub fn summary(results: &Results, room: usize) -> String {
    markdown::within(results, room)
}

/// Reads results back that were rendered as `json`, and merges those of several files. One file alone stays as it is,
/// unless an expected target is missing in it.
///
/// # Errors
/// The place of the first file that cannot be read, and why not.
pub fn read_all(files: &[String], expected: Vec<Expected>) -> Result<Results, (usize, ReadError)> {
    let mut parts = Vec::with_capacity(files.len());
    for (at, text) in files.iter().enumerate() {
        parts.push(read(text).map_err(|error| (at, error))?);
    }
    Ok(merge(parts, expected))
}

fn names() -> String {
    KINDS.map(|kind| kind.name.to_owned()).join(", ")
}
