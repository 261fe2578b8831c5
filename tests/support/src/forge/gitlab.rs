//! The REST API of GitLab.

use serde_json::{Value, json};

use super::{Account, Call, Comment, May, Reply, State, page};

/// "Limited to 1,000,000 characters."
const LONGEST: usize = 1_000_000;

pub(super) fn answer(call: &Call, state: &mut State) -> Reply {
    if ["authorization", "cookie", "x-github-api-version"]
        .iter()
        .any(|name| call.header(name).is_some())
    {
        return Reply::message(400, "a header of another platform's");
    }
    let (private, job) = (call.header("private-token"), call.header("job-token"));
    let key = private.xor(job);
    let Some(account) = state
        .accounts
        .iter()
        .find(|account| Some(account.token) == key)
        .cloned()
    else {
        return Reply::message(401, "401 Unauthorized");
    };
    let path: Vec<&str> = call.path.iter().flatten().map(String::as_str).collect();
    let is_job = job.is_some();
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["job"]) if is_job => Reply::new(200, json!({"id": 1, "user": {"id": account.id}})),
        ("GET", ["user"]) if !is_job => {
            Reply::new(200, json!({"id": account.id, "username": "somebody"}))
        }
        (
            method,
            [
                "projects",
                "7" | "group/project",
                "merge_requests",
                "12",
                "notes",
                rest @ ..,
            ],
        ) => match (method, rest) {
            ("GET", []) => list(call, state),
            // "Job token access": the notes of merge requests can be read.
            _ if is_job => Reply::message(401, "401 Unauthorized"),
            ("POST", []) => create(call, &account, state),
            ("PUT", [id]) => change(call, &account, state, id),
            ("DELETE", [id]) => delete(&account, state, id),
            _ => Reply::new(404, json!({"error": "404 Not Found"})),
        },
        _ if is_job => Reply::message(401, "401 Unauthorized"),
        _ => Reply::message(404, "404 Project Not Found"),
    }
}

fn list(call: &Call, state: &State) -> Reply {
    let number = call.number("page", 1);
    let size = call.number("per_page", 20).clamp(1, 100);
    let mut all = state.comments.clone();
    let is_ascending = call
        .query
        .iter()
        .any(|(name, value)| name == "sort" && value == "asc");
    if !is_ascending {
        all.reverse();
    }
    let (piece, more) = page(&all, number, size);
    let next = match more {
        true => (number + 1).to_string(),
        false => String::new(),
    };
    Reply::new(200, Value::Array(piece.iter().map(shown).collect())).with("x-next-page", next)
}

fn create(call: &Call, account: &Account, state: &mut State) -> Reply {
    let text = match permitted(call, account, state) {
        Ok(text) => text,
        Err(reply) => return reply,
    };
    if let Some(before) = state.before_creating.take() {
        before(state);
    }
    state.add(account.id, account.kind, &text);
    Reply::new(201, shown(&state.comments[state.comments.len() - 1]))
}

fn change(call: &Call, account: &Account, state: &mut State, id: &str) -> Reply {
    let text = match permitted(call, account, state) {
        Ok(text) => text,
        Err(reply) => return reply,
    };
    match own(account, state, id) {
        Ok(at) => {
            state.comments[at].body = text;
            Reply::new(200, shown(&state.comments[at]))
        }
        Err(reply) => reply,
    }
}

fn delete(account: &Account, state: &mut State, id: &str) -> Reply {
    match own(account, state, id) {
        Ok(at) => {
            state.comments.remove(at);
            Reply::new(204, Value::Null)
        }
        Err(reply) => reply,
    }
}

fn own(account: &Account, state: &State, id: &str) -> Result<usize, Reply> {
    let found = state
        .comments
        .iter()
        .position(|comment| comment.id.to_string() == id);
    let at = found.ok_or_else(|| Reply::message(404, "404 Note Not Found"))?;
    match account.may == May::Maintain || state.comments[at].author == account.id {
        true => Ok(at),
        false => Err(Reply::message(403, "403 Forbidden")),
    }
}

/// The text as GitLab keeps it: without the lines that are quick actions, which it carries out. As it looks for code and
/// quotations in other ways than whoever reads them, each line counts that may be one.
fn permitted(call: &Call, account: &Account, state: &mut State) -> Result<String, Reply> {
    let text = call.text()?;
    if account.may == May::Read {
        return Err(Reply::message(403, "403 Forbidden"));
    }
    if text.chars().count() > LONGEST {
        let why = json!({"note": ["is too long (maximum is 1000000 characters)"]});
        return Err(Reply::new(400, json!({ "message": why })));
    }
    let is_action = |line: &&str| {
        let word = line.trim_start().strip_prefix('/');
        word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    state
        .commands
        .extend(text.lines().filter(is_action).map(str::to_owned));
    let kept: Vec<&str> = text.lines().filter(|line| !is_action(line)).collect();
    Ok(kept.join("\n"))
}

fn shown(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "body": comment.body,
        "author": {"id": comment.author, "username": "somebody", "state": "active"},
        "system": false,
        "noteable_type": "MergeRequest",
        "noteable_iid": 12,
    })
}
