//! Branches of an app, each with suites of its own. DOC: what lists them, what finds or creates one, and that a list of
//! suites can be that of a branch. No document says that a run can be: it is given the ids of the branch's suites.

use serde_json::{Map, Value, json};

use super::{app_path, catalog};
use crate::api::{Client, Failure, Phase, json as read};
use crate::error::{Code, Problem};
use crate::model::{Target, Value as Given};
use crate::services::Call;

/// The prefix of what is told of a branch that is created.
pub const CI_BRANCH: &str = "ci_branch.";

/// Whose suites are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The app's id.
    pub app: String,
    /// The branch's id, if it is one's.
    pub branch: Option<String>,
}

/// The branch that a target names, by its name or id.
pub fn word(target: &Target) -> Option<&str> {
    created(target).or_else(|| target.text("branch"))
}

/// The name of a branch that is created if there is none.
pub fn created(target: &Target) -> Option<&str> {
    target.text("ci_branch.name")
}

/// The target's scope, which is looked for and not created.
pub fn there(client: &mut Client, target: &Target) -> Result<Scope, Problem> {
    let branch = match word(target) {
        None => None,
        Some(_) => {
            let found = find(client, target);
            let found = found.map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
            let unknown = |why: String| {
                Problem::new(Code::Usage, why)
                    .next("choose a branch from `proctor list --provider keploy --set app=ID`")
            };
            Some(found.map_err(unknown)?)
        }
    };
    Ok(scope(target, branch))
}

/// The target's scope, its branch created if that is wanted.
pub fn ensured(client: &mut Client, target: &Target) -> Result<Scope, Problem> {
    let Some(name) = created(target) else {
        return there(client, target);
    };
    let app = target.text("app").unwrap_or_default();
    let call = Call::post(app_path(app, "/branches/ci"), &body(target, name));
    // DOC: it finds or creates, so that it may be sent again.
    let answer = client
        .send(&call)
        .map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    match read::text(&answer.json, client.service().assumed("branch_id")) {
        Some(id) => Ok(scope(target, Some(id))),
        None => there(client, target),
    }
}

fn scope(target: &Target, branch: Option<String>) -> Scope {
    Scope {
        app: target.text("app").unwrap_or_default().to_owned(),
        branch,
    }
}

/// DOC: `name`, and `git_ref` with these members.
fn body(target: &Target, name: &str) -> Value {
    let mut git = Map::new();
    for setting in &target.settings {
        let Some(member) = setting.name.strip_prefix(CI_BRANCH) else {
            continue;
        };
        let value = match &setting.value {
            Given::Text(text) => json!(text),
            Given::Integer(number) => json!(number),
            Given::Boolean(_) | Given::Texts(_) => continue,
        };
        if member != "name" {
            git.insert(member.to_owned(), value);
        }
    }
    let mut body = json!({ "name": name });
    if !git.is_empty() {
        body["git_ref"] = Value::Object(git);
    }
    body
}

/// The id of the branch that the target names, or why it cannot be told.
pub fn find(client: &mut Client, target: &Target) -> Result<Result<String, String>, Failure> {
    let app = target.text("app").unwrap_or_default();
    let word = word(target).unwrap_or_default();
    // What is created is named; anything else may be meant by its id, too.
    let may_be_id = created(target).is_none();
    let branches = catalog::whole_list(client, &app_path(app, "/branches"))?;
    let service = client.service();
    let mut all: Vec<(String, String)> = Vec::with_capacity(branches.len());
    for branch in &branches {
        if let Some(id) = read::text(branch, service.assumed("id")) {
            let name = read::text(branch, service.assumed("name"));
            all.push((name.unwrap_or_else(|| id.clone()), id));
        }
    }
    if may_be_id && let Some((_, id)) = all.iter().find(|(_, id)| id == word) {
        return Ok(Ok(id.clone()));
    }
    let ids: Vec<&str> = all
        .iter()
        .filter(|(name, _)| name == word)
        .map(|(_, id)| id.as_str())
        .collect();
    Ok(match ids.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => {
            let near = catalog::nearest(all.iter().map(|(name, _)| name.as_str()), word);
            let near = near.map_or_else(
                || format!("; it has {} branches", all.len()),
                |name| format!("; did you mean {name:?}?"),
            );
            Err(format!("app {app} has no branch {word:?}{near}"))
        }
        several => Err(format!(
            "app {app} has {} branches named {word:?}; name the one by its id: {}",
            several.len(),
            several.join(", ")
        )),
    })
}
