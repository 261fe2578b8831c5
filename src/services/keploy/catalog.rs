//! What there is: apps, their suites, and what else a target can name.

use serde_json::Value;

use super::branch::{self, Scope};
use super::kind::Kind;
use super::{app_path, coverage, load, recorded};
use crate::api::{Client, Failure, Fault, Phase, encode, json};
use crate::error::{Code, Problem};
use crate::model::{Item, Target};
use crate::services::{Description, by_cursor, by_offset};

/// How many apps are listed at most; an account with more is searched by name at the service.
const MOST_APPS: usize = 2_000;

/// How many test reports are listed: the newest ones, which come first. DOC: at most 100 a page.
const NEWEST_REPORTS: usize = 20;

/// Checks the key, the app and what would be run by reading.
pub fn check(client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
    let before = |failure: Failure| failure.problem(Phase::BeforeTrigger);
    client.get("/users/me").map_err(before)?;
    let app = target.text("app").unwrap_or_default();
    let answer = client.get(&app_path(app, "")).map_err(before)?;
    let name = json::text(
        answer.json.get("data").unwrap_or(&Value::Null),
        client.service().assumed("name"),
    );
    let mut facts = vec![
        "the key is accepted; whether it may start runs shows only when one is started".to_owned(),
        match name {
            Some(name) => format!("app {app} is {name:?}"),
            None => format!("app {app} is there"),
        },
    ];
    match Kind::of(target) {
        Kind::Suites => check_suites(client, target, &mut facts)?,
        Kind::LoadTest => facts.push(load::check(client, target)?),
        Kind::TestReport => facts.push(recorded::check(client, target)?),
    }
    Ok(facts)
}

fn check_suites(
    client: &mut Client,
    target: &Target,
    facts: &mut Vec<String>,
) -> Result<(), Problem> {
    if let Some(word) = branch::created(target) {
        match branch::find(client, target)
            .map_err(|failure| failure.problem(Phase::BeforeTrigger))?
        {
            Ok(_) => facts.push(format!("branch {word:?} is there")),
            Err(_) => {
                facts.push(format!("branch {word:?} would be created"));
                return Ok(());
            }
        }
    }
    let scope = branch::there(client, target)?;
    let wanted = target.texts("suites");
    let suites =
        read_suites(client, &scope).map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    pick(&suites, &scope.app, wanted)?;
    let count = match wanted.len() {
        0 => suites.len(),
        some => some,
    };
    facts.push(match count {
        1 => "1 suite would be run".to_owned(),
        many => format!("{many} suites would be run"),
    });
    if let Some(least) = target.integer("min_schema_coverage") {
        facts.push(coverage::check(client, &scope.app, least)?);
    }
    Ok(())
}

/// The apps, or what there is of the app that is given.
pub fn discover(client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
    match target.text("app") {
        Some(app) => {
            let mut items = suites(client, target)?;
            items.extend(others(client, app)?);
            Ok(items)
        }
        None => apps(client),
    }
}

fn apps(client: &mut Client) -> Result<Vec<Item>, Problem> {
    let apps = by_offset(client, "/apps?", "list", 100, MOST_APPS)
        .map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    let service = client.service();
    let item = |app: &Value| {
        let id = json::text(app, service.assumed("id"))?;
        let name = json::text(app, service.assumed("name")).unwrap_or_else(|| id.clone());
        let note = app.get("endpoint").and_then(json::scalar);
        Some(item("app", id, name, None, note))
    };
    Ok(apps.iter().filter_map(item).collect())
}

/// The suites of the target's app, or of the branch that it names.
pub fn suites(client: &mut Client, target: &Target) -> Result<Vec<Item>, Problem> {
    let scope = branch::there(client, target)?;
    let suites =
        read_suites(client, &scope).map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    let item = |Suite { id, name }| item("suite", id, name, Some(scope.app.clone()), None);
    Ok(suites.into_iter().map(item).collect())
}

