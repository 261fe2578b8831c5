//! Which flows a target means. Nothing has been triggered while this is asked.

use super::catalog::{Flow, Website, flow, flows, websites};
use super::paths;
use crate::api::{Client, Failure, Fault, Phase, json};
use crate::error::{Code, Problem};
use crate::model::Target;
use crate::services::if_understood;

/// The flows that the target names, each once, in the order in which they are named; at least one.
pub fn wanted(client: &mut Client, target: &Target) -> Result<Vec<Flow>, Problem> {
    if let Some(word) = target.text("website") {
        return of_website(client, word).map(|(_, flows)| flows);
    }
    let words = target.texts("flow");
    if words.is_empty() {
        return Err(Problem::new(
            Code::Usage,
            "neither a flow nor a website is named",
        ));
    }
    let outcome = flows(client);
    let listed = if_understood(client, "the list of flows", outcome)?;
    let mut picked: Vec<Flow> = Vec::new();
    for word in words {
        let flow = one(client, listed.as_deref(), word)?;
        // The same flow by its name and by its id is one run, not two.
        if !picked.iter().any(|known| known.id == flow.id) {
            picked.push(flow);
        }
    }
    Ok(picked)
}

/// One flow by its id or name.
fn one(client: &mut Client, listed: Option<&[Flow]>, word: &str) -> Result<Flow, Problem> {
    let word = word.trim();
    let all = listed.unwrap_or_default();
    if let Some(flow) = all.iter().find(|flow| flow.id == word) {
        return Ok(flow.clone());
    }
    let mut named: Vec<&Flow> = all.iter().filter(|flow| flow.name == word).collect();
    named.sort_by_key(|flow| &flow.id);
    named.dedup_by_key(|flow| &flow.id);
    match named.as_slice() {
        [flow] => Ok((*flow).clone()),
        [] => by_id(client, listed, word),
        several => Err(Problem::new(
            Code::Usage,
            format!(
                "there are {} flows named {word:?}; name the one by its id: {}",
                several.len(),
                joined(several.iter().map(|flow| flow.id.as_str()))
            ),
        )),
    }
}

/// Asks for the flow itself, as the list may not be the API's, or not whole. This path is the one with evidence.
fn by_id(client: &mut Client, listed: Option<&[Flow]>, word: &str) -> Result<Flow, Problem> {
    let path = paths::path(client.service(), "path_flow", word);
    let answer = match client.get(&path) {
        Ok(answer) => answer,
        Err(failure) if is_unknown(&failure) => return Err(unknown(listed, word, &failure)),
        Err(failure) => return Err(failure.problem(Phase::BeforeTrigger)),
    };
    let service = client.service();
    let inner = service
        .assumed("flow")
        .iter()
        .flat_map(|place| json::select(&answer.json, place))
        .find_map(|inner| flow(service, inner));
    match inner.or_else(|| flow(service, &answer.json)) {
        Some(flow) => Ok(flow),
        // The service knows the id; what it calls its own members is not documented.
        None if answer.json.is_object() => Ok(Flow {
            id: word.to_owned(),
            name: word.to_owned(),
            websites: Vec::new(),
        }),
        None => Err(Failure {
            call: format!("GET {path}"),
            fault: Fault::Malformed {
                why: "it tells of no flow".to_owned(),
                request_id: answer.request_id,
            },
        }
        .problem(Phase::BeforeTrigger)),
    }
}

fn is_unknown(failure: &Failure) -> bool {
    matches!(&failure.fault, Fault::Refused(refusal) if matches!(refusal.status, 400 | 404 | 410 | 422))
}

