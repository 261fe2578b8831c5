//! What there is: apps and suites.

use serde_json::Value;

use super::app_path;
use crate::api::{Client, Failure, Fault, Phase, json};
use crate::error::{Code, Problem};
use crate::model::{Item, Target};
use crate::services::{Description, by_cursor, by_offset};

/// How many apps are listed at most; an account with more is searched by name at the service.
const MOST_APPS: usize = 2_000;

/// Checks the key, the app and the suites by reading.
pub fn check(client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
    let before = |failure: Failure| failure.problem(Phase::BeforeTrigger);
    client.get("/users/me").map_err(before)?;
    let app = target.text("app").unwrap_or_default();
    let answer = client.get(&app_path(app, "")).map_err(before)?;
    let name = json::text(
        answer.json.get("data").unwrap_or(&Value::Null),
        client.service().assumed("name"),
    );
    let wanted = target.texts("suites");
    let suites = read_suites(client, app).map_err(before)?;
    pick(&suites, app, wanted)?;
    let count = if wanted.is_empty() {
        suites.len()
    } else {
        wanted.len()
    };
    Ok(vec![
        "the key is accepted; whether it may start runs shows only when one is started".to_owned(),
        match name {
            Some(name) => format!("app {app} is {name:?}"),
            None => format!("app {app} is there"),
        },
        format!("{count} suites would be run"),
    ])
}

/// The apps, or the suites of the app that is given.
pub fn discover(client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
    let before = |failure: Failure| failure.problem(Phase::BeforeTrigger);
    match target.text("app") {
        Some(app) => {
            let suites = read_suites(client, app).map_err(before)?;
            Ok(suites
                .into_iter()
                .map(|Suite { id, name }| item("suite", id, name, Some(app.to_owned()), None))
                .collect())
        }
        None => {
            let apps = by_offset(client, "/apps?", "list", 100, MOST_APPS).map_err(before)?;
            let service = client.service();
            Ok(apps
                .iter()
                .filter_map(|app| {
                    let id = json::text(app, service.assumed("id"))?;
                    let name =
                        json::text(app, service.assumed("name")).unwrap_or_else(|| id.clone());
                    let note = app.get("endpoint").and_then(json::scalar);
                    Some(item("app", id, name, None, note))
                })
                .collect())
        }
    }
}

fn item(
    kind: &str,
    id: String,
    name: String,
    parent: Option<String>,
    note: Option<String>,
) -> Item {
    Item {
        kind: kind.to_owned(),
        id,
        name,
        parent,
        note,
    }
}

/// The ids of the suites that are wanted by name or id; none if none are named. An unknown one is an error.
pub fn resolve_suites(
    client: &mut Client,
    app: &str,
    wanted: &[String],
) -> Result<Vec<String>, Problem> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    match read_suites(client, app) {
        Ok(suites) => pick(&suites, app, wanted),
        Err(Failure {
            call,
            fault: Fault::Malformed { why, .. },
        }) => {
            client.warn(format!("{call}: {why}; the suites are taken for ids"));
            Ok(wanted.to_vec())
        }
        Err(failure) => Err(failure.problem(Phase::BeforeTrigger)),
    }
}

/// The names of the suites with these ids; none where an id is not known.
pub fn names(
    client: &mut Client,
    app: &str,
    ids: &[String],
) -> Result<Vec<Option<String>>, Failure> {
    let suites = read_suites(client, app)?;
    let name = |id: &String| {
        let suite = suites.iter().find(|suite| suite.id == *id)?;
        Some(suite.name.clone())
    };
    Ok(ids.iter().map(name).collect())
}

struct Suite {
    id: String,
    name: String,
}

fn read_suites(client: &mut Client, app: &str) -> Result<Vec<Suite>, Failure> {
    let mut suites = Vec::new();
    by_cursor(
        client,
        &app_path(app, "/test-suites?page_size=100"),
        "list",
        |client, items| {
            suites.extend(
                items
                    .iter()
                    .filter_map(|item| suite(client.service(), item)),
            );
        },
    )?;
    Ok(suites)
}

fn suite(service: &Description, item: &Value) -> Option<Suite> {
    let id = json::text(item, service.assumed("id"))?;
    let name = json::text(item, service.assumed("name")).unwrap_or_else(|| id.clone());
    Some(Suite { id, name })
}

fn pick(suites: &[Suite], app: &str, wanted: &[String]) -> Result<Vec<String>, Problem> {
    let mut picked: Vec<String> = Vec::new();
    for word in wanted {
        let by_id = suites.iter().find(|suite| suite.id == *word);
        let id = match by_id {
            Some(suite) => suite.id.clone(),
            None => by_name(suites, app, word)?,
        };
        if !picked.contains(&id) {
            picked.push(id);
        }
    }
    Ok(picked)
}

fn by_name(suites: &[Suite], app: &str, word: &str) -> Result<String, Problem> {
    let mut named: Vec<&Suite> = suites.iter().filter(|suite| suite.name == word).collect();
    named.sort_by_key(|suite| &suite.id);
    named.dedup_by_key(|suite| &suite.id);
    match named.as_slice() {
        [suite] => Ok(suite.id.clone()),
        [] => Err(Problem::new(
            Code::Usage,
            format!(
                "app {app} has no suite named {word:?}{}",
                suggestion(suites, word)
            ),
        )
        .next("choose suites from `proctor list --provider keploy --set app=ID`")),
        several => Err(Problem::new(
            Code::Usage,
            format!(
                "app {app} has {} suites named {word:?}; name the one by its id: {}",
                several.len(),
                several
                    .iter()
                    .map(|suite| suite.id.clone())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )),
    }
}

fn suggestion(suites: &[Suite], word: &str) -> String {
    let near = suites
        .iter()
        .map(|suite| {
            (
                strsim::jaro_winkler(&suite.name.to_ascii_lowercase(), &word.to_ascii_lowercase()),
                &suite.name,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, name)) => format!("; did you mean {name:?}?"),
        None if suites.is_empty() => "; it has no suites".to_owned(),
        None => format!("; it has {} suites", suites.len()),
    }
}
