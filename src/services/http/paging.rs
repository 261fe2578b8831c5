//! Results that come in pages.

use serde_json::Value;

use super::path::below;
use super::settings::{Next, Settings};
use super::template::Values;
use super::trigger;
use crate::api::{Answer, Client, Failure, Fault, Phase};
use crate::error::{Code, Problem};
use crate::model::{Target, Trigger};
use crate::ports::Head;
use crate::services::{Call, Followed};

/// The most pages that are read. A list without end would otherwise be read for ever.
const MOST_PAGES: usize = 500;

/// Reads the answers with results, the last poll's or those of `results`, page by page; `take` sees each.
///
/// # Errors
/// Why a page could not be read, or that there is no end.
pub fn pages(
    client: &mut Client,
    target: &Target,
    settings: &Settings,
    started: &Trigger,
    followed: &Followed,
    mut take: impl FnMut(&Client, &Value) -> Result<(), &'static str>,
) -> Result<(), Problem> {
    let values = trigger::values(target, started);
    let asked = settings.results.as_ref().unwrap_or(&settings.poll);
    let mut call = asked.call(&values).map_err(impossible)?;
    let mut answer = match &settings.results {
        Some(_) => read(client, &call)?,
        None => Answer {
            json: followed.body.clone(),
            head: Head::default(),
            request_id: None,
        },
    };
    let mut seen = vec![call.clone()];
    loop {
        take(client, &answer.json).map_err(|why| malformed(&call, why))?;
        let Some(next) = following(target, settings, &values, &call, &answer)? else {
            return Ok(());
        };
        if seen.contains(&next) {
            return Err(malformed(&call, "the results name the same page twice"));
        }
        if seen.len() >= MOST_PAGES {
            return Err(malformed(&call, "the results have no end"));
        }
        call = next;
        answer = read(client, &call)?;
        seen.push(call.clone());
    }
}

fn read(client: &mut Client, call: &Call) -> Result<Answer, Problem> {
    client
        .ask(call)
        .map_err(|failure| failure.problem(Phase::AfterTrigger))
}

fn malformed(call: &Call, why: &str) -> Problem {
    let failure = Failure {
        call: call.shown(),
        fault: Fault::Malformed {
            why: why.to_owned(),
            request_id: None,
        },
    };
    failure.problem(Phase::AfterTrigger)
}

fn impossible(why: String) -> Problem {
    Problem::new(Code::ServiceErrored, why)
}

/// The request for the page after an answer; none at the end.
fn following(
    target: &Target,
    settings: &Settings,
    values: &Values,
    call: &Call,
    answer: &Answer,
) -> Result<Option<Call>, Problem> {
    let address = match &settings.next {
        None => return Ok(None),
        Some(Next::Link) => answer.head.header("link").and_then(next_link),
        Some(Next::Address(place)) => told(place.words(&answer.json), call)?,
        Some(Next::Cursor(place, page)) => {
            let Some(cursor) = told(place.words(&answer.json), call)? else {
                return Ok(None);
            };
            let values = Values {
                next: Some(&cursor),
                ..*values
            };
            return page
                .call(&values)
                .map(Some)
                .map_err(|why| malformed(call, &why));
        }
    };
    match address {
        None => Ok(None),
        Some(address) => match resolved(&target.api_url, &call.path, &address) {
            Some(path) => Ok(Some(Call::get(path))),
            None => Err(malformed(
                call,
                &format!("the next page ({address}) is not below api_url"),
            )),
        },
    }
}

/// What the answer tells of the next page. `false` is how some say that there is none.
fn told(mut words: Vec<String>, call: &Call) -> Result<Option<String>, Problem> {
    match words.len() {
        0 => Ok(None),
        1 => Ok(words.pop().filter(|word| word != "false")),
        _ => Err(malformed(call, "the results name several next pages")),
    }
}

/// The target of the first link of relation `next`. Source: RFC 8288, 3.
fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (address, parameters) = after.split_once('>')?;
        // The next link begins at the next bracket; a quoted one is not expected in a relation.
        let own = parameters.split('<').next().unwrap_or_default();
        let is_next = own.split([';', ',']).any(|parameter| {
            parameter
                .trim()
                .split_once('=')
                .is_some_and(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("rel")
                        && value
                            .trim()
                            .trim_matches('"')
                            .split_ascii_whitespace()
                            .any(|relation| relation.eq_ignore_ascii_case("next"))
                })
        });
        if is_next {
            return Some(address.trim().to_owned());
        }
        rest = parameters;
    }
    None
}

/// The path below `api_url` of an address that an answer tells; none if it leads elsewhere.
///
/// A path is taken from the origin if it begins with that of `api_url`, otherwise from `api_url`: services do both.
fn resolved(api_url: &str, current: &str, address: &str) -> Option<String> {
    let sound = |c: char| c.is_ascii_graphic() && c != '\\' && c != '#';
    if !address.chars().all(sound) {
        return None;
    }
    let base = api_url.split_once("://")?.1;
    let base_path = base.find('/').map_or("", |at| &base[at..]);
    let begins = |text: &str, base: &str| -> Option<String> {
        let rest = text.strip_prefix(base)?;
        (rest.starts_with('/') || rest.starts_with('?')).then(|| rest.to_owned())
    };
    let path = if address.contains("://") && !address.starts_with(['/', '?']) {
        begins(address, api_url)?
    } else if address.starts_with('?') {
        format!("{}{address}", current.split('?').next().unwrap_or(current))
    } else if address.starts_with('/') && !address.starts_with("//") {
        begins(address, base_path).unwrap_or_else(|| address.to_owned())
    } else {
        return None;
    };
    below(&path).ok().map(|()| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_stays_below_the_base_url() {
        let base = "https://x.example/api/v4";
        let table = [
            ("https://x.example/api/v4/jobs?page=2", Some("/jobs?page=2")),
            ("/api/v4/jobs?page=2", Some("/jobs?page=2")),
            ("/jobs?page=2", Some("/jobs?page=2")),
            ("?page=2", Some("/runs/7?page=2")),
            ("https://x.example/api/v4", None),
            ("https://x.example/api/v4evil/jobs", None),
            ("https://x.example/other", None),
            ("http://x.example/api/v4/jobs", None),
            ("https://y.example/api/v4/jobs", None),
            ("//y.example/jobs", None),
            ("/jobs/../../admin", None),
            ("/jobs/%2e%2E/admin", None),
            ("/jobs\\..", None),
            ("/jobs#top", None),
            ("/jobs\n/x", None),
            ("jobs", None),
            ("", None),
        ];
        for (address, expected) in table {
            assert_eq!(
                resolved(base, "/runs/7?page=1", address).as_deref(),
                expected,
                "{address}"
            );
        }
        assert_eq!(
            resolved("https://x.example", "/", "/jobs?page=2").as_deref(),
            Some("/jobs?page=2")
        );
    }

    #[test]
    fn reads_links_of_the_relation_next() {
        let table = [
            (
                "<https://x/a?page=2>; rel=\"next\"",
                Some("https://x/a?page=2"),
            ),
            (
                "<https://x/a?page=1>; rel=\"first\", <https://x/a?b=1,2&page=3>; rel=\"next\", <z>; rel=last",
                Some("https://x/a?b=1,2&page=3"),
            ),
            ("</a>; title=\"x\"; REL=next", Some("/a")),
            ("</a>; rel=\"prev next\"", Some("/a")),
            ("</a>; rel=\"nextish\"", None),
            ("</a>; rel=prev", None),
            ("<broken; rel=next", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(next_link(header).as_deref(), expected, "{header}");
        }
    }
}
