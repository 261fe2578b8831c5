//! Branches of an app. Source: the OpenAPI file for the calls and the states; ASSUMED: the fields, and that a branch that
//! is created begins with the app's suites.

use serde_json::{Value, json};

use super::body::{Wrong, object, only, text};
use super::scenario::{App, Branch};
use super::{Keploy, lock, routes};
use crate::call::{Call, Reply};

/// The states of a branch. Source: the OpenAPI file.
const STATES: [&str; 7] = [
    "open",
    "review_requested",
    "approved",
    "changes_requested",
    "merged",
    "closed",
    "conflict",
];

/// Where a branch comes from. Source: the OpenAPI file.
const GIT_MEMBERS: [&str; 6] = [
    "provider",
    "repo_full_name",
    "pr_number",
    "source_branch",
    "target_branch",
    "installation_id",
];

/// All branches of an app: those of the scenario, and those that were created.
pub fn of(keploy: &Keploy, app: &App) -> Vec<Branch> {
    let mut all = app.branches.clone();
    let created = lock(&keploy.branches);
    let own = created.iter().filter(|(id, _)| *id == app.id);
    all.extend(own.map(|(_, branch)| branch.clone()));
    all
}

fn shown(branch: &Branch) -> Value {
    json!({"id": branch.id, "name": branch.name, "status": branch.status})
}

/// `GET /apps/{appId}/branches`: all of them, without pages.
pub fn list(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    let wanted = call.parameter("status");
    if let Some(status) = &wanted
        && !STATES.contains(&status.as_str())
    {
        return keploy.answers.invalid("status", "is not a state of a branch");
    }
    let all = of(keploy, app);
    let fits = |branch: &&Branch| wanted.as_ref().is_none_or(|word| *word == branch.status);
    let branches: Vec<Value> = all.iter().filter(fits).map(shown).collect();
    keploy.answers.data(200, json!(branches))
}

/// `POST /apps/{appId}/branches/ci`: finds the branch of this name, or creates it.
pub fn find_or_create(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    let name = match name(call) {
        Ok(name) => name,
        Err((field, message)) => return keploy.answers.invalid(field, &message),
    };
    let known = of(keploy, app).into_iter().find(|branch| branch.name == name);
    let branch = known.unwrap_or_else(|| {
        let mut created = lock(&keploy.branches);
        let branch = Branch {
            id: format!("branch-{:04x}", created.len() + 1),
            name,
            suites: app.suites.clone(),
            ..Branch::default()
        };
        created.push((app.id.clone(), branch.clone()));
        branch
    });
    keploy.answers.data(200, shown(&branch))
}

fn name(call: &Call) -> Result<String, Wrong> {
    let body = object(call)?;
    only(&body, &["name", "git_ref"])?;
    let name = text(&body, "name")?.ok_or(("name", "name is required".to_owned()))?;
    let Some(git) = body.get("git_ref") else {
        return Ok(name);
    };
    let members = git
        .as_object()
        .ok_or(("git_ref", "must be an object".to_owned()))?;
    for (member, value) in members {
        let is_number = ["pr_number", "installation_id"].contains(&member.as_str());
        let fits = match is_number {
            true => value.is_u64(),
            false => value.is_string(),
        };
        if !GIT_MEMBERS.contains(&member.as_str()) || !fits {
            return Err(("git_ref", format!("{member} is not a member of that kind")));
        }
    }
    Ok(name)
}

/// The branch that a list of suites is asked of, if one is.
pub fn asked(keploy: &Keploy, call: &Call, app: &App) -> Result<Option<Branch>, Reply> {
    match call.parameter("branch_id") {
        None => Ok(None),
        Some(id) => {
            let branch = of(keploy, app).into_iter().find(|branch| branch.id == id);
            branch
                .map(Some)
                .ok_or_else(|| routes::missing(keploy, "branch"))
        }
    }
}
