//! Settings that cannot be right.

use crate::model::{Mistake, Target};

/// The mistakes in a target. With a source, or with a project and no run, it is there to publish.
pub fn mistakes(target: &Target) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut mistake = |parameter: &str, message: String| {
        found.push(Mistake {
            parameter: Some(parameter.to_owned()),
            message,
        });
    };
    if let Some(why) = missing(target) {
        mistake(why.0, why.1.to_owned());
    }
    if let Some(source) = target.text("source")
        && !is_source(source)
    {
        mistake(
            "source",
            format!(
                "{source:?} is no source: it takes letters, digits and dashes, begins with a letter, and has 2 characters at least"
            ),
        );
    }
    if target.text("run").is_some_and(|run| run.trim().is_empty()) {
        mistake("run", "it is empty".to_owned());
    }
    for name in ["project_id", "config_id", "milestone_id", "threads"] {
        if target.integer(name).is_some_and(|number| number < 1) {
            mistake(name, "it must be 1 or more".to_owned());
        }
    }
    if target.is_set("complete") && target.text("run").is_none() {
        mistake(
            "complete",
            "it belongs to `run`: a run that is made for the results is always completed"
                .to_owned(),
        );
    }
    for tag in target.texts("tags") {
        if tag.is_empty() || !tag.chars().all(is_tag) {
            mistake(
                "tags",
                format!("{tag:?} is no tag: it takes letters, digits, dashes and underscores"),
            );
        }
    }
    for field in target.texts("fields") {
        if pair(field).is_none() {
            mistake("fields", format!("{field:?} is not NAME=VALUE"));
        }
    }
    for name in ["links", "artifacts"] {
        for link in target.texts(name) {
            if !pair(link).is_some_and(|(_, url)| is_https(url)) {
                mistake(
                    name,
                    format!("{link:?} is not NAME=URL with a URL that begins with https://"),
                );
            }
        }
    }
    found
}

/// What publishing cannot do without.
pub fn missing(target: &Target) -> Option<(&'static str, &'static str)> {
    let (project, source) = (target.integer("project_id"), target.text("source"));
    match (project, source) {
        _ if target.text("run").is_some() => None,
        (Some(_), None) => Some((
            "source",
            "it is needed to publish, unless `run` names a run",
        )),
        (None, Some(_)) => Some((
            "project_id",
            "it is needed to publish, unless `run` names a run",
        )),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// A name and a value, as a user writes them in one.
pub fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    // What stands before a colon may be all of the name: a kind is no name.
    (!name.is_empty() && !name.ends_with(':')).then_some((name, value))
}

/// Whether a tag may hold it. Source: the vendor's client.
pub const fn is_tag(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

/// Source: the vendor's client.
fn is_source(source: &str) -> bool {
    source.len() >= 2
        && source.starts_with(|c: char| c.is_ascii_alphabetic())
        && source
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Whether others can reach it.
pub fn is_https(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace)
    })
}
