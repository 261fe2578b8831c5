//! The REST API of GitHub.

use serde_json::{Value, json};

use super::{Account, Call, Comment, May, Reply, State, page};

/// What GitHub says of a body with more characters.
const LONGEST: usize = 65_536;

pub(super) fn answer(call: &Call, state: &mut State) -> Reply {
    if let Some(wrong) = misused(call) {
        return Reply::message(400, wrong);
    }
    let key = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    let Some(account) = state
        .accounts
        .iter()
        .find(|account| Some(account.token) == key)
        .cloned()
    else {
        return Reply::message(401, "Bad credentials");
    };
    let path: Vec<&str> = call.path.iter().flatten().map(String::as_str).collect();
    match (call.method.as_str(), path.as_slice()) {
        // "This endpoint does not work with GitHub App installation access tokens."
        ("GET", ["user"]) if account.token.starts_with("ghs_") => {
            Reply::message(403, "Resource not accessible by integration")
        }
        ("GET", ["user"]) => Reply::new(
            200,
            json!({"id": account.id, "login": "somebody", "type": account.kind}),
        ),
        ("GET", ["repos", "o", "r", "issues", "12", "comments"]) => list(call, state),
        ("POST", ["repos", "o", "r", "issues", "12", "comments"]) => create(call, &account, state),
        ("PATCH", ["repos", "o", "r", "issues", "comments", id]) => {
            change(call, &account, state, id)
        }
        ("DELETE", ["repos", "o", "r", "issues", "comments", id]) => delete(&account, state, id),
        _ => Reply::message(404, "Not Found"),
    }
}

/// What GitHub's documentation asks of each call.
fn misused(call: &Call) -> Option<&'static str> {
    let accept = call.header("accept") == Some("application/vnd.github+json");
    let version = call.header("x-github-api-version") == Some("2022-11-28");
    let agent = call
        .header("user-agent")
        .is_some_and(|agent| agent.starts_with("proctor/"));
    let foreign = ["job-token", "private-token", "cookie"]
        .iter()
        .any(|name| call.header(name).is_some());
    match (accept, version, agent, foreign) {
        (false, ..) => Some("the header Accept is another"),
        (_, false, ..) => Some("the header X-GitHub-Api-Version is another"),
        (_, _, false, _) => Some("the header User-Agent is missing"),
        (.., true) => Some("a header of another platform's"),
        _ => None,
    }
}

fn list(call: &Call, state: &State) -> Reply {
    let number = call.number("page", 1);
    let size = call.number("per_page", 30).clamp(1, 100);
    let (piece, more) = page(&state.comments, number, size);
    let shown: Vec<Value> = piece.iter().map(shown).collect();
    let reply = Reply::new(200, Value::Array(shown));
    match more {
        // As GitHub itself has it: an address by the repository's number, which is not the one that was asked.
        true => reply.with(
            "link",
            format!("<https://api.github.com/repositories/1/issues/12/comments?per_page={size}&page={}>; rel=\"next\"", number + 1),
        ),
        false => reply,
    }
}

fn create(call: &Call, account: &Account, state: &mut State) -> Reply {
    let text = match permitted(call, account) {
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
    let text = match permitted(call, account) {
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
    let at = found.ok_or_else(|| Reply::message(404, "Not Found"))?;
    match account.may {
        May::Maintain => Ok(at),
        May::Write if state.comments[at].author == account.id => Ok(at),
        May::Write | May::Read => Err(Reply::message(403, "Must have admin rights to Repository.")),
    }
}

fn permitted(call: &Call, account: &Account) -> Result<String, Reply> {
    let text = call.text()?;
    if account.may == May::Read {
        return Err(Reply::message(
            403,
            "Resource not accessible by integration",
        ));
    }
    if text.chars().count() > LONGEST {
        let errors = json!([{"resource": "IssueComment", "code": "unprocessable", "field": "data",
            "message": "Body is too long (maximum is 65536 characters)"}]);
        return Err(Reply::new(
            422,
            json!({"message": "Validation Failed", "errors": errors}),
        ));
    }
    Ok(text)
}

fn shown(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "body": comment.body,
        "user": {"id": comment.author, "login": "somebody", "type": comment.kind},
        "html_url": format!("https://github.com/o/r/pull/12#issuecomment-{}", comment.id),
    })
}