fn unknown(listed: Option<&[Flow]>, word: &str, failure: &Failure) -> Problem {
    let told = format!("there is no flow {word:?}");
    let Some(flows) = listed else {
        return Problem::new(
            Code::Usage,
            format!("{told}: {}: {}", failure.call, failure.fault.told()),
        )
        .next("name the flow by its id; if every path is unknown, api_url may not be the API's address: set it to what the endpoint reference in your account says");
    };
    let near = suggestion(flows.iter().map(|flow| flow.name.as_str()), word);
    Problem::new(Code::Usage, format!("{told}{near}"))
        .next("choose flows from `proctor list --provider checkview --set website=ID`")
}

/// The id of the website that is named, and its flows; at least one.
pub fn of_website(client: &mut Client, word: &str) -> Result<(String, Vec<Flow>), Problem> {
    let word = word.trim();
    let outcome = websites(client);
    // Without a list of websites the flows themselves may still say whose they are.
    let keys = match if_understood(client, "the list of websites", outcome)? {
        Some(websites) => {
            let website = named(&websites, word)?;
            let mut keys = vec![website.id.clone()];
            keys.extend(website.domain.clone());
            keys
        }
        None => vec![word.to_owned()],
    };
    let all = flows(client).map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    let silent = all.iter().filter(|flow| flow.websites.is_empty()).count();
    if silent > 0 && silent == all.len() {
        return Err(Problem::new(
            Code::Protocol,
            "the flows do not say of which website they are",
        )
        .next("name the flows by `flow`, or set `flow_website` in the target's api table to where they say it"));
    }
    let own: Vec<Flow> = all
        .into_iter()
        .filter(|flow| {
            flow.websites
                .iter()
                .any(|told| keys.iter().any(|key| is_same(told, key)))
        })
        .collect();
    if silent > 0 {
        client.warn(format!(
            "{silent} flows do not say of which website they are and are left out"
        ));
    }
    if own.is_empty() {
        return Err(Problem::new(
            Code::NoTests,
            format!("the website {word:?} has no flows"),
        ));
    }
    Ok((keys[0].clone(), own))
}

/// One website by its id, or else by its name or domain.
fn named<'a>(websites: &'a [Website], word: &str) -> Result<&'a Website, Problem> {
    if let Some(website) = websites.iter().find(|website| website.id == word) {
        return Ok(website);
    }
    let found: Vec<&Website> = websites
        .iter()
        .filter(|website| {
            website.name == word
                || website
                    .domain
                    .as_ref()
                    .is_some_and(|domain| is_same(domain, word))
        })
        .collect();
    match found.as_slice() {
        [website] => Ok(website),
        [] => {
            let domains = websites
                .iter()
                .filter_map(|website| website.domain.as_deref());
            let names = websites.iter().map(|website| website.name.as_str());
            Err(Problem::new(
                Code::Usage,
                format!(
                    "there is no website {word:?}{}",
                    suggestion(names.chain(domains), word)
                ),
            )
            .next("choose a website from `proctor list --provider checkview`"))
        }
        several => Err(Problem::new(
            Code::Usage,
            format!(
                "there are {} websites that {word:?} may mean; name the one by its id: {}",
                several.len(),
                joined(several.iter().map(|website| website.id.as_str()))
            ),
        )),
    }
}

/// Whether two words for a website are the same: ids and names as they are, addresses by their host.
fn is_same(told: &str, word: &str) -> bool {
    told == word || (told.contains('.') && host(told) == host(word))
}

/// `https://Shop.example.com/` is `shop.example.com`.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_ascii_lowercase()
}

fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.collect::<Vec<_>>().join(", ")
}

fn suggestion<'a>(known: impl Iterator<Item = &'a str>, word: &str) -> String {
    let word = word.to_ascii_lowercase();
    let (mut best, mut near, mut count) = (0.8, None, 0);
    for name in known {
        count += 1;
        let likeness = strsim::jaro_winkler(&name.to_ascii_lowercase(), &word);
        if likeness > best {
            (best, near) = (likeness, Some(name));
        }
    }
    match near {
        Some(name) => format!("; did you mean {name:?}?"),
        None if count == 0 => "; there are none at all".to_owned(),
        None => String::new(),
    }
}
