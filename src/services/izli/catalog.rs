//! What there is: journeys, API monitors and monitors.

use serde_json::Value;

use super::{KINDS, Kind};
use crate::api::{Client, Failure, Fault, Phase, json};
use crate::error::{Code, Problem};
use crate::model::{Item, Target};
use crate::services::by_number;

/// The base URL that the page about authentication names.
pub const BASE: &str = "https://api.izli.io/api/v1";
/// The one that the pages about the endpoints name. It stands in hints alone: nothing, and no key, is ever sent there.
const OTHER_BASE: &str = "https://izli.io/api/v1";

/// How many of a kind are listed at most.
const MOST: usize = 5_000;

/// Something that can be run.
pub struct Thing {
    pub kind: &'static Kind,
    pub id: String,
    pub title: String,
}

/// All of a kind. Source: the older pages for `page`, `per_page` and `meta.total`.
fn list(client: &mut Client, kind: &Kind) -> Result<Vec<Value>, Failure> {
    let path = format!("/{}?per_page=100", kind.collection);
    by_number(client, &path, "list", MOST)
}

/// The problem of a list that could not be read. Where nothing of the API is at the address, it says where it may be.
fn unlisted(failure: &Failure, target: &Target) -> Problem {
    let problem = failure.problem(Phase::BeforeTrigger);
    let is_elsewhere = match &failure.fault {
        Fault::Malformed { .. } | Fault::NotSent(_) => true,
        Fault::Refused(refusal) => {
            refusal.status == 404 || (300..400).contains(&refusal.status) || refusal.foreign
        }
        _ => false,
    };
    if !is_elsewhere {
        return problem;
    }
    let other = match target.api_url.as_str() {
        OTHER_BASE => BASE,
        _ => OTHER_BASE,
    };
    let message = format!(
        "{}; the service's own pages name {other} as well, which was not contacted",
        problem.message
    );
    Problem { message, ..problem }.next(format!(
        "if the API is at {other}, set api_url to it; Proctor does not send the key there by itself"
    ))
}

/// What the target names, each once.
pub fn resolve(client: &mut Client, target: &Target) -> Result<Vec<Thing>, Problem> {
    let mut things: Vec<Thing> = Vec::new();
    for kind in &KINDS {
        let wanted = target.texts(kind.parameter);
        if wanted.is_empty() {
            continue;
        }
        for (id, name) in resolve_kind(client, target, kind, wanted)? {
            let is_there = |thing: &Thing| thing.id == id && thing.kind.word == kind.word;
            if things.iter().any(is_there) {
                continue;
            }
            // Two of one name would be one in the reports.
            let title = match things.iter().any(|thing| thing.title == name) {
                true => format!("{name} ({} {id})", kind.parameter),
                false => name,
            };
            things.push(Thing { kind, id, title });
        }
    }
    Ok(things)
}

/// Ids and names of what is wanted of a kind.
fn resolve_kind(
    client: &mut Client,
    target: &Target,
    kind: &Kind,
    wanted: &[String],
) -> Result<Vec<(String, String)>, Problem> {
    let listed = match list(client, kind) {
        Ok(listed) => listed,
        Err(failure) if is_forbidden(&failure) => {
            // DOC: a key may run and see runs; that it may list is documented for monitors alone.
            client.warn(format!(
                "{}: {}; the names are taken for ids",
                failure.call,
                failure.fault.told()
            ));
            let ids = wanted.iter().cloned();
            return Ok(ids.map(|id| (id.clone(), id)).collect());
        }
        Err(failure) => return Err(unlisted(&failure, target)),
    };
    let known = read(client, &listed);
    wanted.iter().map(|word| pick(&known, kind, word)).collect()
}

fn is_forbidden(failure: &Failure) -> bool {
    matches!(&failure.fault, Fault::Refused(refusal) if refusal.status == 403 && !refusal.quota)
}

/// Ids and names.
fn read(client: &Client, listed: &[Value]) -> Vec<(String, String)> {
    let service = client.service();
    listed
        .iter()
        .filter_map(|thing| {
            let id = json::text(thing, service.assumed("id"))?;
            let name = json::text(thing, service.assumed("name")).unwrap_or_else(|| id.clone());
            Some((id, name))
        })
        .collect()
}

fn pick(known: &[(String, String)], kind: &Kind, word: &str) -> Result<(String, String), Problem> {
    let what = kind.parameter;
    if let Some(found) = known.iter().find(|(id, _)| id == word) {
        return Ok(found.clone());
    }
    let mut named: Vec<&(String, String)> = known.iter().filter(|(_, name)| name == word).collect();
    named.sort();
    named.dedup();
    match named.as_slice() {
        [found] => Ok((*found).clone()),
        [] => Err(Problem::new(
            Code::Usage,
            format!(
                "there is no {what} of the name or id {word:?} among {}",
                known.len()
            ),
        )
        .next("choose from `proctor list --provider izli`")),
        several => {
            let ids: Vec<&str> = several.iter().map(|(id, _)| id.as_str()).collect();
            Err(Problem::new(
                Code::Usage,
                format!(
                    "there are {} of {what} named {word:?}; name the one by its id: {}",
                    ids.len(),
                    ids.join(", ")
                ),
            ))
        }
    }
}

/// Checks the key and the names by reading.
pub fn check(client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
    let things = resolve(client, target)?;
    let mut facts = vec![
        "the key is accepted; whether it may start runs shows only when one is started".to_owned(),
    ];
    for thing in things {
        facts.push(format!(
            "{} {} is {:?}",
            thing.kind.parameter, thing.id, thing.title
        ));
    }
    Ok(facts)
}

/// Everything that can be run.
pub fn discover(client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    for kind in &KINDS {
        let listed = match list(client, kind) {
            Ok(listed) => listed,
            Err(failure) if is_forbidden(&failure) => {
                client.warn(format!("{}: {}", failure.call, failure.fault.told()));
                continue;
            }
            Err(failure) => return Err(unlisted(&failure, target)),
        };
        for (id, name) in read(client, &listed) {
            items.push(Item {
                kind: kind.parameter.to_owned(),
                id,
                name,
                parent: None,
                note: None,
            });
        }
    }
    Ok(items)
}