/// What else can be named in a target. A service that has none of it is asked for suites alone.
fn others(client: &mut Client, app: &str) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    let branches = whole_list(client, &app_path(app, "/branches"));
    let load_tests = load::list(client, app);
    let path = app_path(app, "/test-reports?");
    let reports = by_offset(client, &path, "list", NEWEST_REPORTS, NEWEST_REPORTS);
    let lists = [
        ("branch", "id", branches),
        ("load-test", "listed_load_test", load_tests),
        ("test-report", "id", reports),
    ];
    for (kind, id, list) in lists {
        let list = match list.map_err(|failure| failure.problem(Phase::BeforeTrigger)) {
            Ok(list) => list,
            Err(problem) if matches!(problem.code, Code::Usage | Code::Protocol) => continue,
            Err(problem) => return Err(problem),
        };
        let service = client.service();
        for thing in list {
            let Some(id) = json::text(&thing, service.assumed(id)) else {
                continue;
            };
            let name = json::text(&thing, service.assumed("name")).unwrap_or_else(|| id.clone());
            let note = thing.get("status").and_then(json::scalar);
            items.push(item(kind, id, name, Some(app.to_owned()), note));
        }
    }
    Ok(items)
}

/// A list that comes without pages.
pub fn whole_list(client: &mut Client, path: &str) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    by_cursor(client, &format!("{path}?"), "list", |_, items| {
        all.extend(items);
    })?;
    Ok(all)
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

/// The ids of the suites that are to be run; none for all of an app. An unknown one is an error. Of a branch all are
/// named, as a run that names none would be one of the app's own suites.
pub fn wanted_suites(
    client: &mut Client,
    scope: &Scope,
    wanted: &[String],
) -> Result<Vec<String>, Problem> {
    if wanted.is_empty() && scope.branch.is_none() {
        return Ok(Vec::new());
    }
    let suites = match read_suites(client, scope) {
        Ok(suites) => suites,
        Err(Failure {
            call,
            fault: Fault::Malformed { why, .. },
        }) if !wanted.is_empty() => {
            client.warn(format!("{call}: {why}; the suites are taken for ids"));
            return Ok(wanted.to_vec());
        }
        Err(failure) => return Err(failure.problem(Phase::BeforeTrigger)),
    };
    if !wanted.is_empty() {
        return pick(&suites, &scope.app, wanted);
    }
    if suites.is_empty() {
        return Err(Problem::new(
            Code::NoTests,
            format!(
                "the branch of app {} has no suites; nothing was triggered",
                scope.app
            ),
        ));
    }
    Ok(suites.into_iter().map(|suite| suite.id).collect())
}

/// The ids of all suites.
pub fn ids(client: &mut Client, scope: &Scope) -> Result<Vec<String>, Failure> {
    let suites = read_suites(client, scope)?;
    Ok(suites.into_iter().map(|suite| suite.id).collect())
}

/// The names of the suites with these ids; none where an id is not known.
pub fn names(
    client: &mut Client,
    scope: &Scope,
    ids: &[String],
) -> Result<Vec<Option<String>>, Failure> {
    let suites = read_suites(client, scope)?;
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

fn read_suites(client: &mut Client, scope: &Scope) -> Result<Vec<Suite>, Failure> {
    // DOC: the parameter takes the suites of a branch.
    let branch = scope.branch.as_deref();
    let branch = branch.map_or_else(String::new, |id| format!("&branch_id={}", encode(id)));
    let path = app_path(&scope.app, &format!("/test-suites?page_size=100{branch}"));
    let mut suites = Vec::new();
    by_cursor(client, &path, "list", |client, items| {
        suites.extend(
            items
                .iter()
                .filter_map(|item| suite(client.service(), item)),
        );
    })?;
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
    match nearest(suites.iter().map(|suite| suite.name.as_str()), word) {
        Some(name) => format!("; did you mean {name:?}?"),
        None if suites.is_empty() => "; it has no suites".to_owned(),
        None => format!("; it has {} suites", suites.len()),
    }
}

/// The name that is most like a word, if one is at all.
pub fn nearest<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    names
        .map(|name| {
            (
                strsim::jaro_winkler(&name.to_ascii_lowercase(), &word),
                name,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
