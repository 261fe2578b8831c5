//! What there is: websites and test flows.

use serde_json::Value;

use super::{paths, resolve};
use crate::api::{Client, Failure, Phase, json};
use crate::error::Problem;
use crate::model::{Item, Target};
use crate::services::{Description, by_header, if_understood};

/// A test flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    pub id: String,
    pub name: String,
    /// Everything by which it names its website: id, name, address.
    pub websites: Vec<String>,
}

/// A website.
pub struct Website {
    pub id: String,
    pub name: String,
    pub domain: Option<String>,
}

/// All flows. They are read to the end, so that none of a website's is left out.
pub fn flows(client: &mut Client) -> Result<Vec<Flow>, Failure> {
    read(client, "path_flows", flow)
}

/// All websites.
pub fn websites(client: &mut Client) -> Result<Vec<Website>, Failure> {
    read(client, "path_websites", website)
}

fn read<T>(
    client: &mut Client,
    path: &str,
    entry: fn(&Description, &Value) -> Option<T>,
) -> Result<Vec<T>, Failure> {
    let path = paths::list_path(client.service(), path, "");
    let items = by_header(client, &path, "list", usize::MAX)?;
    let service = client.service();
    Ok(items
        .iter()
        .filter_map(|item| entry(service, item))
        .collect())
}

/// The flow that a list's entry, or an answer for one flow, tells of.
pub fn flow(service: &Description, item: &Value) -> Option<Flow> {
    let id = json::text(item, service.assumed("id"))?;
    let mut websites = Vec::new();
    for place in service.assumed("flow_website") {
        websites.extend(
            json::select(item, place)
                .into_iter()
                .filter_map(json::scalar),
        );
    }
    Some(Flow {
        name: json::text(item, service.assumed("name")).unwrap_or_else(|| id.clone()),
        id,
        websites,
    })
}

fn website(service: &Description, item: &Value) -> Option<Website> {
    let id = json::text(item, service.assumed("id"))?;
    let domain = json::text(item, service.assumed("domain"));
    Some(Website {
        name: json::text(item, service.assumed("name"))
            .or_else(|| domain.clone())
            .unwrap_or_else(|| id.clone()),
        id,
        domain,
    })
}

/// Checks the key and the flows by reading, and says what a run would cost.
pub fn check(client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
    let flows = resolve::wanted(client, target)?;
    let mut facts = vec![
        "the key is accepted; whether it may start runs (write:organization) shows only when one is started"
            .to_owned(),
    ];
    for flow in &flows {
        facts.push(format!("flow {} is {:?}", flow.id, flow.name));
    }
    let runs = if flows.len() == 1 { "run" } else { "runs" };
    facts.push(format!(
        "{} test {runs} of the plan's monthly allowance would be used",
        flows.len()
    ));
    facts.push(format!(
        "a run is started by {}, a path that is not publicly documented and not tried by this",
        paths::trigger(client.service(), &flows[0].id, String::new()).shown()
    ));
    Ok(facts)
}

/// The websites, or the flows of the website that is given. Where there is no list of websites, all flows.
pub fn discover(client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
    if let Some(word) = target.text("website") {
        let (website, flows) = resolve::of_website(client, word)?;
        return Ok(flows
            .into_iter()
            .map(|flow| item(flow, Some(website.clone())))
            .collect());
    }
    let outcome = websites(client);
    if let Some(websites) = if_understood(client, "the list of websites", outcome)? {
        return Ok(websites
            .into_iter()
            .map(|website| Item {
                kind: "website".to_owned(),
                id: website.id,
                name: website.name,
                parent: None,
                note: website.domain,
            })
            .collect());
    }
    let flows = flows(client).map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    Ok(flows
        .into_iter()
        .map(|flow| {
            let parent = flow.websites.first().cloned();
            item(flow, parent)
        })
        .collect())
}

fn item(flow: Flow, parent: Option<String>) -> Item {
    Item {
        kind: "flow".to_owned(),
        id: flow.id,
        name: flow.name,
        parent,
        note: None,
    }
}
